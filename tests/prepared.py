"""Databases that have their tables already: all steps from the first take half a second.

The steps themselves are tried in tests/store/test_database.py, and by every daemon and
command that opens a database of its own.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

#: The key under which `fill_sealed` seals.
KEY = b"k" * 32


def fill(url: str) -> None:
    """Put the tables into a database."""
    _fill(Database(url))


def fill_sealed(url: str) -> None:
    """Put the tables into a database whose own keys are sealed by KEY."""
    _fill(Database(url, KEY))


def _fill(database: Database) -> None:
    migrate(database)
    database.close()


def prepare(url: str, filled: Callable[[str], None] = fill) -> None:
    """Put the tables into an empty SQLite file that does not exist yet; else do nothing."""
    if not url.startswith("sqlite:"):
        return
    file = Path(urlsplit(url).path[1:])
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_with_tables(filled))


def whole(file: Path) -> bytes:
    """Return an SQLite database with what is still in its log."""
    with closing(sqlite3.connect(file)) as database:
        return database.serialize()


@cache
def _with_tables(filled: Callable[[str], None]) -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="hd-prepared-"))
    try:
        filled(f"sqlite:///{folder}/helpdesk.db")
        return whole(folder / "helpdesk.db")
    finally:
        shutil.rmtree(folder)
