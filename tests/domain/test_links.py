"""Link requests: who can be asked, and what falls due after the first notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from helpdesk.domain.calendar import OfficeCalendar
from helpdesk.domain.links import (
    LinkState,
    first_notice_day,
    is_newly_approved,
    next_step,
    reminders_due,
    trouble_of,
)
from helpdesk.domain.registry import Facility

BEGINS = date(2027, 4, 1)
CORE = Facility("K0101", "中央病院", "core", "見本 太郎", address="core@mihon.example.jp")
AFFILIATE = Facility(
    "R0102", "東病院", "affiliate", "例示 花子", core_number="K0101",
    application_state="承認", certified_from=BEGINS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("affiliate", "core", "unreachable", "trouble"),
    [
        (AFFILIATE, CORE, False, None),
        (replace(AFFILIATE, core_number=""), None, False, "no_core"),
        (replace(AFFILIATE, certified_from=None), CORE, False, "no_first_day"),
        (AFFILIATE, None, False, "core_unknown"),
        (AFFILIATE, replace(CORE, kind="affiliate"), False, "core_not_core"),
        (AFFILIATE, replace(CORE, certified_until=date(2027, 3, 31)), False, "core_not_certified"),
        (AFFILIATE, replace(CORE, certified_until=date(2032, 3, 31)), False, None),
        (AFFILIATE, replace(CORE, address=""), False, "core_no_address"),
        (AFFILIATE, CORE, True, "core_no_address"),
    ],
)
def test_each_trouble_has_its_name(
    affiliate: Facility, core: Facility | None, unreachable: bool, trouble: str | None
) -> None:
    assert trouble_of(affiliate, core, unreachable) == trouble


def test_approval_is_a_change_and_only_of_an_affiliate() -> None:
    applied = replace(AFFILIATE, application_state="申請済")
    assert is_newly_approved(applied, AFFILIATE)
    assert is_newly_approved(None, AFFILIATE)
    assert not is_newly_approved(AFFILIATE, AFFILIATE)
    assert not is_newly_approved(None, replace(CORE, application_state="承認"))


@pytest.mark.parametrize(
    ("begins", "notice"),
    [
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2028, 4, 1), date(2028, 4, 3)),  # a Saturday
        (date(2029, 4, 1), date(2029, 4, 2)),  # a Sunday
    ],
)
def test_notice_leaves_on_the_first_day_or_the_working_day_after_it(
    begins: date, notice: date
) -> None:
    assert first_notice_day(begins, OfficeCalendar()) == notice


@pytest.mark.parametrize(
    ("today", "reminded", "step"),
    [
        (date(2027, 4, 7), 0, None),
        (date(2027, 4, 8), 0, "remind"),
        (date(2027, 4, 8), 1, None),
        (date(2027, 4, 15), 1, "remind"),
        (date(2027, 4, 15), 0, "remind"),
        (date(2027, 4, 21), 2, None),
        (date(2027, 4, 22), 2, "human"),
        (date(2027, 4, 22), 0, "human"),
    ],
)
def test_two_reminders_and_then_a_person(today: date, reminded: int, step: str | None) -> None:
    asked = LinkState("asked", BEGINS, BEGINS, reminded)
    assert next_step(asked, today, (7, 14), 21) == step


def test_missed_reminder_is_counted_and_not_made_up_for() -> None:
    assert reminders_due(LinkState("asked", BEGINS, BEGINS, 0), date(2027, 4, 16), (7, 14)) == 2


@pytest.mark.parametrize("state", ["planned", "accepting", "declining", "human", "closed"])
def test_nothing_falls_due_but_of_what_was_asked(state: str) -> None:
    assert next_step(LinkState(state, BEGINS, BEGINS, 0), date(2028, 1, 1), (7, 14), 21) is None
