"""Named queries about what the portal must be told, and whether it has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, case, facility, portal_change


@dataclass(frozen=True, slots=True)
class PortalChange:
    """One line for the portal's staff."""

    id: int
    action_id: int
    case_number: str
    kind: str
    certification_number: str
    facility_name: str | None
    address_before: str
    address_after: str
    state: str
    created_at: datetime
    decided_by: str | None
    exported_at: datetime | None
    reflected_at: datetime | None
    reflected_by: str | None
    hook: str
    attempts: int
    last_error: str | None


_COLUMNS = (
    portal_change.c.id,
    portal_change.c.action_id,
    case.c.number,
    portal_change.c.kind,
    portal_change.c.certification_number,
    facility.c.name,
    portal_change.c.address_before,
    portal_change.c.address_after,
    portal_change.c.state,
    portal_change.c.created_at,
    action.c.decided_by,
    portal_change.c.exported_at,
    portal_change.c.reflected_at,
    portal_change.c.reflected_by,
    portal_change.c.hook,
    portal_change.c.attempts,
    portal_change.c.last_error,
)
_SELECT = (
    select(*_COLUMNS)
    .select_from(
        portal_change.join(action, action.c.id == portal_change.c.action_id)
        .join(case, case.c.id == action.c.case_id)
        .outerjoin(
            facility, facility.c.certification_number == portal_change.c.certification_number
        )
    )
    .order_by(portal_change.c.id)
)


def _row(row: Sequence[Any]) -> PortalChange:
    return PortalChange(*row)


def announce(
    tx: Transaction,
    *,
    action_id: int,
    kind: str,
    certification_number: str,
    before: str,
    after: str,
    hook: bool,
    at: datetime,
) -> None:
    """Put a change on the list for the portal, and into the webhook's queue if there is one."""
    tx.execute(
        insert(portal_change).values(
            action_id=action_id,
            kind=kind,
            certification_number=certification_number,
            address_before=before,
            address_after=after,
            state="waiting",
            created_at=at,
            hook="queued" if hook else "none",
            attempts=0,
            due_at=at if hook else None,
        )
    )


def settle(tx: Transaction, action_id: int, kind: str, by: str, at: datetime) -> bool:
    """Write down that the portal has a change; False where none of it waits."""
    changed = tx.execute(
        update(portal_change)
        .where(
            portal_change.c.action_id == action_id,
            portal_change.c.kind == kind,
            portal_change.c.state == "waiting",
        )
        .values(state="reflected", reflected_at=at, reflected_by=by)
    )
    return changed.rowcount > 0


def withdraw(tx: Transaction, action_id: int) -> bool:
    """Take a change off the list that is not to be made after all.

    Returns whether it has left the building: by an export, or a call that was begun.
    """
    waiting = (
        portal_change.c.action_id == action_id,
        portal_change.c.kind == "change",
        portal_change.c.state == "waiting",
    )
    left = select(portal_change.c.id).where(
        *waiting, or_(portal_change.c.exported_at.is_not(None), portal_change.c.attempts > 0)
    )
    told = tx.execute(left.limit(1)).first() is not None
    tx.execute(update(portal_change).where(*waiting).values(state="withdrawn", due_at=None))
    return told


def supersede(tx: Transaction, action_id: int) -> None:
    """Take off the list that a change was withdrawn, because it is to be made after all."""
    tx.execute(
        update(portal_change)
        .where(
            portal_change.c.action_id == action_id,
            portal_change.c.kind == "withdraw",
            portal_change.c.state == "waiting",
        )
        .values(state="withdrawn", due_at=None)
    )


def of_action(tx: Transaction, action_id: int) -> list[PortalChange]:
    """Return what the portal was to be told of an action, oldest first."""
    return [_row(row) for row in tx.execute(_SELECT.where(portal_change.c.action_id == action_id))]


def listed(tx: Transaction, *, waiting_only: bool) -> list[PortalChange]:
    """Return the list for the portal's staff, oldest first."""
    query = _SELECT.where(portal_change.c.state == "waiting") if waiting_only else _SELECT
    return [_row(row) for row in tx.execute(query)]


def mark_exported(tx: Transaction, ids: Sequence[int], at: datetime) -> None:
    """Remember when these lines left the building first."""
    tx.execute(
        update(portal_change)
        .where(portal_change.c.id.in_(ids), portal_change.c.exported_at.is_(None))
        .values(exported_at=at)
    )


def claim_due(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[PortalChange]:
    """Take the calls that are due; they are due again `until` unless their end is recorded."""
    query = (
        _SELECT.where(
            portal_change.c.hook.in_(("queued", "deferred")),
            portal_change.c.state == "waiting",
            portal_change.c.due_at <= now,
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=portal_change)
    )
    found = [_row(row) for row in tx.execute(query)]
    if found:
        tx.execute(
            update(portal_change)
            .where(portal_change.c.id.in_([one.id for one in found]))
            .values(due_at=until, attempts=portal_change.c.attempts + 1)
        )
    return found


def anything_due(tx: Transaction, now: datetime) -> bool:
    """Say whether a call is due; takes no lock."""
    query = select(portal_change.c.id).where(
        portal_change.c.hook.in_(("queued", "deferred")), portal_change.c.due_at <= now
    )
    return tx.execute(query.limit(1)).first() is not None


def end_call(
    tx: Transaction, row_id: int, hook: str, error: str | None, due_at: datetime | None
) -> None:
    """Write down how a call ended."""
    tx.execute(
        update(portal_change)
        .where(portal_change.c.id == row_id)
        .values(hook=hook, last_error=error, due_at=due_at)
    )
