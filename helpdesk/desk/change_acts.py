"""What people do about a change besides deciding: a call-back, a hold, a proof, the portal."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import change_in_force, changing, telling
from helpdesk.desk.context import Desk, FactsMoved, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.deciding import (
    ABOUT_ADDRESS,
    existing,
    judged_anew,
    not_in_state,
    tell,
)
from helpdesk.desk.who_decides import (
    about_call,
    require_another,
    require_not_own,
)
from helpdesk.domain.change import UNDER_WAY
from helpdesk.store import actions, cases, changes, portal_changes
from helpdesk.store.database import Transaction


def reflect(desk: Desk, action_id: int, by: str, now: datetime) -> str:
    """Take note that the portal has an approved change: only now the registry changes.

    The new and the old address are told. Raises Refused, also where the registry is not
    the one that was approved any more: the change is back in the queue then.
    """
    with desk.database.begin() as tx:
        require_decider(tx, by)
        action = existing(tx, action_id)
        require_another(tx, action, by, "say that the portal has it")
        if action.state == "reverted":
            if not portal_changes.settle(tx, action_id, "revert", by, now):
                raise Refused(f"the portal has undone the change of action {action_id} already")
            return "reverted"
        if action.state != "portal" and portal_changes.settle(tx, action_id, "withdraw", by, now):
            tell(tx, action, "withdrawal_reflected", by)
            return "withdrawn"
        refused = put_in_force(desk, tx, action_id, by, now)
    if refused:
        raise Refused(refused)
    return "done"


def put_in_force(desk: Desk, tx: Transaction, action_id: int, by: str, now: datetime) -> str | None:
    """Finish a change that the portal has, in the caller's transaction.

    Returns why not where it went back into the queue. Raises Refused.
    """
    actions.lock(tx, action_id)
    action = existing(tx, action_id)
    if action.state != "portal":
        raise Refused(not_in_state(action, "portal"))
    moved = changing.back_to_queue(desk, tx, action_id, now)
    if moved:
        return moved
    if not actions.mark_reflected(tx, action_id, by, now):
        raise Refused(not_in_state(existing(tx, action_id), "portal"))
    change_in_force.finish(desk, tx, action, by, now)
    return None


def hold(desk: Desk, action_id: int, by: str, reason: str, now: datetime) -> str:
    """Stop a change on its way, because somebody said so by telephone. Raises Refused."""
    reason = reason.strip()
    if not reason:
        raise Refused("a stop needs a reason; give it with --reason TEXT")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        actions.lock(tx, action_id)
        action = existing(tx, action_id)
        state = changing.advance(
            desk,
            tx,
            action_id,
            "stopped",
            now,
            by=by,
            marks=("stopped",),
            note=f"（{by}：{reason}）",
        )
        if state is None:
            raise Refused(f"action {action_id} is no change on its way ({action.state})")
    return state


def confirm(desk: Desk, action_id: int, by: str, now: datetime) -> str:
    """Take a token that came from another address for the new address's answer."""
    with desk.database.begin() as tx:
        require_decider(tx, by)
        actions.lock(tx, action_id)
        change = changes.change_of(tx, action_id)
        if change is None or change.state != "confirming" or change.proof_from is None:
            raise Refused(
                f"for action {action_id} no token came from another address; only the new"
                " address itself, or a token that it forwarded, confirms a change"
            )
        require_another(tx, existing(tx, action_id), by, "take the proof")
        tell(tx, existing(tx, action_id), "proof_taken", by)
        state = changing.confirm(desk, tx, action_id, by, now)
    assert state is not None  # noqa: S101 - its state was looked at under the lock
    if state == "waiting":
        raise Refused(f"the registry changed; action {action_id} is back in the queue")
    return state


def call_back(desk: Desk, action_id: int, by: str, now: datetime) -> str:
    """Record that a person spoke with the facility by the registry's 代表電話.

    Returns that number; the mail's own is never used. It counts for this case, facility,
    number, and for the facts and the turn of the change as they are now. Raises Refused.
    """
    moved = None
    with desk.database.begin() as tx:
        require_decider(tx, by)
        actions.lock(tx, action_id)
        action = existing(tx, action_id)
        facility = telling.facility_of(tx, action)
        if action.state in ("done", "rejected", "reverted") or facility is None:
            raise Refused(f"action {action_id} waits for no call-back ({action.state})")
        if not facility.main_phone:
            raise Refused(
                f"the registry has no 代表電話 for {facility.certification_number}; a number from"
                " a mail proves nothing. Import a registry that has it"
            )
        require_another(tx, action, by, "speak with the facility")
        if action.state in UNDER_WAY:
            moved = changing.back_to_queue(desk, tx, action_id, now)
        elif action.kind in ABOUT_ADDRESS:
            moved = judged_anew(desk, tx, action, cases.case_by_id(tx, action.case_id))
        if moved is None:
            action = existing(tx, action_id)
            actions.record_call_back(tx, action_id, by, about_call(action), now)
            tell(tx, action, "call_back", by)
            number = facility.certification_number
            telling.end_call_back_tasks(tx, action.case_number, number, by, now)
            if action.state == "cooling":
                changing.advance(desk, tx, action_id, "released", now, by=by)
    if moved is not None:
        raise FactsMoved(moved)
    return facility.main_phone


def revert(desk: Desk, action_id: int, by: str, reason: str, now: datetime) -> str:
    """Undo a change that is in force, in one step, as long as the rules allow it."""
    reason = reason.strip()
    if not reason:
        raise Refused("undoing a change needs a reason; give it with --reason TEXT")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        actions.lock(tx, action_id)
        action = existing(tx, action_id)
        require_not_own(tx, action, by, "undo it")
        change_in_force.take_back(desk, tx, action, by, reason, now)
    return "reverted"
