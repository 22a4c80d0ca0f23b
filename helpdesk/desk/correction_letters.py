"""Letters about correction requests (データ修正依頼), and what of them is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from helpdesk.desk import freshness, unreachable
from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.notices import (
    Notice,
    addressee_of,
    as_of,
    deadline_uid,
    end_of_day,
    may_leave_now,
    write_notice,
)
from helpdesk.domain.calendar import format_date
from helpdesk.domain.corrections import Window, reminder_is_due, screen_shown_from
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import period_of
from helpdesk.domain.wrapping import wrap
from helpdesk.mail.ics import Deadline
from helpdesk.rules import Rules
from helpdesk.store import actions, cases, corrections, facilities
from helpdesk.store.actions import NewAction
from helpdesk.store.corrections import Correction
from helpdesk.store.database import Transaction

#: What the case of a correction is about.
SUBJECT = "データ修正依頼"

#: Kind of the action that puts an overdue correction at the head of the queue.
OVERDUE = "correction_overdue"

# Columns of a point behind its number.
_COLUMNS = 60


def recipient_of(tx: Transaction, facility: Facility) -> str | None:
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


def queue(
    tx: Transaction, one: Correction, kind: str, purpose: str, note: str, now: datetime
) -> None:
    """Put a correction into the queue of staff, once for a purpose."""
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


def write(
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
    screen = screen_shown_from(today, list(windows(desk.rules, today)), one.reopens_on)
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
            "reopens_on": format_date(screen) if screen is not None and screen > today else None,
            "screen_is_closed": screen is None,
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
        overdue = [
            one
            for one in corrections.list_corrections(tx, open_only=True)
            if _is_newly_overdue(tx, one, today)
        ]
        due = due_on(desk, tx, today) if may_leave_now(desk, now) else []
        stale = bool(due) and freshness.registry_is_stale(desk, tx, now)
    if stale:
        freshness.tell_of_waiting(desk, SUBJECT, "correction", len(due), now)
        due = []
    done = 0
    for one in due:
        with desk.database.begin() as tx:
            done += _remind(desk, tx, one, now)
    for one in overdue:
        with desk.database.begin() as tx:
            note = "データ修正依頼の期限を過ぎました。まだ再申請が確認できていません。"
            queue(tx, one, OVERDUE, f"correction:{one.id}:overdue", note, now)
            done += 1
    return done


def due_on(desk: Desk, tx: Transaction, today: date) -> list[Correction]:
    """Return the corrections of which a reminder falls due by today.

    Who wrote to us about it is not reminded before somebody has read that («修正しました»).
    """
    return [
        one
        for one in corrections.list_corrections(tx, open_only=True)
        if _reminder_due(desk.rules, one, today) and not actions.has_waiting_mail(tx, one.case_id)
    ]


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
    recipient = recipient_of(tx, facility)
    if recipient is None:
        corrections.mark_written(tx, one, reminded=one.reminded + 1, on=japan_date(now))
        return unreachable.add_task(
            tx, facility, f"correction:{one.id}", SUBJECT, "unreachable", one.due_on, now
        )
    return write(desk, tx, one, facility, recipient, "correction_reminder", now)
