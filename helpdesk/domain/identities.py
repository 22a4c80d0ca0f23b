"""Field 3: the member number and the birthdate, and what cannot be taken for either."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.domain import form_words as kinds
from helpdesk.domain.birthdates import FoundDate, find_dates, fold_widths
from helpdesk.domain.fields import Field, Lines

# A member number has three to ten digits; letters in front are the society's or a label's.
_MEMBER = re.compile(
    r"(?<![\d@.])(?:[A-Za-z]{1,6}[\s\-.]?)?(?P<digits>\d(?:[\- ]?\d){2,13})(?![\d@]|[ ]?[年月日])"
)
# What is left of a date that is none: 1968年4月, or a year alone.
_PIECES = re.compile(r"\d+\s*[年月日]|^\W*(?:19[2-9]\d|200\d)\W*$")
_TELEPHONE = re.compile(
    r"(?:TEL|Tel|電話|FAX|携帯|内線|〒)[^\n]*|(?<!\d)0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)"
)
_IMPOSSIBLE_EIGHT = re.compile(r"(?<![\d\-])(?:19|20)\d{6}(?![\d\-])")


@dataclass(frozen=True, slots=True)
class Identity:
    """What field 3 gives."""

    member: Field | None = None
    birth: Field | None = None
    #: What stands there and cannot be taken: a date that is none, two that differ, a number
    #: that is denied or unclear. Its place, and in `note` why; see DOUBTS.
    doubt: Field | None = None


TWO_DATES = "two dates that differ"
TWO_NUMBERS = "two numbers that differ"
UNCLEAR_NUMBER = "unclear number"
SOMEBODY_ELSES = "somebody else's"
#: Doubts that leave nothing of field 3 standing: which one is meant is not ours to choose.
GRAVE = frozenset({TWO_DATES, TWO_NUMBERS, UNCLEAR_NUMBER, SOMEBODY_ELSES, "impossible"})


def read_identity(lines: Lines, kind: str) -> Identity:
    """Return member number and birthdate from the value of field 3.

    `kind` is what the label asks for: member, birth or identity. Eight digits that are
    a date are one, unless the label asks for the member number alone.
    """
    found = Identity()
    for index, (line, offset) in enumerate(lines[:4]):
        # Below 会員番号 123456 a birthdate may stand without a label.
        asked = kinds.IDENTITY if index and kind == kinds.MEMBER else kind
        found = _with(found, _read_line(line, offset, asked))
    return found


def _with(one: Identity, other: Identity) -> Identity:
    """Put together what two places give; where they differ, neither is believed."""
    doubt = one.doubt or other.doubt
    member, birth = one.member or other.member, one.birth or other.birth
    if one.birth and other.birth and one.birth.value != other.birth.value:
        birth, doubt = None, Field("", other.birth.start, other.birth.end, TWO_DATES)
    if one.member and other.member and not _same_number(one.member, other.member):
        member, doubt = None, Field("", other.member.start, other.member.end, TWO_NUMBERS)
    if doubt and doubt.note in (TWO_NUMBERS, UNCLEAR_NUMBER, SOMEBODY_ELSES):
        member = None
    if doubt and doubt.note in (TWO_DATES, SOMEBODY_ELSES):
        birth = None
    return Identity(member, birth, doubt)


together = _with


def _same_number(one: Field, other: Field) -> bool:
    return one.value.lstrip("0") == other.value.lstrip("0")


def _read_line(line: str, offset: int, kind: str) -> Identity:
    text = fold_widths(line)
    member_only = kind == kinds.MEMBER and re.fullmatch(r"\W*[A-Za-z]{0,6}\W*\d{3,10}\W*", text)
    dates = [] if member_only else find_dates(line)
    birth, doubt = _birth(dates, offset)
    for one in dates:
        text = text[: one.start] + "@" * (one.end - one.start) + text[one.end :]
    if kind != kinds.MEMBER and (eight := _IMPOSSIBLE_EIGHT.search(text)):
        doubt = doubt or Field("", offset + eight.start(), offset + eight.end(), "impossible")
        text = text[: eight.start()] + "@" * 8 + text[eight.end() :]
    if kind == kinds.BIRTH and "会員" not in text:
        return Identity(None, birth, doubt)
    if birth and _ANOTHER_DAY.search(text):
        birth, doubt = None, Field("", offset, offset + len(line), TWO_DATES)
    member, unclear = _member(text, offset, kind)
    if (member or birth) and _SOMEBODY_ELSES.search(text):
        place = member or birth
        assert place is not None  # noqa: S101 - one of them is
        return Identity(None, None, Field("", place.start, place.end, SOMEBODY_ELSES))
    return Identity(member, birth, unclear or doubt)


# 1959年7月19日（戸籍上は7月20日）
_ANOTHER_DAY = re.compile(r"(?<![\d年])\d{1,2}\s*月\s*\d{1,2}\s*日")
# 890719（前責任者）, 旧会員番号
_SOMEBODY_ELSES = re.compile(
    r"前責任者|前任|前の責任者|[(（]\s*旧\s*[)）]|旧会員番号|妻の|夫の|秘書の"
)


def _birth(dates: list[FoundDate], offset: int) -> tuple[Field | None, Field | None]:
    """Return the one date that is meant, or why there is none."""
    days = {one.day for one in dates if one.day}
    wrong = next((one for one in dates if one.day is None), None)
    if len(days) > 1:
        return None, Field("", offset + dates[0].start, offset + dates[-1].end, TWO_DATES)
    if wrong is not None:
        return None, Field("", offset + wrong.start, offset + wrong.end, wrong.problem)
    first = next((one for one in dates if one.day), None)
    if first is None or first.day is None:
        return None, None
    return Field(first.day.isoformat(), offset + first.start, offset + first.end), None


# Behind or inside a number: part of it was left out or is not sure.
_MASKED = re.compile(r"[A-Za-z*＊?？○●◯□■×〇](?![A-Za-z])")
# In front of a number that is no member number.
_OTHER_NUMBER = re.compile(
    r"(?:認定医|専門医|指導医|医籍|医師免許|免許|登録医|施設|認定)(?:登録)?(?:番号|No\.?|第)?[\s:：(（第]*$|〒\s*$",
    re.IGNORECASE,
)


def _member(text: str, offset: int, kind: str) -> tuple[Field | None, Field | None]:
    """Return the one number that is meant, or why there is none."""
    for pattern in (_TELEPHONE,) if kind == kinds.MEMBER else (_PIECES, _TELEPHONE):
        text = pattern.sub(lambda match: "@" * len(match.group()), text)
    found: list[Field] = []
    for match in _MEMBER.finditer(text):
        digits = re.sub(r"\D", "", match["digits"])
        if not 3 <= len(digits) <= 10 or _OTHER_NUMBER.search(text[: match.start()]):
            continue
        place = (offset + match.start("digits"), offset + match.end("digits"))
        if _MASKED.match(text[match.end() :]):
            return None, Field("", *place, UNCLEAR_NUMBER)
        found.append(Field(digits, *place))
    if any(not _same_number(found[0], other) for other in found[1:]):
        return None, Field("", found[0].start, found[-1].end, TWO_NUMBERS)
    return (found[0] if found else None), None
