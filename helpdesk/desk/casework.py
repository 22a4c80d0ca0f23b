"""What people do to a case besides deciding: notes, calls, who works on it, until when.

Decides nothing and writes no letter.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciders import require_decider
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.audit import Event
from helpdesk.store import actions, audit, cases, casework, facts
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import Case, NewCase
from helpdesk.store.casework import Work
from helpdesk.store.database import Database, Transaction

#: What a person may write down; see `case_note` in the schema.
CHANNELS = ("note", "telephone", "fax")

#: What a case may be on hold for (保留).
HOLDS = ("sender", "committee", "physician_change")

# A page tells every twenty seconds that it is open.
_PRESENT = timedelta(seconds=50)

# Who looks at a case again after so long is written down again.
_LOOK = timedelta(minutes=10)

_LONGEST_NOTE = 5_000


def case_of(tx: Transaction, number: str) -> Case:
    """Return a case by its number. Raises Refused."""
    found = cases.case_by_number(tx, number)
    if found is None:
        raise Refused(f"there is no case {number[:20]}")
    return found


def add_note(database: Database, number: str, by: str, kind: str, text: str, now: datetime) -> None:
    """Add a note, or what was said in a call or a fax. Raises Refused."""
    text = text.strip()[:_LONGEST_NOTE]
    if not text:
        raise Refused("write at least a line; nothing was kept")
    if kind not in CHANNELS:
        raise Refused("there is no such kind of note")
    with database.begin() as tx:
        require_decider(tx, by)
        case = case_of(tx, number)
        casework.insert_note(tx, case.id, by, kind, text, now)
        cases.set_state(tx, case.id, case.state, now)  # The case was touched.


def set_work(
    database: Database,
    number: str,
    by: str,
    now: datetime,
    *,
    handler: str | None,
    hold: str | None,
    resume_on: date | None,
) -> None:
    """Say who works on a case, what it waits for, and when it comes back. Raises Refused."""
    if hold is not None and hold not in HOLDS:
        raise Refused("there is no such reason to hold a case")
    with database.begin() as tx:
        require_decider(tx, by)
        case = case_of(tx, number)
        if case.state == "closed" and (hold or resume_on):
            raise Refused(f"case {number} is closed; there is nothing to come back to")
        before = casework.work_of(tx, case.id)
        # A day that came stays in the form until somebody chooses another.
        if resume_on not in (None, before.resume_on) and resume_on < japan_date(now):
            raise Refused("the day to come back to it is over; choose today or a later one")
        casework.set_work(tx, case.id, Work(handler, hold, resume_on, by, now))
        if (before.handler, before.hold, before.resume_on) != (handler, hold, resume_on):
            parts = [handler or "-", hold or "-", resume_on.isoformat() if resume_on else "-"]
            casework.insert_note(tx, case.id, by, "work", " / ".join(parts), now)


def look_at(database: Database, number: str, name: str, now: datetime) -> list[str]:
    """Take note that somebody has a case open; return who else has. Raises Refused."""
    with database.begin() as tx:
        case = case_of(tx, number)
        if name not in casework.present(tx, case.id, now - _LOOK):
            about = {"action": "-"}
            audit.note(tx, Event("viewed", name, "console", case.number, about))
        casework.note_presence(tx, case.id, name, now, now - timedelta(days=1))
        return [one for one in casework.present(tx, case.id, now - _PRESENT) if one != name]


def present_since(now: datetime) -> datetime:
    """Return the time since which a page that is open has said so."""
    return now - _PRESENT


def _to_write_to(address: str) -> str:
    """Return an address as mail can have it; '' for none. Raises Refused."""
    plain = unicodedata.normalize("NFKC", address).strip()
    if plain and not is_mail_address(plain):
        raise Refused("an address is no mail address; write one, or none")
    return plain


def open_case(
    desk: Desk,
    by: str,
    channel: str,
    now: datetime,
    *,
    name: str,
    address: str,
    subject: str,
    text: str,
    certification_number: str | None,
) -> str:
    """Open a case from a call or a fax, for a person to see to; return its number.

    Raises Refused.
    """
    text = text.strip()[:_LONGEST_NOTE]
    if not text:
        raise Refused("write at least a line; nothing was kept")
    if channel not in ("telephone", "fax"):
        raise Refused("there is no such kind of note")
    address = _to_write_to(address)
    with desk.database.begin() as tx:
        require_decider(tx, by)
        number = facts.next_case_number(tx, japan_date(now).year)
        new = NewCase(
            number=number,
            state="waiting_staff",
            correspondent=address,
            correspondent_name=name[:120],
            subject=subject[:120],
            fields={},
            missing=(),
            verdict=None,
            certification_number=certification_number,
            thread=(),
            related_case_id=None,
        )
        case = cases.insert_case(tx, new, now)
        casework.insert_note(tx, case.id, by, channel, text, now)
        casework.set_work(tx, case.id, Work(by, None, None, by, now))
        queued = NewAction(
            purpose_key=f"{channel}:{case.id}",
            case_id=case.id,
            kind="review",
            verdict=None,
            certification_number=certification_number,
            facility_version=None,
            new_address=None,
            evidence=(),
            note="電話での受付です。" if channel == "telephone" else "FAXでの受付です。",
        )
        actions.insert_action(tx, queued, now)
    return number
