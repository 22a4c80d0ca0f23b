"""Databases that have their tables already: all steps from the first take half a second.

The steps themselves are tried in tests/store/test_database.py, and by every daemon and
command that opens a database of its own.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate


def prepare(url: str) -> None:
    """Put the tables into an empty SQLite file that does not exist yet; else do nothing."""
    if not url.startswith("sqlite:"):
        return
    file = Path(urlsplit(url).path[1:])
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_with_tables())


def whole(file: Path) -> bytes:
    """Return an SQLite database with what is still in its log."""
    with closing(sqlite3.connect(file)) as database:
        return database.serialize()


def fill(url: str) -> None:
    """Put the tables into a database."""
    database = Database(url)
    migrate(database)
    database.close()


@cache
def _with_tables() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="hd-prepared-"))
    try:
        fill(f"sqlite:///{folder}/helpdesk.db")
        return whole(folder / "helpdesk.db")
    finally:
        shutil.rmtree(folder)
