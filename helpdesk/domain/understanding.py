"""Everything that can be said of one mail without the registry and without the database."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.domain.authentication import Authentication, read_authentication
from helpdesk.domain.besides import asked_besides
from helpdesk.domain.disposition import Scope, Sorting, sort_message
from helpdesk.domain.labels import Form
from helpdesk.domain.marks import own_case_number
from helpdesk.domain.message import Message
from helpdesk.domain.proofs import without_proofs_in_names
from helpdesk.domain.request import Reading, read_request
from helpdesk.domain.searchable import words_of_mail
from helpdesk.domain.token import find_tokens
from helpdesk.domain.topics import TopicReading


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the rules know that reading a mail needs; it may travel to another process."""

    form: Form
    scope: Scope
    #: Name of our own mail server in Authentication-Results; None: it is not asked.
    authserv_id: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, read and sorted."""

    message: Message
    reading: Reading
    sorting: Sorting
    #: What a request asks besides the form; None: nothing.
    besides: TopicReading | None
    #: Case number that the mail claims by its marks; nothing proves it yet.
    claimed: str | None
    #: What our own mail server found out about the sender; None where it says nothing.
    authentication: Authentication | None
    #: What is spelled like a token (確認番号) in subject or text; see domain/token.py.
    tokens: tuple[str, ...] = ()
    #: What the search finds the mail by; see domain/searchable.py. Empty where it is not ours.
    words: str = ""


def understand(message: Message, knowledge: Knowledge) -> Understanding:
    """Read and sort one message."""
    reading = without_proofs_in_names(read_request(message, knowledge.form))
    claimed = own_case_number(answered_ids(message), message.subject)
    tokens = find_tokens(f"{message.subject}\n{message.body}")
    answers_us = claimed is not None or bool(tokens)
    sorting = sort_message(message, reading, knowledge.scope, answers_us=answers_us)
    server = read_authentication(message, knowledge.authserv_id)
    besides = _besides(message, reading, sorting, knowledge)
    words = words_of_mail(message.text) if sorting.ours else ""
    return Understanding(message, reading, sorting, besides, claimed, server, tokens, words)


def _besides(
    message: Message, reading: Reading, sorting: Sorting, knowledge: Knowledge
) -> TopicReading | None:
    book = knowledge.scope.topics
    if book is None or sorting.disposition not in ("request", "reply"):
        return None
    return asked_besides(message, reading, knowledge.form, book)


def answered_ids(message: Message) -> tuple[str, ...]:
    """Return the Message-IDs a mail answers, the one that came back first."""
    ids = (*message.in_reply_to, *message.references)
    if message.bounce and message.bounce.original_message_id:
        return (message.bounce.original_message_id, *ids)
    return ids
