"""The audit log as people use it: checked as a chain, and read as the story of a case."""

from __future__ import annotations

from datetime import datetime

import structlog

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.domain.audit import Entry, Event, Head, faults_of
from helpdesk.store import audit, cases, facts
from helpdesk.store.database import Database

log = structlog.get_logger(__name__)

_HEAD_LOGGED = "audit_head_logged"


def verify(database: Database, expect: str | None = None) -> tuple[Head, list[str]]:
    """Return how far the log goes, and what is wrong with it.

    `expect`: a head that an earlier look printed and that was noted elsewhere. Raises
    Refused where it is none.
    """
    noted = Head.parse(expect) if expect is not None else None
    if expect is not None and noted is None:
        raise Refused("that is no head; it is what audit verify prints: NUMBER:DIGEST")
    with database.read() as tx:
        last = audit.last(tx)
        faults = list(faults_of(audit.key_of_chain(tx), audit.entries(tx), last, noted))
        if not audit.head_is_sealed(tx):
            faults.append("the log's head was not written by helpdesk: its end may be cut off")
    return last, faults


def log_head_daily(desk: Desk, now: datetime) -> int:
    """Note the head in the daemon's log once a day; who alters the database does not reach it."""
    today = japan_date(now).isoformat()
    with desk.database.read() as tx:
        if facts.read_fact(tx, _HEAD_LOGGED) == today:
            return 0
        log.info("audit_head", head=str(audit.last(tx)))
    with desk.database.begin() as tx:
        facts.write_fact(tx, _HEAD_LOGGED, today)
    return 1


def story(database: Database, case_number: str) -> list[Entry]:
    """Return what happened in a case, oldest first. Raises Refused."""
    with database.read() as tx:
        if cases.case_by_number(tx, case_number) is None:
            raise Refused(f"there is no case {case_number[:20]}; see: helpdesk queue list --all")
        return audit.entries_of_case(tx, case_number)


def note_seen(
    database: Database, what: str, which: str, by: str, case_number: str | None = None
) -> None:
    """Keep that somebody looked at what speaks of persons: a page, a list, a mail, a file.

    `which` is the number of a row or a facility, never a name or an address.
    """
    about = {"what": what, "which": which[:40]}
    with database.begin() as tx:
        audit.note(tx, Event("seen", by[:80], "look", case_number, about))


def note_view(
    database: Database, action_id: int, case_number: str, by: str, facts: str = ""
) -> None:
    """Keep that somebody looked at a person's record, and which facts it had."""
    about = {"action": action_id, "facts": facts}
    event = Event("viewed", by[:80], "command", case_number, about)
    with database.begin() as tx:
        audit.note(tx, event)
