"""Changing the keys that seal personal data."""

from __future__ import annotations

from helpdesk.domain.audit import Event
from helpdesk.store import audit
from helpdesk.store.database import Database
from helpdesk.store.sealing import seal_all, seal_contents
from helpdesk.store.tokens import seal_refresh_token


def rotate(database: Database, by: str, old_secret: bytes | None = None) -> tuple[str, int]:
    """Seal everything under a new data key and forget the old ones, all or nothing.

    `old_secret`: the HELPDESK_SECRET_KEY before, where that changed too. Returns the name
    of the new key and how many rows were sealed anew. Raises VaultError.
    """
    with database.begin() as tx:
        name = database.keyring.rotate(tx, old_secret)
        count = seal_all(tx) + seal_contents(tx) + seal_refresh_token(tx)
        database.keyring.drop_old(tx)
        audit.note(tx, Event("key_rotated", by[:80], "command", about={"key": name}))
    return name, count
