"""Named queries that count over stretches of time, for the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy import case as when

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, case, letter, mail

#: Seconds within which a decision was taken: the bounds of the classes of answers.
CLASSES = (3_600, 4 * 3_600, 24 * 3_600, 72 * 3_600)


def _by_stretch(column: Any, bounds: Sequence[datetime]) -> list[ColumnElement[int]]:
    """Return one sum for each stretch between two bounds."""
    return [
        func.coalesce(func.sum(when((and_(column >= start, column < end), 1), else_=0)), 0)
        for start, end in pairwise(bounds)
    ]


def mails_by_disposition(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the mails of each stretch by what they were."""
    query = (
        select(mail.c.disposition, *_by_stretch(mail.c.received_at, bounds))
        .where(
            mail.c.received_at >= bounds[0],
            mail.c.received_at < bounds[-1],
            mail.c.duplicate_of.is_(None),
        )
        .group_by(mail.c.disposition)
    )
    return {row[0] or "undecided": [int(one) for one in row[1:]] for row in tx.execute(query)}


def cases_by_verdict(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the cases of each stretch by their verdict; '' where none was made."""
    query = (
        select(case.c.verdict, *_by_stretch(case.c.created_at, bounds))
        .where(case.c.created_at >= bounds[0], case.c.created_at < bounds[-1])
        .group_by(case.c.verdict)
    )
    return {row[0] or "": [int(one) for one in row[1:]] for row in tx.execute(query)}


def decisions_by_kind(tx: Transaction, bounds: Sequence[datetime]) -> dict[str, list[int]]:
    """Count the decisions of each stretch by what was decided on."""
    query = (
        select(action.c.kind, *_by_stretch(action.c.decided_at, bounds))
        .where(action.c.decided_at >= bounds[0], action.c.decided_at < bounds[-1])
        .group_by(action.c.kind)
    )
    return {row[0]: [int(one) for one in row[1:]] for row in tx.execute(query)}


def decision_times(tx: Transaction, since: datetime, until: datetime) -> list[int]:
    """Count decisions by how long they took: one number a class of CLASSES, and the rest."""
    if tx.dialect.name == "sqlite":
        days = func.julianday(action.c.decided_at) - func.julianday(action.c.created_at)
        seconds: Any = days * 86_400
    else:
        seconds = func.extract("epoch", action.c.decided_at - action.c.created_at)
    edges = [-1, *CLASSES, 10**12]
    sums = [
        func.coalesce(func.sum(when((and_(seconds > low, seconds <= high), 1), else_=0)), 0)
        for low, high in pairwise(edges)
    ]
    query = select(*sums).where(action.c.decided_at >= since, action.c.decided_at < until)
    return [int(one) for one in tx.execute(query).one()]


def letters_by_hand(tx: Transaction, bounds: Sequence[datetime]) -> dict[bool, list[int]]:
    """Count the letters of cases that were written in each stretch: automatic (True) or not."""
    query = (
        select(letter.c.automatic, *_by_stretch(letter.c.created_at, bounds))
        .where(
            letter.c.created_at >= bounds[0],
            letter.c.created_at < bounds[-1],
            letter.c.state != "cancelled",
        )
        .group_by(letter.c.automatic)
    )
    return {bool(row[0]): [int(one) for one in row[1:]] for row in tx.execute(query)}


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
