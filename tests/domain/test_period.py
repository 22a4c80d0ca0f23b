"""Whether the renewal period is open, not yet or over."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from helpdesk.domain.calendar import JST
from helpdesk.domain.period import YearlyPoint, format_moment, period_at

OPENS = YearlyPoint(2, 1, time(0, 0))
CLOSES = YearlyPoint(2, 28, time(23, 59))


@pytest.mark.parametrize(
    ("now", "state", "year", "days_left"),
    [
        (datetime(2026, 11, 25, 9, tzinfo=JST), "before", 2027, 95),
        (datetime(2027, 1, 31, 23, 59, tzinfo=JST), "before", 2027, 28),
        (datetime(2027, 2, 1, 0, 0, tzinfo=JST), "open", 2027, 27),
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=JST), "open", 2027, 0),
        (datetime(2027, 3, 1, 0, 0, tzinfo=JST), "over", 2027, -1),
        (datetime(2028, 2, 29, 12, tzinfo=JST), "over", 2028, -1),  # a leap year's 29th
        (datetime(2027, 6, 1, tzinfo=JST), "over", 2027, -93),
        (datetime(2027, 9, 1, tzinfo=JST), "before", 2028, 180),
    ],
)
def test_question_is_about_the_running_or_the_nearer_period(
    now: datetime, state: str, year: int, days_left: int
) -> None:
    period = period_at(OPENS, CLOSES, now)
    assert (period.state, period.closes.year, period.days_left) == (state, year, days_left)
    assert period.next_opens.year == year + 1


def test_period_over_new_year_closes_in_the_next_one() -> None:
    period = period_at(
        YearlyPoint(12, 1, time(0, 0)),
        YearlyPoint(1, 31, time(17, 0)),
        datetime(2027, 1, 5, tzinfo=JST),
    )
    assert (period.state, period.opens.year, period.closes.year) == ("open", 2026, 2027)


def test_moment_is_written_as_the_guide_does_with_the_weekday() -> None:
    assert format_moment(OPENS.in_year(2027)) == "2027年2月1日（月）0:00"
    assert format_moment(CLOSES.in_year(2027)) == "2027年2月28日（日）23:59"
