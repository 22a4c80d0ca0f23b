"""Named queries about link requests (連携依頼)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from helpdesk.domain.links import OPEN_STATES, LinkState
from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import case, facility, link


@dataclass(frozen=True, slots=True)
class Link:
    """One affiliate, and the core facility that is asked for it."""

    id: int
    purpose_key: str
    affiliate_number: str
    core_number: str
    begins_on: date | None
    state: str
    trouble: str | None
    late: bool
    case_id: int | None
    created_at: datetime
    asked_on: date | None
    reminded: int
    #: How often it was planned; each time is asked and reminded by letters of its own.
    edition: int
    answered_at: datetime | None
    ended_by: str | None
    reason: str | None
    case_number: str | None
    affiliate_name: str | None
    core_name: str | None

    @property
    def standing(self) -> LinkState:
        """What the pure rules look at."""
        return LinkState(self.state, self.begins_on, self.asked_on, self.reminded)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link request that follows from an approval."""

    purpose_key: str
    affiliate_number: str
    core_number: str
    begins_on: date | None
    late: bool


_affiliate, _core = facility.alias("affiliate"), facility.alias("core")

_COLUMNS = (
    link.c.id,
    link.c.purpose_key,
    link.c.affiliate_number,
    link.c.core_number,
    link.c.begins_on,
    link.c.state,
    link.c.trouble,
    link.c.late,
    link.c.case_id,
    link.c.created_at,
    link.c.asked_on,
    link.c.reminded,
    link.c.edition,
    link.c.answered_at,
    link.c.ended_by,
    link.c.reason,
    case.c.number,
    _affiliate.c.name,
    _core.c.name,
)
_FROM = (
    link.outerjoin(case, case.c.id == link.c.case_id)
    .outerjoin(_affiliate, _affiliate.c.certification_number == link.c.affiliate_number)
    .outerjoin(_core, _core.c.certification_number == link.c.core_number)
)
_INSERT = InsertOnce(link, "purpose_key")
_EVERY = select(*_COLUMNS).select_from(_FROM)
_OPEN = _EVERY.where(link.c.state.in_(OPEN_STATES))


def _link(row: Sequence[Any]) -> Link:
    return Link(*row)


def insert_link(tx: Transaction, new: NewLink, at: datetime) -> int | None:
    """Plan a link request and return its id; None where it is there already."""
    return _INSERT.run(
        tx,
        {
            "purpose_key": new.purpose_key,
            "affiliate_number": new.affiliate_number,
            "core_number": new.core_number,
            "begins_on": new.begins_on,
            "state": "planned",
            "late": new.late,
            "created_at": at,
            "reminded": 0,
        },
    )


def link_by_purpose(tx: Transaction, purpose_key: str) -> Link | None:
    """Return the request of one affiliate, core facility and first day, or None."""
    query = select(*_COLUMNS).select_from(_FROM).where(link.c.purpose_key == purpose_key)
    row = tx.execute(query).first()
    return _link(row) if row else None


def link_by_id(tx: Transaction, link_id: int) -> Link | None:
    """Return one link request, or None."""
    row = tx.execute(select(*_COLUMNS).select_from(_FROM).where(link.c.id == link_id)).first()
    return _link(row) if row else None


def link_of_case(tx: Transaction, case_id: int) -> Link | None:
    """Return the link request that a case is about, or None."""
    row = tx.execute(select(*_COLUMNS).select_from(_FROM).where(link.c.case_id == case_id)).first()
    return _link(row) if row else None


def list_links(tx: Transaction, *, open_only: bool) -> list[Link]:
    """Return link requests, the earliest first day first."""
    found = [_link(row) for row in tx.execute(_OPEN if open_only else _EVERY)]
    return sorted(found, key=lambda one: (one.begins_on or date.min, one.id))


def open_links_of(tx: Transaction, affiliates: Sequence[str]) -> list[Link]:
    """Return the open link requests of these affiliates."""
    query = (
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(link.c.affiliate_number.in_(affiliates), link.c.state.in_(OPEN_STATES))
        .order_by(link.c.id)
    )
    return [_link(row) for row in tx.execute(query)]


def count_at_core(tx: Transaction, core_number: str, link_id: int) -> int:
    """Count the other affiliates that the same core facility is or will be asked for."""
    query = (
        select(func.count())
        .select_from(link)
        .where(
            link.c.core_number == core_number,
            link.c.id != link_id,
            link.c.state.in_(("planned", "asked")),
        )
    )
    return int(tx.execute(query).scalar_one())


def change(
    tx: Transaction, one: Link, *, states: Sequence[str] | None = None, **values: Any
) -> bool:
    """Change a link request; False where it is not any more as `one` shows it.

    Compared are its state (or `states`) and the number of reminders, so that of two
    processes one writes the letter.
    """
    changed = tx.execute(
        update(link)
        .where(
            link.c.id == one.id,
            link.c.state.in_(states or (one.state,)),
            link.c.reminded == one.reminded,
        )
        .values(**values)
    )
    return changed.rowcount == 1


def set_case(tx: Transaction, link_id: int, case_id: int) -> None:
    """Join a link request to its case."""
    tx.execute(update(link).where(link.c.id == link_id).values(case_id=case_id))
