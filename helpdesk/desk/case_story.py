"""What happened to a case, each thing as it was when it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.desk.reading import ReadMail
from helpdesk.domain.change import as_decided
from helpdesk.domain.enclosures import Enclosure
from helpdesk.domain.written_by import WrittenBy
from helpdesk.store.actions import Action
from helpdesk.store.case_view import CaseLetter
from helpdesk.store.cases import Case
from helpdesk.store.casework import Note
from helpdesk.store.mails import StoredMail


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of a mail's text: whose words, and which field was read in it."""

    text: str
    #: own | quoted | signature
    kind: str
    #: Name of a field, '' where nothing was read here.
    field: str = ""


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One incoming mail of a case."""

    stored: StoredMail
    topic: str | None
    #: None: it cannot be read, `problem` says why.
    read: ReadMail | None
    stretches: tuple[Stretch, ...]
    written_by: WrittenBy | None
    files: tuple[Enclosure, ...]
    has_html: bool
    by_staff: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter of ours, in words."""

    row: CaseLetter
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case."""

    at: datetime
    #: mail | letter | decision | reflected | note | outside
    kind: str
    by: str
    what: object


def story_of(
    case: Case,
    shown: tuple[ShownMail, ...],
    letters: tuple[ShownLetter, ...],
    acts: Sequence[Action],
    notes: Sequence[Note],
) -> Iterator[Event]:
    """Yield what happened, in no order; mails of staff from their own program included."""
    for one in shown:
        yield Event(one.stored.received_at, "staff_mail" if one.by_staff else "mail", "", one)
    for letter in letters:
        yield Event(letter.row.sent_at or letter.row.created_at, "letter", "", letter)
    for action in acts:
        if action.decided_at is not None:
            then = replace(action, state=as_decided(action.kind, action.state))
            yield Event(action.decided_at, "decision", action.decided_by or "", then)
        if action.reflected_at is not None:
            yield Event(action.reflected_at, "reflected", action.reflected_by or "", action)
    for note in notes:
        yield Event(note.at, "note", note.by, note)
    if case.answered_outside_at is not None:
        yield Event(case.answered_outside_at, "outside", "", None)
