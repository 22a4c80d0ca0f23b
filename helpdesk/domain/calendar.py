"""Days as the office and its letters count them, in Japan time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

import jpholiday

# Japan has had no summer time since 1951, so a fixed offset needs no zone database.
JST = timezone(timedelta(hours=9), "JST")

_WEEKDAYS = "月火水木金土日"

_SATURDAY = 5


@lru_cache(maxsize=2000)
def _is_holiday(day: date) -> bool:
    return bool(jpholiday.is_holiday(day))


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """The days on which the secretariat works."""

    #: Closures of each year: first and last day as (month, day); they may span New Year.
    closures: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = (((12, 29), (1, 3)),)

    def is_business_day(self, day: date) -> bool:
        """Say whether the office is open: no weekend, national holiday or closure."""
        return day.weekday() < _SATURDAY and not _is_holiday(day) and not self._is_closed(day)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the business day that is `count` after `day`; `day` itself is not counted.

        Source: Civil Code 140 (the first day is not counted).
        """
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_business_day(day)
        return day

    def _is_closed(self, day: date) -> bool:
        here = (day.month, day.day)
        return any(
            first <= here <= last if first <= last else here >= first or here <= last
            for first, last in self.closures
        )


def format_date(day: date) -> str:
    """Return a date as letters write it: 2027年2月28日（日）."""
    return f"{day.year}年{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def format_datetime(at: datetime) -> str:
    """Return a time as letters write it, in Japan: 2027年2月28日（日）23:59."""
    local = at.astimezone(JST)
    return f"{format_date(local.date())}{local:%H:%M}"
