"""Counting wrong answers, in the transaction of the decision that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from helpdesk.desk.context import Desk
from helpdesk.desk.judging import Judged
from helpdesk.desk.reading import ReadMail
from helpdesk.domain.audit import Event
from helpdesk.domain.identity import MISMATCH
from helpdesk.domain.japanese import fold
from helpdesk.domain.misses import Key, Limits, counted_sender, scopes_over
from helpdesk.store import audit, misses
from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.vault import vault_of


def count(
    desk: Desk,
    tx: Transaction,
    later: Later,
    read: ReadMail,
    fields: Mapping[str, str | None],
    judged: Judged,
    now: datetime,
) -> bool:
    """Count an answer where it is wrong; True where the limits were reached before it."""
    keys = _keys(tx, read, fields, judged)
    known = misses.tally(tx, now)
    given = desk.rules.identity.misses
    limits = Limits(given.per_day, given.per_30_days, given.per_year, given.overall_per_hour)
    over = scopes_over(known, keys, limits)
    if judged.outcome == MISMATCH:
        misses.add(later, keys, now)
        known.add(keys)
    if over:
        cause = f"mail:{read.stored.id}"
        audit.note(tx, Event("over_misses", "system", cause, about={"scope": list(over)}))
    return bool(over)


def _keys(
    tx: Transaction, read: ReadMail, fields: Mapping[str, str | None], judged: Judged
) -> list[Key]:
    sender = counted_sender(read.message.sender.address) if read.message.sender else "?"
    values = {
        "facility": judged.certification_number or "",
        "physician": fold(fields.get("responsible_physician") or ""),
        "sender": sender,
    }
    vault = vault_of(tx)
    return [(scope, vault.index(scope, value)) for scope, value in values.items() if value]
