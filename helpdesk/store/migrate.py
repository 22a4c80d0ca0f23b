"""Brings the schema to the state this code expects."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from helpdesk.store.database import Database, DatabaseError, Transaction
from helpdesk.store.vault import vault_of

#: The newest step in migrations/versions.
HEAD = "0019"

_MIGRATIONS = Path(__file__).parent / "migrations"

# Any number that is the same in every process: PostgreSQL's lock for "I am migrating".
_ADVISORY_LOCK = 4_201_978


def migrate(database: Database) -> None:
    """Create or upgrade the tables, in one transaction.

    Two processes that start at once do it one after the other. Raises DatabaseError
    where the database was written by a newer helpdesk.
    """
    with database.read() as tx:
        current = _current(tx)
    if current == HEAD:
        return
    with database.begin() as tx:
        if not database.is_sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        current = _current(tx)
        if current != HEAD:
            _upgrade(tx, current)
            vault_of(tx)  # The keys are drawn here, where they are committed for sure.


def _current(tx: Transaction) -> str | None:
    if not inspect(tx).has_table("alembic_version"):
        return None
    return tx.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(tx: Transaction, current: str | None) -> None:
    # Loaded here because it takes longer than the rest of a short command together.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseError(
            f"the database was written by a newer helpdesk (step {current});"
            " install that version or restore a backup"
        )
    config.attributes["connection"] = tx
    command.upgrade(config, "head")
