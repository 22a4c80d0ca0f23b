"""Keeping answered questions as examples, and trying changed rules on what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.context import Desk
from helpdesk.desk.reading import read_stored, scope_of
from helpdesk.domain.anonymity import without_person
from helpdesk.domain.disposition import Sorting, sort_message
from helpdesk.domain.headers import Address
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.proofs import without_old_dates
from helpdesk.domain.quoting import OWN, Segment
from helpdesk.domain.request import read_request
from helpdesk.rules import Rules
from helpdesk.store import examples, mails
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

# Mails that are held in memory at once while rules are tried.
_BATCH = 50


def keep_question(
    desk: Desk, tx: Transaction, action: Action, case: Case, topic: str, now: datetime
) -> None:
    """Keep the question that was answered with a topic's letter, without the person."""
    raw = mails.newest_source_of_case(tx, case.id)
    if raw is None:
        return
    message = read_message(raw)
    names = [case.correspondent_name, *(value for value in case.fields.values() if value)]
    facility = desk.registry.index(tx).by_number(action.certification_number or "")
    if facility is not None:
        names += [facility.name, facility.physician, *facility.former_names]
    subject = without_person(without_old_dates(message.subject, case.fields), names)
    text = without_person(without_old_dates(message.text, case.fields), names)
    examples.keep_example(tx, action.id, topic, subject, text, now)


@dataclass(frozen=True, slots=True)
class Difference:
    """One kept mail or example that changed rules read differently."""

    #: `mail 17` or `example 3`.
    what: str
    subject: str
    now_read: str
    would_be: str
    #: The topic that a person chose; None for a mail.
    expected: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of trying a rules file on everything that is kept."""

    tried: int
    differences: tuple[Difference, ...]


def try_rules(desk: Desk, changed: Rules) -> Trial:
    """Read every kept mail and example with both rules; nothing is written or decided."""
    tried, found = 0, []
    for one in (*_tried_mails(desk, changed), *_tried_examples(desk, changed)):
        tried += 1
        if one.now_read != one.would_be:
            found.append(one)
    return Trial(tried, tuple(found))


def _tried_mails(desk: Desk, changed: Rules) -> Iterator[Difference]:
    last = 0
    while True:
        with desk.database.read() as tx:
            batch = mails.kept_sources(tx, last, _BATCH)
        if not batch:
            return
        for stored, raw in batch:
            old = read_stored(desk.rules, desk.key, stored, raw)
            new = read_stored(changed, desk.key, stored, raw)
            yield Difference(
                f"mail {stored.id}",
                old.message.subject,
                _in_words(old.sorting),
                _in_words(new.sorting),
                None,
            )
            last = stored.id


def _tried_examples(desk: Desk, changed: Rules) -> Iterator[Difference]:
    with desk.database.read() as tx:
        kept = examples.all_examples(tx)
    for one in kept:
        message = Message(
            subject=one.subject,
            body=one.text,
            segments=(Segment(0, len(one.text), OWN),),
            sender=Address("", "nobody@example.invalid"),
        )
        reading = read_request(message)
        old, new = (
            sort_message(message, reading, scope_of(rules), answers_us=False)
            for rules in (desk.rules, changed)
        )
        yield Difference(
            f"example {one.id}", one.subject, _in_words(old), _in_words(new), one.topic
        )


def _in_words(sorting: Sorting) -> str:
    return f"{sorting.disposition}/{sorting.topic}" if sorting.topic else sorting.disposition
