"""Small durable facts by name, and the counter of case numbers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.store.database import Transaction
from helpdesk.store.schema import case_counter, state

_READ = select(state.c.value).where(state.c.name == bindparam("b_name"))
_STEP = (
    update(case_counter)
    .where(case_counter.c.year == bindparam("b_year"))
    .values(last=case_counter.c.last + 1)
    .returning(case_counter.c.last)
)


def read_fact(tx: Transaction, name: str) -> Any:
    """Return the value stored under `name` (JSON), or None."""
    return tx.execute(_READ, {"b_name": name}).scalar()


def write_fact(tx: Transaction, name: str, value: Any) -> None:
    """Store `value` (JSON) under `name`, whatever stood there."""
    changed = tx.execute(update(state).where(state.c.name == name).values(value=value))
    if changed.rowcount == 0:
        tx.execute(insert(state).values(name=name, value=value))


def next_case_number(tx: Transaction, year: int) -> str:
    """Return a case number that was never given out: `2026-000123`.

    `year` is the year in Japan. The counter's row is locked until the transaction
    ends, so two processes never draw the same number.
    """
    drawn = tx.execute(_STEP, {"b_year": year}).scalar()
    if drawn is None:  # The first case of a year; another process may open it at once.
        with suppress(IntegrityError), tx.begin_nested():
            tx.execute(insert(case_counter).values(year=year, last=0))
        drawn = tx.execute(_STEP, {"b_year": year}).scalar_one()
    return f"{year}-{drawn:06d}"
