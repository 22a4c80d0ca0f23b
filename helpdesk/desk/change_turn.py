"""What the calendar does for changes and approvals: waits that are over, letters that failed."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import changing, heard
from helpdesk.desk.context import Desk
from helpdesk.desk.deciding import existing, moment_after
from helpdesk.domain.change import FOR_OTHER, FOR_TIME, HELD
from helpdesk.store import actions, approvals, cases, changes
from helpdesk.store.changes import Change
from helpdesk.store.database import Transaction

_OLD_FAILED = "旧アドレスにメールが届きませんでした。"


def follow_up(desk: Desk, now: datetime) -> int:
    """Do what is due: cooling ends, tokens and approvals grow old, letters came back."""
    with desk.database.read() as tx:
        due = changes.due(tx, now)
        failed = changes.failed_letters(tx)
        half_way = approvals.half_way(tx)
    lifetime = desk.rules.identity.approval_lifetime
    old = [one for one in half_way if moment_after(desk, one.at, lifetime) <= now]
    return (
        sum(_end_wait(desk, action_id, now) for action_id in due)
        + sum(_letter_failed(desk, letter, action_id, now) for letter, action_id in failed)
        + sum(_end_approval(desk, action_id, now) for action_id in {one.action_id for one in old})
    )


def _end_wait(desk: Desk, action_id: int, now: datetime) -> bool:
    with desk.database.begin() as tx:
        actions.lock(tx, action_id)
        change = changes.change_of(tx, action_id)
        if change is None or change.due_at is None or change.due_at > now:
            return False
        if change.state not in ("confirming", "cooling", "portal"):
            return False
        if change.waits_for not in (FOR_TIME, FOR_OTHER):
            return changing.advance(desk, tx, action_id, "overdue", now) is not None
        if change.waits_for == FOR_OTHER and changes.another_first(tx, change):
            return False  # Nothing has happened.
        if change.waits_for == FOR_TIME and not _could_object(desk, tx, change, now):
            return False
        if changing.back_to_queue(desk, tx, action_id, now):
            return True
        return changing.advance(desk, tx, action_id, "cooled", now) is not None


def _could_object(desk: Desk, tx: Transaction, change: Change, now: datetime) -> bool:
    """Say whether the wait is over: its time runs from when the notice left the building.

    What came meanwhile has been read: silence proves nothing while nobody listens.
    Where the old address is not reached nobody waits for it: step says what comes then.
    """
    if not changing.standing_of(desk, tx, change, called_back=False, now=now).old_reached:
        return True
    until = changing.cooled_at(desk, tx, change)
    if until is not None and until > now:
        changes.update_change(tx, change, due_at=until)
    return until is not None and until <= now and heard.heard_until(tx, until)


def _letter_failed(desk: Desk, letter: str, action_id: int, now: datetime) -> bool:
    with desk.database.begin() as tx:
        actions.lock(tx, action_id)
        change = changes.change_of(tx, action_id)
        if change is None:
            return False
        if letter == "change_notice":
            if change.old_failed_at is not None:
                return False
            return changing.old_failed(desk, tx, change, now) is not None
        return changing.advance(desk, tx, action_id, "new_failed", now) is not None


def _end_approval(desk: Desk, action_id: int, now: datetime) -> bool:
    """Let a first approval that found no second one end; the action stays in the queue."""
    with desk.database.begin() as tx:
        actions.lock(tx, action_id)
        action = existing(tx, action_id)
        if action.state not in ("waiting", "expired", HELD):
            return False
        approvals.end(tx, action_id, now)
        note = f"{action.note}一人目の承認から期限が過ぎました。"
        state = "expired" if action.state == "waiting" else action.state
        actions.go_to(tx, action_id, from_state=action.state, to_state=state, note=note)
        cases.set_state(tx, action.case_id, "waiting_staff", now)
        return True
