"""Named queries about the audit log: appended in batches, chained, never changed.

`note` keeps an event until its transaction ends; everything that one transaction notes is
appended by one statement, just before the commit.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, or_, select, update

from helpdesk.domain.audit import GENESIS, Entry, Event, Head, digest_of, seal_of
from helpdesk.store.database import JOURNAL, Transaction
from helpdesk.store.schema import audit, audit_head, case, letter, mail
from helpdesk.store.vault import vault_of

_ROWS_AT_ONCE = 500

_HEAD = select(audit_head.c.number, audit_head.c.digest).where(audit_head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVE = (
    update(audit_head)
    .where(audit_head.c.id == 1)
    .values(number=bindparam("b_number"), digest=bindparam("b_digest"), seal=bindparam("b_seal"))
)
_INSERT = insert(audit)


def note(tx: Transaction, *events: Event) -> None:
    """Let events be appended when the transaction ends."""
    tx.info.setdefault(JOURNAL, []).extend(events)


def append(tx: Transaction, events: list[Event]) -> None:
    """Append events to the chain. The head's row lets one writer after the other do it."""
    key = _key(tx)
    number, digest = tx.execute(_LOCKED_HEAD).one()
    at = datetime.now(UTC)
    rows = []
    for event in events:
        number += 1
        digest = digest_of(key, digest, number, at, event)
        rows.append(
            {
                "id": number,
                "at": at,
                "event": event.event,
                "actor": event.actor,
                "cause": event.cause,
                "case_number": event.case_number,
                "letter_id": event.about.get("letter"),
                "mail_id": event.about.get("mail"),
                "about": dict(event.about),
                "digest": digest,
            }
        )
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        tx.execute(_INSERT, rows[start : start + _ROWS_AT_ONCE])
    seal = seal_of(_head_key(tx), Head(number, digest))
    tx.execute(_MOVE, {"b_number": number, "b_digest": digest, "b_seal": seal})


def _key(tx: Transaction) -> bytes:
    return vault_of(tx).derived("audit")


def _head_key(tx: Transaction) -> bytes:
    return vault_of(tx).derived("audit head")


def seal_head(tx: Transaction) -> None:
    """Seal the head as it stands: at the migration that brought the seal, and in copies."""
    head = last(tx)
    tx.execute(update(audit_head).values(seal=seal_of(_head_key(tx), head)))


def head_is_sealed(tx: Transaction) -> bool:
    """Say whether the head is as the last writer left it."""
    found = tx.execute(select(audit_head.c.seal).where(audit_head.c.id == 1)).scalar()
    return hmac.compare_digest(found or "", seal_of(_head_key(tx), last(tx)))


def key_of_chain(tx: Transaction) -> bytes:
    """Return the key under which the chain's digests are made."""
    return _key(tx)


_ENTRY = (
    audit.c.id,
    audit.c.at,
    audit.c.event,
    audit.c.actor,
    audit.c.cause,
    audit.c.case_number,
    audit.c.about,
    audit.c.digest,
    audit.c.letter_id,
    audit.c.mail_id,
)


def _entry(row: tuple[object, ...]) -> Entry:
    number, at, event, actor, cause, case_number, about, digest, letter_id, mail_id = row
    return Entry(
        number,  # type: ignore[arg-type]
        at,  # type: ignore[arg-type]
        Event(event, actor, cause, case_number, about),  # type: ignore[arg-type]
        digest,  # type: ignore[arg-type]
        letter_id,  # type: ignore[arg-type]
        mail_id,  # type: ignore[arg-type]
    )


def entries(tx: Transaction) -> Iterator[Entry]:
    """Yield the whole log, oldest first, a part at a time."""
    after = 0
    while True:
        query = select(*_ENTRY).where(audit.c.id > after).order_by(audit.c.id)
        rows = tx.execute(query.limit(_ROWS_AT_ONCE)).all()
        if not rows:
            return
        for row in rows:
            yield _entry(tuple(row))
        after = rows[-1].id


def last(tx: Transaction) -> Head:
    """Return number and digest of the newest entry, as kept apart from the log."""
    found = tx.execute(_HEAD).first()
    return Head(int(found[0]), str(found[1])) if found else Head(0, GENESIS)


def was_shown(tx: Transaction, case_number: str, by: str, action_id: int, facts: str) -> bool:
    """Say whether a person was shown an action with these facts (the digits they see)."""
    query = select(audit.c.about).where(
        audit.c.case_number == case_number, audit.c.event == "viewed", audit.c.actor == by
    )
    return any(
        about.get("action") == action_id and about.get("facts") == facts
        for about in tx.execute(query).scalars()
    )


def entries_of_case(tx: Transaction, case_number: str) -> list[Entry]:
    """Return what happened in a case and to its letters, oldest first."""
    own = (
        select(letter.c.id)
        .join(case, case.c.id == letter.c.case_id)
        .where(case.c.number == case_number)
    )
    mails = (
        select(mail.c.id)
        .join(case, case.c.id == mail.c.case_id)
        .where(case.c.number == case_number)
    )
    query = select(*_ENTRY).where(
        or_(
            audit.c.case_number == case_number,
            audit.c.letter_id.in_(own),
            audit.c.mail_id.in_(mails),
        )
    )
    return [_entry(tuple(row)) for row in tx.execute(query.order_by(audit.c.id))]
