"""Birthdates as people write them, in Western years and Japanese eras.

A date that never was is refused and not repaired: 昭和65年 does not exist. A two-digit
Western year is ambiguous and refused too. Source: the eras' first days by law (明治 5
introduced the calendar; 大正 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_ERAS: tuple[tuple[str, str, date, date], ...] = (
    ("明治", "M", date(1873, 1, 1), date(1912, 7, 29)),
    ("大正", "T", date(1912, 7, 30), date(1926, 12, 24)),
    ("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    ("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    ("令和", "R", date(2019, 5, 1), date(2100, 12, 31)),
)
_FIRST_YEARS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_SHORT = {"明": "明治", "大": "大正", "昭": "昭和", "平": "平成", "令": "令和",
          "M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和",
          "㍾": "明治", "㍽": "大正", "㍼": "昭和", "㍻": "平成", "㋿": "令和"}  # fmt: skip

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}

# Nobody who heads a hospital's department was born before or after these.
_EARLIEST, _LATEST = 1900, 2020

_KANJI = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_SEP = r"\s*[年./\-‐−－・、\s]\s*"
_SEP2 = r"\s*[月./\-‐−－・、\s]\s*"
_NUM = r"(?:\d{1,2}|[〇零一二三四五六七八九十]{1,3})"

ERA_DATE = re.compile(
    rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|(?<![A-Za-z])[MTSHRmtshr](?=[\s.]*[\d元]))\s*[.．・]?\s*"
    rf"(?P<year>元|{_NUM}){_SEP}(?P<month>{_NUM}){_SEP2}(?P<day>{_NUM})(?!\d)日?"
)
_WESTERN = re.compile(
    rf"(?<!\d)(?:西暦)?\s*(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}}){_SEP}(?P<month>{_NUM}){_SEP2}(?P<day>{_NUM})(?!\d)日?"
)
_EIGHT = re.compile(
    r"(?<![\d\-])(?P<year>19\d\d|20[012]\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\d\-])"
)
_ERA_PACKED = re.compile(
    r"(?<![A-Za-z])(?P<era>昭和|平成|大正|[昭平大SHTsht])(?P<year>\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)"
)
_ENGLISH_DMY = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.\-/]+(?P<name>[A-Za-z]{3,9})\.?,?[\s.\-/]+(?P<year>\d{4})"
)
_ENGLISH_MDY = re.compile(
    r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
)
_TWO_DIGITS = re.compile(
    r"(?<![\dA-Za-z昭平大明令和成正治])'?(?P<year>\d{2})\s*[年./]\s*(?P<month>\d{1,2})\s*[月./]\s*(?P<day>\d{1,2})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at its place, or why it is none: offsets into the text that was searched."""

    day: date | None
    start: int
    end: int
    #: `impossible`, `two_digit_year`, or ''.
    problem: str = ""


def find_birthdate(text: str) -> FoundDate | None:
    """Return the first thing in a text that is meant as a date; None where there is none.

    Digits may be full-width or kanji. The text is folded character by character, so
    that offsets hold.
    """
    folded = fold_widths(text)
    found: list[FoundDate] = []
    for pattern, reader in (
        (ERA_DATE, read_era_date),
        (_WESTERN, _read_western),
        (_ERA_PACKED, read_era_date),
        (_EIGHT, _read_western),
        (_ENGLISH_DMY, _read_english),
        (_ENGLISH_MDY, _read_english),
    ):
        for match in pattern.finditer(folded):
            day = reader(match)
            if day is _NOT_MEANT:
                continue
            assert day is None or isinstance(day, date)  # noqa: S101
            found.append(FoundDate(day, match.start(), match.end(), "" if day else "impossible"))
        if found:
            return min(found, key=lambda one: one.start)
    short = _TWO_DIGITS.search(folded)
    return FoundDate(None, short.start(), short.end(), "two_digit_year") if short else None


_NOT_MEANT = object()


def fold_widths(text: str) -> str:
    """Return text with full-width letters, digits and signs made ASCII, place by place."""
    if text.isascii():
        return text
    out = []
    for char in text:
        if "！" <= char <= "～":
            out.append(chr(ord(char) - 0xFEE0))
        elif char == "　":
            out.append(" ")
        elif char in "‐‑‒–—―−ー" and out and out[-1].isdigit():
            out.append("-")
        elif char in "㍾㍽㍼㍻㋿":
            out.append(_SHORT[char][0])
        else:
            out.append(char)
    return "".join(out)


def number_of(text: str) -> int | None:
    """Return a number below 100 in digits or kanji (五十三, 五三), or None."""
    if text == "元":
        return 1
    if text.isascii() and text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        if len(tens) > 1 or len(ones) > 1:
            return None
        return (_KANJI.get(tens, 1) if tens else 1) * 10 + (_KANJI.get(ones, 0) if ones else 0)
    value = 0
    for char in text:
        if char not in _KANJI:
            digit = unicodedata.digit(char, None)
            if digit is None:
                return None
            value = value * 10 + digit
        else:
            value = value * 10 + _KANJI[char]
    return value


def _day(year: int | None, month: str, day: str) -> date | None:
    numbers = (year, number_of(month), number_of(day))
    if None in numbers:
        return None
    try:
        return date(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None


def read_era_date(match: re.Match[str]) -> date | None:
    """Return the day of an era date, or None where that era had no such day."""
    name = match["era"]
    era = _SHORT.get(name.upper(), name)
    year = number_of(match["year"])
    if year is None or year == 0:
        return None
    first, last = next((begin, end) for known, _, begin, end in _ERAS if known == era)
    found = _day(_FIRST_YEARS[era] + year - 1, match["month"], match["day"])
    return found if found and first <= found <= last else None


def _read_western(match: re.Match[str]) -> object:
    year = number_of(match["year"])
    if year is None or not _EARLIEST <= year <= _LATEST:
        return None
    return _day(year, match["month"], match["day"])


def _read_english(match: re.Match[str]) -> object:
    month = _MONTHS.get(match["name"][:3].lower())
    if month is None:
        return _NOT_MEANT
    year = int(match["year"])
    if not _EARLIEST <= year <= _LATEST:
        return None
    return _day(year, str(month), match["day"])
