"""The audit log as people use it: checked as a chain, and read as the story of a case."""

from __future__ import annotations

from helpdesk.desk.context import Refused
from helpdesk.domain.audit import Entry, Event, faults_of
from helpdesk.store import audit, cases
from helpdesk.store.database import Database


def verify(database: Database) -> tuple[int, list[str]]:
    """Return how many entries the log has, and what is wrong with it."""
    with database.read() as tx:
        last = audit.last(tx)
        faults = list(faults_of(audit.key_of_chain(tx), audit.entries(tx), last))
    return last[0], faults


def story(database: Database, case_number: str) -> list[Entry]:
    """Return what happened in a case, oldest first. Raises Refused."""
    with database.read() as tx:
        if cases.case_by_number(tx, case_number) is None:
            raise Refused(f"there is no case {case_number[:20]}; see: helpdesk queue list --all")
        return audit.entries_of_case(tx, case_number)


def note_view(
    database: Database, action_id: int, case_number: str, by: str, facts: str = ""
) -> None:
    """Keep that somebody looked at a person's record, and which facts it had."""
    about = {"action": action_id, "facts": facts}
    event = Event("viewed", by[:80], "command", case_number, about)
    with database.begin() as tx:
        audit.note(tx, event)
