"""Sentences that staff put into letters (定型文)."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.context import Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.domain.audit import Event
from helpdesk.store import audit, texts
from helpdesk.store.database import Database
from helpdesk.store.texts import Snippet

_LONGEST = 4_000


def listed(database: Database) -> list[Snippet]:
    """Return every sentence by name."""
    with database.read() as tx:
        return texts.all_snippets(tx)


def save(database: Database, name: str, text: str, by: str, now: datetime) -> None:
    """Keep a sentence under its name. Raises Refused."""
    name, text = " ".join(name.split())[:80], text.strip()[:_LONGEST]
    if not name or not text:
        raise Refused("write at least a line; nothing was kept")
    with database.begin() as tx:
        require_decider(tx, by)
        texts.save_snippet(tx, name, text, by, now)
        audit.note(tx, Event("snippet_saved", by, "console", about={"name": name}))


def remove(database: Database, snippet_id: int, by: str) -> None:
    """Forget a sentence. Raises Refused."""
    with database.begin() as tx:
        require_decider(tx, by)
        name = texts.delete_snippet(tx, snippet_id)
        if name is not None:
            audit.note(tx, Event("snippet_removed", by, "console", about={"name": name}))
