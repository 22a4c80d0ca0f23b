"""Birthdates as people write them, in Western years and Japanese eras.

A date that never was is refused and not repaired: 昭和65年 does not exist. A two-digit
Western year is ambiguous and refused too. Source: the eras' first days by law (明治 5
introduced the calendar; 大正 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

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
          "MEIJI": "明治", "TAISHO": "大正", "TAISHOU": "大正", "SHOWA": "昭和", "SHOUWA": "昭和",
          "HEISEI": "平成", "REIWA": "令和", "㍾": "明治", "㍽": "大正", "㍼": "昭和", "㍻": "平成", "㋿": "令和"}  # fmt: skip

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
_SEP = r"\s*[年./\-‐−－・、,\s]\s*"
_SEP2 = r"\s*[月./\-‐−－・、,\s]\s*"
_NUM = r"(?:\d{1,2}|[〇零一二三四五六七八九十]{1,3})"

# An era in front: whole, its first kanji, its initial, or in Latin letters.
_ERA_NAME = (
    r"(?P<era>明治|大正|昭和|平成|令和|(?<![A-Za-z])(?:meiji|taisho|taishou|showa|shouwa|heisei|reiwa)"
    r"|[明大昭平令]|(?<![A-Za-z])[MTSHR](?=[\s.]*[\d元]))"
)
ERA_DATE = re.compile(
    rf"{_ERA_NAME}\s*[.．・]?\s*"
    rf"(?P<year>元|{_NUM}){_SEP}(?P<month>{_NUM}){_SEP2}(?P<day>{_NUM})(?!\d)日?",
    re.IGNORECASE,
)
_WESTERN = re.compile(
    rf"(?<![\d\-])(?:西暦)?\s*(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}}){_SEP}(?P<month>{_NUM}){_SEP2}(?P<day>{_NUM})(?!\d)日?"
)
_EIGHT = re.compile(
    r"(?<![\d\-])(?P<year>19\d\d|20[012]\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\d\-])"
)
_ERA_PACKED = re.compile(
    r"(?<![A-Za-z])(?P<era>昭和|平成|大正|[昭平大SHTsht])(?P<year>\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)"
)
_ENGLISH_DMY = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.\-/]+(?:of\s+)?(?P<name>[A-Za-z]{3,9})\.?,?[\s.\-/]+(?P<year>\d{4})"
)
_ENGLISH_MDY = re.compile(
    r"(?P<name>[A-Za-z]{3,9})\.?[\s\-/]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[\s\-/]+(?P<year>\d{4})"
)
# 4/9/1968 and 9.4.1968: clear only where one of the two cannot be a month.
_YEAR_LAST = re.compile(
    r"(?<![\d/.\-])(?P<one>\d{1,2})\s*[/.\-]\s*(?P<two>\d{1,2})\s*[/.\-]\s*(?P<year>(?:19|20)\d\d)(?![\d\-])"
)
_TWO_DIGITS = re.compile(
    r"(?<![\d\-A-Za-z昭平大明令和成正治])'?(?P<year>\d{2})\s*[年./\-]\s*(?P<month>\d{1,2})\s*[月./\-]\s*(?P<day>\d{1,2})(?![\d\-])"
)
# The same year in both ways, 昭和43年（1968年）4月9日: the one in brackets is compared.
_YEAR_IN_BRACKETS = re.compile(
    r"(?P<before>\d{4}|元|\d{1,2})\s*年?\s*(?P<bracket>[(〔\[]\s*(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*)?(?P<year>\d{4}|元|\d{1,2})\s*年?\s*[)〕\]])\s*年?(?=\s*\d)"
)


_BRACKET = re.compile(r"[(〔\[]")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at its place, or why it is none: offsets into the text that was searched."""

    day: date | None
    start: int
    end: int
    #: `impossible`, `two_digit_year`, `day_or_month`, or ''.
    problem: str = ""


def find_birthdate(text: str) -> FoundDate | None:
    """Return the first thing in a text that is meant as a date; None where there is none."""
    return next(iter(find_dates(text)), None)


def find_dates(text: str) -> list[FoundDate]:
    """Return everything in a text that is meant as a date, in order.

    Digits may be full-width or kanji. The text is folded character by character, so
    that offsets hold.
    """
    folded, years = _without_bracketed_years(fold_widths(text))
    found: list[FoundDate] = []
    apart = _SEPARATOR.search(folded) is not None
    for pattern, reader in _READERS if apart else _PACKED_READERS:
        for match in pattern.finditer(folded):
            read = reader(match)
            if read is None:
                continue
            day, problem = read
            if day and any(match.start() <= at < match.end() and day.year != y for at, y in years):
                day, problem = None, "impossible"
            one = FoundDate(day, match.start(), match.end(), problem)
            if not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def _without_bracketed_years(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Blank a year's second writing in brackets; return it with its place and value."""
    years: list[tuple[int, int]] = []
    if not _BRACKET.search(text):
        return text, years
    out = text
    for match in _YEAR_IN_BRACKETS.finditer(text):
        year = number_of(match["year"]) if len(match["year"]) < 4 else int(match["year"])
        if year is None:
            continue
        if match["era"]:
            era = _SHORT.get(match["era"].upper(), match["era"])
            year += _FIRST_YEARS[era] - 1
        elif len(match["year"]) < 4:
            continue
        years.append((match.start("bracket"), year))
        blank = "年" + " " * (match.end() - match.start("bracket") - 1)
        start = match.start("bracket")
        if out[:start].rstrip().endswith("年"):
            blank = " " * len(blank)
        out = out[:start] + blank + out[match.end() :]
    return out, years


_WIDE: dict[int, int] = {code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)}
_WIDE[ord("　")] = ord(" ")
_WIDE |= {ord(sign): ord(_SHORT[sign][0]) for sign in "㍾㍽㍼㍻㋿"}
_WIDE_RUN = re.compile("[" + "".join(map(chr, sorted(_WIDE))) + "]+")
# The dash first: it is looked for at once, and a look back only from where one stands.
_DASH_BEHIND_DIGIT = re.compile(r"[‐‑‒–—―−ー](?<=\d.)")


# The same line is asked for labels, numbers and dates.
@lru_cache(maxsize=4_096)
def fold_widths(text: str) -> str:
    """Return text with full-width letters, digits and signs made ASCII, place by place."""
    if text.isascii():
        return text
    return _DASH_BEHIND_DIGIT.sub("-", _WIDE_RUN.sub(_made_ascii, text))


def _made_ascii(run: re.Match[str]) -> str:
    return run[0].translate(_WIDE)


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


#: A day, or why it is none; None where the text was not meant as a date.
_Read = tuple[date | None, str] | None


def _told(day: date | None) -> _Read:
    return day, "" if day else "impossible"


def _read_era(match: re.Match[str]) -> _Read:
    return _told(read_era_date(match))


def _read_western(match: re.Match[str]) -> _Read:
    year = number_of(match["year"])
    if year is None or not _EARLIEST <= year <= _LATEST:
        return None, "impossible"
    return _told(_day(year, match["month"], match["day"]))


def _read_english(match: re.Match[str]) -> _Read:
    month = _MONTHS.get(match["name"][:3].lower())
    if month is None:
        return None
    year = int(match["year"])
    if not _EARLIEST <= year <= _LATEST:
        return None, "impossible"
    return _told(_day(year, str(month), match["day"]))


def _read_year_last(match: re.Match[str]) -> _Read:
    one, two = int(match["one"]), int(match["two"])
    days = {_day(int(match["year"]), str(a), str(b)) for a, b in ((one, two), (two, one))}
    days.discard(None)
    if len(days) > 1:
        return None, "day_or_month"
    return _told(next(iter(days), None))


def _read_two_digits(match: re.Match[str]) -> _Read:
    if not (1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31):
        return None
    return None, "two_digit_year"


# In order: what a later one finds inside an earlier one's place is not looked at.
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Read]], ...] = (
    (ERA_DATE, _read_era),
    (_WESTERN, _read_western),
    (_ERA_PACKED, _read_era),
    (_EIGHT, _read_western),
    (_ENGLISH_DMY, _read_english),
    (_ENGLISH_MDY, _read_english),
    (_YEAR_LAST, _read_year_last),
    (_TWO_DIGITS, _read_two_digits),
)
# All but these have something between year, month and day.
_SEPARATOR = re.compile(r"[年月./\-‐−－・、,\s]")
_PACKED_READERS = ((_ERA_PACKED, _read_era), (_EIGHT, _read_western))
