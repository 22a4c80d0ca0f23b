"""Named queries about the people who may decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from helpdesk.store.database import Transaction
from helpdesk.store.schema import staff


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person of the secretariat, with the role that says what they may do."""

    name: str
    role: str  # operator | approver | admin


def insert_staff(tx: Transaction, name: str, role: str, password_hash: str, at: datetime) -> bool:
    """Add a person; False where the name is taken."""
    if staff_by_name(tx, name) is not None:
        return False
    tx.execute(
        insert(staff).values(name=name, role=role, password_hash=password_hash, created_at=at)
    )
    return True


def staff_by_name(tx: Transaction, name: str) -> StaffMember | None:
    """Return the person with this name, or None."""
    row = tx.execute(select(staff.c.name, staff.c.role).where(staff.c.name == name)).first()
    return StaffMember(*row) if row else None
