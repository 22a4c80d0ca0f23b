"""Named queries about leases: who may do what only one process may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.store.database import Transaction
from helpdesk.store.schema import lease


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease as it stands in its row."""

    holder: str
    until: datetime
    fence: int


def read_lease(tx: Transaction, name: str) -> HeldLease | None:
    """Return who holds a lease, lapsed or not, and hold its row until the end."""
    query = select(lease.c.holder, lease.c.until, lease.c.fence).where(lease.c.name == name)
    row = tx.execute(query.with_for_update()).first()
    return HeldLease(*row) if row else None


def take_lease(
    tx: Transaction, name: str, holder: str, until: datetime, before: HeldLease | None
) -> int | None:
    """Take a lease over from `before`; return the new fencing token, None where one was quicker."""
    if before is None:
        try:
            with tx.begin_nested():
                tx.execute(insert(lease).values(name=name, holder=holder, until=until, fence=1))
        except IntegrityError:
            return None
        return 1
    fence = before.fence + 1
    changed = tx.execute(
        update(lease)
        .where(lease.c.name == name, lease.c.fence == before.fence)
        .values(holder=holder, until=until, fence=fence)
    )
    return fence if changed.rowcount == 1 else None


def renew_lease(tx: Transaction, name: str, fence: int, until: datetime) -> bool:
    """Keep a lease; False where somebody took it over."""
    changed = tx.execute(
        update(lease).where(lease.c.name == name, lease.c.fence == fence).values(until=until)
    )
    return changed.rowcount == 1
