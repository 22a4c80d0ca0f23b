"""Named queries of the queue's page: what waits for a person, with what a line shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import case as sql_case

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, case, case_work, facility, presence


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is wanted; None and '' mean all."""

    kind: str = ""
    verdict: str = ""
    state: str = "waiting"
    #: Name of who works on it; `-` for nobody.
    handler: str = ""
    #: now | hold (put aside until a day, or waiting for somebody)
    when: str = "now"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    action_id: int
    kind: str
    state: str
    verdict: str | None
    note: str
    created_at: datetime
    case_id: int
    case_number: str
    subject: str
    correspondent: str
    correspondent_name: str
    answered_outside_at: datetime | None
    certification_number: str | None
    facility_name: str | None
    handler: str | None
    hold: str | None
    resume_on: date | None


_FROM = (
    action.join(case, case.c.id == action.c.case_id)
    .outerjoin(facility, facility.c.certification_number == action.c.certification_number)
    .outerjoin(case_work, case_work.c.case_id == action.c.case_id)
)
_COLUMNS = (
    action.c.id,
    action.c.kind,
    action.c.state,
    action.c.verdict,
    action.c.note,
    action.c.created_at,
    case.c.id,
    case.c.number,
    case.c.subject,
    case.c.correspondent,
    case.c.correspondent_name,
    case.c.answered_outside_at,
    action.c.certification_number,
    facility.c.name,
    case_work.c.handler,
    case_work.c.hold,
    case_work.c.resume_on,
)


def _put_aside(today: date) -> ColumnElement[bool]:
    """What is on hold and whose day has not come."""
    later = or_(case_work.c.resume_on.is_(None), case_work.c.resume_on > today)
    return and_(or_(case_work.c.hold.is_not(None), case_work.c.resume_on.is_not(None)), later)


def _where(wanted: QueueFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [action.c.state == wanted.state]
    if wanted.kind:
        found.append(action.c.kind == wanted.kind)
    if wanted.verdict:
        found.append(action.c.verdict == wanted.verdict)
    if wanted.handler == "-":
        found.append(case_work.c.handler.is_(None))
    elif wanted.handler:
        found.append(case_work.c.handler == wanted.handler)
    if wanted.state == "waiting":
        aside = func.coalesce(_put_aside(today), False)
        found.append(aside if wanted.when == "hold" else ~aside)
    return found


def _row(row: Any) -> QueueRow:
    return QueueRow(*row)


def queue_rows(
    tx: Transaction, wanted: QueueFilter, today: date, limit: int, offset: int
) -> list[QueueRow]:
    """Return lines: what is overdue first, then the oldest."""
    urgent = sql_case((action.c.kind == "correction_overdue", 0), else_=1)
    query = (
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(*_where(wanted, today))
        .order_by(urgent, action.c.created_at, action.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_row(row) for row in tx.execute(query)]


def counts_by_kind(tx: Transaction, wanted: QueueFilter, today: date) -> dict[str, int]:
    """Count the lines of each kind, whatever kind is wanted now."""
    query = (
        select(action.c.kind, func.count())
        .select_from(_FROM)
        .where(*_where(replace(wanted, kind=""), today))
        .group_by(action.c.kind)
    )  # fmt: skip
    return {row[0]: row[1] for row in tx.execute(query)}


def count(tx: Transaction, wanted: QueueFilter, today: date) -> int:
    """Count the lines of a filter."""
    query = select(func.count()).select_from(_FROM).where(*_where(wanted, today))
    return int(tx.execute(query).scalar_one())


def handlers(tx: Transaction) -> list[str]:
    """Return the names of those who work on something that waits."""
    query = (
        select(case_work.c.handler)
        .select_from(_FROM)
        .where(action.c.state == "waiting", case_work.c.handler.is_not(None))
        .distinct()
    )
    return sorted(name for name in tx.execute(query).scalars() if name)


def open_by(tx: Transaction, since: datetime, case_ids: list[int]) -> dict[int, list[str]]:
    """Return who has these cases on the screen."""
    query = (
        select(presence.c.case_id, presence.c.staff_name)
        .where(presence.c.seen_at > since, presence.c.case_id.in_(case_ids))
        .order_by(presence.c.staff_name)
    )
    found: dict[int, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.case_id, []).append(row.staff_name)
    return found


def next_waiting(tx: Transaction, today: date, after_case: int) -> Any:
    """Return the number of the case that is to be decided next, other than one, or None."""
    rows = queue_rows(tx, QueueFilter(), today, 5, 0)
    return next((row.case_number for row in rows if row.case_id != after_case), None)
