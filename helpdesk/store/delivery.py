"""Named queries about a letter on its way: claims, leases, fencing tokens, ends, copies.

A letter goes queued → sending → handing_over → sent. A claim writes `sending`, a
lease and a new fencing token; `handing_over` is committed just before DATA. What was
only claimed when its worker died is claimed again; what died while being handed over
may have arrived, so it becomes `unknown` and is never sent blindly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate, Update

from helpdesk.store.database import Transaction
from helpdesk.store.letters import PRIORITY_RECEIPT
from helpdesk.store.schema import letter, letter_source


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter in the hands of one worker, as long as its `fence` is the newest."""

    id: int
    fence: int
    recipient: str
    source: bytes
    attempts: int
    #: None: a letter of a case, which leaves as it is.
    matter: str | None = None


_IN_HAND = and_(
    letter.c.state.in_(("sending", "handing_over")), letter.c.lease_until >= bindparam("b_now")
)
_SENT_SINCE = (
    select(func.count())
    .select_from(letter)
    .where(or_(letter.c.sent_at > bindparam("b_since"), _IN_HAND))
)


# Any number that is the same in every process: PostgreSQL's lock for "I am claiming".
_CLAIMING = 4_201_980


def claim_alone(tx: Transaction) -> None:
    """Let nobody else claim until the transaction ends.

    Two who claim at once would each count without the other's letters, and together go over
    the caps; SQLite lets one at a time write anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))


def sent_since(tx: Transaction, since: datetime, now: datetime) -> int:
    """Count what left since a time, and what another worker is sending (caps of the relay)."""
    return int(tx.execute(_SENT_SINCE, {"b_since": since, "b_now": now}).scalar_one())


# One state a query: so the index gives the letters in their order, and no more than the
# limit is read. The bytes of a letter are read when it is known that it is taken.
_DUE = (
    select(
        letter.c.id,
        letter.c.fence,
        letter.c.recipient,
        letter.c.attempts,
        letter.c.matter,
        letter.c.priority,
        letter.c.due_at,
    )
    .order_by(letter.c.priority, letter.c.due_at, letter.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_DUE_IN_STATE = _DUE.where(
    letter.c.state == bindparam("b_state"), letter.c.due_at <= bindparam("b_now")
)
_ABANDONED = _DUE.where(letter.c.state == "sending", letter.c.lease_until < bindparam("b_now"))
_TAKE = (
    update(letter)
    .where(letter.c.id.in_(bindparam("b_ids", expanding=True)))
    .values(
        state="sending",
        worker=bindparam("b_worker"),
        lease_until=bindparam("b_lease_until"),
        fence=letter.c.fence + 1,
    )
)
_SOURCES = select(letter_source.c.letter_id, letter_source.c.source).where(
    letter_source.c.letter_id.in_(bindparam("b_ids", expanding=True))
)


def claim(
    tx: Transaction,
    worker: str,
    now: datetime,
    lease_until: datetime,
    limit: int,
    receipts: int = 0,
) -> list[ClaimedLetter]:
    """Take up to `limit` letters that are due, receipts first, and of those up to `receipts`."""
    most = max(limit, receipts)
    values = {"b_now": now, "b_limit": most}
    due = [
        *tx.execute(_DUE_IN_STATE, values | {"b_state": "queued"}),
        *tx.execute(_DUE_IN_STATE, values | {"b_state": "deferred"}),
        *tx.execute(_ABANDONED, values),
    ]
    due.sort(key=lambda row: (row.priority, row.due_at, row.id))
    rows = due[:limit]
    rows += [row for row in due[limit:most] if row.priority == PRIORITY_RECEIPT]
    if not rows:
        return []
    ids = [row.id for row in rows]
    tx.execute(_TAKE, {"b_ids": ids, "b_worker": worker, "b_lease_until": lease_until})
    sources = {row.letter_id: row.source for row in tx.execute(_SOURCES, {"b_ids": ids})}
    return [
        ClaimedLetter(
            row.id, row.fence + 1, row.recipient, sources[row.id], row.attempts, row.matter
        )
        for row in rows
    ]


# What is being written down just now gets its lease there, or has ended. To wait for it
# would be to wait for one that may wait for us.
_IN_HANDS_OF = (
    select(letter.c.id)
    .where(
        letter.c.worker == bindparam("b_worker"),
        letter.c.state.in_(("sending", "handing_over")),
    )
    .with_for_update(skip_locked=True)
)
_EXTEND = (
    update(letter)
    .where(letter.c.id.in_(_IN_HANDS_OF))
    .values(lease_until=bindparam("b_lease_until"))
)


def extend_leases(tx: Transaction, worker: str, lease_until: datetime) -> None:
    """Keep the leases of a worker that is alive."""
    tx.execute(_EXTEND, {"b_worker": worker, "b_lease_until": lease_until})


_DOUBT_ABANDONED = (
    update(letter)
    .where(letter.c.state == "handing_over", letter.c.lease_until < bindparam("b_now"))
    .values(
        state="unknown",
        last_error="the relay's answer was lost; the letter may have arrived",
    )
)


def doubt_abandoned(tx: Transaction, now: datetime) -> int:
    """Mark as `unknown` what a dead worker was handing over; return how many."""
    return tx.execute(_DOUBT_ABANDONED, {"b_now": now}).rowcount


def _held_by(claimed: ClaimedLetter, *states: str) -> ReturningUpdate[tuple[int]]:
    return (
        update(letter)
        .where(
            letter.c.id == claimed.id,
            letter.c.fence == claimed.fence,
            letter.c.state.in_(states),
        )
        .returning(letter.c.id)
    )


_IS_HELD = and_(letter.c.id == bindparam("b_id"), letter.c.fence == bindparam("b_fence"))


# Every letter passes these two: built once.
_BEGIN_HANDING_OVER = (
    update(letter)
    .where(_IS_HELD, letter.c.state == "sending")
    .values(state="handing_over", lease_until=bindparam("b_lease_until"))
)


_MARK_SENT = (
    update(letter)
    .where(_IS_HELD, or_(letter.c.state == "handing_over", letter.c.state == "unknown"))
    .values(
        state="sent",
        sent_at=bindparam("b_at"),
        attempts=letter.c.attempts + 1,
        last_error=None,
        lease_until=None,
        sent_copy=bindparam("b_copy"),
    )
)


def begin_handing_over(
    tx: Transaction, claimed: Sequence[ClaimedLetter], lease_until: datetime
) -> set[int]:
    """Say that DATA comes next; return the ids of those whose lease was not lost to another."""
    rows = [{"b_id": one.id, "b_fence": one.fence, "b_lease_until": lease_until} for one in claimed]
    return _changed(tx, _BEGIN_HANDING_OVER, rows, "handing_over")


def mark_sent(
    tx: Transaction, sent: Sequence[tuple[ClaimedLetter, datetime]], *, keep_copy: bool
) -> set[int]:
    """Write down when the relay took which letter; return the ids as `begin_handing_over` does."""
    copy = "pending" if keep_copy else "none"
    rows = [{"b_id": one.id, "b_fence": one.fence, "b_at": at, "b_copy": copy} for one, at in sent]
    return _changed(tx, _MARK_SENT, rows, "sent")


def _changed(
    tx: Transaction, statement: Update, rows: Sequence[Mapping[str, Any]], state: str
) -> set[int]:
    """Change rows that are still held, all by one statement; return the ids of those that were.

    Under one fencing token a letter comes into the state only once, and by this statement.
    """
    rows = sorted(rows, key=lambda row: int(row["b_id"]))  # As others lock them.
    ids = {int(row["b_id"]) for row in rows}
    if not rows or tx.execute(statement, rows).rowcount == len(rows):
        return ids
    # Seldom: another worker has some of them. Which, the statement for many does not say.
    fences = {(row["b_id"], row["b_fence"]) for row in rows}
    query = select(letter.c.id, letter.c.fence).where(letter.c.id.in_(ids), letter.c.state == state)
    return {row.id for row in tx.execute(query) if (row.id, row.fence) in fences}


def mark_not_sent(
    tx: Transaction, claimed: ClaimedLetter, state: str, error: str, due_at: datetime | None = None
) -> bool:
    """Write down why a letter did not leave: `deferred` (until due), `failed`, `unknown`."""
    values: dict[str, object] = {"state": state, "last_error": error, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    query = _held_by(claimed, "sending", "handing_over").values(
        attempts=letter.c.attempts + 1, **values
    )
    return tx.execute(query).first() is not None


def release_claim(tx: Transaction, claimed: ClaimedLetter) -> None:
    """Give a letter back untried: the relay is to blame and not the letter.

    One that is being handed over stays: it may have arrived.
    """
    tx.execute(_held_by(claimed, "sending").values(state="queued", lease_until=None))


def cancel_claimed(tx: Transaction, claimed: ClaimedLetter, reason: str) -> None:
    """Take a letter out of the outbox at the moment it would leave: it is not true any more."""
    tx.execute(
        _held_by(claimed, "sending").values(state="cancelled", last_error=reason, lease_until=None)
    )


def postpone_claimed(tx: Transaction, claimed: ClaimedLetter, due_at: datetime) -> None:
    """Put a letter back until a later time, untried."""
    tx.execute(_held_by(claimed, "sending").values(state="queued", due_at=due_at, lease_until=None))


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A letter whose copy is still to be filed in the Sent folder."""

    letter_id: int
    message_id: str
    source: bytes
    sent_at: datetime
    #: True where an earlier try was cut off: the copy may lie there already.
    doubtful: bool


_COPY_IS_WANTED = letter.c.sent_copy.in_(("pending", "saving"))
_OLDEST_COPY = select(func.min(letter.c.sent_at)).where(_COPY_IS_WANTED)


def oldest_copy_at(tx: Transaction) -> datetime | None:
    """Return when the first of the letters left that are not in the Sent folder yet."""
    return tx.execute(_OLDEST_COPY).scalar()


def copies_to_file(tx: Transaction, limit: int) -> list[SentCopy]:
    """Return letters that left and are not in the Sent folder yet, in the order of their ids."""
    query = (
        select(
            letter.c.id,
            letter.c.message_id,
            letter_source.c.source,
            letter.c.sent_at,
            letter.c.sent_copy,
        )
        .join(letter_source, letter_source.c.letter_id == letter.c.id)
        .where(_COPY_IS_WANTED)
        .order_by(letter.c.id)
        .limit(limit)
    )
    return [
        SentCopy(row.id, row.message_id, row.source, row.sent_at, row.sent_copy == "saving")
        for row in tx.execute(query)
    ]


_BEING_SENT = select(letter.c.id).where(_IN_HAND).limit(1)


def being_sent(tx: Transaction, now: datetime) -> bool:
    """Say whether a worker has letters in hand."""
    return tx.execute(_BEING_SENT, {"b_now": now}).first() is not None


def mark_copies(tx: Transaction, letter_ids: Sequence[int], sent_copy: str) -> None:
    """Write down how far the copies got: `saving`, `saved` or `none`."""
    tx.execute(update(letter).where(letter.c.id.in_(letter_ids)).values(sent_copy=sent_copy))


def unknown_letters(tx: Transaction) -> list[tuple[int, str]]:
    """Return id and Message-ID of the letters that may or may not have arrived."""
    query = select(letter.c.id, letter.c.message_id).where(letter.c.state == "unknown")
    return [(row.id, row.message_id) for row in tx.execute(query.order_by(letter.c.id))]


def found_in_sent(tx: Transaction, letter_id: int, at: datetime) -> bool:
    """Resolve the doubt about a letter that lies in the relay's Sent folder."""
    changed = tx.execute(
        update(letter)
        .where(letter.c.id == letter_id, letter.c.state == "unknown")
        .values(state="sent", sent_at=at, last_error=None)
    )
    return changed.rowcount == 1


_ANYTHING_DUE = (
    select(letter.c.id)
    .where(
        or_(
            and_(letter.c.state.in_(("queued", "deferred")), letter.c.due_at <= bindparam("b_now")),
            and_(
                letter.c.state.in_(("sending", "handing_over")),
                letter.c.lease_until < bindparam("b_now"),
            ),
        )
    )
    .limit(1)
)


def anything_due(tx: Transaction, now: datetime) -> bool:
    """Say whether a letter is due or was abandoned by its worker."""
    return tx.execute(_ANYTHING_DUE, {"b_now": now}).first() is not None
