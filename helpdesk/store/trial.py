"""Doing something for real and taking it back: what would be written is read, then undone.

So that what is shown before a decision is what the decision itself writes, and not what
another piece of code believes it would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.store.database import Database, Transaction


class _TakeBack(Exception):
    """Ends the transaction without a commit."""


class TrialDatabase(Database):
    """A database inside one transaction that is never committed."""

    def __init__(self, real: Database, tx: Transaction) -> None:
        """Use `trial`."""
        self.url, self.is_sqlite, self.engine = real.url, real.is_sqlite, real.engine
        self.keyring = real.keyring
        self._turns = None  # It is the real one's.
        self._tx = tx

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Give the one transaction; what fails in it is undone up to here."""
        with self._tx.begin_nested():
            yield self._tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give the one transaction, with what was written in it."""
        yield self._tx

    def close(self) -> None:
        """Leave the real database open."""


@contextmanager
def trial(database: Database) -> Iterator[TrialDatabase]:
    """Give a database whose changes are gone at the end, whatever happens."""
    try:
        with database.begin() as tx:
            yield TrialDatabase(database, tx)
            raise _TakeBack
    except _TakeBack:
        pass
