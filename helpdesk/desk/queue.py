"""The queue as a person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from helpdesk.desk.casework import present_since
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.standing import About, about_action
from helpdesk.desk.telling import facility_of
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from helpdesk.domain.written_by import WrittenBy, read_written_by
from helpdesk.store import actions, cases, facilities, mails, queue_view
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Database
from helpdesk.store.queue_view import QueueFilter, QueueRow


@dataclass(frozen=True, slots=True)
class ShownAction:
    """One action with what a person needs to decide it."""

    action: Action
    case: Case
    registered_address: str | None
    #: What the correspondent wrote, newest mail of the case.
    text: str | None
    #: The mail itself as it came.
    raw: bytes | None = None


def listed(database: Database, *, undecided_only: bool) -> list[Action]:
    """Return actions, oldest first."""
    with database.read() as tx:
        return actions.list_actions(tx, undecided_only=undecided_only)


def shown(database: Database, action_id: int) -> ShownAction:
    """Return one action with its case. Raises Refused."""
    with database.read() as tx:
        action = actions.action_by_id(tx, action_id)
        if action is None:
            raise Refused(f"there is no action {action_id}; see: helpdesk queue list --all")
        number = action.certification_number
        address = facilities.address_of(tx, number) if number else None
        raw = mails.newest_source_of_case(tx, action.case_id)
        case = cases.case_by_id(tx, action.case_id)
    text = read_message(raw).body if raw is not None else None
    return ShownAction(action, case, address or None, text, raw)


def about(desk: Desk, shown: ShownAction, now: datetime) -> About:
    """Return what a decider must know of an action beyond the request itself."""
    written: WrittenBy | None = None
    cc: tuple[str, ...] = ()
    if shown.raw is not None:
        message = read_message(shown.raw)
        written = read_written_by(message, read_request(message, desk.rules.form.patterns))
        cc = tuple(one.address for one in message.cc)
    with desk.database.read() as tx:
        facility = facility_of(tx, shown.action)
        return about_action(
            desk,
            tx,
            shown.action,
            now,
            main_phone=facility.main_phone if facility else "",
            member_address=facility.member_address if facility else "",
            written_by=written,
            cc=cc,
        )


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One line of the queue's page."""

    row: QueueRow
    #: The day by which an answer was promised (返信期限).
    due_on: date
    late: bool
    #: Who has the case on the screen.
    open_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One page of the queue."""

    rows: tuple[WaitingRow, ...]
    #: Whether another page follows.
    more: bool
    counts: dict[str, int]
    on_hold: int
    portal: int
    handlers: tuple[str, ...]


def waiting(desk: Desk, wanted: QueueFilter, now: datetime, *, page: int, size: int) -> Waiting:
    """Return one page of what waits for a person, the most urgent first."""
    today = japan_date(now)
    with desk.database.read() as tx:
        found = queue_view.queue_rows(tx, wanted, today, size + 1, (page - 1) * size)
        present = queue_view.open_by(tx, present_since(now), [row.case_id for row in found])
        counts = queue_view.counts_by_kind(tx, wanted, today)
        on_hold = queue_view.count(tx, QueueFilter(when="hold"), today)
        portal = queue_view.count(tx, QueueFilter(state="portal"), today)
        handlers = tuple(queue_view.handlers(tx))
    days = desk.rules.desk.reply_within.amount
    rows = []
    for row in found[:size]:
        due = desk.rules.desk.calendar.add_business_days(japan_date(row.created_at), days)
        who = tuple(present.get(row.case_id, ()))
        rows.append(WaitingRow(row, due, due < today, who))
    return Waiting(tuple(rows), len(found) > size, counts, on_hold, portal, handlers)
