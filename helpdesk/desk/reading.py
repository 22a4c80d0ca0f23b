"""Reading a stored mail as far as it goes without the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from helpdesk.domain.authentication import Authentication
from helpdesk.domain.disposition import Scope, Sorting
from helpdesk.domain.marks import proven_by_subject, proven_case_number
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.request import Reading
from helpdesk.domain.topics import TopicReading
from helpdesk.domain.understanding import Understanding, answered_ids, understand
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
    #: What a request asks besides the form.
    besides: TopicReading | None = None
    #: What is spelled like a token (確認番号) in subject or text; proves nothing unlooked at.
    tokens: tuple[str, ...] = ()
    #: What the search finds it by.
    words: str = ""


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
    return with_proof(key, mail, understand(message, rules.knowledge))


def with_proof(key: bytes, mail: StoredMail, found: Understanding) -> ReadMail:
    """Add what only the holder of the key can say: which case a mail really answers."""
    ids = answered_ids(found.message)
    proven = proven_case_number(key, ids) or proven_by_subject(key, found.message.subject)
    return ReadMail(
        mail,
        found.message,
        found.reading,
        found.sorting,
        found.claimed,
        proven,
        found.authentication,
        found.besides,
        found.tokens,
        found.words,
    )


def scope_of(rules: Rules) -> Scope:
    """Return what makes a mail ours, and what questions are about, by these rules."""
    return rules.knowledge.scope


def content_key(message: Message) -> str:
    """Return a digest of what a person would call 'the same mail'."""
    sender = message.sender.address if message.sender else ""
    text = "\0".join((sender, message.subject, message.body))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
