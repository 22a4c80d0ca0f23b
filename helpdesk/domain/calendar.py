"""Days of the secretariat: business days, and dates as letters write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

import jpholiday

#: Japan Standard Time (日本標準時). Fixed, because Japan has had no summer time since
#: 1951, so no time zone data is needed on the machine.
JST: tzinfo = timezone(timedelta(hours=9), "JST")

#: A yearly date without its year: (month, day).
MonthDay = tuple[int, int]

_NEW_YEAR: tuple[tuple[MonthDay, MonthDay], ...] = (((12, 29), (1, 3)),)

_WEEKDAYS = "月火水木金土日"
_DAY = timedelta(days=1)

# An office that is closed for longer could promise no date within a year.
_MOST_CLOSED_DAYS = 180

# Any leap year: it has every month and day that a closure may name.
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """The days on which the secretariat works.

    `closures` are ranges of (month, day), both ends closed, each year again; one whose
    end lies before its start runs over New Year. Saturdays, Sundays and national
    holidays (祝日, substitute holidays too) are never business days.
    """

    closures: tuple[tuple[MonthDay, MonthDay], ...] = _NEW_YEAR

    def __post_init__(self) -> None:
        """Raise ValueError where a closure is no date, or too few days are left."""
        for first, last in self.closures:
            date(_LEAP_YEAR, *first)
            date(_LEAP_YEAR, *last)
        closed = sum(self._is_closed(day) for day in _days_of(_LEAP_YEAR))
        if closed > _MOST_CLOSED_DAYS:
            raise ValueError(f"the closures take {closed} days a year")

    def is_business_day(self, d: date) -> bool:
        """Say whether the secretariat works on this day."""
        return d.weekday() < 5 and not self._is_closed(d) and not _is_holiday(d)

    def add_business_days(self, d: date, n: int) -> date:
        """Return the n-th business day after `d`; `d` itself is never counted.

        n = 0 gives `d`, or the next business day where `d` is none. Source: Civil Code
        140, the first day is not counted. Raises ValueError for a negative n.
        """
        return _business_day_after(self, d, n)

    def _is_closed(self, d: date) -> bool:
        day = (d.month, d.day)
        return any(
            first <= day <= last if first <= last else day >= first or day <= last
            for first, last in self.closures
        )


@lru_cache(maxsize=256)  # Every receipt of a day names the same one.
def _business_day_after(calendar: OfficeCalendar, d: date, n: int) -> date:
    if n < 0:
        raise ValueError("business days are counted forward only")
    left = n
    while left > 0 or not calendar.is_business_day(d):
        d += _DAY
        left -= calendar.is_business_day(d)
    return d


def format_date(d: date) -> str:
    """Return a date as a letter writes it, with the weekday: 2027年2月28日（日）."""
    return f"{d.year}年{d.month}月{d.day}日（{_WEEKDAYS[d.weekday()]}）"


def format_datetime(t: datetime) -> str:
    """Return an aware time in Japan time as a letter writes it: 2027年2月28日（日）23:59."""
    local = t.astimezone(JST)
    return f"{format_date(local.date())}{local:%H:%M}"


@lru_cache(maxsize=4096)
def _is_holiday(d: date) -> bool:
    # The library walks all its rules for a date, which takes far longer than a look-up.
    return bool(jpholiday.is_holiday(d))


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _DAY
