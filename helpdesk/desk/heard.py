"""Until when everything that came in was read and decided: silence counts no further.

Where the mailbox cannot be read, an objection may lie there; no wait for one ends then.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.context import Desk
from helpdesk.store import facts
from helpdesk.store.database import Transaction

_FACT = "mailbox_read"


def note_read(desk: Desk, at: datetime) -> None:
    """Keep that what lay in the mailbox at a moment has been decided."""
    with desk.database.begin() as tx:
        facts.write_fact(tx, _FACT, at.isoformat())


def heard_until(tx: Transaction, moment: datetime) -> bool:
    """Say whether all that came before a moment was decided.

    Where no mailbox was ever read there is none to be silent.
    """
    at = facts.read_fact(tx, _FACT)
    return at is None or datetime.fromisoformat(at) >= moment
