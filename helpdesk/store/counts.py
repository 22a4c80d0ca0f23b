"""Named queries that count, for the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, letter, mail, registry_import

#: States in which a letter is on its way without anybody's doing.
LEAVING = ("queued", "deferred", "sending", "handing_over")


@dataclass(frozen=True, slots=True)
class Counts:
    """The state of things in numbers."""

    #: By disposition; mail that is not decided yet counts as `undecided`.
    mails: dict[str, int]
    letters: dict[str, int]  # by state
    actions: dict[str, int]  # by state
    #: When the oldest action that waits for a person was queued; None: none waits.
    oldest_waiting: datetime | None
    #: When the oldest letter that has not left and is to was written; None: all have left.
    oldest_letter: datetime | None
    #: When the registry was imported last; None: never.
    imported_at: datetime | None


def counts(tx: Transaction) -> Counts:
    """Count everything once."""
    mails = tx.execute(select(mail.c.disposition, func.count()).group_by(mail.c.disposition))
    letters = tx.execute(select(letter.c.state, func.count()).group_by(letter.c.state))
    actions = tx.execute(select(action.c.state, func.count()).group_by(action.c.state))
    waiting = select(func.min(action.c.created_at)).where(action.c.state == "waiting")
    leaving = select(func.min(letter.c.created_at)).where(letter.c.state.in_(LEAVING))
    return Counts(
        mails={disposition or "undecided": number for disposition, number in mails},
        letters={row[0]: row[1] for row in letters},
        actions={row[0]: row[1] for row in actions},
        oldest_waiting=tx.execute(waiting).scalar(),
        oldest_letter=tx.execute(leaving).scalar(),
        imported_at=tx.execute(select(func.max(registry_import.c.at))).scalar(),
    )
