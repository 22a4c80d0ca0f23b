"""The yearly renewal period (更新申請期間) and where a moment lies in relation to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from helpdesk.domain.calendar import JST, format_date


@dataclass(frozen=True, slots=True)
class YearlyPoint:
    """A moment of every year, Japan time."""

    month: int
    day: int
    at: time

    def in_year(self, year: int) -> datetime:
        """Return the moment in one year."""
        return datetime.combine(datetime(year, self.month, self.day, tzinfo=JST), self.at, JST)


@dataclass(frozen=True, slots=True)
class Period:
    """One year's period, and how `now` stands to it."""

    #: open | before | over
    state: str
    opens: datetime
    closes: datetime
    #: When the one after it opens and closes.
    next_opens: datetime
    next_closes: datetime
    #: Days from today to the last day, 0 on that day; negative when it is over.
    days_left: int


def period_at(opens: YearlyPoint, closes: YearlyPoint, now: datetime) -> Period:
    """Return the period that a question at `now` is about.

    The running one; between two, the nearer: somebody who asks soon after the end asks
    about the one that is over. The last minute is still open: it closes at 23:59.
    """
    year = now.astimezone(JST).year
    spans = [_span(opens, closes, one) for one in range(year - 2, year + 3)]
    at = now.replace(second=0, microsecond=0)
    for number, (start, end) in enumerate(spans[:-1]):
        following = spans[number + 1]
        if at <= end:
            return _period("open" if start <= at else "before", spans[number], following, now)
        if at < following[0] and at - end <= following[0] - at:
            return _period("over", spans[number], following, now)
    raise AssertionError("a yearly period is always near")


def _span(opens: YearlyPoint, closes: YearlyPoint, year: int) -> tuple[datetime, datetime]:
    start, end = opens.in_year(year), closes.in_year(year)
    return (start, end) if start <= end else (start, closes.in_year(year + 1))


def _period(
    state: str,
    span: tuple[datetime, datetime],
    following: tuple[datetime, datetime],
    now: datetime,
) -> Period:
    today = now.astimezone(JST).date()
    days_left = (span[1].date() - today).days
    return Period(state, *span, *following, days_left)


def format_moment(at: datetime) -> str:
    """Return a moment as the guide writes it, with the weekday: 2027年2月1日（月）0:00."""
    local = at.astimezone(JST)
    return f"{format_date(local.date())}{local.hour}:{local.minute:02d}"
