"""Inserting a row whose key may be there already: one statement on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Transaction


class InsertOnce:
    """An INSERT that does nothing where the `key` columns exist; built once for each database."""

    def __init__(self, table: Table, *key: str, returning: Column[Any] | None = None) -> None:
        """Prepare the statements; the table's id is returned, or the column `returning`."""
        self._statements = {
            dialect_name: dialect.insert(table)
            .on_conflict_do_nothing(index_elements=[table.c[name] for name in key])
            .returning(table.c.id if returning is None else returning)
            for dialect_name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
        }

    def run(self, tx: Transaction, values: dict[str, Any]) -> int | None:
        """Insert and return the new id, or None where the key was there."""
        return tx.execute(self._statements[tx.dialect.name], values).scalar()
