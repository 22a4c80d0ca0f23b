"""Letters about a deadline that did not arrive for good: their address, and who telephones.

By a report about a letter that is proved to be ours, or by the relay's refusal of the
recipient.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from helpdesk.desk import correction_letters, link_notices, reminders, unreachable
from helpdesk.desk.context import Desk
from helpdesk.desk.links import RESULT
from helpdesk.domain.bounce import Bounce
from helpdesk.domain.marks import proven_case_number
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import season_of
from helpdesk.store import cases, contacts, corrections, letters, links, refusals
from helpdesk.store import reminders as reminder_rows
from helpdesk.store.database import Transaction
from helpdesk.store.facilities import facilities_by_numbers
from helpdesk.store.letters import LetterOfMatter

log = structlog.get_logger(__name__)


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
    _follow_up(desk, tx, letter, now)


def note_refusals(desk: Desk, now: datetime) -> int:
    """Take note of letters that the relay refused because there is no such mailbox."""
    with desk.database.read() as tx:
        found = refusals.no_such_mailbox(tx)
    if not found:
        return 0
    with desk.database.begin() as tx:
        for one in found:
            if refusals.mark_noted(tx, one):
                contacts.mark_unreachable(tx, one.letter.recipient, "refused by the relay", now)
                _follow_up(desk, tx, one.letter, now)
    log.warning("addresses_unreachable", letters=len(found))
    return len(found)


def _follow_up(desk: Desk, tx: Transaction, letter: LetterOfMatter, now: datetime) -> None:
    """Make sure that somebody telephones about what did not arrive."""
    about = _ABOUT.get(letter.matter or "")
    if about is not None and letter.case_id is not None:
        about(desk, tx, letter, letter.case_id, now)


def _reminder(
    desk: Desk, tx: Transaction, letter: LetterOfMatter, _case_id: int, now: datetime
) -> None:
    row = reminder_rows.of_letters(tx, [letter.id]).get(letter.id)
    if row is None:
        return
    if letter.state == "failed":
        reminder_rows.set_skipped(tx, row.id, "unreachable", now)
    facility = _facility(tx, row.certification_number)
    for campaign in desk.rules.campaigns:
        if campaign.id == row.key.campaign and facility is not None:
            season = season_of(campaign, row.key.year, desk.rules.desk.calendar)
            reminders.put_on_list(tx, season, facility, "unreachable", now)


def _correction(
    _desk: Desk, tx: Transaction, _letter: LetterOfMatter, case_id: int, now: datetime
) -> None:
    one = corrections.correction_of_case(tx, case_id)
    facility = _facility(tx, one.certification_number) if one else None
    if one is not None and facility is not None:
        key, subject = f"correction:{one.id}", correction_letters.SUBJECT
        unreachable.add_task(tx, facility, key, subject, "unreachable", one.due_on, now)


def _link(
    _desk: Desk, tx: Transaction, letter: LetterOfMatter, case_id: int, now: datetime
) -> None:
    if letter.letter == "link_result":
        number = cases.case_by_id(tx, case_id).certification_number
        facility = _facility(tx, number) if number else None
        if facility is not None:
            key = f"letter:{letter.id}"
            unreachable.add_task(tx, facility, key, RESULT, "unreachable", None, now)
        return
    one = links.link_of_case(tx, case_id)
    if one is not None and one.state == "asked":
        link_notices.to_person(tx, one, "core_no_address", now)


def _facility(tx: Transaction, number: str) -> Facility | None:
    return facilities_by_numbers(tx, [number]).get(number)


_ABOUT: dict[str, Callable[[Desk, Transaction, LetterOfMatter, int, datetime], None]] = {
    "reminder": _reminder,
    "correction": _correction,
    "link_request": _link,
}
