"""Correction requests (データ修正依頼): asked by a clerk, ended by an import or by staff.

The letters about them stand in desk/correction_letters.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from helpdesk.desk import unreachable
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.correction_letters import SUBJECT, queue, recipient_of, windows, write
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.notices import open_case
from helpdesk.domain.addressing import one_line
from helpdesk.domain.corrections import plan_correction
from helpdesk.domain.registry import Facility
from helpdesk.rules import Rules
from helpdesk.store import actions, cases, corrections, facilities, letters
from helpdesk.store.corrections import Correction
from helpdesk.store.database import Database, Transaction

# A letter that asks for more points than this is a talk on the telephone.
_MOST_ITEMS = 30
_LONGEST_ITEM = 400


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
    if reopens_on is not None and reopens_on < today:
        raise Refused(f"the day of reopening {reopens_on} is over; leave out --reopens")
    if due_on is not None and reopens_on is not None and due_on < reopens_on:
        raise Refused("the due date lies before the day of reopening")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        facility = _facility(tx, number)
        _supersede(tx, number, wanted, by, now)
        days = desk.rules.deadlines.corrections.due_within.amount
        plan = plan_correction(
            today,
            list(windows(desk.rules, today)),
            days,
            desk.rules.desk.calendar,
            due_on=due_on,
            reopens_on=reopens_on,
        )
        recipient = recipient_of(tx, facility)
        case = open_case(tx, facility, recipient or "", SUBJECT, now)
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
            write(desk, tx, one, facility, recipient, "correction_request", now)
            return Asked(one.id, one.state, one.due_on, recipient, None)
        note = _hand_over(tx, one, facility, recipient, now)
        return Asked(one.id, one.state, one.due_on, recipient, note)


def _supersede(tx: Transaction, number: str, wanted: Sequence[str], by: str, now: datetime) -> None:
    """Close what waited for a person with the same points; refuse to ask twice for them."""
    for one in corrections.open_corrections_of(tx, [number]):
        if list(one.items) != list(wanted):
            continue
        if one.state == "asked":
            raise Refused(
                f"{number} is asked for the same already (correction {one.id});"
                f" to ask anew, first: helpdesk correction close {one.id}"
            )
        end(tx, one, "closed", by, "asked anew", now)


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


def _hand_over(
    tx: Transaction, one: Correction, facility: Facility, recipient: str | None, now: datetime
) -> str:
    """Give a correction to a person, because no letter can ask for it; return why."""
    if recipient is None:
        note = (
            "データ修正依頼を送れるメールアドレスがありません。お電話または郵送でご連絡ください。"
        )
        unreachable.add_task(
            tx, facility, f"correction:{one.id}", SUBJECT, "no_address", one.due_on, now
        )
    else:
        note = (
            "申請期間外のため申請画面が表示されません。再開の日を決めて"
            "（--reopens）改めて依頼するか、個別にご連絡ください。"
        )
    queue(tx, one, "correction", f"correction:{one.id}:human", note, now)
    return note


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
