"""Facilities that no mail reaches: they are telephoned or written to (電話・郵送).

An address is missing, or a letter did not get there for good (desk/undelivered.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import structlog

from helpdesk.desk.context import Refused
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.registry import Facility
from helpdesk.store import contacts, staff
from helpdesk.store.contacts import NewTask, Task
from helpdesk.store.database import Database, Transaction

log = structlog.get_logger(__name__)

#: What a task is about, by campaign; another campaign is named by its id.
SUBJECTS = {
    "renewal": "更新申請のご案内",
    "address_check": "メールアドレスの確認",
}


def add_task(
    tx: Transaction,
    facility: Facility,
    purpose_key: str,
    subject: str,
    reason: str,
    due_on: date | None,
    now: datetime,
) -> bool:
    """Put a facility on the list of those to telephone or write to, once for an occasion."""
    new = NewTask(purpose_key, facility.certification_number, subject, reason, due_on)
    return contacts.insert_task(tx, new, now)


def cannot_be_reached(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of these addresses that are none, or bounced for good."""
    given = set(addresses)
    dead = contacts.unreachable_among(tx, given)
    return {one for one in given if not is_mail_address(one) or one.lower() in dead}


def listed(database: Database, *, open_only: bool) -> list[Task]:
    """Return the list of those to telephone or write to, the nearest date first."""
    with database.read() as tx:
        return contacts.list_tasks(tx, open_only=open_only)


def done(database: Database, task_id: int, by: str, now: datetime, *, reachable: bool) -> None:
    """End one task. `reachable`: mail gets there again, and is written again. Raises Refused."""
    with database.begin() as tx:
        if staff.staff_by_name(tx, by) is None:
            raise Refused("there is no user of that name; see: helpdesk user add NAME --role …")
        task = next(
            (one for one in contacts.list_tasks(tx, open_only=True) if one.id == task_id), None
        )
        if task is None or not contacts.end_task(tx, task_id, "done", by, now):
            raise Refused(f"there is no open task {task_id}; see: helpdesk contact list")
        if reachable and task.address:
            contacts.mark_reachable(tx, task.address)
