"""Correction requests (データ修正依頼): when one is due, and when a reminder of it is.

Pure. Source: the guide, 【データの修正依頼】: the mail goes to the application address and
the applicant corrects the data and clicks 「更新申請」 once more; ※申請期間外は申請画面は
表示されません: outside the period there is no screen to correct anything on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.domain.calendar import OfficeCalendar
from helpdesk.domain.registry import Facility

_DAY = timedelta(days=1)

# A date of reopening that is further away than this is no answer to «when can I do it».
_SOON = timedelta(days=60)

#: States of a correction: `human` no letter yet, a person decides · `asked` · `done` the
#: registry says so · `closed` staff, or the facility left the registry.
OPEN_STATES = ("human", "asked")

#: States of an application (申請状況) in which what was asked for has been handed in.
_HANDED_IN = ("申請済", "承認")


@dataclass(frozen=True, slots=True)
class Window:
    """Days on which the application screen is shown, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """How a correction is asked for."""

    #: None: no screen is in sight, a person decides.
    due_on: date | None
    #: The day the screen is shown again; None: it is shown now.
    reopens_on: date | None = None


def plan_correction(
    today: date,
    windows: Iterable[Window],
    days: int,
    calendar: OfficeCalendar,
    *,
    due_on: date | None = None,
    reopens_on: date | None = None,
) -> CorrectionPlan:
    """Return when a correction asked for today is due.

    `days`: business days that the applicant has. `due_on` and `reopens_on` are what a
    clerk said and stand over everything.
    """
    open_now = next((one for one in windows if one.first <= today <= one.last), None)
    if open_now is not None and reopens_on is None:
        due = min(calendar.add_business_days(today, days), open_now.last)
        return CorrectionPlan(due_on or due)
    if reopens_on is not None:
        return CorrectionPlan(due_on or calendar.add_business_days(reopens_on, days), reopens_on)
    coming = [one for one in windows if today < one.first <= today + _SOON]
    if not coming:
        return CorrectionPlan(None)
    window = min(coming, key=lambda one: one.first)
    due = min(calendar.add_business_days(window.first, days), window.last)
    return CorrectionPlan(due_on or due, window.first)


def screen_shown_from(
    today: date, windows: Sequence[Window], reopens_on: date | None
) -> date | None:
    """Return from when on the screen is shown: today, a day soon to come, or None.

    `reopens_on`: what was said when the correction was asked for. A clerk's word that is
    no window of the rules has no end.
    """
    said = reopens_on is not None and not any(
        one.first <= reopens_on <= one.last for one in windows
    )
    if reopens_on is not None and (said or reopens_on > today):
        return max(today, reopens_on)
    ahead = [one for one in windows if today <= one.last and one.first <= today + _SOON]
    return max(today, min(one.first for one in ahead)) if ahead else None


def reminder_is_due(
    today: date,
    due_on: date,
    last_written_on: date,
    calendar: OfficeCalendar,
    *,
    before: int,
    every: int,
) -> bool:
    """Say whether a reminder falls due: `before` business days ahead, then after the date.

    The first after the date comes on the next business day, then every `every` business
    days. Whatever was missed meanwhile is one reminder and not several.
    """
    first = _business_days_before(due_on, before, calendar)
    if last_written_on < first:
        return first <= today
    after = calendar.add_business_days(due_on, 1)
    if last_written_on < after:
        return after <= today
    return calendar.add_business_days(last_written_on, every) <= today


def _business_days_before(day: date, count: int, calendar: OfficeCalendar) -> date:
    while count > 0:
        day -= _DAY
        count -= calendar.is_business_day(day)
    return day


def is_done_by(before: Facility | None, after: Facility) -> bool:
    """Say whether an import shows that the correction was handed in.

    Only a change says so: a request that was written before the export showed
    修正依頼中 finds 申請済 in the registry and is not done by it.
    """
    was = before.application_state if before else ""
    return after.application_state in _HANDED_IN and was != after.application_state
