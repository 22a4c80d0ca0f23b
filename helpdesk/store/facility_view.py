"""Named queries about one facility: what was done for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from helpdesk.store.database import Transaction
from helpdesk.store.schema import (
    action,
    case,
    contact_task,
    correction,
    facility,
    letter,
    link,
    reminder,
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a facility's history."""

    at: datetime
    #: decision | reminder | correction | link | contact
    kind: str
    what: str
    state: str
    case_number: str | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What this product knows of a facility beyond the export."""

    version: int
    removed_at: datetime | None
    address_before: str | None
    address_changed_at: datetime | None


def standing_of(tx: Transaction, number: str) -> Standing | None:
    """Return how a facility stands, or None where there never was one."""
    query = select(
        facility.c.version,
        facility.c.removed_at,
        facility.c.address_before,
        facility.c.address_changed_at,
    ).where(facility.c.certification_number == number)
    row = tx.execute(query).first()
    return Standing(*row) if row else None


def happenings_of(tx: Transaction, number: str, limit: int = 100) -> list[Happening]:
    """Return what was done for a facility, newest first."""
    found = [
        *_decisions(tx, number, limit),
        *_reminders(tx, number, limit),
        *_corrections(tx, number, limit),
        *_links(tx, number, limit),
        *_contacts(tx, number, limit),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def _decisions(tx: Transaction, number: str, limit: int) -> list[Happening]:
    query = (
        select(
            action.c.created_at,
            action.c.decided_at,
            action.c.kind,
            action.c.state,
            case.c.number,
            action.c.decided_by,
        )
        .join(case, case.c.id == action.c.case_id)
        .where(action.c.certification_number == number)
        .order_by(action.c.id.desc())
        .limit(limit)
    )
    return [
        Happening(row.decided_at or row.created_at, "decision", row.kind, row.state, row.number,
                  row.decided_by or "")
        for row in tx.execute(query)
    ]  # fmt: skip


def _reminders(tx: Transaction, number: str, limit: int) -> list[Happening]:
    query = (
        select(
            reminder.c.decided_at,
            reminder.c.campaign,
            reminder.c.year,
            reminder.c.step,
            reminder.c.skipped,
            letter.c.state,
            case.c.number,
        )
        .select_from(
            reminder.outerjoin(letter, letter.c.id == reminder.c.letter_id).outerjoin(
                case, case.c.id == reminder.c.case_id
            )
        )
        .where(reminder.c.certification_number == number)
        .order_by(reminder.c.id.desc())
        .limit(limit)
    )
    return [
        Happening(row.decided_at, "reminder", f"{row.campaign} {row.year} {row.step}",
                  row.state or "cancelled", row.number, row.skipped or "")
        for row in tx.execute(query)
    ]  # fmt: skip


def _corrections(tx: Transaction, number: str, limit: int) -> list[Happening]:
    query = (
        select(correction.c.created_at, correction.c.state, correction.c.due_on, case.c.number)
        .join(case, case.c.id == correction.c.case_id)
        .where(correction.c.certification_number == number)
        .order_by(correction.c.id.desc())
        .limit(limit)
    )
    return [
        Happening(row.created_at, "correction", _day(row.due_on), row.state, row.number)
        for row in tx.execute(query)
    ]


def _links(tx: Transaction, number: str, limit: int) -> list[Happening]:
    query = (
        select(
            link.c.created_at,
            link.c.affiliate_number,
            link.c.core_number,
            link.c.state,
            case.c.number,
        )
        .select_from(link.outerjoin(case, case.c.id == link.c.case_id))
        .where((link.c.affiliate_number == number) | (link.c.core_number == number))
        .order_by(link.c.id.desc())
        .limit(limit)
    )
    return [
        Happening(row.created_at, "link", f"{row.affiliate_number} → {row.core_number}",
                  row.state, row.number)
        for row in tx.execute(query)
    ]  # fmt: skip


def _contacts(tx: Transaction, number: str, limit: int) -> list[Happening]:
    query = (
        select(contact_task.c.created_at, contact_task.c.subject, contact_task.c.state)
        .where(contact_task.c.certification_number == number)
        .order_by(contact_task.c.id.desc())
        .limit(limit)
    )
    return [
        Happening(row.created_at, "contact", row.subject, row.state, None)
        for row in tx.execute(query)
    ]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
