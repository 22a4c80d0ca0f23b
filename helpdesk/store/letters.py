"""Named queries about the outbox: letters, their states, leases and fencing tokens.

A letter goes queued → sending → handing_over → sent. A claim writes `sending`, a
lease and a new fencing token; `handing_over` is committed just before DATA. What was
only claimed when its worker died is claimed again; what died while being handed over
may have arrived, so it becomes `unknown` and is never sent blindly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import case, letter, letter_source

#: Receipts and questions for what is missing: somebody is waiting at the other end.
PRIORITY_RECEIPT = 0
PRIORITY_NORMAL = 10
#: Many at once, and nobody waits for the single one.
PRIORITY_BULK = 20


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter that is to leave."""

    purpose_key: str
    case_id: int | None
    letter: str
    recipient: str
    message_id: str
    source: bytes
    automatic: bool
    priority: int
    #: `queued`, or `held` where nothing may leave (shadow mode).
    state: str
    #: What is looked at again when it leaves; see the schema.
    matter: str | None = None


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


@dataclass(frozen=True, slots=True)
class ListedLetter:
    """One line of the outbox."""

    id: int
    case_number: str | None
    letter: str
    recipient: str
    state: str
    attempts: int
    message_id: str
    last_error: str | None
    sent_at: datetime | None


_INSERT_ONCE = InsertOnce(letter, "purpose_key")
_INSERT = insert(letter)
_INSERT_SOURCE = insert(letter_source)

_OF_MATTER = (
    letter.c.id,
    letter.c.case_id,
    letter.c.letter,
    letter.c.recipient,
    letter.c.matter,
    letter.c.state,
)

_LISTED = select(
    letter.c.id,
    case.c.number,
    letter.c.letter,
    letter.c.recipient,
    letter.c.state,
    letter.c.attempts,
    letter.c.message_id,
    letter.c.last_error,
    letter.c.sent_at,
).select_from(letter.outerjoin(case, case.c.id == letter.c.case_id))

_AUTOMATIC_TO = (
    select(func.count())
    .select_from(letter)
    .where(
        letter.c.recipient == bindparam("b_recipient"),
        letter.c.automatic.is_(True),
        letter.c.created_at > bindparam("b_since"),
    )
)

_AUTOMATIC_SINCE = (
    select(func.count())
    .select_from(letter)
    .where(
        letter.c.automatic.is_(True),
        or_(
            letter.c.sent_at > bindparam("b_since"),
            letter.c.state.in_(("queued", "sending", "handing_over", "deferred")),
        ),
    )
)


def insert_letter(
    tx: Transaction, new: NewLetter, at: datetime, later: Later | None = None
) -> int | None:
    """Put a letter into the outbox and return its id; None where its purpose has one already.

    `later`: where it may wait to be written; its purpose must be a new one then.
    """
    values = {
        "purpose_key": new.purpose_key,
        "case_id": new.case_id,
        "letter": new.letter,
        "recipient": new.recipient,
        "message_id": new.message_id,
        "automatic": new.automatic,
        "state": new.state,
        "priority": new.priority,
        "created_at": at,
        "due_at": at,
        "sent_copy": "none",
        "matter": new.matter,
    }
    if later is not None:
        letter_id: int | None = later.draw_id(letter)
        later.add(_INSERT, {"id": letter_id, **values})
        later.add(_INSERT_SOURCE, {"letter_id": letter_id, "source": new.source})
        return letter_id
    letter_id = _INSERT_ONCE.run(tx, values)
    if letter_id is not None:
        tx.execute(_INSERT_SOURCE, {"letter_id": letter_id, "source": new.source})
    return letter_id


def purpose_exists(tx: Transaction, purpose_key: str) -> bool:
    """Say whether this purpose has its letter already."""
    query = select(letter.c.id).where(letter.c.purpose_key == purpose_key)
    return tx.execute(query).first() is not None


def count_purposes(tx: Transaction, prefix: str) -> int:
    """Count the letters whose purpose key starts with `prefix` and ends in a number."""
    query = (
        select(func.count())
        .select_from(letter)
        .where(letter.c.purpose_key.in_([f"{prefix}{number}" for number in range(1, 10)]))
    )
    return int(tx.execute(query).scalar_one())


def automatic_letters_to(tx: Transaction, recipient: str, since: datetime) -> int:
    """Count the automatic letters written to an address since a time."""
    found = tx.execute(_AUTOMATIC_TO, {"b_recipient": recipient, "b_since": since})
    return int(found.scalar_one())


def automatic_letters_since(tx: Transaction, since: datetime) -> int:
    """Count the automatic letters that left since a time, or are to leave."""
    found = tx.execute(_AUTOMATIC_SINCE, {"b_since": since})
    return int(found.scalar_one())


def recipients_among(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that a letter was ever written to."""
    wanted = letter.c.recipient.in_(list(addresses))
    return set(tx.execute(select(letter.c.recipient).distinct().where(wanted)).scalars())


def written_since(tx: Transaction, name: str, recipient: str, since: datetime) -> bool:
    """Say whether a letter of this name was written to an address since a time."""
    query = select(letter.c.id).where(
        func.lower(letter.c.recipient) == recipient.lower(),
        letter.c.letter == name,
        letter.c.created_at > since,
    )
    return tx.execute(query.limit(1)).first() is not None


def case_has(tx: Transaction, case_id: int, name: str) -> bool:
    """Say whether a case has a letter of this name."""
    query = select(letter.c.id).where(letter.c.case_id == case_id, letter.c.letter == name)
    return tx.execute(query.limit(1)).first() is not None


def sent_since(tx: Transaction, since: datetime, now: datetime) -> int:
    """Count what left since a time, and what another worker is sending (caps of the relay)."""
    in_hand = and_(letter.c.state.in_(("sending", "handing_over")), letter.c.lease_until >= now)
    query = select(func.count()).select_from(letter).where(or_(letter.c.sent_at > since, in_hand))
    return int(tx.execute(query).scalar_one())


def claim(
    tx: Transaction, worker: str, now: datetime, lease_until: datetime, limit: int
) -> list[ClaimedLetter]:
    """Take up to `limit` letters that are due, receipts first."""
    due = or_(
        and_(letter.c.state.in_(("queued", "deferred")), letter.c.due_at <= now),
        and_(letter.c.state == "sending", letter.c.lease_until < now),
    )
    query = (
        select(
            letter.c.id,
            letter.c.fence,
            letter.c.recipient,
            letter_source.c.source,
            letter.c.attempts,
            letter.c.matter,
        )
        .join(letter_source, letter_source.c.letter_id == letter.c.id)
        .where(due)
        .order_by(letter.c.priority, letter.c.due_at, letter.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=letter)
    )
    rows = tx.execute(query).all()
    if rows:
        tx.execute(
            update(letter)
            .where(letter.c.id.in_([row.id for row in rows]))
            .values(
                state="sending", worker=worker, lease_until=lease_until, fence=letter.c.fence + 1
            )
        )
    return [
        ClaimedLetter(row.id, row.fence + 1, row.recipient, row.source, row.attempts, row.matter)
        for row in rows
    ]


def extend_leases(tx: Transaction, worker: str, lease_until: datetime) -> None:
    """Keep the leases of a worker that is alive."""
    tx.execute(
        update(letter)
        .where(letter.c.worker == worker, letter.c.state.in_(("sending", "handing_over")))
        .values(lease_until=lease_until)
    )


def doubt_abandoned(tx: Transaction, now: datetime) -> int:
    """Mark as `unknown` what a dead worker was handing over; return how many."""
    return tx.execute(
        update(letter)
        .where(letter.c.state == "handing_over", letter.c.lease_until < now)
        .values(
            state="unknown",
            last_error="the relay's answer was lost; the letter may have arrived",
        )
    ).rowcount


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


def begin_handing_over(tx: Transaction, claimed: ClaimedLetter, lease_until: datetime) -> bool:
    """Say that DATA comes next; False where the lease was lost to another worker."""
    values = {"b_id": claimed.id, "b_fence": claimed.fence, "b_lease_until": lease_until}
    return tx.execute(_BEGIN_HANDING_OVER, values).rowcount == 1


def mark_sent(tx: Transaction, claimed: ClaimedLetter, at: datetime, *, keep_copy: bool) -> bool:
    """Write down that the relay took the letter; False where the lease was lost."""
    copy = "pending" if keep_copy else "none"
    values = {"b_id": claimed.id, "b_fence": claimed.fence, "b_at": at, "b_copy": copy}
    return tx.execute(_MARK_SENT, values).rowcount == 1


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


def cancel_waiting(tx: Transaction, letter_ids: Sequence[int], reason: str) -> int:
    """Cancel those of these letters that have not begun to leave; return how many."""
    waiting = ("queued", "deferred", "held")
    return tx.execute(
        update(letter)
        .where(letter.c.id.in_(letter_ids), letter.c.state.in_(waiting))
        .values(state="cancelled", last_error=reason)
    ).rowcount


def outbox(tx: Transaction) -> list[ListedLetter]:
    """Return every letter, oldest first."""
    query = _LISTED.order_by(letter.c.id)
    return [ListedLetter(*row) for row in tx.execute(query)]


def stuck(tx: Transaction) -> list[ListedLetter]:
    """Return the letters that need a person: failed, or in doubt."""
    query = _LISTED.where(letter.c.state.in_(("failed", "unknown"))).order_by(letter.c.id)
    return [ListedLetter(*row) for row in tx.execute(query)]


def retry(tx: Transaction, letter_id: int, now: datetime) -> str | None:
    """Queue a letter again and return the state it was in; None where it is not stuck."""
    stuck = ("failed", "unknown", "held", "deferred")
    was = tx.execute(
        select(letter.c.state).where(letter.c.id == letter_id, letter.c.state.in_(stuck))
    ).scalar()
    if was is not None:
        tx.execute(
            update(letter)
            .where(letter.c.id == letter_id)
            .values(state="queued", due_at=now, fence=letter.c.fence + 1)
        )
    return was


def state_of(tx: Transaction, letter_id: int) -> str | None:
    """Return the state of one letter, or None where there is none."""
    return tx.execute(select(letter.c.state).where(letter.c.id == letter_id)).scalar()


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A letter whose copy is still to be filed in the Sent folder."""

    letter_id: int
    message_id: str
    source: bytes
    sent_at: datetime
    #: True where an earlier try was cut off: the copy may lie there already.
    doubtful: bool


def copies_to_file(tx: Transaction, limit: int) -> list[SentCopy]:
    """Return letters that left and are not in the Sent folder yet, oldest first."""
    query = (
        select(
            letter.c.id,
            letter.c.message_id,
            letter_source.c.source,
            letter.c.sent_at,
            letter.c.sent_copy,
        )
        .join(letter_source, letter_source.c.letter_id == letter.c.id)
        .where(letter.c.sent_copy.in_(("pending", "saving")))
        .order_by(letter.c.id)
        .limit(limit)
    )
    return [
        SentCopy(row.id, row.message_id, row.source, row.sent_at, row.sent_copy == "saving")
        for row in tx.execute(query)
    ]


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


def case_of_message_id(tx: Transaction, message_id: str) -> int | None:
    """Return the case whose letter has this Message-ID, or None."""
    return tx.execute(select(letter.c.case_id).where(letter.c.message_id == message_id)).scalar()


@dataclass(frozen=True, slots=True)
class LetterOfMatter:
    """What must be known of a letter to look at its matter again."""

    id: int
    case_id: int | None
    letter: str
    recipient: str
    matter: str | None
    state: str


def by_ids(tx: Transaction, letter_ids: Sequence[int]) -> dict[int, LetterOfMatter]:
    """Return letters by id."""
    query = select(*_OF_MATTER).where(letter.c.id.in_(letter_ids))
    return {row.id: LetterOfMatter(*row) for row in tx.execute(query)}


def by_message_id(tx: Transaction, message_id: str) -> LetterOfMatter | None:
    """Return the letter with this Message-ID, or None."""
    row = tx.execute(select(*_OF_MATTER).where(letter.c.message_id == message_id)).first()
    return LetterOfMatter(*row) if row else None


def waiting_of_case(tx: Transaction, case_id: int) -> list[int]:
    """Return the ids of a case's letters that have not begun to leave."""
    query = select(letter.c.id).where(
        letter.c.case_id == case_id, letter.c.state.in_(("queued", "deferred", "held"))
    )
    return list(tx.execute(query).scalars())


def anything_due(tx: Transaction, now: datetime) -> bool:
    """Say whether a letter is due or was abandoned by its worker."""
    query = select(letter.c.id).where(
        or_(
            and_(letter.c.state.in_(("queued", "deferred")), letter.c.due_at <= now),
            and_(letter.c.state.in_(("sending", "handing_over")), letter.c.lease_until < now),
        )
    )
    return tx.execute(query.limit(1)).first() is not None


def hold_letters_of(tx: Transaction, case_id: int, reason: str) -> int:
    """Hold what a case has in the outbox and has not left; return how many."""
    return tx.execute(
        update(letter)
        .where(letter.c.case_id == case_id, letter.c.state.in_(("queued", "deferred")))
        .values(state="held", last_error=reason)
    ).rowcount


def note_bounced(tx: Transaction, message_id: str, case_id: int, reason: str) -> bool:
    """Write beside a sent letter of a case that it came back; False where it is none."""
    changed = tx.execute(
        update(letter)
        .where(letter.c.message_id == message_id, letter.c.case_id == case_id)
        .values(last_error=reason)
    )
    return changed.rowcount > 0
