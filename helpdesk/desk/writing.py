"""Writing a letter: rendered, addressed, threaded, and put into the outbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.addressing import addressee, find_addresses
from helpdesk.domain.audit import Event
from helpdesk.domain.japanese import fold
from helpdesk.domain.marks import is_own_message_id, own_message_id, with_proof
from helpdesk.domain.message import read_message
from helpdesk.domain.proofs import holds_proof, typed_proofs
from helpdesk.mail.letters import build_mail
from helpdesk.mail.reader import is_suspicious
from helpdesk.store import audit, contacts, letters, searching
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.letters import PRIORITY_NORMAL, PRIORITY_RECEIPT, NewLetter

#: Letters that somebody waits for at the other end; they leave before all others.
_RECEIPTS = frozenset({"receipt", "receipt_inquiry", "receipt_again", "missing_fields"})


# Of a case so many mails are compared with a letter that was edited, and so much of each.
_MAILS_COMPARED, _COMPARED = 10, 20_000

# Bytes of a mail that its header may take; a real one has a few thousand.
_LONGEST_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Intent:
    """One letter that is to be written."""

    letter: str
    #: Unique over all time: a purpose gets one letter.
    purpose_key: str
    recipient: str
    values: Mapping[str, object]
    #: Written without a person's decision.
    automatic: bool
    #: Message-ID of the mail it answers, where there is one.
    answers: str | None = None
    #: The whole body as a person edited it; None: as the template has it.
    body: str | None = None


def message_id_of(desk: Desk, number: str, purpose_key: str) -> str:
    """Return the Message-ID that the letter of a purpose has or will have."""
    return own_message_id(desk.key, number, purpose_key, desk.mail_domain)


def write_letter(
    desk: Desk,
    tx: Transaction,
    case: Case,
    intent: Intent,
    now: datetime,
    later: Later | None = None,
) -> str:
    """Put one letter into the outbox, unless its purpose has one; return its Message-ID.

    `later`: where it may wait to be written, if its purpose is a new one. Raises Refused
    where a person wrote the requester's birthdate or member number into it.
    """
    message_id = message_id_of(desk, case.number, intent.purpose_key)
    values = {
        "case_number": case.number,
        "subject": case.subject,
        "automatic": intent.automatic,
        **intent.values,
    }
    answered, thread = _known_to(tx, case, intent)
    rendered = desk.letters.render(intent.letter, values)
    if intent.recipient.lower() == case.correspondent.lower():
        # Only who may answer gets the proof of an answer.
        subject = with_proof(desk.key, case.number, rendered.subject)
        rendered = replace(rendered, subject=subject)
    if intent.body is not None:
        _refuse_proofs(tx, case, intent.body)
        _refuse_address(tx, case, intent.recipient, intent.body)
        rendered = replace(rendered, body=intent.body)
    source = build_mail(
        rendered,
        letter=intent.letter,
        sender=desk.rules.desk,
        to=intent.recipient,
        message_id=message_id,
        date=now,
        in_reply_to=answered,
        references=thread,
        automatic=intent.automatic,
    )
    new = NewLetter(
        purpose_key=intent.purpose_key,
        case_id=case.id,
        letter=intent.letter,
        recipient=intent.recipient,
        message_id=message_id,
        source=source,
        automatic=intent.automatic,
        priority=PRIORITY_RECEIPT if intent.letter in _RECEIPTS else PRIORITY_NORMAL,
        state="held" if desk.rules.mode == "shadow" else "queued",
    )
    letter_id = letters.insert_letter(tx, new, now, later)
    if letter_id is not None:
        _note(tx, case, intent, letter_id)
    return message_id


def _refuse_proofs(tx: Transaction, case: Case, body: str) -> None:
    """Refuse a letter that a person edited and that repeats what its reader typed."""
    known = [case.fields]
    for raw in searching.sources_of_case(tx, case.id, _MAILS_COMPARED):
        if not is_suspicious(raw):
            message = read_message(raw)
            known += typed_proofs(f"{message.subject}\n{message.body[:_COMPARED]}")
    if any(holds_proof(body, one) for one in known):
        raise Refused(
            "the letter holds a birthdate or member number that the requester wrote"
            " (生年月日・会員番号); no letter may repeat it: take it out"
        )


def _refuse_address(tx: Transaction, case: Case, recipient: str, body: str) -> None:
    """Refuse a letter that a person edited and that tells a registered address (①).

    It is told by the decision that asks how many must agree, and that the address itself
    hears of; a letter by hand goes round neither.
    """
    told = recipient.lower()
    for one in find_addresses(body):
        if one == told or not contacts.facilities_at(tx, one):
            continue
        if not letters.was_written(tx, case.id, "address_told", told):
            raise Refused(
                "the letter holds a facility's registered mail address (登録アドレス), which its"
                " reader was not told: take it out, and tell it by the action that confirms it"
            )


def _note(tx: Transaction, case: Case, intent: Intent, letter_id: int) -> None:
    """Keep in the audit log that a letter was written, and not to whom."""
    own = intent.recipient.lower() == case.correspondent.lower()
    about = {"letter": letter_id, "name": intent.letter, "to": "sender" if own else "other"}
    actor = str(intent.values.get("clerk") or "system")
    cause = intent.purpose_key if is_plain_purpose(intent.purpose_key) else intent.letter
    audit.note(tx, Event("letter_written", actor[:80], cause[:80], case.number, about))


def is_plain_purpose(purpose_key: str) -> bool:
    """Say whether a purpose names no address, so that it may stand in the audit log."""
    return "@" not in purpose_key


def _known_to(tx: Transaction, case: Case, intent: Intent) -> tuple[str | None, tuple[str, ...]]:
    """Return In-Reply-To and References of a letter: ids of what its recipient wrote or got.

    Who wrote to a case may not learn the Message-ID of a letter to somebody else: only its
    reader is to be able to answer it. A result answers the recipient's newest mail, and the
    thread goes as far as the mail that is answered (RFC 5322 3.6.4).
    """
    recipient = intent.recipient.lower()
    thread = case.thread
    if intent.answers in thread:  # What came after it is not looked at.
        thread = thread[: thread.index(intent.answers) + 1]
    own = [one for one in thread if is_own_message_id(one)]
    foreign = [one for one in thread if not is_own_message_id(one)]
    theirs = {intent.answers} if intent.answers else set()
    if any(one not in theirs for one in foreign):
        theirs |= _written_by(tx, case, recipient)
    known = theirs.intersection(foreign) | letters.sent_to(tx, recipient, own)
    thread = tuple(one for one in thread if one in known)
    answered = intent.answers or next((one for one in reversed(foreign) if one in known), None)
    if answered not in thread:
        return answered, ()
    return answered, thread[: thread.index(answered) + 1]


def _written_by(tx: Transaction, case: Case, address: str) -> set[str]:
    """Return the Message-IDs of the mails of a case that came from an address."""
    found = set()
    for raw in searching.sources_of_case(tx, case.id, _MAILS_COMPARED):
        head = re.split(rb"\r?\n\r?\n", raw[:_LONGEST_HEAD], maxsplit=1)[0] + b"\r\n\r\n"
        if is_suspicious(head):
            continue
        message = read_message(head)
        if message.sender and message.message_id and message.sender.address.lower() == address:
            found.add(message.message_id)
    return found


def addressee_for(case: Case) -> str:
    """Return who a letter speaks to, as the sender wrote it and never from the registry."""
    physician = case.fields.get("responsible_physician")
    sender = case.correspondent_name
    # An account's name in letters of another script says nothing about who wrote.
    by_physician = bool(physician) and (
        not _is_japanese(sender) or fold(sender) == fold(physician or "")
    )
    return addressee(case.fields.get("facility_name"), physician, sender, by_physician)


def _is_japanese(name: str) -> bool:
    return any("\u3040" <= char <= "\u9fff" for char in name)
