"""A request written in sentences, without any label of the form."""

from __future__ import annotations

import re

from helpdesk.domain.birthdates import find_birthdate, fold_widths
from helpdesk.domain.fields import Field
from helpdesk.domain.japanese import normalise_width
from helpdesk.domain.wish import find_new_address, mentions_address_wish, read_wish

_FACILITY = re.compile(
    r"(?P<name>[^\s　、。，,.「」（）()・:：\n]{1,40}?(?:病院|センター|クリニック"
    r"|医院|診療所|ホスピス|医療院|附属病院|大学))(?=の|で|、|，|[\s　]|に|（|\("
    r"|緩和|施設|責任)"
)
_NUMBER = re.compile(r"認定番号[^A-Za-z0-9\n]{0,6}(?P<number>[A-Za-z]{0,2}-?\d{2,8})")
_NAME = r"[一-龠々ヶ髙﨑〆ぁ-んァ-ヶー]{1,6}?[\s　]?[一-龠々ヶぁ-んァ-ヶー]{1,6}?"
_PHYSICIAN = re.compile(
    r"(?:施設)?責任者(?:である|の|は|を(?:して|務めて)(?:いる|おります)|[:：、])*[\s　]*"
    rf"(?P<name>{_NAME})"
    r"(?=で(?:す|ございます|あり)|と(?:申し|いい)|（|\(|[\s　]*(?:先生|医師|様)|、|。|\n|$)"
)
_SELF = re.compile(
    r"(?P<name>[一-龠々ヶ髙﨑]{1,4}[\s　]?[一-龠々ヶぁ-んァ-ヶー]{1,4})(?=と申します"
    r"|でございます|です)"
)
_MEMBER = re.compile(
    r"会員(?:番号|No\.?|ID)\s*(?:は|が|[:：])?\s*(?:[A-Za-z]{1,4}[-\s]?)?(?P<digits>\d[\d-]{2,12})"
)
_BORN = re.compile(r"生年月日|生まれ|誕生日")


def read_prose(text: str, offset: int) -> dict[str, Field | None]:
    """Return the fields that sentences give; keys are those of a reading."""
    folded = fold_widths(text)
    found: dict[str, Field | None] = {}
    if (match := _MEMBER.search(folded)) is not None:
        digits = re.sub(r"\D", "", match["digits"])
        found["member_number"] = Field(
            digits, offset + match.start("digits"), offset + match.end("digits")
        )
    found["birthdate"] = _birthdate(text, offset)
    if not (found.get("member_number") or found["birthdate"]):
        return {}  # Without proof of identity it is a question, not a request.
    if (match := _FACILITY.search(text)) is not None:
        found["facility_name"] = _field(match, offset)
    if (match := _NUMBER.search(folded)) is not None:
        number = match["number"].replace("-", "").upper()
        found["certification_number"] = Field(
            number, offset + match.start("number"), offset + match.end("number")
        )
    if (match := _PHYSICIAN.search(text) or _SELF.search(text)) is not None:
        found["responsible_physician"] = _field(match, offset)
    lines = [(line, offset + start) for line, start in _with_offsets(text)]
    about = [one for one in lines if mentions_address_wish(one[0])]
    found["request"] = read_wish(about) if about else None
    if found["request"] and found["request"].value in ("change_address", "both"):
        found["new_address"] = find_new_address(lines)
    return found


def _birthdate(text: str, offset: int) -> Field | None:
    for line, start in _with_offsets(text):
        if _BORN.search(line) and (day := find_birthdate(line)) and day.day:
            return Field(day.day.isoformat(), offset + start + day.start, offset + start + day.end)
    return None


def _field(match: re.Match[str], offset: int) -> Field:
    return Field(
        normalise_width(match["name"]), offset + match.start("name"), offset + match.end("name")
    )


def _with_offsets(text: str) -> list[tuple[str, int]]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append((line, start))
        start += len(line) + 1
    return lines
