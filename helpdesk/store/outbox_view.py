"""Named queries of the outbox's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import case, letter

#: States in which somebody has to do something.
STUCK = ("failed", "unknown", "held")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One letter in the list."""

    id: int
    case_number: str | None
    letter: str
    recipient: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str | None


def _row(row: Any) -> OutboxRow:
    return OutboxRow(*row)


def outbox_rows(
    tx: Transaction, states: tuple[str, ...], recipient: str, limit: int, offset: int
) -> list[OutboxRow]:
    """Return letters in these states (() all), newest first."""
    query = (
        select(
            letter.c.id,
            case.c.number,
            letter.c.letter,
            letter.c.recipient,
            letter.c.state,
            letter.c.attempts,
            letter.c.created_at,
            letter.c.due_at,
            letter.c.sent_at,
            letter.c.last_error,
        )
        .select_from(letter.outerjoin(case, case.c.id == letter.c.case_id))
        .order_by(letter.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if states:
        query = query.where(letter.c.state.in_(states))
    if recipient:
        query = query.where(func.lower(letter.c.recipient).contains(recipient, autoescape=True))
    return [_row(row) for row in tx.execute(query)]


def counts_by_state(tx: Transaction) -> dict[str, int]:
    """Count the letters by state."""
    query = select(letter.c.state, func.count()).group_by(letter.c.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def drop(tx: Transaction, letter_id: int, reason: str) -> bool:
    """Take a letter out that has not left, or of which nobody knows; False: it has left."""
    changed = tx.execute(
        update(letter)
        .where(
            letter.c.id == letter_id,
            letter.c.state.in_(("failed", "unknown", "held", "deferred", "queued")),
        )
        .values(state="cancelled", last_error=reason, fence=letter.c.fence + 1)
    )
    return changed.rowcount == 1


def waiting_for_relay(tx: Transaction) -> int:
    """Count letters that leave as soon as the relay takes them."""
    query = select(func.count()).where(letter.c.state.in_(("queued", "deferred", "sending")))
    return int(tx.execute(query).scalar_one())
