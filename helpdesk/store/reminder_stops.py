"""Named queries about facilities that staff let go without further letters of a campaign year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import reminder_stop


@dataclass(frozen=True, slots=True)
class Stop:
    """One facility, one campaign year, and who stopped its letters for what reason."""

    campaign: str
    year: int
    certification_number: str
    stopped_by: str
    stopped_at: datetime
    reason: str


_KEY = ("campaign", "year", "certification_number")
_INSERT = InsertOnce(reminder_stop, *_KEY, returning=reminder_stop.c.year)
_EVERY = select(*reminder_stop.c).order_by(*(reminder_stop.c[name] for name in _KEY))


def insert_stop(tx: Transaction, new: Stop) -> bool:
    """Write a stop down; False where there is one."""
    values = {
        "campaign": new.campaign,
        "year": new.year,
        "certification_number": new.certification_number,
        "stopped_by": new.stopped_by,
        "stopped_at": new.stopped_at,
        "reason": new.reason,
    }
    return _INSERT.run(tx, values) is not None


def delete_stop(tx: Transaction, campaign: str, year: int, number: str) -> bool:
    """Take a stop back; False where there is none."""
    gone = delete(reminder_stop).where(
        reminder_stop.c.campaign == campaign,
        reminder_stop.c.year == year,
        reminder_stop.c.certification_number == number,
    )
    return tx.execute(gone).rowcount == 1


def stopped(tx: Transaction, campaign: str, year: int, numbers: Sequence[str]) -> set[str]:
    """Return those of these facilities that get no further letter of a campaign year."""
    query = select(reminder_stop.c.certification_number).where(
        reminder_stop.c.campaign == campaign,
        reminder_stop.c.year == year,
        reminder_stop.c.certification_number.in_(numbers),
    )
    return set(tx.execute(query).scalars())


def list_stops(tx: Transaction) -> list[Stop]:
    """Return every stop."""
    return [Stop(*row) for row in tx.execute(_EVERY)]
