"""Writes that nothing reads before the transaction ends, gathered by statement.

A statement for each row costs ten times what the row does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, func, select, text

from helpdesk.store.database import Transaction
from helpdesk.store.schema import metadata

# Rows that others point to are written before them.
_ORDER = {table.name: place for place, table in enumerate(metadata.sorted_tables)}

# Numbers of rows that are drawn at once.
_DRAWN = 50


class Later:
    """The writes of one transaction that may wait for its end."""

    def __init__(self, tx: Transaction) -> None:
        """Start with none."""
        self._tx = tx
        self._rows: dict[Insert | Update | Delete, list[dict[str, Any]]] = {}
        self._drawn: dict[str, Iterator[int]] = {}

    def add(self, statement: Insert | Update | Delete, values: dict[str, Any]) -> None:
        """Let a statement run with these values by the next `write`."""
        self._rows.setdefault(statement, []).append(values)

    def draw_id(self, table: Table) -> int:
        """Return the id that a row which is added now is to have.

        Until the next `write`, rows of this table may only come in with ids drawn here.
        """
        drawn = self._drawn.get(table.name)
        number = next(drawn, None) if drawn else None
        if number is None:
            self._drawn[table.name] = drawn = self._draw(table)
            number = next(drawn)
        return number

    def _draw(self, table: Table) -> Iterator[int]:
        if self._tx.dialect.name == "sqlite":
            # The transaction is the only writer, and SQLite counts on from the highest itself.
            highest = self._tx.execute(_highest(table)).scalar() or 0
            return iter(range(highest + 1, 2**62))
        drawn = self._tx.execute(_NEXT_VALUES, {"b_table": f'"{table.name}"', "b_count": _DRAWN})
        return iter(drawn.scalars().all())

    def write(self) -> None:
        """Run what has been gathered, each statement once: tables in the order they need
        each other, the statements of a table in the order they first came."""
        rows, self._rows, self._drawn = self._rows, {}, {}
        for statement in sorted(rows, key=lambda one: _ORDER[str(one.table)]):
            self._tx.execute(statement, rows[statement])


@lru_cache(maxsize=len(_ORDER))
def _highest(table: Table) -> Select[Any]:
    return select(func.max(table.c.id))


_NEXT_VALUES = text(
    "SELECT nextval(pg_get_serial_sequence(:b_table, 'id')) FROM generate_series(1, :b_count)"
)
