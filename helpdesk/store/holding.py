"""Named queries that keep letters of a case from leaving, because staff have answered it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import case, letter


def hold_letters_of(tx: Transaction, case_id: int, reason: str) -> int:
    """Hold what a case has in the outbox and has not left; return how many.

    What a worker has claimed is taken from it: under the next fencing token it may not
    begin to hand the letter over.
    """
    leaving = letter.c.state.in_(("queued", "deferred", "sending"))
    # In one order, so that this and a worker who writes down never wait for each other.
    mine = select(letter.c.id).where(letter.c.case_id == case_id, leaving).order_by(letter.c.id)
    ids = list(tx.execute(mine.with_for_update()).scalars())
    tx.execute(
        update(letter)
        .where(letter.c.id.in_(ids))
        .values(
            state="held",
            last_error=reason,
            worker=None,
            lease_until=None,
            fence=letter.c.fence + 1,
        )
    )
    return len(ids)


def answered_since_due(tx: Transaction, letter_ids: Sequence[int]) -> list[int]:
    """Return those of these letters whose case staff answered after they were to leave.

    One that a person let go after the answer is due since then.
    """
    query = (
        select(letter.c.id)
        .join(case, case.c.id == letter.c.case_id)
        .where(letter.c.id.in_(letter_ids), case.c.answered_outside_at >= letter.c.due_at)
    )
    return list(tx.execute(query).scalars())


def hold_deferred(tx: Transaction, letter_ids: Sequence[int], reason: str) -> None:
    """Hold those of these letters that could not leave."""
    tx.execute(
        update(letter)
        .where(letter.c.id.in_(letter_ids), letter.c.state == "deferred")
        .values(state="held", last_error=reason)
    )
