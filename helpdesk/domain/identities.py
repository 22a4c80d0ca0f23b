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
        found = together(found, _read_line(line, offset, asked))
    return found


def together(one: Identity, other: Identity) -> Identity:
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


def _same_number(one: Field, other: Field) -> bool:
    return one.value.lstrip("0") == other.value.lstrip("0")


_NUMBER_ALONE = re.compile(r"\W*[A-Za-z]{0,6}\W*\d{3,10}\W*")
_NO_DIGITS = re.compile(r"\D")


def _read_line(line: str, offset: int, kind: str) -> Identity:
    text = _plain_digits(fold_widths(line))
    member_only = kind == kinds.MEMBER and _NUMBER_ALONE.fullmatch(text)
    dates = [] if member_only else [one for one in find_dates(line) if not _of_joining(one, text)]
    birth, doubt = _birth(dates, offset)
    for one in dates:
        text = text[: one.start] + "@" * (one.end - one.start) + text[one.end :]
    if kind != kinds.MEMBER and (eight := _IMPOSSIBLE_EIGHT.search(text)):
        doubt = doubt or Field("", offset + eight.start(), offset + eight.end(), "impossible")
        text = text[: eight.start()] + "@" * 8 + text[eight.end() :]
    if (era := _ERA_TOO_LONG.search(text)) is not None:
        doubt = doubt or Field("", offset + era.start(), offset + era.end(), "impossible")
    if birth and _ANOTHER_DAY.search(text):
        birth, doubt = None, Field("", offset, offset + len(line), TWO_DATES)
    asks_for_member = kind != kinds.BIRTH or "会員" in text
    member, unclear = _member(text, offset, kind) if asks_for_member else (None, None)
    if (member or birth) and _SOMEBODY_ELSES.search(text):
        place = member or birth
        assert place is not None  # noqa: S101 - one of them is
        return Identity(None, None, Field("", place.start, place.end, SOMEBODY_ELSES))
    return Identity(member, birth, unclear or doubt)


_THOUSANDS = re.compile(r"(?<![\d,])(\d{1,3}),(?=\d{3}(?![\d,]))")
_KANJI_DIGITS = re.compile(r"[〇零一二三四五六七八九]{4,10}(?![年月日十百])")
_KANJI = str.maketrans("〇零一二三四五六七八九", "00123456789")


def _plain_digits(text: str) -> str:
    """Return text with 812,345 as 812-345 and 八一二三四五 as 812345, place by place."""
    text = _THOUSANDS.sub(r"\1-", text)
    return _KANJI_DIGITS.sub(lambda match: match.group().translate(_KANJI), text)


_BEFORE_ANOTHER = re.compile(
    r"(?:入会|就任|取得|卒業|認定|登録|採用|着任|記入)(?:年月)?(?:日|時|年)?[\s:：は(（]*$"
)
_BEHIND_ANOTHER = re.compile(
    r"[\s)）]*(?:付け?(?!近)|(?:に|より|から)?(?:入会|現在|時点|取得|就任|着任|卒業|退職|採用|認定))"
)


def _of_joining(one: FoundDate, text: str) -> bool:
    """Say whether a date is called something else: of joining the society, as of today."""
    return bool(_BEFORE_ANOTHER.search(text[: one.start]) or _BEHIND_ANOTHER.match(text[one.end :]))


# 昭和134年: meant as a date, and no era was that long.
_ERA_TOO_LONG = re.compile(r"(?:明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR])\.?\s*\d{3,}\s*年")
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
    for start, end in _places(text):
        digits = _NO_DIGITS.sub("", text[start:end])
        if not 3 <= len(digits) <= 10 or _OTHER_NUMBER.search(text[:start]):
            continue
        if _MASKED.match(text[end:]):
            return None, Field("", offset + start, offset + end, UNCLEAR_NUMBER)
        found.append(Field(digits, offset + start, offset + end))
    if all(_same_number(found[0], other) for other in found[1:]):
        return (found[0] if found else None), None
    if len(found) == 2 and _CORRECTS.search(text[found[0].end - offset : found[1].start - offset]):
        return found[1], None
    return None, Field("", found[0].start, found[-1].end, TWO_NUMBERS)


# 230978（訂正）→ 230987, 890719ではなく890718
_CORRECTS = re.compile(r"→|⇒|->|訂正|正しくは|ではなく|でなく")


def _places(text: str) -> list[tuple[int, int]]:
    """Return where numbers stand; what is too long for one with its blanks is several."""
    places: list[tuple[int, int]] = []
    for match in _MEMBER.finditer(text):
        start, end = match.span("digits")
        if len(_NO_DIGITS.sub("", match["digits"])) <= 10:
            places.append((start, end))
        else:
            places += [
                (start + one.start(), start + one.end())
                for one in re.finditer(r"[\d\-]+", match["digits"])
            ]
    return places
