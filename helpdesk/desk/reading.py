"""Reading a stored mail as far as it goes without the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from helpdesk.domain.authentication import Authentication, read_authentication
from helpdesk.domain.disposition import Scope, Sorting, sort_message
from helpdesk.domain.marks import own_case_number, proven_by_subject, proven_case_number
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.request import Reading, read_request
from helpdesk.domain.token import find_tokens
from helpdesk.mail.reader import MailReader
from helpdesk.rules import Rules
from helpdesk.store.mails import StoredMail


@dataclass(frozen=True, slots=True)
class ReadMail:
    """One stored mail with everything that could be read without the database."""

    stored: StoredMail
    message: Message
    reading: Reading
    sorting: Sorting
    #: Case number that the mail claims by its marks, and the one its HMAC proves.
    claimed: str | None
    proven: str | None
    #: What our own mail server found out about the sender; None where it says nothing.
    authentication: Authentication | None = None
    #: What is spelled like a token (確認番号) in subject or text; proves nothing unlooked at.
    tokens: tuple[str, ...] = ()


def read_stored(
    rules: Rules,
    key: bytes,
    mail: StoredMail,
    source: bytes | None,
    reader: MailReader | None = None,
) -> ReadMail:
    """Read a mail as far as it goes without the database.

    A mail that was tried before is read by the reader's child process, whatever it
    looks like. Raises ReaderFailed where it hung or ended that process.
    """
    if reader is None:
        message = read_message(source or b"")
    else:
        message = reader.read(source or b"", alone=mail.attempts > 0)
    reading = read_request(message, rules.form.patterns)
    ids = (*message.in_reply_to, *message.references)
    claimed = own_case_number(ids, message.subject)
    if message.bounce and message.bounce.original_message_id:
        ids = (message.bounce.original_message_id, *ids)
        claimed = own_case_number(ids, "") or claimed
    tokens = find_tokens(f"{message.subject}\n{message.body}")
    answers_us = claimed is not None or bool(tokens)
    sorting = sort_message(message, reading, scope_of(rules), answers_us=answers_us)
    proven = proven_case_number(key, ids) or proven_by_subject(key, message.subject)
    server = read_authentication(message, rules.mailbox.authserv_id)
    return ReadMail(mail, message, reading, sorting, claimed, proven, server, tokens)


def scope_of(rules: Rules) -> Scope:
    """Return what makes a mail ours, and what questions are about, by these rules."""
    desk_addresses = frozenset({rules.desk.address.lower()})
    return Scope(desk_addresses, tuple(rules.mailbox.ours), rules.topics.book)


def content_key(message: Message) -> str:
    """Return a digest of what a person would call 'the same mail'."""
    sender = message.sender.address if message.sender else ""
    text = "\0".join((sender, message.subject, message.body))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
