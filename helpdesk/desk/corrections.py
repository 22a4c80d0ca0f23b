"""Correction requests (データ修正依頼): asked by a clerk, reminded by the calendar.

Done when an import shows that the applicant applied again, or when staff say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk import unreachable
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.notices import (
    Notice,
    addressee_of,
    as_of,
    deadline_uid,
    end_of_day,
    open_case,
    write_notice,
)
from helpdesk.desk.reminders import registry_is_stale
from helpdesk.domain.addressing import one_line
from helpdesk.domain.calendar import format_date
from helpdesk.domain.corrections import Window, plan_correction, reminder_is_due
from helpdesk.domain.office_hours import leaves_at
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import period_of
from helpdesk.domain.wrapping import wrap
from helpdesk.mail.ics import Deadline
from helpdesk.rules import Rules
from helpdesk.store import actions, cases, corrections, facilities, letters
from helpdesk.store.actions import NewAction
from helpdesk.store.corrections import Correction
from helpdesk.store.database import Database, Transaction

# A letter that asks for more points than this is a talk on the telephone.
_MOST_ITEMS = 30
_LONGEST_ITEM = 400

# Columns of a point behind its number.
_COLUMNS = 60

_SUBJECT = "データ修正依頼"

#: Kind of the action that puts an overdue correction at the head of the queue.
OVERDUE = "correction_overdue"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a new correction request."""

    id: int
    state: str
    due_on: date | None
    recipient: str | None
    #: Why a person has to do something, in words for staff; None: the letter is written.
    note: str | None


def new(
    desk: Desk,
    number: str,
    items: Sequence[str],
    points: Sequence[str],
    by: str,
    now: datetime,
    *,
    due_on: date | None = None,
    reopens_on: date | None = None,
) -> Asked:
    """Ask a facility to put points right. Raises Refused."""
    wanted = _items(desk.rules, items, points)
    today = japan_date(now)
    if due_on is not None and due_on < today:
        raise Refused(f"the due date {due_on} is over; give a later one with --due")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        facility = _facility(tx, number)
        days = desk.rules.deadlines.corrections.due_within.amount
        plan = plan_correction(
            today,
            list(windows(desk.rules, today)),
            days,
            desk.rules.desk.calendar,
            due_on=due_on,
            reopens_on=reopens_on,
        )
        recipient = _recipient(tx, facility)
        case = open_case(tx, facility, recipient or "", _SUBJECT, now)
        asks = plan.due_on is not None and recipient is not None
        correction_id = corrections.insert_correction(
            tx,
            certification_number=facility.certification_number,
            case_id=case.id,
            items=wanted,
            state="asked" if asks else "human",
            due_on=plan.due_on or due_on,
            reopens_on=plan.reopens_on,
            by=by,
            at=now,
        )
        one = corrections.correction_by_id(tx, correction_id)
        assert one is not None  # noqa: S101 - written in this transaction
        if asks and recipient is not None:
            _write(desk, tx, one, facility, recipient, "correction_request", now)
            return Asked(one.id, one.state, one.due_on, recipient, None)
        note = _hand_over(tx, one, facility, recipient, now)
        return Asked(one.id, one.state, one.due_on, recipient, note)


def _items(rules: Rules, items: Sequence[str], points: Sequence[str]) -> list[str]:
    known = rules.deadlines.corrections.points
    strange = [one for one in points if one not in known]
    if strange:
        raise Refused(f"there is no point {strange[0]}; the rules have: {', '.join(sorted(known))}")
    wanted = [known[one] for one in points]
    wanted += [one_line(item, _LONGEST_ITEM) for item in items if item.strip()]
    if not wanted or len(wanted) > _MOST_ITEMS:
        raise Refused(f"name one to {_MOST_ITEMS} points with --item TEXT or --point NAME")
    return wanted


def _facility(tx: Transaction, number: str) -> Facility:
    found = facilities.facilities_by_numbers(tx, [number]).get(number)
    if found is None:
        raise Refused(f"there is no facility {number} in the registry; see: helpdesk registry list")
    return found


def _recipient(tx: Transaction, facility: Facility) -> str | None:
    """Return where the letter goes: 申請アドレス, else メールアドレス; None: nowhere."""
    offered = [one for one in (facility.application_address, facility.address) if one]
    dead = unreachable.cannot_be_reached(tx, offered)
    return next((one for one in offered if one not in dead), None)


def windows(rules: Rules, today: date) -> Iterator[Window]:
    """Yield the days around today on which the application screen is shown."""
    for year in (today.year - 1, today.year, today.year + 1):
        for campaign in rules.campaigns:
            if campaign.facilities == "due":  # An application period and no mere round of letters.
                period = period_of(campaign, year)
                yield Window(period.opens.date(), period.closes.date())
        for first, last in rules.deadlines.corrections.reopens:
            yield Window(date(year, *first), date(year + (last < first), *last))


def _hand_over(
    tx: Transaction, one: Correction, facility: Facility, recipient: str | None, now: datetime
) -> str:
    """Give a correction to a person, because no letter can ask for it; return why."""
    if recipient is None:
        note = (
            "データ修正依頼を送れるメールアドレスがありません。お電話または郵送でご連絡ください。"
        )
        unreachable.add_task(
            tx, facility, f"correction:{one.id}", _SUBJECT, "no_address", one.due_on, now
        )
    else:
        note = (
            "申請期間外のため申請画面が表示されません。再開の日を決めて"
            "（--reopens）改めて依頼するか、個別にご連絡ください。"
        )
    _queue(tx, one, "correction", f"correction:{one.id}:human", note, now)
    return note


def _queue(
    tx: Transaction, one: Correction, kind: str, purpose: str, note: str, now: datetime
) -> None:
    new_action = NewAction(
        purpose_key=purpose,
        case_id=one.case_id,
        kind=kind,
        verdict=None,
        certification_number=one.certification_number,
        facility_version=None,
        new_address=None,
        evidence=(),
        note=note,
    )
    actions.insert_action(tx, new_action, now)
    cases.set_state(tx, one.case_id, "waiting_staff", now)


def _write(
    desk: Desk,
    tx: Transaction,
    one: Correction,
    facility: Facility,
    recipient: str,
    letter: str,
    now: datetime,
) -> bool:
    """Write one letter about a correction; False where another process did."""
    assert one.due_on is not None  # noqa: S101 - without it a person decides
    asking = letter == "correction_request"
    reminded = one.reminded if asking else one.reminded + 1
    today = japan_date(now)
    if not corrections.mark_written(tx, one, reminded=reminded, on=today):
        return False
    shown_later = one.reopens_on is not None and one.reopens_on > today
    notice = Notice(
        letter=letter,
        purpose_key=f"correction:{one.id}" + ("" if asking else f":reminder:{reminded}"),
        recipient=recipient,
        matter="correction",
        automatic=not asking,
        values={
            "addressee": addressee_of(facility),
            "facility_name": facility.name,
            "certification_number": facility.certification_number,
            "points": [wrap(item, _COLUMNS) for item in one.items],
            "due_on": format_date(one.due_on),
            "is_overdue": one.due_on < today,
            "reopens_on": format_date(one.reopens_on) if shown_later and one.reopens_on else None,
            "as_of": as_of(tx),
            "clerk": one.created_by,
        },
        deadline=Deadline(
            uid=deadline_uid(desk, "correction", one.id),
            sequence=reminded,
            summary=f"申請データの修正 期限（{facility.name}）",
            at=end_of_day(one.due_on),
        ),
    )
    write_notice(desk, tx, cases.case_by_id(tx, one.case_id), notice, now)
    return True


def follow_up(desk: Desk, now: datetime) -> int:
    """Write the reminders that are due, and put what is overdue at the head of the queue."""
    today = japan_date(now)
    with desk.database.read() as tx:
        found = corrections.list_corrections(tx, open_only=True)
        overdue = [one for one in found if _is_newly_overdue(tx, one, today)]
        stale = registry_is_stale(desk, tx, now)
    due = [] if stale or not may_leave_now(desk, now) else found
    done = 0
    for one in [one for one in due if _reminder_due(desk.rules, one, today)]:
        with desk.database.begin() as tx:
            done += _remind(desk, tx, one, now)
    for one in overdue:
        with desk.database.begin() as tx:
            note = "データ修正依頼の期限を過ぎました。まだ再申請が確認できていません。"
            _queue(tx, one, OVERDUE, f"correction:{one.id}:overdue", note, now)
            done += 1
    return done


def may_leave_now(desk: Desk, now: datetime) -> bool:
    """Say whether letters about corrections and links leave at this time."""
    hours = desk.rules.deadlines
    calendar = desk.rules.desk.calendar
    return leaves_at(now, hours.send_at, hours.send_until, calendar, None) <= now


def _is_newly_overdue(tx: Transaction, one: Correction, today: date) -> bool:
    overdue = one.state == "asked" and one.due_on is not None and one.due_on < today
    return overdue and not actions.purpose_exists(tx, f"correction:{one.id}:overdue")


def _reminder_due(rules: Rules, one: Correction, today: date) -> bool:
    settings = rules.deadlines.corrections
    if one.state != "asked" or one.due_on is None or one.written_on is None:
        return False
    if one.reminded >= settings.remind_at_most:
        return False
    if one.reopens_on is not None and today < one.reopens_on + timedelta(days=1):
        return False  # There is no screen yet; nobody could have done it.
    return reminder_is_due(
        today,
        one.due_on,
        one.written_on,
        rules.desk.calendar,
        before=settings.remind_before.amount,
        every=settings.remind_every.amount,
    )


def _remind(desk: Desk, tx: Transaction, one: Correction, now: datetime) -> bool:
    facility = facilities.facilities_by_numbers(tx, [one.certification_number]).get(
        one.certification_number
    )
    if facility is None:
        return False  # The import that removed it ends the request.
    recipient = _recipient(tx, facility)
    if recipient is None:
        corrections.mark_written(tx, one, reminded=one.reminded + 1, on=japan_date(now))
        return unreachable.add_task(
            tx, facility, f"correction:{one.id}", _SUBJECT, "unreachable", one.due_on, now
        )
    return _write(desk, tx, one, facility, recipient, "correction_reminder", now)


def listed(database: Database, *, open_only: bool) -> list[Correction]:
    """Return correction requests, the longest overdue first."""
    with database.read() as tx:
        return corrections.list_corrections(tx, open_only=open_only)


def close(desk: Desk, correction_id: int, by: str, reason: str, now: datetime) -> None:
    """End a correction request by hand. Raises Refused."""
    with desk.database.begin() as tx:
        require_decider(tx, by)
        one = corrections.correction_by_id(tx, correction_id)
        if one is None:
            raise Refused(f"there is no correction {correction_id}; see: helpdesk correction list")
        if not end(tx, one, "closed", by, reason, now):
            raise Refused(f"correction {correction_id} is {one.state} already")


def end(tx: Transaction, one: Correction, state: str, by: str, reason: str, now: datetime) -> bool:
    """End a correction request with everything that hangs on it; False where it is ended."""
    if not corrections.end_correction(tx, one.id, state, by, reason, now):
        return False
    letters.cancel_waiting(tx, letters.waiting_of_case(tx, one.case_id), f"correction {state}")
    actions.end_system_actions(tx, one.case_id, f"correction:{one.id}:", by, now)
    if not cases.has_undecided_action(tx, one.case_id):
        cases.set_state(tx, one.case_id, "closed", now)
    return True
