"""A fresh database for each test, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpdesk.store.database import Database


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    """Return a database that has its tables."""
    made = Database(tables_url)
    yield made
    made.close()
