"""Named queries about reminders: one row for each campaign, year, facility and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal, or_, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import facility, letter, mail, reminder

_INSERT = InsertOnce(reminder, "campaign", "year", "certification_number", "step")


@dataclass(frozen=True, slots=True)
class StepKey:
    """One step of one campaign in one year."""

    campaign: str
    year: int
    step: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """One decided step for one facility."""

    id: int
    key: StepKey
    certification_number: str
    decided_at: datetime
    #: A key of SKIPS; None: written.
    skipped: str | None
    letter_id: int | None
    case_id: int | None
    edition: int


_COLUMNS = (
    reminder.c.id,
    reminder.c.campaign,
    reminder.c.year,
    reminder.c.step,
    reminder.c.certification_number,
    reminder.c.decided_at,
    reminder.c.skipped,
    reminder.c.letter_id,
    reminder.c.case_id,
    reminder.c.edition,
)


def _reminder(row: Sequence[Any]) -> Reminder:
    return Reminder(row[0], StepKey(*row[1:4]), *row[4:10])


def _of(key: StepKey) -> tuple[object, ...]:
    return (
        reminder.c.campaign == key.campaign,
        reminder.c.year == key.year,
        reminder.c.step == key.step,
    )


_DECIDED = (
    select(literal(1))
    .where(
        reminder.c.campaign == bindparam("b_campaign"),
        reminder.c.year == bindparam("b_year"),
        reminder.c.step == bindparam("b_step"),
        reminder.c.certification_number == facility.c.certification_number,
        reminder.c.reopened_at.is_(None),
    )
    .exists()
)
_UNDECIDED = (
    select(facility.c.certification_number)
    .where(facility.c.removed_at.is_(None), ~_DECIDED)
    .order_by(facility.c.certification_number)
    .limit(bindparam("b_limit"))
)


def undecided(tx: Transaction, key: StepKey, limit: int) -> list[str]:
    """Return certification numbers of facilities that this step was not decided for, in order."""
    given = {"b_campaign": key.campaign, "b_year": key.year, "b_step": key.step, "b_limit": limit}
    return list(tx.execute(_UNDECIDED, given).scalars())


def claim_step(
    tx: Transaction, key: StepKey, number: str, skipped: str | None, now: datetime
) -> Reminder | None:
    """Decide a step for a facility; None where it was decided by somebody else."""
    values = {
        "campaign": key.campaign,
        "year": key.year,
        "step": key.step,
        "certification_number": number,
        "decided_at": now,
        "skipped": skipped,
        "edition": 1,
    }
    fresh = _INSERT.run(tx, values)
    if fresh is not None:
        return Reminder(fresh, key, number, now, skipped, None, None, 1)
    again = (
        update(reminder)
        .where(
            *_of(key),  # type: ignore[arg-type]
            reminder.c.certification_number == number,
            reminder.c.reopened_at.is_not(None),
        )
        .values(decided_at=now, skipped=skipped, reopened_at=None, edition=reminder.c.edition + 1)
        .returning(*_COLUMNS)
    )
    row = tx.execute(again).first()
    return _reminder(row) if row else None


_SET_LETTER = (
    update(reminder)
    .where(reminder.c.id == bindparam("b_id"))
    .values(letter_id=bindparam("b_letter"), case_id=bindparam("b_case"))
)


def set_letter(tx: Transaction, reminder_id: int, letter_id: int | None, case_id: int) -> None:
    """Join a reminder to the letter that was written for it."""
    tx.execute(_SET_LETTER, {"b_id": reminder_id, "b_letter": letter_id, "b_case": case_id})


def set_skipped(tx: Transaction, reminder_id: int, skipped: str, now: datetime) -> None:
    """Write down why a letter that was written did not leave after all."""
    tx.execute(
        update(reminder).where(reminder.c.id == reminder_id).values(skipped=skipped, decided_at=now)
    )


def reopen(tx: Transaction, reminder_id: int, now: datetime) -> None:
    """Let a step be decided anew, because its letter was taken back."""
    tx.execute(
        update(reminder).where(reminder.c.id == reminder_id).values(reopened_at=now, letter_id=None)
    )


def reopen_all(tx: Transaction, reminder_ids: Sequence[int], now: datetime) -> int:
    """Let these steps be decided anew; return how many."""
    return tx.execute(
        update(reminder)
        .where(reminder.c.id.in_(reminder_ids), reminder.c.reopened_at.is_(None))
        .values(reopened_at=now, letter_id=None)
    ).rowcount


_SKIPPED_AFTER = (
    select(reminder.c.id)
    .select_from(reminder.outerjoin(letter, letter.c.id == reminder.c.letter_id))
    .where(
        reminder.c.decided_at > bindparam("b_after"),
        reminder.c.skipped.is_not(None),
        reminder.c.reopened_at.is_(None),
        or_(letter.c.id.is_(None), letter.c.state == "cancelled"),
    )
)


def skipped_after(tx: Transaction, after: datetime) -> list[int]:
    """Return the ids of what was skipped later than a time, and of which nothing has left."""
    return list(tx.execute(_SKIPPED_AFTER, {"b_after": after}).scalars())


def unreached(tx: Transaction, key: StepKey, numbers: Sequence[str]) -> list[int]:
    """Return the ids of what was skipped for these facilities because no mail reaches them."""
    query = select(reminder.c.id).where(
        *_of(key),  # type: ignore[arg-type]
        reminder.c.certification_number.in_(numbers),
        reminder.c.skipped.in_(("no_address", "unreachable")),
    )
    return list(tx.execute(query).scalars())


def of_letters(tx: Transaction, letter_ids: Sequence[int]) -> dict[int, Reminder]:
    """Return the reminders of these letters, by letter."""
    query = select(*_COLUMNS).where(reminder.c.letter_id.in_(letter_ids))
    found = [_reminder(row) for row in tx.execute(query)]
    return {one.letter_id: one for one in found if one.letter_id is not None}


def cases_of(
    tx: Transaction, campaign: str, year: int, numbers: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return case and number of letters so far of each facility's campaign year.

    What was written anew counts as often as it was: the number only grows.
    """
    query = (
        select(
            reminder.c.certification_number,
            func.min(reminder.c.case_id),
            func.sum(reminder.c.edition),
        )
        .where(
            reminder.c.campaign == campaign,
            reminder.c.year == year,
            reminder.c.certification_number.in_(numbers),
            reminder.c.case_id.is_not(None),
        )
        .group_by(reminder.c.certification_number)
    )
    return {row[0]: (row[1], int(row[2])) for row in tx.execute(query)}


def answered(tx: Transaction, campaign: str, year: int, numbers: Sequence[str]) -> set[str]:
    """Return those facilities that answered a letter of this campaign and year."""
    query = (
        select(reminder.c.certification_number)
        .join(mail, mail.c.case_id == reminder.c.case_id)
        .where(
            reminder.c.campaign == campaign,
            reminder.c.year == year,
            reminder.c.certification_number.in_(numbers),
            mail.c.disposition.in_(("reply", "request", "question")),
        )
    )
    return set(tx.execute(query).scalars())


def campaign_of_case(tx: Transaction, case_id: int) -> str | None:
    """Return the campaign whose letters a case holds, or None."""
    query = select(reminder.c.campaign).where(reminder.c.case_id == case_id).limit(1)
    return tx.execute(query).scalar()


def waiting_letters(tx: Transaction, numbers: Sequence[str]) -> list[Reminder]:
    """Return the reminders of these facilities whose letter has not begun to leave."""
    query = (
        select(*_COLUMNS)
        .join(letter, letter.c.id == reminder.c.letter_id)
        .where(
            reminder.c.certification_number.in_(numbers),
            letter.c.state.in_(("queued", "deferred", "held")),
        )
    )
    return [_reminder(row) for row in tx.execute(query)]


def count_by_outcome(
    tx: Transaction, since: datetime, until: datetime
) -> list[tuple[StepKey, str | None, int]]:
    """Count what was decided in a stretch of time by step and reason (None: written)."""
    query = (
        select(
            reminder.c.campaign, reminder.c.year, reminder.c.step, reminder.c.skipped, func.count()
        )
        .where(reminder.c.decided_at >= since, reminder.c.decided_at < until)
        .group_by(reminder.c.campaign, reminder.c.year, reminder.c.step, reminder.c.skipped)
    )
    return [(StepKey(*row[:3]), row[3], row[4]) for row in tx.execute(query)]
