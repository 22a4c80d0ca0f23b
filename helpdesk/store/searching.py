"""Named queries of the search: the folded words of cases, and finding some in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from helpdesk.store.case_view import CaseLine
from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.schema import case, case_text, mail, mail_source
from helpdesk.store.vault import vault_of


def outdated(tx: Transaction, limit: int) -> list[tuple[int, datetime]]:
    """Return cases whose words are not made of what they are now, newest first."""
    query = (
        select(case.c.id, case.c.updated_at)
        .select_from(case.outerjoin(case_text, case_text.c.case_id == case.c.id))
        .where(or_(case_text.c.case_id.is_(None), case_text.c.made_of != case.c.updated_at))
        .order_by(case.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.updated_at) for row in tx.execute(query)]


def keep_text(tx: Transaction, case_id: int, folded: str, made_of: datetime) -> None:
    """Keep the words of one case."""
    values = {"folded": folded, "made_of": made_of}
    known = update(case_text).where(case_text.c.case_id == case_id).values(**values)
    if tx.execute(known).rowcount == 0:
        tx.execute(insert(case_text).values(case_id=case_id, **values))


_INSERT = insert(case_text)


def add_text(later: Later, case_id: int, folded: str, made_of: datetime) -> None:
    """Keep the words of a case that is being opened."""
    later.add(_INSERT, {"case_id": case_id, "folded": folded, "made_of": made_of})


def sources_of_case(tx: Transaction, case_id: int, limit: int) -> list[bytes]:
    """Return the first mails of a case."""
    query = (
        select(mail_source.c.raw)
        .join(mail, mail.c.id == mail_source.c.mail_id)
        .where(mail.c.case_id == case_id)
        .order_by(mail.c.id)
        .limit(limit)
    )
    vault = vault_of(tx)
    return [vault.open_bytes(raw) for raw in tx.execute(query).scalars()]


def _holds(tx: Transaction, word: str) -> ColumnElement[bool]:
    """Whether the words hold a text: a plain comparison of bytes, quicker than LIKE."""
    find: Any = func.instr if tx.dialect.name == "sqlite" else func.strpos
    return find(case_text.c.folded, word) > 0  # type: ignore[no-any-return]


def find_cases(
    tx: Transaction, words: Sequence[str], state: str, limit: int, offset: int
) -> list[CaseLine]:
    """Return the cases that hold every word, newest first."""
    query = (
        select(
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
        .join(case_text, case_text.c.case_id == case.c.id)
        .where(*(_holds(tx, word) for word in words))
        .order_by(case.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if state:
        query = query.where(case.c.state == state)
    return [CaseLine(*row) for row in tx.execute(query)]
