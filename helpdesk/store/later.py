"""Writes that nothing reads before the transaction ends, gathered by statement.

A statement for each row costs ten times what the row does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable

from helpdesk.store.database import Transaction


class Later:
    """The writes of one transaction that may wait for its end."""

    def __init__(self, tx: Transaction) -> None:
        """Start with none."""
        self._tx = tx
        self._rows: dict[Executable, list[dict[str, Any]]] = {}

    def add(self, statement: Executable, values: dict[str, Any]) -> None:
        """Let a statement run with these values by the next `write`."""
        self._rows.setdefault(statement, []).append(values)

    def write(self) -> None:
        """Run what has been gathered, each statement once, in the order they first came."""
        rows, self._rows = self._rows, {}
        for statement, values in rows.items():
            self._tx.execute(statement, values)
