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

_SET = (
    update(case_counter)
    .where(case_counter.c.year == bindparam("b_year"))
    .values(last=bindparam("b_last"))
)


def read_fact(tx: Transaction, name: str) -> Any:
    """Return the value stored under `name` (JSON), or None."""
    return tx.execute(_READ, {"b_name": name}).scalar()


def write_fact(tx: Transaction, name: str, value: Any) -> None:
    """Store `value` (JSON) under `name`, whatever stood there."""
    changed = tx.execute(update(state).where(state.c.name == name).values(value=value))
    if changed.rowcount == 0:
        tx.execute(insert(state).values(name=name, value=value))


class CaseNumbers:
    """The numbers of the cases that one transaction opens.

    The counter's row is locked by the first one, so that the others are counted here.
    """

    def __init__(self, tx: Transaction) -> None:
        """Draw nothing yet."""
        self._tx = tx
        self._year = 0
        self._last = self._written = 0

    def draw(self, year: int) -> str:
        """Return a case number that was never given out, as `next_case_number` does."""
        if year != self._year:
            self.write()
            drawn = next_case_number(self._tx, year)
            self._year, self._last = year, int(drawn.rpartition("-")[2])
            self._written = self._last
            return drawn
        self._last += 1
        return case_number(year, self._last)

    def write(self) -> None:
        """Write down how far was counted."""
        if self._last > self._written:
            self._tx.execute(_SET, {"b_year": self._year, "b_last": self._last})
            self._written = self._last


def case_number(year: int, number: int) -> str:
    """Return a case number as it is written."""
    return f"{year}-{number:06d}"


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
    return case_number(year, drawn)
