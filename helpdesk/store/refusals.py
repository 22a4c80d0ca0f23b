"""Named queries about letters that the relay refused because there is no such mailbox."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.letters import LetterOfMatter, by_ids
from helpdesk.store.schema import letter, reminder

# Replies to RCPT that speak of the mailbox and not of us (RFC 5321 4.2.3).
_NO_SUCH_MAILBOX = ("550", "551", "553")

#: Stands before the relay's answer once somebody telephones: it is noted once.
_NOTED = "on the list to telephone: "


@dataclass(frozen=True, slots=True)
class Refusal:
    """A letter about a deadline, and the relay's answer."""

    letter: LetterOfMatter
    answer: str


_NOT_NOTED = (
    select(letter.c.id, letter.c.last_error)
    .select_from(letter.outerjoin(reminder, reminder.c.letter_id == letter.c.id))
    .where(
        letter.c.state == "failed",
        letter.c.matter.in_(("reminder", "correction", "link_request")),
        or_(*(letter.c.last_error.startswith(code) for code in _NO_SUCH_MAILBOX)),
        reminder.c.skipped.is_(None),
    )
    .order_by(letter.c.id)
)


def no_such_mailbox(tx: Transaction) -> list[Refusal]:
    """Return what was refused for good and is not noted yet."""
    found = {row[0]: row[1] for row in tx.execute(_NOT_NOTED)}
    known = by_ids(tx, list(found)) if found else {}
    return [Refusal(known[letter_id], answer) for letter_id, answer in found.items()]


def mark_noted(tx: Transaction, one: Refusal) -> bool:
    """Write down that somebody telephones; False where another process did."""
    changed = tx.execute(
        update(letter)
        .where(letter.c.id == one.letter.id, letter.c.last_error == one.answer)
        .values(last_error=_NOTED + one.answer)
    )
    return changed.rowcount == 1
