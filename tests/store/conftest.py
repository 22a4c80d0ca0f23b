"""A fresh database for each test, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    """Return a migrated database."""
    made = Database(tables_url)
    migrate(made)
    yield made
    made.close()
