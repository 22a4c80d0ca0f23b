"""Link requests (連携依頼): an approved affiliate, and the core facility that is asked.

Pure. Source: the guide, ※基幹施設への連携申請のご連絡は合格判定後、認定開始日に.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.domain.calendar import OfficeCalendar
from helpdesk.domain.office_hours import working_day
from helpdesk.domain.registry import Facility

#: `planned` the first day has not come · `asked` · `accepting`, `declining` the core
#: facility answered so, an import or a clerk confirms it · `accepted`, `declined` ·
#: `human` a person decides, `trouble` says why · `closed`.
OPEN_STATES = ("planned", "asked", "accepting", "declining", "human")

#: Why a link waits for a person, in the words of staff.
TROUBLES = {
    "no_core": "基幹施設認定番号が名簿にありません",
    "core_unknown": "基幹施設が名簿に見つかりません",
    "core_not_core": "名簿では基幹施設ではありません",
    "core_not_certified": "基幹施設の認定が、連携施設の認定開始日に有効ではありません",
    "core_no_address": "基幹施設にメールが届きません（アドレスがないか、届かないアドレスです）",
    "no_first_day": "認定開始日が名簿にありません",
    "old_first_day": "認定開始日が古く、前回の認定の日付の可能性があります",
    "no_answer": "督促の後も基幹施設からの回答がありません",
}

#: Troubles that an import can mend.
MENDABLE = frozenset(TROUBLES) - {"no_answer", "old_first_day"}


@dataclass(frozen=True, slots=True)
class LinkState:
    """What is known of one link request."""

    state: str
    begins_on: date | None
    #: The day of the first notice, ours or the portal's; None: not yet.
    asked_on: date | None
    reminded: int


def is_newly_approved(before: Facility | None, after: Facility) -> bool:
    """Say whether an import shows an affiliate as approved (承認) that was not before."""
    if after.kind != "affiliate" or after.application_state != "承認":
        return False
    return before is None or before.application_state != "承認"


def trouble_of(affiliate: Facility, core: Facility | None, unreachable: bool) -> str | None:
    """Return why nobody can be asked (a key of TROUBLES), or None."""
    if not affiliate.core_number:
        return "no_core"
    if affiliate.certified_from is None:
        return "no_first_day"
    if core is None:
        return "core_unknown"
    if core.kind != "core":
        return "core_not_core"
    if core.certified_until is not None and core.certified_until < affiliate.certified_from:
        return "core_not_certified"
    if not core.address or unreachable:
        return "core_no_address"
    return None


def first_notice_day(begins_on: date, calendar: OfficeCalendar) -> date:
    """Return the day of the first notice: the first day, or the working day after it."""
    return working_day(begins_on, "after", calendar)


def next_step(
    link: LinkState, today: date, remind_after: Sequence[int], human_after: int
) -> str | None:
    """Return what falls due after the first notice: `remind`, `human`, or None.

    Days are counted from the first notice. A reminder that was missed is not made up
    for by two.
    """
    if link.state != "asked" or link.asked_on is None:
        return None
    if today >= link.asked_on + timedelta(days=human_after):
        return "human"
    if reminders_due(link, today, remind_after) > link.reminded:
        return "remind"
    return None


def reminders_due(link: LinkState, today: date, remind_after: Sequence[int]) -> int:
    """Return how many reminders have fallen due by today."""
    if link.asked_on is None:
        return 0
    return sum(today >= link.asked_on + timedelta(days=days) for days in remind_after)
