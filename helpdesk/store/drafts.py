"""Named queries about what somebody typed before their session ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select

from helpdesk.store.database import Transaction
from helpdesk.store.schema import draft
from helpdesk.store.vault import vault_of


def insert_draft(tx: Transaction, name: str, packed: bytes, at: datetime) -> int:
    """Keep a draft sealed; return its number."""
    sealed = vault_of(tx).seal_bytes(packed)  # It may hold what a requester said of themselves.
    query = insert(draft).values(staff_name=name, content=sealed, at=at)
    return int(tx.execute(query.returning(draft.c.id)).scalar_one())


def draft_of(tx: Transaction, number: int, name: str) -> bytes | None:
    """Return a person's draft, or None."""
    query = select(draft.c.content).where(draft.c.id == number, draft.c.staff_name == name)
    sealed = tx.execute(query).scalar()
    return vault_of(tx).open_bytes(bytes(sealed)) if sealed is not None else None


def count_of(tx: Transaction, name: str) -> int:
    """Return how many drafts of a person are kept."""
    query = select(func.count()).where(draft.c.staff_name == name)
    return int(tx.execute(query).scalar_one())


def forget_before(tx: Transaction, at: datetime) -> None:
    """Forget what is older."""
    tx.execute(delete(draft).where(draft.c.at < at))
