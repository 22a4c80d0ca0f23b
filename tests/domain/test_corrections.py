"""When a correction is due and reminded of, and when an import says that it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from helpdesk.domain.calendar import OfficeCalendar
from helpdesk.domain.corrections import (
    CorrectionPlan,
    Window,
    is_done_by,
    plan_correction,
    reminder_is_due,
)
from helpdesk.domain.registry import Facility

CALENDAR = OfficeCalendar()
PERIOD = Window(date(2027, 2, 1), date(2027, 2, 28))
AGAIN = Window(date(2027, 3, 10), date(2027, 3, 19))
HOSPITAL = Facility("K0101", "みほん病院", "core", "見本 太郎")


@pytest.mark.parametrize(
    ("today", "windows", "plan", "why"),
    [
        (
            date(2027, 2, 3),
            [PERIOD],
            CorrectionPlan(date(2027, 2, 15)),
            "seven business days, a holiday among them",
        ),
        (
            date(2027, 2, 24),
            [PERIOD],
            CorrectionPlan(date(2027, 2, 28)),
            "not later than the close",
        ),
        (date(2027, 3, 3), [PERIOD], CorrectionPlan(None), "no screen in sight: a person"),
        (
            date(2027, 3, 3),
            [PERIOD, AGAIN],
            CorrectionPlan(date(2027, 3, 19), AGAIN.first),
            "shown again soon",
        ),
        (
            date(2027, 1, 20),
            [PERIOD],
            CorrectionPlan(date(2027, 2, 10), PERIOD.first),
            "the period comes",
        ),
        (date(2026, 6, 1), [PERIOD], CorrectionPlan(None), "eight months are no answer"),
    ],
)
def test_due_date(today: date, windows: list[Window], plan: CorrectionPlan, why: str) -> None:
    assert plan_correction(today, windows, 7, CALENDAR) == plan, why


def test_word_of_a_clerk_stands_over_the_rules() -> None:
    plan = plan_correction(
        date(2027, 3, 3),
        [PERIOD],
        7,
        CALENDAR,
        reopens_on=date(2027, 3, 8),
        due_on=date(2027, 3, 12),
    )
    assert plan == CorrectionPlan(date(2027, 3, 12), date(2027, 3, 8))


def test_reminders_of_a_correction_over_its_life() -> None:
    """Asked on 3 February, due on Monday the 15th, looked at each day until the end of March."""
    written, days = date(2027, 2, 3), []
    for number in range(60):
        today = date.fromordinal(date(2027, 2, 3).toordinal() + number)
        if CALENDAR.is_business_day(today) and reminder_is_due(
            today, date(2027, 2, 15), written, CALENDAR, before=2, every=5
        ):
            days.append(today)
            written = today
    assert days[:5] == [
        date(2027, 2, 10),  # two business days before Monday the 15th: Friday, Wednesday
        date(2027, 2, 16),  # the first after it
        date(2027, 2, 24),  # five later, the 23rd is a holiday
        date(2027, 3, 3),
        date(2027, 3, 10),
    ]


def test_downtime_makes_one_reminder_of_several() -> None:
    today = date(2027, 3, 1)
    assert reminder_is_due(today, date(2027, 2, 15), date(2027, 2, 3), CALENDAR, before=2, every=5)
    assert not reminder_is_due(today, date(2027, 2, 15), today, CALENDAR, before=2, every=5)


@pytest.mark.parametrize(
    ("before", "after", "done"),
    [
        ("修正依頼中", "申請済", True),
        ("修正依頼中", "承認", True),
        ("申請済", "承認", True),
        ("申請済", "申請済", False),  # the export does not show the request yet
        ("申請済", "修正依頼中", False),
        ("修正依頼中", "不合格", False),
    ],
)
def test_only_a_change_says_that_it_is_done(before: str, after: str, done: bool) -> None:
    was = replace(HOSPITAL, application_state=before)
    assert is_done_by(was, replace(HOSPITAL, application_state=after)) is done
