"""Facilities that no mail reaches: they are telephoned or written to (電話・郵送).

An address is missing, or it bounced for good: by a report about a letter that is proved
to be ours, or by the relay's refusal of the recipient.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import structlog

from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.bounce import Bounce
from helpdesk.domain.marks import proven_case_number
from helpdesk.domain.registry import Facility
from helpdesk.store import contacts, corrections, letters, links, reminders, staff
from helpdesk.store.contacts import NewTask, Task
from helpdesk.store.database import Database, Transaction
from helpdesk.store.facilities import facilities_by_numbers
from helpdesk.store.reminders import Reminder

log = structlog.get_logger(__name__)

# Replies to RCPT that speak of the mailbox and not of us (RFC 5321 4.2.3).
_NO_SUCH_MAILBOX = ("550", "551", "553")

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


def note_bounce(desk: Desk, tx: Transaction, bounce: Bounce | None, now: datetime) -> None:
    """Take note of a report that a letter of ours did not arrive for good.

    Only the Message-ID that we made proves anything; the address is the one we wrote to
    and not the one that the report names.
    """
    if bounce is None or not bounce.permanent or not bounce.original_message_id:
        return
    if proven_case_number(desk.key, [bounce.original_message_id]) is None:
        return
    letter = letters.by_message_id(tx, bounce.original_message_id)
    if letter is None:
        return
    if not contacts.facilities_at(tx, letter.recipient) and letter.matter is None:
        return  # Somebody's private address says nothing about a facility.
    if contacts.mark_unreachable(tx, letter.recipient, "bounced", now):
        log.warning("address_unreachable", letter=letter.id)
    _follow_up(tx, letter, now)


def _follow_up(tx: Transaction, letter: letters.LetterOfMatter, now: datetime) -> None:
    """Make sure that somebody telephones about what did not arrive."""
    if letter.matter == "reminder":
        found = reminders.of_letters(tx, [letter.id]).get(letter.id)
        if found is not None:
            _task_of_reminder(tx, found, now)
    elif letter.matter == "correction" and letter.case_id is not None:
        one = corrections.correction_of_case(tx, letter.case_id)
        facility = facilities_by_numbers(tx, [one.certification_number]) if one else {}
        for about in facility.values():
            assert one is not None  # noqa: S101 - else there is no facility
            key = f"correction:{one.id}"
            add_task(tx, about, key, "データ修正依頼", "unreachable", one.due_on, now)
    elif letter.matter == "link_request" and letter.case_id is not None:
        link = links.link_of_case(tx, letter.case_id)
        if link is not None and link.state == "asked":
            links.change(tx, link, state="human", trouble="core_no_address")


def _task_of_reminder(tx: Transaction, reminder: Reminder, now: datetime) -> None:
    key, number = reminder.key, reminder.certification_number
    for facility in facilities_by_numbers(tx, [number]).values():
        subject = SUBJECTS.get(key.campaign, key.campaign)
        purpose = f"{key.campaign}:{key.year}:{number}"
        add_task(tx, facility, purpose, subject, "unreachable", None, now)


def note_refusals(desk: Desk, now: datetime) -> int:
    """Take note of reminders that the relay refused because there is no such mailbox."""
    with desk.database.read() as tx:
        found = reminders.refused(tx)
    gone = [one for one in found if one[2].startswith(_NO_SUCH_MAILBOX)]
    if not gone:
        return 0
    with desk.database.begin() as tx:
        for reminder, address, _answer in gone:
            contacts.mark_unreachable(tx, address, "refused by the relay", now)
            reminders.set_skipped(tx, reminder.id, "unreachable")
            _task_of_reminder(tx, reminder, now)
    log.warning("addresses_unreachable", letters=len(gone))
    return len(gone)


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
