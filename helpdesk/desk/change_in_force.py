"""A change put in force once the portal has it, and taken back in one step."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciding import (
    close_if_done,
    write_result,
)
from helpdesk.desk.portal_news import announce
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import format_date, format_datetime
from helpdesk.store import (
    actions,
    audit,
    cases,
    changes,
    facilities,
    portal_changes,
)
from helpdesk.store.actions import Action
from helpdesk.store.database import Transaction


def finish(desk: Desk, tx: Transaction, action: Action, by: str, now: datetime) -> None:
    """Put a change that the portal has in force here: only now the registry changes."""
    change = changes.change_of(tx, action.id)
    assert change is not None  # noqa: S101 - nothing reaches the portal without one
    case = cases.case_by_id(tx, action.case_id)
    facilities.change_address(tx, change.certification_number, change.new_address, now)
    portal_changes.settle(tx, action.id, "change", by, now)
    about = {"action": action.id, "facility": change.certification_number}
    audit.note(tx, Event("address_changed", by, f"action:{action.id}", case.number, about))
    identity = desk.rules.identity
    changes.update_change(
        tx,
        change,
        waits_for=None,
        due_at=None,
        done_at=now,
        frozen_until=now + identity.freeze.timedelta,
        revertible_until=now + identity.revert.timedelta,
    )
    # Where the portal itself said so, whoever approved it signs.
    clerk = action.decided_by if by == "portal" else by
    values: dict[str, object] = {"clerk": clerk, "changed_at": format_date(japan_date(now))}
    write_result(desk, tx, case, action, "change_done_new", change.new_address, values, now)
    old = change.old_address
    if is_mail_address(old) and old.lower() != change.new_address.lower():
        write_result(desk, tx, case, action, "change_done_old", old, values, now)
    close_if_done(tx, case, now)


def take_back(
    desk: Desk, tx: Transaction, action: Action, by: str, reason: str, now: datetime
) -> None:
    """Undo a change in one step. Raises Refused where it is too late or overtaken."""
    change = changes.change_of(tx, action.id)
    if action.state != "done" or change is None or change.done_at is None:
        raise Refused(f"action {action.id} is no change that is in force ({action.state})")
    present = facilities.address_of(tx, change.certification_number)
    if present.lower() != change.new_address.lower():
        raise Refused(
            f"the registry has {present or 'no address'} for {change.certification_number} now, and"
            f" not {change.new_address}, which this change put there: it is newer, so a person must"
            " see to it; enter a new change where the address is to be another one"
        )
    until = change.revertible_until
    if until is None or now > until:
        said = format_datetime(until) if until else "-"
        raise Refused(f"the change could be undone until {said}; a new change is needed now")
    if changes.newer_of(tx, change):
        raise Refused("the facility's address was changed once more since; undo that one first")
    moved = actions.move(
        tx, action.id, from_state="done", to_state="reverted", by=by, at=now, reason=reason
    )
    if not moved:
        raise Refused(f"action {action.id} was undone by somebody else at the same moment")
    facilities.change_address(tx, change.certification_number, change.old_address, now)
    # Somebody may be after this facility: the freeze stays.
    changes.update_change(tx, change, reverted_at=now)
    announce(desk, tx, change, "revert", now)
    case = cases.case_by_id(tx, action.case_id)
    about = {"action": action.id, "facility": change.certification_number}
    audit.note(tx, Event("address_reverted", by, f"action:{action.id}", case.number, about))
    values: dict[str, object] = {
        "clerk": by,
        "addressee": "ご担当者 様",
        "reverted_on": format_date(japan_date(now)),
    }
    for one in (change.old_address, change.new_address):
        if is_mail_address(one):
            told = {**values, "is_registered": one == change.old_address}
            write_result(desk, tx, case, action, "change_reverted", one, told, now, purpose=one)
