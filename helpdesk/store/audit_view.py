"""Named queries of the page that tells what happened on a day, whoever did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from helpdesk.domain.audit import Event
from helpdesk.domain.change import DONE, as_decided
from helpdesk.store.database import Transaction
from helpdesk.store.schema import (
    BY_PEOPLE,
    action,
    audit,
    case,
    case_note,
    letter,
    login_attempt,
    registry_import,
    text_change,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that somebody or the machine did."""

    at: datetime
    #: decision | reflected | letter | note | import | text | login | login_failed | act
    kind: str
    by: str
    what: str
    case_number: str | None = None
    state: str = ""
    #: What was noted in the audit log, for the kind `act`.
    event: Event | None = None


# These have a line of another kind, or say only that somebody looked.
_OTHERWISE = ("viewed", "seen", "imported", "fields_corrected")


def traces(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    """Return what happened in a stretch of time, newest first; at most `limit` of each kind."""
    found = [
        *_decisions(tx, since, until, limit),
        *_letters(tx, since, until, limit),
        *_notes(tx, since, until, limit),
        *_imports(tx, since, until, limit),
        *_texts(tx, since, until, limit),
        *_logins(tx, since, until, limit),
        *_acts(tx, since, until, limit),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _decisions(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    found = []
    for at, by, kind in (
        (action.c.decided_at, action.c.decided_by, "decision"),
        (action.c.reflected_at, action.c.reflected_by, "reflected"),
    ):
        query = (
            select(at, by, action.c.kind, case.c.number, action.c.state)
            .join(case, case.c.id == action.c.case_id)
            .where(at >= since, at < until)
            .order_by(at.desc())
            .limit(limit)
        )
        found += [
            Trace(row[0], kind, row[1] or "", row[2], row[3], _then(kind, row[2], row[4]))
            for row in tx.execute(query)
        ]
    return found


def _then(kind: str, what: str, state: str) -> str:
    """Return the state as it was then: today's may have come of other things."""
    return DONE if kind == "reflected" else as_decided(what, state)


def _letters(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    query = (
        select(letter.c.sent_at, letter.c.letter, letter.c.state, case.c.number)
        .select_from(letter.outerjoin(case, case.c.id == letter.c.case_id))
        .where(letter.c.sent_at >= since, letter.c.sent_at < until)
        .order_by(letter.c.sent_at.desc())
        .limit(limit)
    )
    return [
        Trace(row.sent_at, "letter", "", row.letter, row.number, row.state)
        for row in tx.execute(query)
    ]


def _notes(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    query = (
        select(case_note.c.at, case_note.c.by, case_note.c.kind, case.c.number)
        .join(case, case.c.id == case_note.c.case_id)
        .where(case_note.c.at >= since, case_note.c.at < until)
        .order_by(case_note.c.id.desc())
        .limit(limit)
    )
    return [Trace(row.at, "note", row.by, row.kind, row.number) for row in tx.execute(query)]


def _imports(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    query = (
        select(registry_import.c.at, registry_import.c.imported_by, registry_import.c.file_name)
        .where(registry_import.c.at >= since, registry_import.c.at < until)
        .order_by(registry_import.c.id.desc())
        .limit(limit)
    )
    return [Trace(row.at, "import", row.imported_by, row.file_name) for row in tx.execute(query)]


def _texts(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    query = (
        select(text_change.c.at, text_change.c.by, text_change.c.name)
        .where(text_change.c.at >= since, text_change.c.at < until)
        .order_by(text_change.c.id.desc())
        .limit(limit)
    )
    return [Trace(row.at, "text", row.by, row.name) for row in tx.execute(query)]


def _logins(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    query = (
        select(
            login_attempt.c.at,
            login_attempt.c.staff_name,
            login_attempt.c.address,
            login_attempt.c.succeeded,
        )
        .where(login_attempt.c.at >= since, login_attempt.c.at < until)
        .order_by(login_attempt.c.id.desc())
        .limit(limit)
    )
    return [
        Trace(row.at, "login" if row.succeeded else "login_failed", row.staff_name, row.address)
        for row in tx.execute(query)
    ]


def _acts(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Trace]:
    """Return what people did by hand and the audit log alone knows."""
    query = (
        select(
            audit.c.at,
            audit.c.event,
            audit.c.actor,
            audit.c.cause,
            audit.c.case_number,
            audit.c.about,
        )
        .where(BY_PEOPLE, audit.c.at >= since, audit.c.at < until)
        .where(audit.c.event.not_in(_OTHERWISE))
        .order_by(audit.c.at.desc())
        .limit(limit)
    )
    return [
        Trace(row.at, "act", row.actor, row.event, row.case_number, "", Event(*row[1:]))
        for row in tx.execute(query)
    ]
