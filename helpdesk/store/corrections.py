"""Named queries about correction requests (データ修正依頼)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import case, correction, facility


@dataclass(frozen=True, slots=True)
class Correction:
    """What one applicant must put right."""

    id: int
    certification_number: str
    case_id: int
    items: tuple[str, ...]
    state: str
    due_on: date | None
    reopens_on: date | None
    created_at: datetime
    created_by: str
    #: The day of the last letter about it.
    written_on: date | None
    reminded: int
    ended_by: str | None
    reason: str | None
    case_number: str
    facility_name: str | None


_COLUMNS = (
    correction.c.id,
    correction.c.certification_number,
    correction.c.case_id,
    correction.c["items"],
    correction.c.state,
    correction.c.due_on,
    correction.c.reopens_on,
    correction.c.created_at,
    correction.c.created_by,
    correction.c.written_on,
    correction.c.reminded,
    correction.c.ended_by,
    correction.c.reason,
    case.c.number,
    facility.c.name,
)
_FROM = correction.join(case, case.c.id == correction.c.case_id).outerjoin(
    facility, facility.c.certification_number == correction.c.certification_number
)


_EVERY = select(*_COLUMNS).select_from(_FROM)
_OPEN = _EVERY.where(correction.c.state.in_(("human", "asked")))


def _correction(row: Sequence[object]) -> Correction:
    values = list(row)
    values[3] = tuple(values[3])  # type: ignore[arg-type]
    return Correction(*values)  # type: ignore[arg-type]


def insert_correction(
    tx: Transaction,
    *,
    certification_number: str,
    case_id: int,
    items: Sequence[str],
    state: str,
    due_on: date | None,
    reopens_on: date | None,
    by: str,
    at: datetime,
) -> int:
    """Write down a correction request and return its id."""
    statement = insert(correction).values(
        certification_number=certification_number,
        case_id=case_id,
        items=list(items),
        state=state,
        due_on=due_on,
        reopens_on=reopens_on,
        created_at=at,
        created_by=by,
        reminded=0,
    )
    return int(tx.execute(statement.returning(correction.c.id)).scalar_one())


def correction_by_id(tx: Transaction, correction_id: int) -> Correction | None:
    """Return one correction request, or None."""
    query = select(*_COLUMNS).select_from(_FROM).where(correction.c.id == correction_id)
    row = tx.execute(query).first()
    return _correction(row) if row else None


def correction_of_case(tx: Transaction, case_id: int) -> Correction | None:
    """Return the correction request that a case is about, or None."""
    query = select(*_COLUMNS).select_from(_FROM).where(correction.c.case_id == case_id)
    row = tx.execute(query).first()
    return _correction(row) if row else None


def list_corrections(tx: Transaction, *, open_only: bool) -> list[Correction]:
    """Return correction requests, the longest overdue first, ended ones last."""
    found = [_correction(row) for row in tx.execute(_OPEN if open_only else _EVERY)]
    return sorted(
        found,
        key=lambda one: (one.state not in ("human", "asked"), one.due_on or date.max, one.id),
    )


def open_corrections_of(tx: Transaction, numbers: Sequence[str]) -> list[Correction]:
    """Return the open correction requests of these facilities."""
    query = _OPEN.where(correction.c.certification_number.in_(numbers)).order_by(correction.c.id)
    return [_correction(row) for row in tx.execute(query)]


def mark_written(tx: Transaction, one: Correction, *, reminded: int, on: date) -> bool:
    """Write down that a letter about it was written; False where another process did."""
    changed = tx.execute(
        update(correction)
        .where(
            correction.c.id == one.id,
            correction.c.state == "asked",
            correction.c.reminded == one.reminded,
            correction.c.written_on.is_(None)
            if one.written_on is None
            else correction.c.written_on == one.written_on,
        )
        .values(reminded=reminded, written_on=on)
    )
    return changed.rowcount == 1


def end_correction(
    tx: Transaction, correction_id: int, state: str, by: str, reason: str, at: datetime
) -> bool:
    """End a correction request: `done` or `closed`; False where it is not open."""
    changed = tx.execute(
        update(correction)
        .where(correction.c.id == correction_id, correction.c.state.in_(("human", "asked")))
        .values(state=state, ended_by=by, ended_at=at, reason=reason)
    )
    return changed.rowcount == 1
