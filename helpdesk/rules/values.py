"""The small values of mailbox_rules.yaml: durations, sizes, yearly times, points in a period.

Each `read_…` takes the text of the file and raises ValueError with the words that say
what to write instead.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from helpdesk.domain.calendar import JST, MonthDay
from helpdesk.domain.season import PeriodPoint, YearlyTime

__all__ = ["Duration", "PeriodPoint", "YearlyTime"]

Unit = Literal["s", "m", "h", "d", "bd"]

_SECONDS: dict[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# Ten years: a longer time is a slip of the finger.
_LONGEST = dt.timedelta(days=3660)
_MOST_BUSINESS_DAYS = 365

_BYTES: dict[str, int] = {"": 1, "kB": 1024, "MB": 1024**2}

# A longer stretch before or after a period belongs to another year.
_FARTHEST_DAYS = 300

# Any year that has no leap day: a yearly date must exist in each.
_COMMON_YEAR = 2025


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: seconds, minutes, hours, days or business days (営業日)."""

    amount: int
    unit: Unit

    @property
    def timedelta(self) -> dt.timedelta:
        """The same as a timedelta. Raises ValueError for business days: ask the calendar."""
        if self.unit == "bd":
            raise ValueError("business days have no fixed length")
        return dt.timedelta(seconds=self.amount * _SECONDS[self.unit])

    def __str__(self) -> str:
        """Return it as the file writes it."""
        return f"{self.amount}{self.unit}"


def read_duration(text: str) -> Duration:
    """Read a duration of any unit."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})(s|m|h|d|bd)", text.strip())
    if not found:
        raise ValueError(
            f"{shown(text)} is no duration; write a number and s, m, h, d or bd"
            " (business days), such as 10m or 5bd"
        )
    amount, unit = int(found[1]), found[2]
    longest = _MOST_BUSINESS_DAYS if unit == "bd" else _LONGEST.total_seconds()
    if amount * _SECONDS.get(unit, 1) > longest:
        raise ValueError(f"{shown(text)} is too long a time")
    return Duration(amount, unit)  # type: ignore[arg-type]


def read_wall_duration(text: str) -> Duration:
    """Read a duration that a clock can measure."""
    duration = read_duration(text)
    if duration.unit == "bd":
        raise ValueError(f"{shown(text)}: business days cannot stand here; write s, m, h or d")
    return duration


def read_business_days(text: str) -> Duration:
    """Read a number of business days."""
    duration = read_duration(text)
    if duration.unit != "bd":
        raise ValueError(f"{shown(text)}: only business days can stand here, such as 3bd")
    return duration


def read_days(text: str) -> Duration:
    """Read a number of calendar days."""
    duration = read_duration(text)
    if duration.unit != "d":
        raise ValueError(f"{shown(text)}: only days can stand here, such as 120d")
    return duration


def read_size(text: str) -> int:
    """Read a size and return it in bytes."""
    found = re.fullmatch(r"([1-9][0-9]{0,9}) ?(kB|KB|MB|)", text.strip())
    if not found:
        raise ValueError(f"{shown(text)} is no size; write for example 25MB")
    return int(found[1]) * _BYTES[found[2].replace("KB", "kB")]


def read_closure(text: str) -> tuple[MonthDay, MonthDay]:
    """Read a closure of the office, 12-29..01-03, or one day, 08-15."""
    found = re.fullmatch(r"(\d\d)-(\d\d)(?:\.\.(\d\d)-(\d\d))?", text.strip())
    if not found:
        raise ValueError(
            f"{shown(text)} is no closure; write first and last day as MM-DD..MM-DD,"
            " such as 12-29..01-03"
        )
    first = _month_day(found[1], found[2])
    return first, _month_day(found[3], found[4]) if found[3] else first


def read_yearly_time(text: str) -> YearlyTime:
    """Read a minute of each year, 02-28 23:59."""
    found = re.fullmatch(r"(\d\d)-(\d\d) +(\d\d:\d\d)", text.strip())
    if not found:
        raise ValueError(f"{shown(text)} is no yearly time; write MM-DD HH:MM, as 02-28 23:59")
    month, day = _month_day(found[1], found[2])
    return YearlyTime(month, day, read_time(found[3]))


def read_time(text: str) -> dt.time:
    """Read a time of day, 09:00."""
    found = re.fullmatch(r"(\d\d):(\d\d)", text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"{shown(text)} is no time of day; write HH:MM, such as 09:00")
    return dt.time(int(found[1]), int(found[2]))


def read_period_point(text: str) -> PeriodPoint:
    """Read a day of a period, opens, closes-14d or closes+1d."""
    found = re.fullmatch(r"(opens|closes)(?:([+-][1-9]\d{0,2})d)?", text.strip())
    if not found or abs(int(found[2] or 0)) > _FARTHEST_DAYS:
        raise ValueError(
            f"{shown(text)} is no day of the period; write opens, closes, closes-14d or closes+1d"
        )
    return PeriodPoint(found[1], int(found[2] or 0))  # type: ignore[arg-type]


def read_moment(text: str) -> dt.datetime:
    """Read a date or a time; without a zone it is Japan time."""
    try:
        at = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{shown(text)} is no date; write 2027-01-15 or 2027-01-15 09:00 (Japan time),"
            " or null for the daemon's first start"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=JST)


def shown(text: str) -> str:
    """Return a text of the file in quotes, short enough for a message."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _month_day(month: str, day: str) -> MonthDay:
    try:
        found = dt.date(_COMMON_YEAR, int(month), int(day))
    except ValueError:
        raise ValueError(f"{month}-{day} is not a day of every year") from None
    return found.month, found.day
