"""On which day a letter leaves and who gets it, against days worked out by other means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import pytest

from helpdesk.domain.calendar import JST, OfficeCalendar
from helpdesk.domain.campaign import (
    Standing,
    is_stale,
    lapsed,
    open_items,
    rule_for,
)
from helpdesk.domain.office_hours import leaves_at, working_day
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import (
    PeriodPoint,
    Season,
    YearlyTime,
    is_current,
    period_of,
    season_of,
    seasons_near,
)
from helpdesk.rules.deadlines import shipped_campaigns

CALENDAR = OfficeCalendar()
RENEWAL, ADDRESS_CHECK = shipped_campaigns()
HOSPITAL = Facility("K0101", "みほん病院", "core", "見本 太郎", address="a@mihon.example.jp")


@dataclass(frozen=True)
class Step:
    id: str
    at: PeriodPoint
    on_holiday: Literal["before", "after"] = "after"
    letter: str = "renewal_reminder"


def jst(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=JST)  # type: ignore[misc,arg-type]


def days_of(year: int, campaign: Any = RENEWAL) -> dict[str, date]:
    return {one.step.id: one.day for one in season_of(campaign, year, CALENDAR).steps}


@pytest.mark.parametrize(
    ("year", "opens", "two_weeks", "last_days", "closed"),
    [
        (
            2026,
            "02-02",
            "02-13",
            "02-25",
            "03-02",
        ),  # 1 Feb and 1 March are Sundays, the 14th Saturday
        (
            2027,
            "02-01",
            "02-12",
            "02-25",
            "03-01",
        ),  # the 14th is Sunday; Friday the 12th follows a holiday
        (
            2028,
            "02-01",
            "02-14",
            "02-25",
            "02-29",
        ),  # a leap year: the day after the close is the 29th
        (
            2029,
            "02-01",
            "02-14",
            "02-22",
            "03-01",
        ),  # the 25th is Sunday, Friday the 23rd the emperor's birthday
    ],
)
def test_shipped_renewal_leaves_on_these_days(
    year: int, opens: str, two_weeks: str, last_days: str, closed: str
) -> None:
    expected = {"opens": opens, "two_weeks": two_weeks, "last_days": last_days, "closed": closed}
    assert days_of(year) == {
        step: date.fromisoformat(f"{year}-{day}") for step, day in expected.items()
    }


def weekday_by_zeller(year: int, month: int, day: int) -> int:
    """Return 0 for Monday, by Zeller's congruence and not by the library."""
    if month < 3:
        year, month = year - 1, month + 12
    century, rest = divmod(year, 100)
    h = (day + 13 * (month + 1) // 5 + rest + rest // 4 + century // 4 + 5 * century) % 7
    return (h + 5) % 7


def is_off(day: date) -> bool:
    """Say whether an office is closed in February or on 1 March, by the law on holidays."""
    weekday = weekday_by_zeller(day.year, day.month, day.day)
    holidays = {(2, 11), (2, 23)}
    after_sunday = weekday == 0 and (day.month, day.day - 1) in holidays
    return weekday >= 5 or (day.month, day.day) in holidays or after_sunday


@pytest.mark.parametrize("year", range(2026, 2061))
def test_every_step_agrees_with_an_oracle_of_its_own(year: int) -> None:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    wanted = {
        "opens": (date(year, 2, 1), 1),
        "two_weeks": (date(year, 2, 14), -1),
        "last_days": (date(year, 2, 25), -1),
        "closed": (date(year, 2, 29) if leap else date(year, 3, 1), 1),
    }
    for step, (nominal, direction) in wanted.items():
        day = nominal
        while is_off(day):
            day += timedelta(days=direction)
        assert days_of(year)[step] == day, step


@pytest.mark.parametrize("year", [2027, 2028, 2096, 2100, 2400])
def test_period_ends_on_the_28th_in_leap_years_too(year: int) -> None:
    period = period_of(RENEWAL, year)
    assert period.opens == jst(year, 2, 1, 0, 0)
    assert period.closes == jst(year, 2, 28, 23, 59)
    assert jst(year, 2, 28, 23, 59) in period
    assert period.closed not in period


def test_period_over_new_year_closes_in_the_next_year() -> None:
    campaign = RENEWAL.model_copy(
        update={
            "opens": YearlyTime(12, 15, time(0)),
            "closes": YearlyTime(1, 10, time(23, 59)),
            "steps": (
                Step("opens", PeriodPoint("opens", 0)),
                Step("closure", PeriodPoint("closes", -10), "before"),
                Step("sunday", PeriodPoint("closes", -14), "before"),
                Step("after", PeriodPoint("closes", 1)),
            ),
        }
    )
    period = period_of(campaign, 2026)
    assert (period.year, period.opens, period.closes) == (
        2026,
        jst(2026, 12, 15, 0, 0),
        jst(2027, 1, 10, 23, 59),
    )
    assert days_of(2026, campaign) == {
        "opens": date(2026, 12, 15),
        "sunday": date(2026, 12, 25),  # 27 December is a Sunday
        "closure": date(2026, 12, 28),  # 31 December lies in the New Year closure
        "after": date(2027, 1, 12),  # 11 January is the coming-of-age day
    }
    (season,) = seasons_near(campaign, jst(2027, 1, 5, 9, 0), CALENDAR)
    assert season.period.year == 2026


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_days_are_japans_whatever_the_servers_zone(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time as clock

    monkeypatch.setenv("TZ", zone)
    clock.tzset()
    try:
        step = season_of(RENEWAL, 2027, CALENDAR).steps[0]
        assert step.due_at.astimezone(UTC) == datetime(2027, 2, 1, 0, 0, tzinfo=UTC)
        # Half past eight in the evening of 31 January in UTC is 1 February in Japan.
        assert leaves_at(
            datetime(2027, 1, 31, 20, 30, tzinfo=UTC), time(9), time(18), CALENDAR, None
        ) == jst(2027, 2, 1, 9, 0)
    finally:
        monkeypatch.undo()
        clock.tzset()


def season(year: int = 2027) -> Season:
    return season_of(RENEWAL, year, CALENDAR)


def skipped(step: int, facility: Facility, now: datetime, **standing: bool) -> str | None:
    here = season()
    return rule_for(here, here.steps[step], facility, Standing(**standing), now).skipped


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("未申請", None),
        ("入力中", None),
        ("修正依頼中", None),
        ("不合格", None),
        ("", None),
        ("申請済", "applied"),
        ("承認", "applied"),
    ],
)
def test_who_has_applied_gets_no_reminder(state: str, reason: str | None) -> None:
    facility = replace(HOSPITAL, application_state=state)
    assert skipped(0, facility, jst(2027, 2, 1, 9, 0)) == reason


@pytest.mark.parametrize(
    ("until", "reason", "why"),
    [
        (None, None, "no end on file counts as due"),
        (date(2027, 3, 31), None, "the usual end"),
        (date(2027, 6, 28), None, "120 days after the close"),
        (date(2027, 6, 29), "not_due", "a day more"),
        (date(2026, 10, 31), None, "120 days before the close"),
        (date(2026, 3, 31), "not_due", "ended with the last renewal"),
        (date(2032, 3, 31), "not_due", "renews another year"),
    ],
)
def test_who_is_due_in_this_year(until: date | None, reason: str | None, why: str) -> None:
    facility = replace(HOSPITAL, certified_until=until)
    assert skipped(0, facility, jst(2027, 2, 1, 9, 0)) == reason, why


def test_who_cannot_be_written_to_is_for_a_person() -> None:
    now = jst(2027, 2, 1, 9, 0)
    assert skipped(0, replace(HOSPITAL, address=""), now) == "no_address"
    assert skipped(0, HOSPITAL, now, unreachable=True) == "unreachable"
    # Who has applied needs no telephone call.
    applied = replace(HOSPITAL, address="", application_state="申請済")
    assert skipped(0, applied, now) == "applied"


@pytest.mark.parametrize(
    ("now", "outcomes"),
    [
        (jst(2027, 2, 1, 9, 0), (None, "-", "-", "-")),
        (jst(2027, 2, 4, 9, 0), (None, "-", "-", "-")),  # three days late still helps
        (jst(2027, 2, 12, 9, 0), ("superseded", None, "-", "-")),
        (jst(2027, 2, 26, 9, 0), ("superseded", "superseded", None, "-")),
        (jst(2027, 2, 28, 23, 59), ("superseded", "superseded", None, "-")),
        (jst(2027, 3, 1, 0, 0), ("superseded", "superseded", "period_over", "-")),
        (jst(2027, 3, 1, 9, 0), ("superseded",) * 3 + (None,)),
        (jst(2027, 3, 14, 9, 0), ("superseded",) * 3 + (None,)),
        (jst(2027, 3, 15, 9, 0), ("superseded",) * 3 + ("too_late",)),
    ],
)
def test_after_downtime_at_most_one_step_still_makes_sense(
    now: datetime, outcomes: tuple[str | None, ...]
) -> None:
    here = season()
    found = tuple(
        lapsed(here, one, now) if is_current(one, now, here) else "-" for one in here.steps
    )
    assert found == outcomes


def test_of_two_steps_that_move_onto_one_day_only_the_later_is_written() -> None:
    steps = (
        Step("a", PeriodPoint("closes", -15), "before"),
        Step("b", PeriodPoint("closes", -14), "before"),
    )
    crowded = season_of(RENEWAL.model_copy(update={"steps": steps}), 2027, CALENDAR)
    now = crowded.steps[0].due_at
    assert [one.day for one in crowded.steps] == [date(2027, 2, 12)] * 2
    assert [lapsed(crowded, one, now) for one in crowded.steps] == ["superseded", None]


def test_history_is_not_listed_for_ever() -> None:
    assert not list(seasons_near(RENEWAL, jst(2027, 5, 1, 9, 0), CALENDAR))
    assert not list(seasons_near(RENEWAL, jst(2027, 1, 31, 23, 59), CALENDAR))


def test_address_check_asks_every_certified_facility_until_it_answers() -> None:
    here = season_of(ADDRESS_CHECK, 2026, CALENDAR)
    assert [one.day for one in here.steps] == [date(2026, 11, 2), date(2026, 11, 20)]
    now = here.steps[1].due_at
    for facility, standing, reason in (
        (replace(HOSPITAL, application_state="承認"), Standing(), None),
        (replace(HOSPITAL, certified_until=date(2030, 3, 31)), Standing(), None),
        (replace(HOSPITAL, certified_until=date(2026, 3, 31)), Standing(), "not_due"),
        (HOSPITAL, Standing(answered=True), "answered"),
    ):
        assert rule_for(here, here.steps[1], facility, standing, now).skipped == reason


def test_address_check_that_was_missed_for_days_is_left_out() -> None:
    here = season_of(ADDRESS_CHECK, 2026, CALENDAR)
    assert lapsed(here, here.steps[1], jst(2026, 11, 23, 9, 0)) is None  # the Monday after it
    assert lapsed(here, here.steps[1], jst(2026, 11, 24, 9, 0)) == "too_late"


@pytest.mark.parametrize(
    ("now", "deadline", "leaves"),
    [
        (jst(2027, 2, 1, 8, 0), None, jst(2027, 2, 1, 9, 0)),
        (jst(2027, 2, 1, 17, 59), None, jst(2027, 2, 1, 17, 59)),
        (jst(2027, 2, 1, 18, 0), None, jst(2027, 2, 2, 9, 0)),
        (jst(2027, 2, 10, 20, 0), None, jst(2027, 2, 12, 9, 0)),  # the 11th is a holiday
        (jst(2026, 12, 28, 18, 0), None, jst(2027, 1, 4, 9, 0)),  # the New Year closure
        # Saturday before a Sunday deadline: a closed day is better than none.
        (jst(2027, 2, 27, 10, 0), jst(2027, 3, 1, 0, 0), jst(2027, 2, 27, 10, 0)),
        (jst(2027, 2, 27, 7, 0), jst(2027, 3, 1, 0, 0), jst(2027, 2, 27, 9, 0)),
        # Saturday before a Monday deadline waits for the Monday.
        (jst(2028, 2, 26, 10, 0), jst(2028, 2, 29, 0, 0), jst(2028, 2, 28, 9, 0)),
    ],
)
def test_letters_leave_in_office_hours(
    now: datetime, deadline: datetime | None, leaves: datetime
) -> None:
    assert leaves_at(now, time(9), time(18), CALENDAR, deadline) == leaves


@pytest.mark.parametrize(
    ("imported_on", "today", "stale"),
    [
        (None, date(2027, 2, 1), True),
        (date(2027, 2, 1), date(2027, 2, 1), False),
        (date(2027, 2, 1), date(2027, 2, 3), False),
        (date(2027, 2, 1), date(2027, 2, 4), True),
        (date(2027, 2, 10), date(2027, 2, 15), False),  # Thursday is a holiday: Friday, Monday
        (date(2027, 2, 10), date(2027, 2, 16), True),
    ],
)
def test_import_grows_old_in_business_days(imported_on: date, today: date, stale: bool) -> None:
    assert is_stale(imported_on, today, 2, CALENDAR) is stale


def test_only_columns_that_the_registry_has_are_claimed() -> None:
    assert open_items(HOSPITAL) == ()
    partly = replace(HOSPITAL, application_form=True, summary_form=False, sealed_documents=None)
    assert open_items(partly) == ("概要書",)
    nothing = replace(partly, application_form=False, sealed_documents=False)
    assert open_items(nothing) == ("申請書", "概要書", "公印書類")


def test_office_that_is_closed_for_a_season_moves_days_behind_its_end() -> None:
    closed = OfficeCalendar(closures=(((6, 1), (8, 31)),))
    assert working_day(date(2027, 6, 3), "after", closed) == date(2027, 9, 1)
    assert working_day(date(2027, 8, 3), "before", closed) == date(2027, 5, 31)
    now = datetime(2027, 6, 3, 12, 0, tzinfo=JST)
    leaves = leaves_at(now, time(9, 0), time(18, 0), closed, None)
    assert leaves == datetime(2027, 9, 1, 9, 0, tzinfo=JST)
