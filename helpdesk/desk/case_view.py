"""The case as a clerk sees it: what was said, what is known, what will be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.desk.case_story import Event, ShownLetter, ShownMail, Stretch, story_of
from helpdesk.desk.casework import case_of
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.reading import ReadMail, read_stored
from helpdesk.domain.by_hand import UNKEPT, changes_of
from helpdesk.domain.change import DECIDABLE, UNDER_WAY
from helpdesk.domain.difference import ONLY, SAME, VARIANT, Piece, compare_texts
from helpdesk.domain.enclosures import Enclosure, enclosed, enclosures, html_of
from helpdesk.domain.message import read_message
from helpdesk.domain.quoting import OWN
from helpdesk.domain.registry import Facility
from helpdesk.domain.token import without_token
from helpdesk.domain.written_by import read_written_by
from helpdesk.mail.reader import ReaderFailed
from helpdesk.store import actions, case_view, casework, facilities
from helpdesk.store.actions import Action
from helpdesk.store.case_view import CaseLetter, CaseLine
from helpdesk.store.cases import Case
from helpdesk.store.casework import Note, Work
from helpdesk.store.mails import StoredMail

# Wrong answers about a facility are told for so long.
_MISSES_OF = timedelta(days=30)

#: The fields of the form by number, as the letters of the guide number them.
GROUPS: Mapping[str, int] = {
    "facility_name": 1,
    "certification_number": 1,
    "responsible_physician": 2,
    "member_number": 3,
    "birthdate": 3,
    "request": 4,
    "new_address": 4,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of the request beside the registry's."""

    field: str
    written: tuple[Piece, ...]
    known: tuple[Piece, ...]
    #: agrees | differs | absent | unknown, '' where nothing was judged.
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A field that does not stand as it was written: who put it right, when, and from what."""

    by: str
    at: datetime
    #: As the first correction found it; None: nothing was there, or it is not known any more.
    before: str | None
    after: str | None


# What is on its way without anybody here; a proof by another address is seen to all the same.
_ELSEWHERE = frozenset(UNDER_WAY) - {"portal"}


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything on the case's page."""

    case: Case
    work: Work
    mails: tuple[ShownMail, ...]
    letters: tuple[ShownLetter, ...]
    actions: tuple[Action, ...]
    notes: tuple[Note, ...]
    facility: Facility | None
    compared: tuple[Compared, ...]
    #: Cases about this facility with wrong answers lately, this one included.
    misses: int
    others: tuple[CaseLine, ...]
    story: tuple[Event, ...]
    #: By field: what was put right by hand and stands so now.
    by_hand: Mapping[str, Corrected]

    @property
    def newest(self) -> ShownMail | None:
        """The newest mail that a person outside wrote."""
        written = [one for one in self.mails if not one.by_staff and one.read is not None]
        asked = [one for one in written if one.read and one.read.reading.is_request]
        return (asked or written or [None])[-1]  # type: ignore[list-item]

    @property
    def waiting(self) -> tuple[Action, ...]:
        """What waits for a decision here."""
        return tuple(one for one in self.actions if one.state in (*DECIDABLE, *UNDER_WAY))

    @property
    def waits_elsewhere(self) -> bool:
        """Say whether all that waits here waits for an answer or a date, not for staff."""
        return bool(self.waiting) and all(one.state in _ELSEWHERE for one in self.waiting)

    @property
    def revertible(self) -> tuple[Action, ...]:
        """Changes that are in force."""
        return tuple(
            one for one in self.actions if one.kind == "change_address" and one.state == "done"
        )


def view(desk: Desk, number: str, now: datetime) -> CaseView:
    """Return a case with everything around it. Raises Refused."""
    with desk.database.read() as tx:
        case = case_of(tx, number)
        stored = case_view.mails_of(tx, case.id)
        letters = case_view.letters_of(tx, case.id)
        acts = actions.actions_of_case(tx, case.id)
        notes = casework.notes_of(tx, case.id)
        work = casework.work_of(tx, case.id)
        of_action = next((one.certification_number for one in acts if one.state == "waiting"), None)
        meant = case.certification_number or of_action
        known = facilities.facilities_by_numbers(tx, [meant]) if meant else {}
        misses = case_view.refused_requests_since(tx, meant, now - _MISSES_OF) if meant else 0
        others = (
            case_view.other_cases_of(tx, case.correspondent, case.id) if case.correspondent else []
        )
    facility = known.get(meant or "")
    shown = tuple(_shown_mail(desk, *one) for one in stored)
    told = tuple(_shown_letter(one) for one in letters)
    return CaseView(
        case=case,
        work=work,
        mails=shown,
        letters=told,
        actions=tuple(acts),
        notes=tuple(notes),
        facility=facility,
        compared=tuple(_compared(case, facility, acts)),
        misses=misses,
        others=tuple(others),
        story=tuple(sorted(story_of(case, shown, told, acts, notes), key=lambda one: one.at)),
        by_hand=_by_hand(case, notes, shown),
    )


def _by_hand(case: Case, notes: list[Note], shown: tuple[ShownMail, ...]) -> dict[str, Corrected]:
    """Return the fields that do not stand as the mails gave them."""
    found: dict[str, Corrected] = {}
    for note in notes:
        for one in changes_of(note.text) if note.kind == "fields" else ():
            first = found.get(one.field)
            before = first.before if first else one.before if one.is_kept else None
            found[one.field] = Corrected(note.by, note.at, before, case.fields.get(one.field))
    for name in UNKEPT:
        if name in found and found[name].after:  # No note keeps it; the mail does, for a time.
            found[name] = replace(found[name], before=_as_written(name, shown))
    return {
        name: one
        for name, one in found.items()
        if one.before != one.after or (name in UNKEPT and not one.after)
    }


def _as_written(name: str, shown: tuple[ShownMail, ...]) -> str | None:
    for one in reversed(shown):
        if one.read is not None and (value := one.read.reading.values().get(name)):
            return value
    return None


def _shown_mail(desk: Desk, stored: StoredMail, topic: str | None, raw: bytes | None) -> ShownMail:
    if raw is None:
        return ShownMail(stored, topic, None, (), None, (), False, False, "not kept")
    try:
        read = read_stored(desk.rules, desk.key, stored, raw, desk.reader)
    except ReaderFailed as error:
        return ShownMail(stored, topic, None, (), None, (), False, False, str(error))
    message = replace(
        read.message,
        subject=without_token(read.message.subject),
        body=without_token(read.message.body),
    )
    read = replace(read, message=message)
    by_staff = (
        read.message.sender is not None
        and read.message.sender.address.lower() == desk.rules.desk.address.lower()
    )
    return ShownMail(
        stored=stored,
        topic=topic,
        read=read,
        stretches=tuple(_stretches(read)),
        written_by=read_written_by(read.message, read.reading),
        files=enclosures(raw),
        has_html=b"text/html" in raw.lower(),
        by_staff=by_staff,
    )


def _stretches(read: ReadMail) -> Iterator[Stretch]:
    """Cut a mail's text where its fields were read and where its segments end."""
    body = read.message.body
    # A field that overlaps one before it is passed over: a mark has one meaning.
    fields, end = [], 0
    found = [(one.start, one.end, name) for name, one in read.reading.fields() if one]
    for start, stop, name in sorted(found):
        if end <= start < stop <= len(body):
            fields.append((start, stop, name))
            end = stop
    segments = [(one.start, one.end, one.kind) for one in read.message.segments]
    for start, stop, kind in segments or [(0, len(body), OWN)]:
        at = start
        for first, last, name in fields:
            if last <= start or first >= stop:
                continue
            first, last = max(first, at), min(last, stop)  # noqa: PLW2901 - cut to the segment
            if first > at:
                yield Stretch(body[at:first], kind)
            yield Stretch(body[first:last], kind, name)
            at = last
        if at < stop:
            yield Stretch(body[at:stop], kind)


def _shown_letter(one: CaseLetter) -> ShownLetter:
    message = read_message(one.source)
    return ShownLetter(one, without_token(message.subject), without_token(message.body))


_KNOWN = {
    "facility_name": "name",
    "certification_number": "certification_number",
    "responsible_physician": "physician",
    "member_number": "member_number",
    "birthdate": "birthdate",
    "new_address": "address",
}
_PART = {"facility_name": "facility", "certification_number": "facility"}


def _compared(case: Case, facility: Facility | None, acts: list[Action]) -> Iterator[Compared]:
    """Yield the fields of a request beside the registry's record."""
    if not case.fields:
        return
    judged = next((one for one in reversed(acts) if one.evidence and one.verdict), None)
    parts = {part: (result, why) for part, result, why in judged.evidence} if judged else {}
    for name in GROUPS:
        written = case.fields.get(name) or ""
        value = getattr(facility, _KNOWN[name]) if facility and name in _KNOWN else None
        known = str(value) if value else ""
        result, reason = parts.get(_PART.get(name, name), ("", ""))
        if name == "certification_number":
            result = reason = ""  # Name and number are one part of the proof.
        left, right = compare_texts(written, known)
        if not (written and known) or name == "new_address":
            left, right = _as_it_is(written), _as_it_is(known)
        elif result == "agrees":  # What differs does not count: a corporation, a reading.
            left, right = _harmless(left), _harmless(right)
        yield Compared(name, left, right, result, reason)


def _as_it_is(text: str) -> tuple[Piece, ...]:
    return (Piece(SAME, text),) if text else ()


def _harmless(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(Piece(VARIANT if one.kind == ONLY else one.kind, one.text) for one in pieces)


def html_part(desk: Desk, number: str, mail_id: int) -> str:
    """Return the HTML of one mail of a case. Raises Refused."""
    found = html_of(source_of(desk, number, mail_id))
    if found is None:
        raise Refused("there is no such part in this mail")
    return found


def file_of(desk: Desk, number: str, mail_id: int, index: int) -> tuple[Enclosure, bytes]:
    """Return one file of one mail of a case. Raises Refused."""
    found = enclosed(source_of(desk, number, mail_id), index)
    if found is None:
        raise Refused("there is no such file in this mail")
    return found


def source_of(desk: Desk, number: str, mail_id: int) -> bytes:
    """Return the source of a mail that belongs to this case and no other. Raises Refused."""
    with desk.database.read() as tx:
        raw = case_view.mail_of_case(tx, case_of(tx, number).id, mail_id)
    if raw is None:
        raise Refused("there is no mail of that number in this case")
    return raw
