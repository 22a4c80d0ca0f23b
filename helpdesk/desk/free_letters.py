"""A letter to the correspondent of a case that nothing called for (自由に書くメール)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from helpdesk.desk.answering import answer_values, edited_letter
from helpdesk.desk.casework import case_of
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.writing import Intent, addressee_for, write_letter
from helpdesk.domain.topics import FREE_LETTER
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction


def draft(desk: Desk, number: str, by: str, now: datetime) -> str:
    """Return the letter's body with a blank where it is to be written. Raises Refused."""
    with desk.database.read() as tx:
        case = case_of(tx, number)
        values = {
            **_values(desk, tx, case, by, now),
            "case_number": number,
            "subject": case.subject,
            "automatic": False,
        }
    return desk.letters.render(FREE_LETTER, values).body


def write(desk: Desk, number: str, by: str, text: str, now: datetime) -> None:
    """Put a letter into the outbox as a person wrote it. Raises Refused.

    The same text once more is the same letter: a second click sends nothing.
    """
    body = edited_letter(text)
    with desk.database.begin() as tx:
        require_decider(tx, by)
        case = case_of(tx, number)
        if not case.correspondent:
            raise Refused(f"case {number} has no address that can be answered")
        mark = sha256(" ".join(body.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        intent = Intent(
            letter=FREE_LETTER,
            purpose_key=f"written:{number}:{mark}",
            recipient=case.correspondent,
            values=_values(desk, tx, case, by, now),
            automatic=False,
            body=body,
        )
        write_letter(desk, tx, case, intent, now)


def _values(desk: Desk, tx: Transaction, case: Case, by: str, now: datetime) -> dict[str, object]:
    return {
        **answer_values(desk, tx, now, facility=None, clerk=by),
        "addressee": addressee_for(case),
    }
