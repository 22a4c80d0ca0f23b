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
    #: Something that is meant as a date and is none: why, and where.
    doubt: Field | None = None


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
    if one.birth and other.birth and one.birth.value != other.birth.value:
        # Two dates that differ: which of them is meant is not ours to choose.
        doubt = Field("", other.birth.start, other.birth.end, "two dates that differ")
        return Identity(one.member or other.member, None, doubt)
    return Identity(
        one.member or other.member,
        None if one.doubt and one.doubt.note.startswith("two") else one.birth or other.birth,
        one.doubt or other.doubt,
    )


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
    return Identity(_member(text, offset, kind), birth, doubt)


def _birth(dates: list[FoundDate], offset: int) -> tuple[Field | None, Field | None]:
    """Return the one date that is meant, or why there is none."""
    days = {one.day for one in dates if one.day}
    wrong = next((one for one in dates if one.day is None), None)
    if len(days) > 1:
        return None, Field(
            "", offset + dates[0].start, offset + dates[-1].end, "two dates that differ"
        )
    if wrong is not None:
        return None, Field("", offset + wrong.start, offset + wrong.end, wrong.problem)
    first = next((one for one in dates if one.day), None)
    if first is None or first.day is None:
        return None, None
    return Field(first.day.isoformat(), offset + first.start, offset + first.end), None


def _member(text: str, offset: int, kind: str) -> Field | None:
    for pattern in (_TELEPHONE,) if kind == kinds.MEMBER else (_PIECES, _TELEPHONE):
        text = pattern.sub(lambda match: "@" * len(match.group()), text)
    for match in _MEMBER.finditer(text):
        digits = re.sub(r"\D", "", match["digits"])
        if 3 <= len(digits) <= 10:
            return Field(digits, offset + match.start("digits"), offset + match.end("digits"))
    return None
