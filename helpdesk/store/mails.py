"""Named queries about incoming mail: what was taken in, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.schema import case, mail, mail_source
from helpdesk.store.vault import vault_of


@dataclass(frozen=True, slots=True)
class NewMail:
    """One mail as it lies on the server, before it is understood."""

    mailbox: str
    uidvalidity: int
    uid: int
    size_bytes: int
    received_at: datetime
    #: The full RFC 5322 source; None where it is too large to be fetched.
    raw: bytes | None
    #: SHA-256 of `raw`, hexadecimal; None with it.
    sha256: str | None


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One row of `mail` as a person sees it."""

    id: int
    sha256: str | None
    size_bytes: int
    received_at: datetime
    mailbox: str
    uid: int
    disposition: str | None
    message_id: str | None
    case_id: int | None
    attempts: int
    error: str | None


_STORED = (
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
)


def ids_by_hash(tx: Transaction, hashes: Iterable[str]) -> dict[str, int]:
    """Return the ids of the mails that are stored already, by their SHA-256."""
    found = tx.execute(_BY_HASH, {"b_hashes": list(hashes)})
    return {row.sha256: row.id for row in found}


# Statements of the way of every mail are built once: building costs more than running.
_BY_HASH = select(mail.c.sha256, mail.c.id).where(
    mail.c.sha256.in_(bindparam("b_hashes", expanding=True))
)


def insert_mails(tx: Transaction, new: Sequence[NewMail], taken_at: datetime) -> list[int]:
    """Store mails whole and return their ids, in order."""
    if not new:
        return []
    rows = [
        {
            "sha256": one.sha256,
            "size_bytes": one.size_bytes,
            "received_at": one.received_at,
            "taken_at": taken_at,
            "mailbox": one.mailbox,
            "uidvalidity": one.uidvalidity,
            "uid": one.uid,
            "attempts": 0,
        }
        for one in new
    ]
    ids = list(tx.execute(_INSERT, rows).scalars())
    vault = vault_of(tx)
    sources = [
        {"mail_id": mail_id, "raw": vault.seal_bytes(one.raw)}
        for mail_id, one in zip(ids, new, strict=True)
        if one.raw is not None
    ]
    if sources:
        tx.execute(_INSERT_SOURCE, sources)
    return ids


_INSERT = insert(mail).returning(mail.c.id, sort_by_parameter_order=True)
_INSERT_SOURCE = insert(mail_source)


def undecided(tx: Transaction, limit: int) -> list[StoredMail]:
    """Return mails without a disposition, oldest first."""
    return [StoredMail(*row) for row in tx.execute(_UNDECIDED, {"b_limit": limit})]


_UNDECIDED = (
    select(*_STORED)
    .where(mail.c.disposition.is_(None))
    .order_by(mail.c.id)
    .limit(bindparam("b_limit"))
)


def undecided_count(tx: Transaction) -> int:
    """Return how many mails have no disposition yet."""
    query = select(func.count()).select_from(mail).where(mail.c.disposition.is_(None))
    return int(tx.execute(query).scalar_one())


def count_attempt(tx: Transaction, mail_ids: Sequence[int], step: int = 1) -> None:
    """Count one more try at these mails (or take it back with `step=-1`)."""
    tx.execute(_COUNT_ATTEMPT, {"b_ids": mail_ids, "b_step": step})


_COUNT_ATTEMPT = (
    update(mail)
    .where(mail.c.id.in_(bindparam("b_ids", expanding=True)))
    .values(attempts=mail.c.attempts + bindparam("b_step"))
)


def source_of(tx: Transaction, mail_id: int) -> bytes | None:
    """Return the raw bytes of a mail, or None where they are not kept."""
    return sources_of(tx, [mail_id]).get(mail_id)


def sources_of(tx: Transaction, mail_ids: Sequence[int]) -> dict[int, bytes]:
    """Return the raw bytes of several mails by id."""
    vault = vault_of(tx)
    found = tx.execute(_SOURCES, {"b_ids": mail_ids})
    return {row.mail_id: vault.open_bytes(row.raw) for row in found}


_SOURCES = select(mail_source.c.mail_id, mail_source.c.raw).where(
    mail_source.c.mail_id.in_(bindparam("b_ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class DecidedMail:
    """What is written down of a mail when it was decided."""

    mail_id: int
    disposition: str
    topic: str | None
    reasons: tuple[str, ...]
    message_id: str | None
    content_key: str | None
    case_id: int | None
    duplicate_of: int | None


def lock_undecided(tx: Transaction, mail_ids: Sequence[int]) -> set[int]:
    """Hold the rows of mails until the transaction ends; return which are not decided yet.

    Two processes may have read one as undecided; one of them decides it.
    """
    return set(tx.execute(_LOCK_UNDECIDED, {"b_ids": mail_ids}).scalars())


_LOCK_UNDECIDED = (
    select(mail.c.id)
    .where(mail.c.id.in_(bindparam("b_ids", expanding=True)), mail.c.disposition.is_(None))
    .order_by(mail.c.id)  # In one order, so that two processes never wait for each other.
    .with_for_update()
)


def message_ids_among(tx: Transaction, message_ids: Iterable[str]) -> set[str | None]:
    """Return those of the Message-IDs that a decided mail has."""
    return set(tx.execute(_MESSAGE_IDS, {"b_message_ids": list(message_ids)}).scalars())


_MESSAGE_IDS = (
    select(mail.c.message_id)
    .distinct()
    .where(mail.c.message_id.in_(bindparam("b_message_ids", expanding=True)))
)


_DECIDE = (
    update(mail)
    .where(mail.c.id == bindparam("b_id"), mail.c.disposition.is_(None))
    .values(
        disposition=bindparam("b_disposition"),
        topic=bindparam("b_topic"),
        reasons=bindparam("b_reasons"),
        message_id=bindparam("b_message_id"),
        content_key=bindparam("b_content_key"),
        case_id=bindparam("b_case_id"),
        duplicate_of=bindparam("b_duplicate_of"),
        decided_at=bindparam("b_decided_at"),
        error=None,
    )
)


def record_decision(later: Later, decided: DecidedMail, at: datetime) -> None:
    """Give a mail, whose row is locked as undecided, its one disposition."""
    values: dict[str, Any] = {
        "b_id": decided.mail_id,
        "b_disposition": decided.disposition,
        "b_topic": decided.topic,
        "b_reasons": list(decided.reasons),
        "b_message_id": decided.message_id,
        "b_content_key": decided.content_key,
        "b_case_id": decided.case_id,
        "b_duplicate_of": decided.duplicate_of,
        "b_decided_at": at,
    }
    later.add(_DECIDE, values)


def forget_source(later: Later, mail_id: int) -> None:
    """Erase the bytes of a mail that is none of our business."""
    later.add(_FORGET, {"b_mail_id": mail_id})


_FORGET = delete(mail_source).where(mail_source.c.mail_id == bindparam("b_mail_id"))


def quarantine(tx: Transaction, mail_id: int, reason: str, at: datetime) -> bool:
    """Set a mail aside with its reason; False where it was decided meanwhile."""
    changed = tx.execute(
        update(mail)
        .where(mail.c.id == mail_id, mail.c.disposition.is_(None))
        .values(disposition="quarantined", error=reason, decided_at=at, reasons=[])
    )
    return changed.rowcount == 1


def quarantined(tx: Transaction) -> list[StoredMail]:
    """Return what lies in quarantine, oldest first."""
    query = select(*_STORED).where(mail.c.disposition == "quarantined").order_by(mail.c.id)
    return [StoredMail(*row) for row in tx.execute(query)]


def stored_mail(tx: Transaction, mail_id: int) -> StoredMail | None:
    """Return one mail, or None."""
    row = tx.execute(select(*_STORED).where(mail.c.id == mail_id)).first()
    return StoredMail(*row) if row else None


def release(tx: Transaction, mail_id: int) -> bool:
    """Let a quarantined mail be decided again from the start; False where it is not there."""
    changed = tx.execute(
        update(mail)
        .where(mail.c.id == mail_id, mail.c.disposition == "quarantined")
        .values(disposition=None, attempts=0, error=None, decided_at=None)
    )
    return changed.rowcount == 1


def original_of(
    tx: Transaction, mail_id: int, message_id: str, content_key: str
) -> StoredMail | None:
    """Return the earlier mail that has this Message-ID and this content, or None."""
    values = {"b_message_id": message_id, "b_content_key": content_key, "b_id": mail_id}
    row = tx.execute(_ORIGINAL, values).first()
    return StoredMail(*row) if row else None


_ORIGINAL = (
    select(*_STORED)
    .where(
        mail.c.message_id == bindparam("b_message_id"),
        mail.c.content_key == bindparam("b_content_key"),
        mail.c.duplicate_of.is_(None),
        mail.c.id != bindparam("b_id"),
    )
    .order_by(mail.c.id)
    .limit(1)
)


def note_error(tx: Transaction, mail_id: int, reason: str) -> None:
    """Keep why the last try at a mail failed."""
    tx.execute(update(mail).where(mail.c.id == mail_id).values(error=reason))


def first_received_of_case(tx: Transaction, case_id: int) -> datetime | None:
    """Return when the first mail of a case came, or None where it has none."""
    return tx.execute(
        select(func.min(mail.c.received_at)).where(mail.c.case_id == case_id)
    ).scalar()


def newest_source_of_case(tx: Transaction, case_id: int) -> bytes | None:
    """Return the raw bytes of the newest mail of a case, or None where it has none."""
    query = (
        select(mail_source.c.raw)
        .join(mail, mail.c.id == mail_source.c.mail_id)
        .where(mail.c.case_id == case_id)
        .order_by(mail.c.id.desc())
        .limit(1)
    )
    raw = tx.execute(query).scalar()
    return vault_of(tx).open_bytes(raw) if raw is not None else None


def kept_sources(tx: Transaction, after_id: int, limit: int) -> list[tuple[StoredMail, bytes]]:
    """Return decided mails that are kept whole, in order of their ids, from `after_id` on."""
    query = (
        select(*_STORED, mail_source.c.raw)
        .join(mail_source, mail.c.id == mail_source.c.mail_id)
        .where(mail.c.id > after_id, mail.c.disposition.is_not(None))
        .order_by(mail.c.id)
        .limit(limit)
    )
    vault = vault_of(tx)
    return [(StoredMail(*row[:-1]), vault.open_bytes(row[-1])) for row in tx.execute(query)]


def cases_of_message_ids(tx: Transaction, message_ids: Sequence[str]) -> list[int]:
    """Return the cases of the mails that have one of these Message-IDs, newest first."""
    query = (
        select(mail.c.case_id)
        .where(mail.c.message_id.in_(list(message_ids)), mail.c.case_id.is_not(None))
        .order_by(mail.c.id.desc())
    )
    return list(dict.fromkeys(tx.execute(query).scalars()))


def outcomes_by_hash(tx: Transaction) -> dict[str, tuple[str, str | None]]:
    """Return disposition and case number of every decided mail, by SHA-256."""
    query = (
        select(mail.c.sha256, mail.c.disposition, case.c.number)
        .select_from(mail.outerjoin(case, case.c.id == mail.c.case_id))
        .where(mail.c.disposition.is_not(None), mail.c.sha256.is_not(None))
    )
    return {row.sha256: (row.disposition, row.number) for row in tx.execute(query)}
