"""Named queries about texts that staff keep: sentences for letters, and changed files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import snippet, text_change


@dataclass(frozen=True, slots=True)
class Snippet:
    """A sentence for letters (定型文)."""

    id: int
    name: str
    text: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TextChange:
    """One change of a letter or of the rules."""

    id: int
    name: str
    before: str
    after: str
    by: str
    at: datetime


def all_snippets(tx: Transaction) -> list[Snippet]:
    """Return every sentence by name."""
    query = select(
        snippet.c.id, snippet.c.name, snippet.c.text, snippet.c.changed_by, snippet.c.changed_at
    )
    return [Snippet(*row) for row in tx.execute(query.order_by(snippet.c.name))]


def save_snippet(tx: Transaction, name: str, text: str, by: str, at: datetime) -> None:
    """Keep a sentence under its name, whatever stood there."""
    values = {"text": text, "changed_by": by, "changed_at": at}
    if tx.execute(update(snippet).where(snippet.c.name == name).values(**values)).rowcount == 0:
        tx.execute(insert(snippet).values(name=name, **values))


def delete_snippet(tx: Transaction, snippet_id: int) -> str | None:
    """Forget a sentence; return its name, None where there was none."""
    here = snippet.c.id == snippet_id
    name = tx.execute(select(snippet.c.name).where(here)).scalar()
    tx.execute(delete(snippet).where(here))
    return name


def record_change(
    tx: Transaction, name: str, before: str, after: str, by: str, at: datetime
) -> None:
    """Keep a change of a file with who and when."""
    tx.execute(insert(text_change).values(name=name, before=before, after=after, by=by, at=at))


def changes_of(tx: Transaction, name: str, limit: int = 50) -> list[TextChange]:
    """Return the changes of one file, newest first."""
    query = select(
        text_change.c.id,
        text_change.c.name,
        text_change.c.before,
        text_change.c.after,
        text_change.c.by,
        text_change.c.at,
    ).where(text_change.c.name == name)
    return [
        TextChange(*row) for row in tx.execute(query.order_by(text_change.c.id.desc()).limit(limit))
    ]


def last_change(tx: Transaction, name: str) -> tuple[str, datetime] | None:
    """Return who changed a file last, and when."""
    query = select(text_change.c.by, text_change.c.at).where(text_change.c.name == name)
    row = tx.execute(query.order_by(text_change.c.id.desc()).limit(1)).first()
    return (row.by, row.at) if row else None
