"""Named queries that count over stretches of time, for the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as when

from helpdesk.domain.calendar import JST
from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, case, letter, mail

#: Seconds within which a decision was taken: the bounds of the classes of answers.
CLASSES = (3_600, 4 * 3_600, 24 * 3_600, 72 * 3_600)


def _month(tx: Transaction, column: Any) -> ColumnElement[str]:
    """Return the month of a time in Japan: 2027-02."""
    if tx.dialect.name == "sqlite":
        return func.strftime("%Y-%m", column, "+9 hours")
    return func.to_char(func.timezone("Asia/Tokyo", column), "YYYY-MM")


def _by_month(
    tx: Transaction, kind: Any, column: Any, bounds: Sequence[datetime], *more: ColumnElement[bool]
) -> dict[Any, list[int]]:
    """Count rows by kind and month; `bounds` are the first moments of months, and the end."""
    # The month is made inside, so that both databases group by a plain column.
    rows = (
        select(kind.label("kind"), _month(tx, column).label("month"))
        .where(column >= bounds[0], column < bounds[-1], *more)
        .subquery()
    )
    query = select(rows.c.kind, rows.c.month, func.count()).group_by(rows.c.kind, rows.c.month)
    place = {f"{one.astimezone(JST):%Y-%m}": at for at, one in enumerate(bounds[:-1])}
    found: dict[Any, list[int]] = {}
    for row in tx.execute(query):
        found.setdefault(row[0], [0] * len(place))[place[row[1]]] = int(row[2])
    return found


def mails_by_disposition(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the mails of each month by what they were."""
    once = mail.c.duplicate_of.is_(None)
    found = _by_month(tx, mail.c.disposition, mail.c.received_at, bounds, once)
    return {kind or "undecided": numbers for kind, numbers in found.items()}


def cases_by_verdict(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the cases of each month by their verdict; '' where none was made."""
    found = _by_month(tx, case.c.verdict, case.c.created_at, bounds)
    return {kind or "": numbers for kind, numbers in found.items()}


def decisions_by_kind(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the decisions of each month by what was decided on."""
    return _by_month(tx, action.c.kind, action.c.decided_at, bounds)


def decision_times(tx: Transaction, since: datetime, until: datetime) -> list[int]:
    """Count decisions by how long they took: one number a class of CLASSES, and the rest."""
    if tx.dialect.name == "sqlite":
        days = func.julianday(action.c.decided_at) - func.julianday(action.c.created_at)
        seconds: Any = days * 86_400
    else:
        seconds = func.extract("epoch", action.c.decided_at - action.c.created_at)
    taken = (
        select(seconds.label("seconds"))
        .where(action.c.decided_at >= since, action.c.decided_at < until)
        .subquery()
    )
    classes = [(taken.c.seconds <= longest, at) for at, longest in enumerate(CLASSES)]
    rows = select(when(*classes, else_=len(CLASSES)).label("of_class")).subquery()
    found = [0] * (len(CLASSES) + 1)
    query = select(rows.c.of_class, func.count()).group_by(rows.c.of_class)
    for row in tx.execute(query):
        found[int(row[0])] = int(row[1])
    return found


def letters_by_hand(tx: Transaction, bounds: Sequence[datetime]) -> dict[bool, list[int]]:
    """Count the letters that were written in each month: automatic (True) or by a person."""
    leaves = letter.c.state != "cancelled"
    found = _by_month(tx, letter.c.automatic, letter.c.created_at, bounds, leaves)
    return {bool(automatic): numbers for automatic, numbers in found.items()}


def questions_without_staff(tx: Transaction, since: datetime, until: datetime) -> tuple[int, int]:
    """Return how many mails asked something, and how many of these no person decided on."""
    by_person = (
        select(action.c.id)
        .where(action.c.case_id == mail.c.case_id, action.c.kind.in_(("answer", "review")))
        .exists()
    )
    query = select(func.count(), func.coalesce(func.sum(when((~by_person, 1), else_=0)), 0)).where(
        mail.c.received_at >= since,
        mail.c.received_at < until,
        mail.c.disposition.in_(("question", "unclear")),
        mail.c.duplicate_of.is_(None),
    )
    row = tx.execute(query).one()
    return int(row[0]), int(row[1])
