"""Named queries about examples: answered questions without the person's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import example


@dataclass(frozen=True, slots=True)
class Example:
    """One question and the topic whose letter a person sent for it."""

    id: int
    topic: str
    subject: str
    text: str


_INSERT = InsertOnce(example, "action_id")


def keep_example(
    tx: Transaction, action_id: int, topic: str, subject: str, text: str, at: datetime
) -> None:
    """Keep one answered question; an action gives one example."""
    values = {"action_id": action_id, "topic": topic, "subject": subject, "text": text}
    _INSERT.run(tx, {**values, "created_at": at})


def all_examples(tx: Transaction) -> list[Example]:
    """Return every example, oldest first."""
    query = select(example.c.id, example.c.topic, example.c.subject, example.c.text)
    return [Example(*row) for row in tx.execute(query.order_by(example.c.id))]
