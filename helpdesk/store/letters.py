"""Named queries about letters: writing them, finding them, their purposes.

How one gets out of the house is in `helpdesk.store.delivery`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, or_, select, update

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
# Letters of one case that an answer may repeat.
_SOURCES = 6

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
    return set(tx.execute(_RECIPIENTS, {"b_addresses": list(addresses)}).scalars())


_RECIPIENTS = (
    select(letter.c.recipient)
    .distinct()
    .where(letter.c.recipient.in_(bindparam("b_addresses", expanding=True)))
)


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


def was_written(tx: Transaction, case_id: int, name: str, recipient: str) -> bool:
    """Say whether a case has a letter of this name to a recipient (in small letters)."""
    query = select(letter.c.id).where(
        letter.c.case_id == case_id,
        letter.c.letter == name,
        func.lower(letter.c.recipient) == recipient,
    )
    return tx.execute(query.limit(1)).first() is not None


def sources_of_case(tx: Transaction, case_id: int, names: Sequence[str]) -> list[bytes]:
    """Return a case's newest letters of these names as they left."""
    query = (
        select(letter_source.c.source)
        .join(letter, letter.c.id == letter_source.c.letter_id)
        .where(letter.c.case_id == case_id, letter.c.letter.in_(names))
        .order_by(letter.c.id.desc())
        .limit(_SOURCES)
    )
    return list(tx.execute(query).scalars())


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


def sent_to(tx: Transaction, recipient: str, message_ids: Sequence[str]) -> set[str]:
    """Return those of the Message-IDs whose letters went to an address (in small letters)."""
    if not message_ids:
        return set()
    query = select(letter.c.message_id).where(
        letter.c.message_id.in_(message_ids), func.lower(letter.c.recipient) == recipient
    )
    return set(tx.execute(query).scalars())


def waiting_of_case(tx: Transaction, case_id: int) -> list[int]:
    """Return the ids of a case's letters that have not begun to leave."""
    query = select(letter.c.id).where(
        letter.c.case_id == case_id, letter.c.state.in_(("queued", "deferred", "held"))
    )
    return list(tx.execute(query).scalars())


def note_bounced(tx: Transaction, message_id: str, case_id: int, reason: str) -> bool:
    """Write beside a sent letter of a case that it came back; False where it is none."""
    changed = tx.execute(
        update(letter)
        .where(letter.c.message_id == message_id, letter.c.case_id == case_id)
        .values(last_error=reason)
    )
    return changed.rowcount > 0
