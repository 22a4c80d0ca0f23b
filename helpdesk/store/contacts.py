"""Named queries about facilities that no mail reaches: addresses, and what staff do instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import contact_task, facility, unreachable_address


@dataclass(frozen=True, slots=True)
class NewTask:
    """Somebody is to be reached by telephone or post."""

    purpose_key: str
    certification_number: str
    #: What it is about, as staff read it.
    subject: str
    #: no_address | unreachable
    reason: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list (電話・郵送の連絡先一覧)."""

    id: int
    purpose_key: str
    certification_number: str
    subject: str
    reason: str
    due_on: date | None
    created_at: datetime
    state: str
    ended_by: str | None
    facility_name: str | None
    physician: str | None
    main_phone: str | None
    address: str | None
    #: Columns of the export that are kept aside, as [name, value]; None: it left the registry.
    extra: Sequence[Sequence[str]] | None

    @property
    def postal_address(self) -> str:
        """Where a letter by post goes, where the export says so."""
        known = {str(name): str(value) for name, value in self.extra or ()}
        parts = (known.get(name, "").strip() for name in ("郵便番号", "住所", "所在地"))
        return "　".join(part for part in parts if part)


_INSERT = InsertOnce(contact_task, "purpose_key")

_COLUMNS = (
    contact_task.c.id,
    contact_task.c.purpose_key,
    contact_task.c.certification_number,
    contact_task.c.subject,
    contact_task.c.reason,
    contact_task.c.due_on,
    contact_task.c.created_at,
    contact_task.c.state,
    contact_task.c.ended_by,
    facility.c.name,
    facility.c.physician,
    facility.c.main_phone,
    facility.c.address,
    facility.c.extra,
)


def _task(row: Sequence[Any]) -> Task:
    return Task(*row)


_FROM = contact_task.outerjoin(
    facility, facility.c.certification_number == contact_task.c.certification_number
)


def insert_task(tx: Transaction, new: NewTask, at: datetime) -> bool:
    """Put a facility on the list; False where the occasion has its line already."""
    values = {
        "purpose_key": new.purpose_key,
        "certification_number": new.certification_number,
        "subject": new.subject,
        "reason": new.reason,
        "due_on": new.due_on,
        "created_at": at,
        "state": "open",
    }
    return _INSERT.run(tx, values) is not None


def list_tasks(tx: Transaction, *, open_only: bool) -> list[Task]:
    """Return the list, the nearest date first."""
    query = select(*_COLUMNS).select_from(_FROM)
    if open_only:
        query = query.where(contact_task.c.state == "open")
    found = [_task(row) for row in tx.execute(query)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.id))


def end_task(tx: Transaction, task_id: int, state: str, by: str, at: datetime) -> bool:
    """End one line: `done` or `dropped`; False where it is not open."""
    changed = tx.execute(
        update(contact_task)
        .where(contact_task.c.id == task_id, contact_task.c.state == "open")
        .values(state=state, ended_by=by, ended_at=at)
    )
    return changed.rowcount == 1


def open_tasks_of(tx: Transaction, numbers: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return id, purpose and number of the open lines of these facilities."""
    query = select(
        contact_task.c.id, contact_task.c.purpose_key, contact_task.c.certification_number
    ).where(contact_task.c.certification_number.in_(numbers), contact_task.c.state == "open")
    return [(row[0], row[1], row[2]) for row in tx.execute(query.order_by(contact_task.c.id))]


def mark_unreachable(tx: Transaction, address: str, reason: str, at: datetime) -> bool:
    """Remember that an address cannot be reached; False where that is known."""
    key = address.lower()
    if is_unreachable(tx, key):
        return False
    tx.execute(
        unreachable_address.insert().values(address=key[:254], since=at, reason=reason[:200])
    )
    return True


def mark_reachable(tx: Transaction, address: str) -> bool:
    """Forget that an address could not be reached; False where it was not known as such."""
    gone = delete(unreachable_address).where(unreachable_address.c.address == address.lower())
    return tx.execute(gone).rowcount == 1


def is_unreachable(tx: Transaction, address: str) -> bool:
    """Say whether an address bounced for good."""
    return bool(unreachable_among(tx, [address]))


def unreachable_among(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of these addresses that bounced for good, in lower case."""
    wanted = [one.lower() for one in addresses if one]
    query = select(unreachable_address.c.address).where(unreachable_address.c.address.in_(wanted))
    return set(tx.execute(query).scalars()) if wanted else set()


def facilities_at(tx: Transaction, address: str) -> list[str]:
    """Return the certification numbers of the facilities that use an address."""
    query = select(facility.c.certification_number).where(
        func.lower(facility.c.address) == address.lower(), facility.c.removed_at.is_(None)
    )
    return list(tx.execute(query.order_by(facility.c.certification_number)).scalars())
