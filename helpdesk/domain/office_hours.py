"""Working days and office hours: where a day moves to, and when a letter may leave."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from helpdesk.domain.calendar import JST, OfficeCalendar

_DAY = timedelta(days=1)

# The calendar leaves an office half the days of a year: one of so many is a working day.
_FARTHEST_MOVE = 366


def working_day(day: date, direction: Literal["before", "after"], calendar: OfficeCalendar) -> date:
    """Return the day itself, or the nearest working day before or after it.

    Source: FAULTS F70; no law moves these days, the society's rules say where they go.
    """
    step = _DAY if direction == "after" else -_DAY
    for _ in range(_FARTHEST_MOVE):
        if calendar.is_business_day(day):
            break
        day += step
    return day


def leaves_at(
    now: datetime, opens: time, closes: time, calendar: OfficeCalendar, deadline: datetime | None
) -> datetime:
    """Return when a letter that is ready at `now` may leave: now, or the next office hour.

    Where no office hour is left before `deadline`, a closed day is better than none.
    """
    at = _next_window(now, opens, closes, calendar)
    if deadline is None or now >= deadline or at < deadline:
        return at
    any_day = _next_window(now, opens, closes, None)
    return any_day if any_day < deadline else at


def _next_window(
    now: datetime, opens: time, closes: time, calendar: OfficeCalendar | None
) -> datetime:
    local = now.astimezone(JST)
    day = local.date()
    for _ in range(_FARTHEST_MOVE):
        if calendar is None or calendar.is_business_day(day):
            start = datetime.combine(day, opens, JST)
            if local < start:
                return start
            if day == local.date() and local < datetime.combine(day, closes, JST):
                return local
        day += _DAY
    return local
