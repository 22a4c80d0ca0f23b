"""Letters that nobody asked for: a case of their own, a deadline as .ics, their matter.

One case holds everything that is written to one facility about one matter, so that an
answer finds it by its mark (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.writing import message_id_of
from helpdesk.domain.addressing import addressee
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import JST, format_date
from helpdesk.domain.office_hours import leaves_at, working_day
from helpdesk.domain.registry import Facility
from helpdesk.mail.compose import Attachment
from helpdesk.mail.ics import Deadline, Surroundings, deadline_file
from helpdesk.mail.letters import build_mail
from helpdesk.store import audit, cases, facilities, facts, letters
from helpdesk.store.cases import Case, NewCase
from helpdesk.store.database import Transaction
from helpdesk.store.letters import PRIORITY_BULK, NewLetter

_DAY = timedelta(days=1)

# When people have begun to work and still have the day before them.
_MORNING = time(9, 0)

#: Stands where a letter has no case: a number that is never given out.
NO_CASE = "0000-000000"


@dataclass(frozen=True, slots=True)
class Notice:
    """One letter about a deadline."""

    letter: str
    #: Unique over all time: a purpose gets one letter.
    purpose_key: str
    recipient: str
    #: reminder | correction | link_request | digest
    matter: str
    values: Mapping[str, object]
    deadline: Deadline | None = None
    #: False: a person decided that it is written, and signs it.
    automatic: bool = True


def open_case(
    tx: Transaction, facility: Facility, recipient: str, subject: str, now: datetime
) -> Case:
    """Open the case of one matter with one facility."""
    new = NewCase(
        number=facts.next_case_number(tx, japan_date(now).year),
        # Nothing is waited for: a mail of theirs about another matter must not be taken
        # for an answer to this one.
        state="open",
        correspondent=recipient,
        correspondent_name="",
        subject=subject,
        fields={},
        missing=(),
        verdict=None,
        certification_number=facility.certification_number,
        thread=(),
        related_case_id=None,
    )
    return cases.insert_case(tx, new, now)


def write_notice(
    desk: Desk, tx: Transaction, case: Case | None, notice: Notice, now: datetime
) -> int | None:
    """Put one letter into the outbox and return its id; None where its purpose has one."""
    number = case.number if case else NO_CASE
    message_id = message_id_of(desk, number, notice.purpose_key)
    thread = case.thread if case else ()
    source = build_mail(
        desk.letters.render(
            notice.letter,
            {
                "case_number": number,
                "subject": "",
                "addressee": "",
                "automatic": notice.automatic,
                **notice.values,
            },
        ),
        letter=notice.letter,
        sender=desk.rules.desk,
        to=notice.recipient,
        message_id=message_id,
        date=now,
        in_reply_to=thread[-1] if thread else None,
        references=thread,
        # RFC 3834: it answers no mail, so it is generated and not replied.
        automatic=False,
        attachment=_calendar_entry(desk, notice.deadline, number, now) if notice.deadline else None,
        bounces_wanted=True,
    )
    new = NewLetter(
        purpose_key=notice.purpose_key,
        case_id=case.id if case else None,
        letter=notice.letter,
        recipient=notice.recipient,
        message_id=message_id,
        source=source,
        # What nobody's mail can call forth is no part of a loop, and does not use up the
        # receipts that this address may get today.
        automatic=False,
        priority=PRIORITY_BULK,
        state="held" if desk.rules.mode == "shadow" else "queued",
        matter=notice.matter,
    )
    letter_id = letters.insert_letter(tx, new, now)
    if letter_id is not None:
        about = {"letter": letter_id, "name": notice.letter, "to": notice.matter}
        event = Event(
            "letter_written", "calendar", notice.letter, case.number if case else None, about
        )
        audit.note(tx, event)
    if letter_id is not None and case is not None:
        cases.extend_thread(tx, case, [message_id])
    return letter_id


def _calendar_entry(desk: Desk, deadline: Deadline, number: str, now: datetime) -> Attachment:
    """Return a deadline as a file; its alarm goes off on the last working morning before."""
    rules = desk.rules.desk
    day = working_day(japan_date(deadline.at) - _DAY, "before", rules.calendar)
    details = f"{rules.name}からのメール［受付番号 {number}］をご覧ください。"
    portal = f"\n施設マイページ：{rules.portal_url}" if rules.portal_url else ""
    around = Surroundings(rules.address, details + portal, datetime.combine(day, _MORNING, JST))
    return deadline_file(deadline, around, now)


def addressee_of(facility: Facility) -> str:
    """Return the first line of a letter to a registered address.

    Nobody wrote to us, so the registry is all there is; it goes to the facility's own
    address and tells it nothing new.
    """
    return addressee(facility.name, facility.physician, None, by_physician=True)


def end_of_day(day: date) -> datetime:
    """Return the last minute of a day in Japan, which is when a date is over."""
    return datetime.combine(day, time(23, 59), JST)


def deadline_uid(desk: Desk, *parts: object) -> str:
    """Return the UID of a deadline: the same for every letter about it."""
    return ".".join(quote(str(part), safe="") for part in parts) + f"@{desk.mail_domain}"


def as_of(tx: Transaction) -> str | None:
    """Return the day of the last import as letters name it, or None where there is none."""
    at = facilities.last_import_at(tx)
    return format_date(japan_date(at)) if at else None


def may_leave_now(desk: Desk, now: datetime) -> bool:
    """Say whether letters about corrections and links leave at this time."""
    hours = desk.rules.deadlines
    calendar = desk.rules.desk.calendar
    return leaves_at(now, hours.send_at, hours.send_until, calendar, None) <= now


def staff_address(desk: Desk) -> str:
    """Return where letters to the secretariat itself go."""
    return desk.rules.deadlines.digest.to or desk.rules.desk.address
