"""Named queries about wrong answers: read once a transaction, added to one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, delete, func, insert, select

from helpdesk.domain.misses import DAY, HOUR, MONTH, YEAR, Counts, Key, Tally
from helpdesk.store.database import TALLY, Transaction
from helpdesk.store.later import Later
from helpdesk.store.schema import miss

_INSERT = insert(miss)


def tally(tx: Transaction, now: datetime) -> Tally:
    """Return what was counted within a year, read once a transaction."""
    known: Tally | None = tx.info.get(TALLY)
    if known is None:
        known = tx.info[TALLY] = _read(tx, now)
    return known


# Any number that is the same in every process: PostgreSQL's lock for "I am counting".
_COUNTING = 4_201_979


def _read(tx: Transaction, now: datetime) -> Tally:
    # Two who decide at once would each see the count before the other's; SQLite lets one
    # at a time write anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_COUNTING)))

    spans = {"b_hour": HOUR, "b_day": DAY, "b_month": MONTH, "b_year": YEAR}
    values = {name: now - span for name, span in spans.items()}
    found = Tally()
    for scope, key, day, month, year, hour in tx.execute(_COUNTS, values):
        found.by_key[scope, key] = Counts(int(day), int(month), int(year))
        if scope == "sender":
            found.within_hour += int(hour)
    return found


def _since(name: str) -> ColumnElement[int]:
    return func.sum(case((miss.c.at > bindparam(name), 1), else_=0))


_COUNTS = (
    select(
        miss.c.scope,
        miss.c.key,
        _since("b_day"),
        _since("b_month"),
        func.count(),
        _since("b_hour"),
    )
    .where(miss.c.at > bindparam("b_year"))
    .group_by(miss.c.scope, miss.c.key)
)


def add(later: Later, keys: Sequence[Key], at: datetime) -> None:
    """Count one wrong answer against each key; written with the others of the transaction."""
    for scope, key in keys:
        later.add(_INSERT, {"at": at, "scope": scope, "key": key})


def forget_before(tx: Transaction, before: datetime) -> int:
    """Erase what is older; return how many rows."""
    return tx.execute(delete(miss).where(miss.c.at < before)).rowcount
