"""Named queries about what the portal must be told, and whether it has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, case, facility, portal_change

# Of the webhook: a call may still be made. `calling` is one on its way until `due_at`.
_OPEN = ("queued", "deferred", "calling")


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
    #: Of its action: keys of MARKS in domain/approval.py.
    marks: Sequence[str] = ()


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
    action.c.marks,
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
    taken = tx.execute(
        update(portal_change)
        .where(
            portal_change.c.action_id == action_id,
            portal_change.c.kind == "change",
            portal_change.c.state == "waiting",
        )
        .values(state="withdrawn")
        # As it is under the lock: a call or an export may have begun a moment before.
        .returning(portal_change.c.exported_at, portal_change.c.attempts)
    )
    return any(row.exported_at is not None or row.attempts > 0 for row in taken.all())


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


def listed(tx: Transaction, *, waiting_only: bool, hold: bool = False) -> list[PortalChange]:
    """Return the list for the portal's staff, oldest first.

    `hold`: nobody takes a line of it back until the transaction ends.
    """
    query = _SELECT.where(portal_change.c.state == "waiting") if waiting_only else _SELECT
    if hold:
        query = query.with_for_update(of=portal_change)
    return [_row(row) for row in tx.execute(query)]


def mark_exported(tx: Transaction, ids: Sequence[int], at: datetime) -> None:
    """Remember when these lines left the building first."""
    tx.execute(
        update(portal_change)
        .where(portal_change.c.id.in_(ids), portal_change.c.exported_at.is_(None))
        .values(exported_at=at)
    )


def claim_due(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[PortalChange]:
    """Take the calls that are due; they are due again `until` unless their end is recorded.

    None is taken while an earlier one about the same facility is still on its way: the
    portal could hear of a stop before it hears of the change. Of a facility the first alone.
    """
    earlier = portal_change.alias()
    to_come = earlier.c.hook.in_(_OPEN) & (earlier.c.state == "waiting")
    before = select(earlier.c.id).where(
        earlier.c.certification_number == portal_change.c.certification_number,
        earlier.c.id < portal_change.c.id,
        or_(to_come, (earlier.c.hook == "calling") & (earlier.c.due_at > now)),
    )
    query = (
        _SELECT.where(
            portal_change.c.hook.in_(_OPEN),
            portal_change.c.state == "waiting",
            portal_change.c.due_at <= now,
            ~before.exists(),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=portal_change)
    )
    found = [_row(row) for row in tx.execute(query)]
    if found:
        tx.execute(
            update(portal_change)
            .where(portal_change.c.id.in_([one.id for one in found]))
            .values(hook="calling", due_at=until, attempts=portal_change.c.attempts + 1)
        )
    return found


def anything_due(tx: Transaction, now: datetime) -> bool:
    """Say whether a call is due; takes no lock."""
    query = select(portal_change.c.id).where(
        portal_change.c.hook.in_(_OPEN),
        portal_change.c.state == "waiting",
        portal_change.c.due_at <= now,
    )
    return tx.execute(query.limit(1)).first() is not None


def end_call(
    tx: Transaction,
    row_id: int,
    attempt: int,
    hook: str,
    error: str | None,
    due_at: datetime | None,
) -> str | None:
    """Write down how a call ended; return the state of what it spoke of.

    None: another call about it was begun meanwhile, or has ended well; that one counts, but
    for an acknowledgement, which is always one.
    """
    mine = [portal_change.c.id == row_id, portal_change.c.hook != "acknowledged"]
    if hook != "acknowledged":
        mine += [portal_change.c.hook == "calling", portal_change.c.attempts == attempt]
    row = tx.execute(
        update(portal_change)
        .where(*mine)
        .values(hook=hook, last_error=error, due_at=due_at)
        .returning(portal_change.c.state)
    ).first()
    return row.state if row else None
