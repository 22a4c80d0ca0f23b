"""Bureaus for tests of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bureau import Bureau


@pytest.fixture
def make_bureau(tmp_path: Path) -> Iterator[Callable[..., Bureau]]:
    """Return a maker of bureaus on SQLite, or at a URL."""
    made: list[Bureau] = []

    def make(url: str = f"sqlite:///{tmp_path}/bureau.db", **options: Any) -> Bureau:
        made.append(Bureau(url, tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.database.close()


@pytest.fixture
def bureau(make_bureau: Callable[..., Bureau]) -> Bureau:
    """Return a bureau on SQLite."""
    return make_bureau()
