"""What the portal is told of changes: one that was approved, stopped, or undone."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.context import Desk
from helpdesk.store import (
    facilities,
    portal_changes,
)
from helpdesk.store.changes import Change
from helpdesk.store.database import Transaction


def withdraw(desk: Desk, tx: Transaction, change: Change, now: datetime) -> None:
    """Take a change off the portal's list; where it has left the building, say so there.

    Until the portal has undone it, no import brings the address here that was stopped.
    """
    if not portal_changes.withdraw(tx, change.action_id):
        return
    announce(desk, tx, change, "withdraw", now)
    facilities.expect_elsewhere(tx, change.certification_number, change.new_address)


def announce(desk: Desk, tx: Transaction, change: Change, kind: str, now: datetime) -> None:
    """Let the portal be told of a change, or of one undone (`revert`) or stopped (`withdraw`)."""
    before, after = change.old_address, change.new_address
    if kind == "change":  # What was taken back is to be made after all.
        portal_changes.supersede(tx, change.action_id)
    else:
        before, after = after, before
    portal_changes.announce(
        tx,
        action_id=change.action_id,
        kind=kind,
        certification_number=change.certification_number,
        before=before,
        after=after,
        hook=desk.webhook is not None,
        at=now,
    )
