"""Named queries of the case's page: everything that belongs to one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.store.database import Transaction
from helpdesk.store.mails import StoredMail
from helpdesk.store.schema import case, letter, letter_source, mail, mail_source
from helpdesk.store.vault import vault_of

# More than this is no conversation; the newest are shown.
_MOST_MAILS = 40


@dataclass(frozen=True, slots=True)
class CaseLetter:
    """A letter of ours that belongs to a case, as it leaves."""

    id: int
    letter: str
    recipient: str
    state: str
    automatic: bool
    created_at: datetime
    sent_at: datetime | None
    last_error: str | None
    source: bytes


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list."""

    number: str
    state: str
    subject: str
    correspondent: str
    correspondent_name: str
    certification_number: str | None
    verdict: str | None
    created_at: datetime
    updated_at: datetime


_LINE = (
    case.c.number,
    case.c.state,
    case.c.subject,
    case.c.correspondent,
    case.c.correspondent_name,
    case.c.certification_number,
    case.c.verdict,
    case.c.created_at,
    case.c.updated_at,
)


def mails_of(tx: Transaction, case_id: int) -> list[tuple[StoredMail, str | None, bytes | None]]:
    """Return the mails of a case with their topic and source, oldest first."""
    query = (
        select(
            mail.c.id,
            mail.c.sha256,
            mail.c.size_bytes,
            mail.c.received_at,
            mail.c.mailbox,
            mail.c.uid,
            mail.c.disposition,
            mail.c.message_id,
            mail.c.case_id,
            mail.c.attempts,
            mail.c.error,
            mail.c.topic,
            mail_source.c.raw,
        )
        .select_from(mail.outerjoin(mail_source, mail_source.c.mail_id == mail.c.id))
        .where(mail.c.case_id == case_id, mail.c.duplicate_of.is_(None))
        .order_by(mail.c.id.desc())
        .limit(_MOST_MAILS)
    )
    rows, vault = tx.execute(query).all(), vault_of(tx)
    return [
        (StoredMail(*row[:11]), row.topic, vault.open_bytes(row.raw) if row.raw else None)
        for row in reversed(rows)
    ]


def letters_of(tx: Transaction, case_id: int, after: int = 0) -> list[CaseLetter]:
    """Return the letters of a case, oldest first; those with a higher id than `after`."""
    query = (
        select(
            letter.c.id,
            letter.c.letter,
            letter.c.recipient,
            letter.c.state,
            letter.c.automatic,
            letter.c.created_at,
            letter.c.sent_at,
            letter.c.last_error,
            letter_source.c.source,
        )
        .join(letter_source, letter_source.c.letter_id == letter.c.id)
        .where(letter.c.case_id == case_id, letter.c.id > after)
        .order_by(letter.c.id)
    )
    return [CaseLetter(*row) for row in tx.execute(query)]


def newest_letter_id(tx: Transaction) -> int:
    """Return the highest id of the outbox; 0 where it is empty."""
    return int(tx.execute(select(func.max(letter.c.id))).scalar() or 0)


def letter_by_id(tx: Transaction, letter_id: int) -> tuple[CaseLetter, str | None] | None:
    """Return one letter with the number of its case, or None."""
    query = (
        select(
            letter.c.id,
            letter.c.letter,
            letter.c.recipient,
            letter.c.state,
            letter.c.automatic,
            letter.c.created_at,
            letter.c.sent_at,
            letter.c.last_error,
            letter_source.c.source,
            case.c.number,
        )
        .select_from(
            letter.join(letter_source, letter_source.c.letter_id == letter.c.id).outerjoin(
                case, case.c.id == letter.c.case_id
            )
        )
        .where(letter.c.id == letter_id)
    )
    row = tx.execute(query).first()
    return (CaseLetter(*row[:9]), row.number) if row else None


def cases_of_facility(tx: Transaction, number: str, limit: int = 50) -> list[CaseLine]:
    """Return the cases about a facility, newest first."""
    query = (
        select(*_LINE)
        .where(case.c.certification_number == number)
        .order_by(case.c.id.desc())
        .limit(limit)
    )
    return [CaseLine(*row) for row in tx.execute(query)]


def other_cases_of(
    tx: Transaction, correspondent: str, case_id: int, limit: int = 10
) -> list[CaseLine]:
    """Return the newest other cases of a correspondent."""
    query = (
        select(*_LINE)
        .where(case.c.correspondent == correspondent, case.c.id != case_id)
        .order_by(case.c.id.desc())
        .limit(limit)
    )
    return [CaseLine(*row) for row in tx.execute(query)]


def refused_requests_since(tx: Transaction, number: str, since: datetime) -> int:
    """Count the cases about a facility whose answers were wrong since a time (不一致)."""
    query = select(func.count()).where(
        case.c.certification_number == number,
        case.c.verdict.in_(("mismatch", "ambiguous")),
        case.c.created_at > since,
    )
    return int(tx.execute(query).scalar_one())


def mail_of_case(tx: Transaction, case_id: int, mail_id: int) -> bytes | None:
    """Return the source of a mail that belongs to a case; None where it does not."""
    query = (
        select(mail_source.c.raw)
        .join(mail, mail.c.id == mail_source.c.mail_id)
        .where(mail.c.id == mail_id, mail.c.case_id == case_id)
    )
    raw = tx.execute(query).scalar()
    return vault_of(tx).open_bytes(raw) if raw is not None else None
