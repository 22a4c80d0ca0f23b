"""Named queries about approvals: who approved an action, on which facts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import action, approval, case, staff


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval."""

    action_id: int
    by: str
    at: datetime
    facts_hash: str
    alone: bool


_COLUMNS = (
    approval.c.action_id,
    approval.c.by,
    approval.c.at,
    approval.c.facts_hash,
    approval.c.alone,
)

_MAY_DECIDE = and_(staff.c.role.in_(("approver", "admin")), staff.c.disabled_at.is_(None))


def insert_approval(tx: Transaction, new: Approval, entered_by: str | None) -> None:
    """Write down an approval.

    The database refuses one by who entered the request or put it right, unless `alone`.
    """
    tx.execute(
        insert(approval).values(
            action_id=new.action_id,
            by=new.by,
            entered_by=entered_by or "",
            at=new.at,
            facts_hash=new.facts_hash,
            alone=new.alone,
        )
    )


def standing(tx: Transaction, action_id: int) -> list[Approval]:
    """Return the approvals of an action that still count, oldest first.

    Not those of people who may not decide any more.
    """
    query = (
        select(*_COLUMNS)
        .join(staff, staff.c.name == approval.c.by)
        .where(approval.c.action_id == action_id, approval.c.ended_at.is_(None), _MAY_DECIDE)
    )
    return [Approval(*row) for row in tx.execute(query.order_by(approval.c.id))]


def every(tx: Transaction, action_id: int) -> list[Approval]:
    """Return all approvals of an action, oldest first."""
    query = select(*_COLUMNS).where(approval.c.action_id == action_id)
    return [Approval(*row) for row in tx.execute(query.order_by(approval.c.id))]


def end(tx: Transaction, action_id: int, at: datetime) -> None:
    """Let the approvals of an action count no more."""
    tx.execute(
        update(approval)
        .where(approval.c.action_id == action_id, approval.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def half_way(tx: Transaction) -> list[Approval]:
    """Return approvals whose action still waits for a second person, oldest first."""
    query = (
        select(*_COLUMNS)
        .join(action, action.c.id == approval.c.action_id)
        .where(approval.c.ended_at.is_(None), action.c.state.in_(("waiting", "held", "expired")))
    )
    return [Approval(*row) for row in tx.execute(query.order_by(approval.c.id))]


def deciders(tx: Transaction, without: Collection[str]) -> list[str]:
    """Return the names of the people who may decide, some left out."""
    query = select(staff.c.name).where(staff.c.name.not_in(tuple(without)), _MAY_DECIDE)
    return list(tx.execute(query.order_by(staff.c.name)).scalars())


@dataclass(frozen=True, slots=True)
class AloneDecision:
    """A decision of one person where two should have been."""

    case_number: str
    kind: str
    by: str
    at: datetime


def decided_alone(tx: Transaction, since: datetime, until: datetime) -> list[AloneDecision]:
    """Return what one person decided with a call-back for the second, oldest first."""
    query = (
        select(case.c.number, action.c.kind, approval.c.by, approval.c.at)
        .select_from(
            approval.join(action, action.c.id == approval.c.action_id).join(
                case, case.c.id == action.c.case_id
            )
        )
        .where(approval.c.alone.is_(True), approval.c.at >= since, approval.c.at < until)
        .order_by(approval.c.id)
    )
    return [AloneDecision(*row) for row in tx.execute(query)]
