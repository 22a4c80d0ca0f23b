"""Named queries about what people add to a case: notes, who works on it, who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import case_note, case_work, presence


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a person."""

    id: int
    at: datetime
    by: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Work:
    """How a case stands with the people who work on it."""

    handler: str | None = None
    hold: str | None = None
    resume_on: date | None = None
    changed_by: str = ""
    changed_at: datetime | None = None


def insert_note(tx: Transaction, case_id: int, by: str, kind: str, text: str, at: datetime) -> None:
    """Add a note."""
    tx.execute(insert(case_note).values(case_id=case_id, by=by, kind=kind, text=text, at=at))


def notes_of(tx: Transaction, case_id: int) -> list[Note]:
    """Return the notes of a case, oldest first."""
    query = select(
        case_note.c.id, case_note.c.at, case_note.c.by, case_note.c.kind, case_note.c.text
    ).where(case_note.c.case_id == case_id)
    return [Note(*row) for row in tx.execute(query.order_by(case_note.c.id))]


def correctors(tx: Transaction, case_id: int) -> tuple[str, ...]:
    """Return who put fields of a case right by hand."""
    query = select(case_note.c.by).where(
        case_note.c.case_id == case_id, case_note.c.kind == "fields", case_note.c.text != "-"
    )
    return tuple(sorted(set(tx.execute(query).scalars())))


def work_of(tx: Transaction, case_id: int) -> Work:
    """Return how a case stands; nothing was said where no row is."""
    query = select(
        case_work.c.handler,
        case_work.c.hold,
        case_work.c.resume_on,
        case_work.c.changed_by,
        case_work.c.changed_at,
    ).where(case_work.c.case_id == case_id)
    row = tx.execute(query).first()
    return Work(*row) if row else Work()


def set_work(tx: Transaction, case_id: int, work: Work) -> None:
    """Write down how a case stands."""
    values = {
        "handler": work.handler,
        "hold": work.hold,
        "resume_on": work.resume_on,
        "changed_by": work.changed_by,
        "changed_at": work.changed_at,
    }
    changed = tx.execute(update(case_work).where(case_work.c.case_id == case_id).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(case_work).values(case_id=case_id, **values))


def note_presence(tx: Transaction, case_id: int, name: str, at: datetime, stale: datetime) -> None:
    """Write down that somebody has a case on the screen; forget who left long ago."""
    tx.execute(delete(presence).where(presence.c.seen_at < stale))
    here = (presence.c.case_id == case_id, presence.c.staff_name == name)
    if tx.execute(update(presence).where(*here).values(seen_at=at)).rowcount == 0:
        tx.execute(insert(presence).values(case_id=case_id, staff_name=name, seen_at=at))


def present(tx: Transaction, case_id: int, since: datetime) -> list[str]:
    """Return who has a case on the screen."""
    query = select(presence.c.staff_name).where(
        presence.c.case_id == case_id, presence.c.seen_at > since
    )
    return sorted(tx.execute(query).scalars())
