"""The door to the database: connections, transactions, and errors in our own words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from helpdesk.errors import HelpdeskError
from helpdesk.store.turns import Turns
from helpdesk.store.vault import KEYRING, Keyring

#: One transaction of ours in the hands of the database; only store/ looks inside.
Transaction = Connection

# A writer waits this long for another; an import of 10,000 rows takes about two seconds.
BUSY_TIMEOUT_S = 30.0

# Whoever empties the log waits so long for others to end reading; everybody waits for him.
_READERS_S = 3.0

#: Where a transaction keeps the events that are appended when it ends; see store/audit.py.
JOURNAL = "helpdesk_journal"
#: Where it keeps the wrong answers that it has read; see store/misses.py.
TALLY = "helpdesk_misses"


#: When whoever works now stops waiting for other writers (time.monotonic); None: later.
_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
_SHORT = "helpdesk_short_patience"


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let this thread wait no longer than this for other writers, all its waits together."""
    token = _DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def _patience_s() -> float:
    """Return how long the next wait may last."""
    until = _DEADLINE.get()
    return BUSY_TIMEOUT_S if until is None else max(0.05, until - time.monotonic())


class DatabaseError(HelpdeskError):
    """The database cannot be used."""


class DatabaseBusy(DatabaseError):
    """The database did not answer in time; the same work is tried again later."""

    temporary = True


class Database:
    """One database, SQLite or PostgreSQL, with its transactions."""

    def __init__(
        self, url: str, secret: bytes | None = None, *, keyring: Keyring | None = None
    ) -> None:
        """Prepare the database at `url` (`sqlite:///path` or `postgresql://…`).

        `secret` seals the data keys (HELPDESK_SECRET_KEY); without it one is drawn and kept
        in the database itself. `keyring`: that of the database this one is a copy of.

        The file and its folder are created for the owner alone. Nothing is connected
        yet. Raises DatabaseError for a URL that names neither.
        """
        try:
            self.url = make_url(url)
        except ArgumentError as error:
            raise DatabaseError(
                "HELPDESK_DATABASE_URL is not a URL; write sqlite:///var/helpdesk.db or postgresql://…"
            ) from error
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if not self.is_sqlite and self.url.get_backend_name() != "postgresql":
            raise DatabaseError(
                "HELPDESK_DATABASE_URL names a database that is not known here;"
                " use sqlite:///… or postgresql://…"
            )
        if self.is_sqlite:
            if "uri" in self.url.query:
                raise DatabaseError("HELPDESK_DATABASE_URL takes a path, not a URI of SQLite's")
            _make_private(self.url.database)
        self.keyring = keyring or Keyring(secret)
        engine = _sqlite_engine(self.url) if self.is_sqlite else create_engine(self.url)
        self.engine = engine.execution_options(**{KEYRING: self.keyring})
        self._turns = Turns(self.url.database) if self.is_sqlite else None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Give one writing transaction: committed at the end, rolled back on any exception."""
        with self._turn(), _own_errors(), self.engine.begin() as connection:
            self._start(connection, "BEGIN IMMEDIATE")
            for name in (JOURNAL, TALLY):  # The connection may have served others before.
                connection.info.pop(name, None)
            try:
                yield connection
                if events := connection.info.pop(JOURNAL, None):
                    _append(connection, events)
            except BaseException:
                self.keyring.forget()  # It may know keys that were never committed.
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the other writers, and hold the turn. Raises DatabaseBusy."""
        if self._turns is None:
            yield
            return
        try:
            self._turns.take(_patience_s(), hurried=_DEADLINE.get() is not None)
        except TimeoutError:
            raise DatabaseBusy("the database is busy with other work; it is tried again") from None
        except OSError as error:
            raise DatabaseError(
                f"{self.url.database}-turn cannot be opened ({error.strerror}); check its owner"
            ) from error
        try:
            yield
        finally:
            self._turns.give_back()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give one transaction that only reads, on one state of the database."""
        with _own_errors(), self.engine.connect() as connection:
            self._start(connection, "BEGIN")
            yield connection

    def _start(self, connection: Connection, begin: str) -> None:
        """Begin, with the patience that is left.

        Said here and not in an event of the engine: one listener makes it look for events
        at every statement.
        """
        if self.is_sqlite:
            _set_patience(connection)
            connection.exec_driver_sql(begin)
        elif _DEADLINE.get() is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(_patience_s() * 1000)}")

    def forget_old_pages(self) -> None:
        """Empty SQLite's log, which holds pages as they were before the last changes.

        What was erased would else be read in it until others overwrite it. Raises
        DatabaseBusy where somebody went on reading an old state.
        """
        if not self.is_sqlite:
            return
        with self._turn(), _own_errors(), self.engine.connect() as connection:
            plain = connection.connection.driver_connection
            assert plain is not None  # noqa: S101 - it was just opened
            plain.rollback()
            plain.execute(f"PRAGMA busy_timeout={int(_READERS_S * 1000)}").fetchall()
            connection.info[_SHORT] = True  # The next transaction sets its own.
            (refused, *_) = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if refused:
            raise DatabaseBusy(
                "the database's log still holds what was erased, because others are reading;"
                " it is emptied within a minute, or by doing the same once more"
            )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._turns:
            self._turns.close()


def _append(connection: Connection, events: list[Any]) -> None:
    """Append what a transaction noted to the audit log, just before its commit."""
    from helpdesk.store import audit  # It needs this module.

    audit.append(connection, events)


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _translated(error) from error


def _translated(error: DBAPIError) -> DatabaseError:
    text = _first_line(error)
    if "locked" in text or "busy" in text or "lock timeout" in text:
        return DatabaseBusy("the database is busy with other work; it is tried again")
    if "full" in text or "No space" in text:
        return DatabaseBusy("there is no space left for the database; free some on its disk")
    if "not a database" in text or "malformed" in text:
        return DatabaseError(
            "the database file is damaged; stop helpdesk, remove the files -wal and -shm beside it,"
            " and restore the last backup"
        )
    if "unable to open" in text or "readonly" in text:
        return DatabaseError("the database file cannot be written; check its owner and folder")
    if isinstance(error, IntegrityError):
        return DatabaseBusy("another process wrote the same thing at once; it is tried again")
    if isinstance(error, OperationalError):
        return DatabaseBusy(f"the database cannot be reached: {text}")
    return DatabaseError(f"the database refused a statement: {text}")


def _first_line(error: DBAPIError) -> str:
    """Return the driver's own words without the statement and its parameters."""
    return str(error.orig).splitlines()[0] if error.orig else type(error).__name__


def _make_private(database: str | None) -> None:
    """Create folder (0700) and file (0600) before SQLite would with the umask's rights."""
    if not database or database == ":memory:":
        return
    path = Path(database)
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise DatabaseError(
            f"the database {path} cannot be opened for writing ({error.strerror})"
        ) from error


def _set_patience(connection: Connection) -> None:
    """Let SQLite wait as long as this thread does; a pooled connection served others before."""
    short = _DEADLINE.get() is not None
    if short or connection.info.get(_SHORT):
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(_patience_s() * 1000)}")
        connection.info[_SHORT] = short


def _sqlite_engine(url: Any) -> Engine:
    # One connection a thread at a time; the pool's default for files suits that.
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN is deferred and comes late; ours is explicit, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        (mode,) = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode not in ("wal", "memory"):
            raise DatabaseError("the database cannot write ahead there; put it on a local disk")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is erased is overwritten: of mail that is not ours nothing may stay.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    return engine
