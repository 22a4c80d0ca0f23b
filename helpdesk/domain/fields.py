"""A value of the form with its place, and the reader of field 1: name and number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.japanese import normalise_width

Lines = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Field:
    """A value with the place it was read from: offsets into `Message.body`."""

    value: str
    start: int
    end: int
    #: What was peculiar about it, in English, without the value.
    note: str = ""


# Letters and digits as the society gives them out; a hyphen and a blank may stand between.
_LETTERED = r"[A-Za-z]{1,3}[ \t]?[-‐－.]?[ \t]?\d{2,8}"
_CALLED = r"(?:施設)?認定(?:施設)?(?:番号|No\.?|№)|施設番号|番号|No\.?|№"
_LABELLED_NUMBER = re.compile(
    rf"(?:{_CALLED})\s*(?:は|が|[:=])?\s*第?\s?(?P<number>{_LETTERED}|[A-Za-z]?\d[\d\-]{{1,9}})\s?号?(?:です)?",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9@.])第?\s?(?P<number>{_LETTERED})(?![A-Za-z0-9@])\s?号?(?:です)?"
)
# Both hold two digits in a row.
_DIGITS = re.compile(r"\d{2}|\d-")
_NOT_OF_NUMBER = re.compile(r"[\s\-‐－.第号]")
_EMPTY_BRACKETS = re.compile(
    rf"[（(〔［\[【＜<][\s　:：、,]*(?:{_CALLED}|可能なら認定番号)?[\s　:：、,号第]*[）)〕］\]】＞>]"
)
#: What stands for nothing: a dash, 未記入, 不明.
PLACEHOLDER = re.compile(
    r"^[\s　]*(?:[-‐―ー─－_＿.…・/／?？\s　]+|なし|無し|未記入|空欄|不明|未定|未登録|後日|同上|〃|記入|○+|◯+|（\s*）|\(\s*\))?[\s　]*$"
)
_FACILITY_LABEL = re.compile(
    r"^[\s　]*(?:(?:当院|当施設|弊院|認定施設|基幹施設|連携施設)(?:である|の|、|は|[\s　])[\s　]*)?"
    r"(?:(?:現?(?:認定)?施設名|病院名|名称)[\s　]*[:：は][\s　]*)?"
)
_TO_SOMEBODY = re.compile(r"[\s　]*(?:様|御中|殿)$")
_SIGNS_ALONE = re.compile(r"[（(【\[]?\W*[）)】\]]?")
_SENTENCE_END = re.compile(
    r"[\s　]*(?:です|でございます|になります|と申します)?[。．、,，]?[\s　]*$"
)
# みほん病院（旧 れい病院）: the name is the one that is not called old.
_FORMER = re.compile(
    r"[（(〔\[［][\s　]*(?:旧|元)[^）)〕\]］]*[）)〕\]］]|[\s　、]旧(?:施設名|名称)?[\s　]*[:：].*$"
)
_CURRENT = re.compile(
    r"[（(〔\[［][\s　]*現(?:在)?(?:施設名|名称)?[\s　:：、は]*(?P<name>[^）)〕\]］]+)[）)〕\]］]"
)


def read_facility(lines: Lines) -> tuple[Field | None, Field | None]:
    """Return the facility's name and its certification number from the first lines."""
    name = number = None
    for line, offset in lines[:3]:
        text = fold_widths(line)
        match = _number_in(text)
        if match and number is None:
            number = _number(match, offset)
            # Same length as `line`, so that places still hold.
            blank = " " * (match.end() - match.start())
            line = line[: match.start()] + blank + line[match.end() :]  # noqa: PLW2901
        if name is None:
            name = _facility_name(line, offset)
        elif number is None and _GOES_ON.match(line):
            name = _joined(name, _facility_name(line, offset))
    return name, number


def _number_in(text: str) -> re.Match[str] | None:
    if not _DIGITS.search(text):
        return None
    return _LABELLED_NUMBER.search(text) or _BARE_NUMBER.search(text)


# A name goes on below: 大崎市民病院 / 鹿島台分院, 独立行政法人… / 大阪病院.
_GOES_ON = re.compile(
    r"^[\s　]*[^\s　:：。、,@＠（(]{2,24}(?:病院|分院|診療所|クリニック|医院|医療センター|ホスピス)[\s　]*$"
)


def _joined(name: Field, more: Field | None) -> Field:
    return replace(name, value=f"{name.value} {more.value}", end=more.end) if more else name


def _number(match: re.Match[str], offset: int) -> Field:
    plain = _NOT_OF_NUMBER.sub("", match["number"]).upper()
    return Field(plain, offset + match.start("number"), offset + match.end("number"))


def _facility_name(line: str, offset: int) -> Field | None:
    bare = _EMPTY_BRACKETS.sub(_blank, line)
    if current := _CURRENT.search(bare):
        start, kept = current.start("name"), current["name"]
    else:
        bare = _FORMER.sub(_blank, bare) if "旧" in bare or "元" in bare else bare
        label = _FACILITY_LABEL.match(bare)
        start = label.end() if label else 0
        kept = bare[start:]
    kept = kept[: _SENTENCE_END.search(kept).start()]  # type: ignore[union-attr]
    kept = kept.rstrip(" 　、,，:：;・/／|→")
    kept = _TO_SOMEBODY.sub("", kept)
    lead = len(kept) - len(kept.lstrip(' \t　、,，:：・/／|→■◆●○「『【〔［[（("“'))
    kept, start = kept[lead:], start + lead
    kept = _unwrapped(kept)
    value = normalise_width(kept)
    if not value or PLACEHOLDER.match(value) or _SIGNS_ALONE.fullmatch(value):
        return None
    return Field(value, offset + start, offset + start + len(kept))


def _unwrapped(text: str) -> str:
    """Return text without a closing bracket whose opening one was cut."""
    text = text.rstrip(" 　")
    for opening, closing in (
        "「」",
        "『』",
        "【】",
        "〔〕",
        "［］",
        "[]",
        "（）",
        "()",
        '""',
        "“”",
    ):
        if text.endswith(closing) and opening not in text[:-1]:
            return text[:-1].rstrip(" 　")
    return text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def read_certification(lines: Lines) -> Field | None:
    """Return a certification number behind its own label."""
    line, offset = lines[0]
    text = fold_widths(line)
    match = _BARE_NUMBER.search(text) or re.search(r"(?P<number>[A-Za-z]?\d[\d\-]{1,9})", text)
    return _number(match, offset) if match else None
