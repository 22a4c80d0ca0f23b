"""A fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return a migrated SQLite database."""
    made = Database(f"sqlite:///{tmp_path}/helpdesk.db")
    migrate(made)
    yield made
    made.close()
