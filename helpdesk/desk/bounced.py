"""A letter that came back: its own row, and the facility it was for, learn of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpdesk.domain.bounce import Bounce
from helpdesk.store import facts, letters
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction


def note_bounce(tx: Transaction, bounce: Bounce, case: Case, now: datetime) -> None:
    """Write down that a letter of `case` did not arrive.

    The address stands in the letter's row already; the facility keeps when a letter to
    it last came back, for whoever writes to it next. What fails for good stands over
    what may still arrive.
    """
    kind = {True: "permanent", False: "temporary", None: "unknown"}[bounce.permanent]
    if bounce.original_message_id:
        letters.note_bounced(tx, bounce.original_message_id, case.id, f"came back ({kind})")
    number = case.certification_number
    if number is None:
        return
    known = last_bounce(tx, number)
    if known is None or known["kind"] != "permanent" or kind == "permanent":
        facts.write_fact(
            tx, _name(number), {"at": now.isoformat(), "kind": kind, "case": case.number}
        )


def last_bounce(tx: Transaction, certification_number: str) -> dict[str, Any] | None:
    """Return `at`, `kind` and `case` of the last letter to a facility that came back."""
    found: dict[str, Any] | None = facts.read_fact(tx, _name(certification_number))
    return found


def _name(certification_number: str) -> str:
    return f"bounced:{certification_number}"[:60]
