"""An address taken out of every text that names it, whichever table holds it.

What names a person in columns of its own is known to store/persons.py. This is for what
nobody can list: reasons, notes and items that people wrote, and columns of tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, String, Table, and_, cast, func, or_, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import (
    audit,
    case,
    facility,
    letter,
    letter_source,
    mail,
    mail_source,
    metadata,
    registry_upload,
    unreachable_address,
)
from helpdesk.store.vault import vault_of

# The registry is the portal's; the log names nobody and cannot be changed; the others
# have rows of their own that go as a whole.
_APART = {facility, audit, unreachable_address, registry_upload}

_AT_ONCE = 50


def sweep(tx: Transaction, address: str) -> int:
    """Take an address out of every text and JSON column; return how many rows changed."""
    return sum(_sweep_table(tx, table, address) for table in metadata.sorted_tables
               if table not in _APART)  # fmt: skip


def _sweep_table(tx: Transaction, table: Table, address: str) -> int:
    columns = [one for one in table.c if isinstance(one.type, String | JSON)]
    keys = list(table.primary_key.columns)
    done = 0
    for column in columns:
        if column in keys or column.foreign_keys:
            continue
        found = func.lower(cast(column, String)).contains(address.lower(), autoescape=True)
        for row in tx.execute(select(*keys, column).where(found)).all():
            here = update(table).where(*(key == row[at] for at, key in enumerate(keys)))
            tx.execute(here.values({column.name: without(row[-1], address)}))
            done += 1
    return done


def without(value: Any, address: str) -> Any:
    """Return a text, or what JSON holds, without an address."""
    if isinstance(value, str):
        return re.sub(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", "", value, flags=re.IGNORECASE)
    if isinstance(value, list):
        return [without(one, address) for one in value]
    if isinstance(value, dict):
        return {name: without(one, address) for name, one in value.items()}
    return value


def mail_sources(tx: Transaction) -> Iterator[tuple[int, bytes]]:
    """Yield the mails whose bytes are kept and whose case is closed, or that have none."""
    after, vault = 0, vault_of(tx)
    while True:
        query = (
            select(mail_source.c.mail_id, mail_source.c.raw)
            .join(mail, mail.c.id == mail_source.c.mail_id)
            .outerjoin(case, case.c.id == mail.c.case_id)
            .where(mail_source.c.mail_id > after, mail.c.disposition.is_not(None))
            .where(func.coalesce(case.c.state, "closed") == "closed")
            .order_by(mail_source.c.mail_id)
            .limit(_AT_ONCE)
        )
        rows = tx.execute(query).all()
        if not rows:
            return
        for mail_id, raw in rows:
            after = mail_id
            yield mail_id, vault.open_bytes(bytes(raw))


def letter_sources(tx: Transaction) -> Iterator[tuple[int, bytes]]:
    """Yield the letters whose bytes are kept and that left, or never will."""
    after = 0
    while True:
        query = (
            select(letter_source.c.letter_id, letter_source.c.source)
            .join(letter, letter.c.id == letter_source.c.letter_id)
            .where(letter_source.c.letter_id > after)
            .where(letter.c.state.in_(("sent", "cancelled", "failed")))
            .order_by(letter_source.c.letter_id)
            .limit(_AT_ONCE)
        )
        rows = tx.execute(query).all()
        if not rows:
            return
        for letter_id, source in rows:
            after = letter_id
            yield letter_id, bytes(source)


def letters_leaving(tx: Transaction, case_ids: Sequence[int], address: str | None) -> list[int]:
    """Return letters to those who asked, and to an address, that are leaving just now."""
    query = select(letter.c.id).where(
        _theirs(case_ids, address), letter.c.state.in_(("sending", "handing_over"))
    )
    return list(tx.execute(query.order_by(letter.c.id)).scalars())


def cancel_letters(tx: Transaction, case_ids: Sequence[int], address: str | None) -> list[int]:
    """Let letters to those who asked, and to an address, never leave; return which."""
    query = (
        update(letter)
        .where(
            _theirs(case_ids, address),
            letter.c.state.in_(("queued", "deferred", "held", "unknown")),
        )
        .values(state="cancelled")
        .returning(letter.c.id)
    )
    return sorted(tx.execute(query).scalars())


def _theirs(case_ids: Sequence[int], address: str | None) -> ColumnElement[bool]:
    asked = select(func.lower(case.c.correspondent)).where(case.c.id == letter.c.case_id)
    own: ColumnElement[bool] = and_(
        letter.c.case_id.in_(case_ids),
        func.lower(letter.c.recipient) == asked.scalar_subquery(),
    )
    return or_(own, func.lower(letter.c.recipient) == address.lower()) if address else own


def forget_ids(tx: Transaction, mail_ids: Sequence[int]) -> None:
    """Forget what a mail called itself: a Message-ID may hold a name or an address."""
    for start in range(0, len(mail_ids), _AT_ONCE):
        ids = mail_ids[start : start + _AT_ONCE]
        tx.execute(update(mail).where(mail.c.id.in_(ids)).values(message_id=None, error=None))
