"""Business days and dates in letters."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from helpdesk.domain.calendar import JST, OfficeCalendar, format_date, format_datetime

OFFICE = OfficeCalendar()


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2026, 11, 24), True, "an ordinary Tuesday"),
        (date(2026, 11, 21), False, "Saturday"),
        (date(2026, 11, 22), False, "Sunday"),
        (date(2026, 11, 23), False, "勤労感謝の日"),
        (date(2026, 5, 6), False, "substitute holiday for Sunday the 3rd"),
        (date(2026, 9, 22), False, "a day between two holidays"),
        (date(2026, 12, 28), True, "last day of the office year"),
        (date(2026, 12, 29), False, "New Year closure begins"),
        (date(2027, 1, 1), False, "元日"),
        (date(2025, 1, 3), False, "New Year closure ends, a Friday"),
        (date(2027, 1, 4), True, "first day of the office year"),
        (date(2028, 2, 29), True, "leap day, a Tuesday"),
    ],
)
def test_business_days_of_the_office(day: date, works: bool, why: str) -> None:
    assert OFFICE.is_business_day(day) is works, why


@pytest.mark.parametrize(
    ("start", "n", "due", "why"),
    [
        (date(2026, 11, 24), 3, date(2026, 11, 27), "within one week"),
        (date(2026, 11, 24), 0, date(2026, 11, 24), "no day to wait"),
        (date(2026, 11, 21), 0, date(2026, 11, 24), "closed day moves to the next open one"),
        (date(2026, 11, 20), 1, date(2026, 11, 24), "over a weekend with a holiday after it"),
        (date(2026, 11, 21), 1, date(2026, 11, 24), "a mail on Saturday counts from Tuesday"),
        (date(2026, 12, 28), 3, date(2027, 1, 6), "over New Year"),
        (date(2026, 4, 28), 3, date(2026, 5, 7), "over Golden Week"),
    ],
)
def test_business_days_are_counted_from_the_day_after(
    start: date, n: int, due: date, why: str
) -> None:
    assert OFFICE.add_business_days(start, n) == due, why


def test_business_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        OFFICE.add_business_days(date(2026, 11, 24), -1)


def test_closure_within_a_year_closes_both_its_ends() -> None:
    summer = OfficeCalendar(closures=(((8, 12), (8, 14)),))
    assert [summer.is_business_day(date(2026, 8, day)) for day in (10, 12, 13, 14, 17)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert summer.is_business_day(date(2026, 12, 29)), "only the closures that are named"


@pytest.mark.parametrize("closure", [((1, 1), (12, 31)), ((2, 30), (3, 1)), ((13, 1), (13, 2))])
def test_impossible_closure_is_refused(closure: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - date() words some of them
        OfficeCalendar(closures=(closure,))  # type: ignore[arg-type]


def test_dates_carry_the_weekday() -> None:
    assert format_date(date(2027, 2, 28)) == "2027年2月28日（日）"
    assert format_date(date(2026, 11, 24)) == "2026年11月24日（火）"


def test_times_are_written_in_japan_time_whatever_their_zone() -> None:
    assert format_datetime(datetime(2027, 2, 28, 14, 59, tzinfo=UTC)) == "2027年2月28日（日）23:59"
    assert format_datetime(datetime(2027, 3, 1, 0, 5, tzinfo=JST)) == "2027年3月1日（月）00:05"
