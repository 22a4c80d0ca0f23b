"""Answers that staff write in Outlook or webmail: they join their case and hold our letters.

The Sent folder is looked at from the first start on; what we filed there ourselves is
known by our own header. A copy in the mailbox counts as well.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from helpdesk.desk.context import Desk
from helpdesk.desk.early_answers import written_after
from helpdesk.domain.japanese import fold
from helpdesk.domain.marks import OWN_HEADER, plain_subject, proven_case_number
from helpdesk.domain.message import Message
from helpdesk.domain.proofs import without_old_dates, without_proofs
from helpdesk.mail.mailbox import Mailbox
from helpdesk.mail.reader import ReaderFailed
from helpdesk.store import cases, casework, facts, holding, mails
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

log = structlog.get_logger(__name__)

# Characters of an answer that are kept for the thread.
_LONGEST_NOTE = 20_000

#: What staff read beside a letter that was held.
HELD = "Outlookで返信済 (staff answered by their own mail program)"


def look_into_sent(
    desk: Desk, mailbox: Mailbox, folder: str, inbox: str, now: datetime, *, early: bool = False
) -> None:
    """Join new mails of the Sent folder to their cases.

    They are kept besides, because they may answer mails that are still to be decided.
    `early`: before the mailbox is read; everything is looked at once more afterwards.
    """
    validity, next_uid = mailbox.next_uid_of(folder)
    name = f"sent_seen:{folder}"[:60]
    with desk.database.read() as tx:
        seen = facts.read_fact(tx, name)
    if seen is None or seen["uidvalidity"] != validity:
        seen = {"uidvalidity": validity, "next": next_uid}
        if not early:
            with desk.database.begin() as tx:
                facts.write_fact(tx, name, seen)
        return
    lowest: int | None = seen["next"] if seen["next"] < next_uid else None
    while lowest is not None:
        found, lowest = mailbox.read_without(folder, OWN_HEADER, lowest, inbox)
        messages = _read(desk, found)
        with desk.database.begin() as tx:
            for message in messages:
                desk.early_answers.keep(message)
                join(desk, tx, message, now, once=True)
            if not early:
                seen = {"uidvalidity": validity, "next": lowest or next_uid}
                facts.write_fact(tx, name, seen)


def _read(desk: Desk, found: list[bytes]) -> list[Message]:
    messages = []
    for raw in found:
        try:
            messages.append(desk.reader.read(raw))
        except ReaderFailed as error:
            log.warning("staff_mail_not_read", error=str(error))
    return messages


def join(
    desk: Desk, tx: Transaction, message: Message, now: datetime, *, once: bool = False
) -> bool:
    """Join one mail of staff to its case; False where it belongs to none.

    `once`: a case that has it already is left alone; what came after it was not answered by it.
    """
    if message.header(OWN_HEADER.lower()) is not None:
        return False  # Our own letter, filed by us.
    case = _case_of(desk, tx, message)
    if case is None:
        return False
    known = bool(message.message_id) and message.message_id in case.thread
    if known and once:
        return True
    held = holding.hold_letters_of(tx, case.id, HELD)
    cases.note_outside_answer(tx, case.id, now)
    if message.message_id and not known:
        cases.extend_thread(tx, case, [message.message_id])
        # The thread shows what was said; a copy in another folder is not said twice.
        text = f"{message.subject}\n\n{message.text}"[:_LONGEST_NOTE]
        # Who answers with the form below it repeats what nobody may keep.
        text = without_old_dates(text, case.fields)
        casework.insert_note(tx, case.id, "Outlook", "outlook", text, now)
    log.info("answered_outside", case=case.number, held=held)
    return True


def _case_of(desk: Desk, tx: Transaction, message: Message) -> Case | None:
    """Return the case whose correspondent a mail of staff answers.

    By References, or by correspondent and subject. A mail to a colleague about the case
    answers nobody.
    """
    told = {one.address.lower() for one in (*message.to, *message.cc)}
    for case in (*_by_references(desk, tx, message), *_by_subject(tx, message, told)):
        if case.correspondent.lower() in told:
            return case
    return None


def _by_references(desk: Desk, tx: Transaction, message: Message) -> list[Case]:
    ids = (*message.in_reply_to, *message.references)
    if not ids:
        return []
    found = [cases.case_by_id(tx, case_id) for case_id in mails.cases_of_message_ids(tx, ids)]
    number = proven_case_number(desk.key, ids)
    proven = cases.case_by_number(tx, number) if number else None
    return [proven, *found] if proven else found


def _by_subject(tx: Transaction, message: Message, told: set[str]) -> list[Case]:
    bare = plain_subject(message.subject)
    subjects = {fold(bare), fold(without_proofs(bare))} - {""}
    if not subjects:
        return []
    return [
        case
        for address in sorted(told)
        for case in cases.open_cases_of(tx, address)
        if fold(case.subject) in subjects and _is_later(tx, message, case)
    ]


def _is_later(tx: Transaction, message: Message, case: Case) -> bool:
    """Say whether a mail of staff can answer a case: what they wrote before it cannot."""
    began = mails.first_received_of_case(tx, case.id)
    return began is None or written_after(message, began)
