"""A copy of the database for a rehearsal, and what happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, insert, literal, select, update

from helpdesk.domain.audit import GENESIS
from helpdesk.store.database import Database
from helpdesk.store.delivery import ClaimedLetter
from helpdesk.store.schema import (
    action,
    audit_head,
    campaign_pause,
    case,
    case_counter,
    contact_task,
    correction,
    facility,
    letter,
    letter_source,
    link,
    mail,
    metadata,
    registry_import,
    reminder,
    reminder_stop,
    state,
    unreachable_address,
)

# In the order of their keys. The raw mails stay where they are.
_COPIED: tuple[Table, ...] = (
    state,
    case_counter,
    registry_import,
    facility,
    case,
    mail,
    action,
    letter,
    reminder,
    reminder_stop,
    unreachable_address,
    contact_task,
    correction,
    link,
    campaign_pause,
)

_ROWS_AT_ONCE = 1000


def copy_of(database: Database) -> Database:
    """Return a copy in memory, without the bytes of mails and letters."""
    copy = Database("sqlite:///:memory:", keyring=database.keyring)
    with copy.begin() as tx:
        metadata.create_all(tx)
    with database.read() as source:
        for table in _COPIED:
            rows = [dict(row) for row in source.execute(select(*table.columns)).mappings()]
            with copy.begin() as tx:
                # A mail names an earlier one, a case a related one: the copy does not follow.
                tx.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for start in range(0, len(rows), _ROWS_AT_ONCE):
                    tx.execute(insert(table), rows[start : start + _ROWS_AT_ONCE])
    with copy.begin() as tx:
        tx.execute(insert(audit_head).values(id=1, number=0, digest=GENESIS))
        empty = select(letter.c.id, literal(b"").label("source"))
        tx.execute(insert(letter_source).from_select(["letter_id", "source"], empty))
    return copy


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a rehearsal has been told: the newest ids."""

    reminder: int
    letter: int


@dataclass(frozen=True, slots=True)
class Happened:
    """One letter, or one that was skipped."""

    kind: str
    campaign: str | None
    step: str | None
    facility: str | None
    recipient: str | None
    letter: str | None
    skipped: str | None


def mark(database: Database) -> Mark:
    """Return where the rehearsal stands now."""
    with database.read() as tx:
        return Mark(
            tx.execute(select(func.coalesce(func.max(reminder.c.id), 0))).scalar_one(),
            tx.execute(select(func.coalesce(func.max(letter.c.id), 0))).scalar_one(),
        )


def take_for_sent(database: Database, claimed: Sequence[ClaimedLetter], at: datetime) -> None:
    """Mark claimed letters as sent."""
    with database.begin() as tx:
        tx.execute(
            update(letter)
            .where(letter.c.id.in_([one.id for one in claimed]))
            .values(state="sent", sent_at=at, lease_until=None)
        )


def happened_since(database: Database, since: Mark) -> list[Happened]:
    """Return what came after a mark: reminders and skips first, then other letters."""
    with database.read() as tx:
        reminders = tx.execute(
            select(
                literal("reminder"),
                reminder.c.campaign,
                reminder.c.step,
                reminder.c.certification_number,
                letter.c.recipient,
                letter.c.letter,
                reminder.c.skipped,
            )
            .select_from(reminder.outerjoin(letter, letter.c.id == reminder.c.letter_id))
            .where(reminder.c.id > since.reminder)
            .order_by(reminder.c.id)
        ).all()
        others = tx.execute(
            select(
                letter.c.matter,
                literal(None),
                letter.c.purpose_key,
                func.coalesce(
                    link.c.affiliate_number,
                    correction.c.certification_number,
                    case.c.certification_number,
                ),
                letter.c.recipient,
                letter.c.letter,
                letter.c.last_error,
            )
            .select_from(
                letter.outerjoin(case, case.c.id == letter.c.case_id)
                .outerjoin(link, link.c.case_id == case.c.id)
                .outerjoin(correction, correction.c.case_id == case.c.id)
            )
            .where(letter.c.id > since.letter, letter.c.matter.not_in(["reminder"]))
            .order_by(letter.c.id)
        ).all()
    told = [Happened(*row) for row in reminders]
    return [*told, *(_with_step(Happened(*row)) for row in others)]


def _with_step(one: Happened) -> Happened:
    """Replace the purpose `link:3:edition:2:reminder:1` by its step: first, reminder_1, result."""
    parts = (one.step or "").split(":")[2:]
    if parts[:1] == ["edition"]:
        parts = parts[2:]
    step = None if one.kind == "digest" else "_".join(parts) or "first"
    return Happened(one.kind, None, step, one.facility, one.recipient, one.letter, one.skipped)
