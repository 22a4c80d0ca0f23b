"""Named queries about the records of members that are a staff member's own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from helpdesk.domain.identity import digits_of
from helpdesk.store.database import Transaction
from helpdesk.store.schema import staff_record
from helpdesk.store.vault import vault_of

MEMBER, ADDRESS = "member", "address"


def replace_records(
    tx: Transaction, staff_name: str, members: Iterable[str], addresses: Iterable[str]
) -> int:
    """Keep which records are a person's own, as keyed digests; return how many."""
    tx.execute(delete(staff_record).where(staff_record.c.staff_name == staff_name))
    found = _digests(tx, members, addresses)
    for kind, digest in sorted(found):
        tx.execute(insert(staff_record).values(staff_name=staff_name, kind=kind, digest=digest))
    return len(found)


def any_own(
    tx: Transaction, staff_name: str, members: Iterable[str], addresses: Iterable[str]
) -> bool:
    """Say whether one of these numbers or addresses is a person's own."""
    query = select(staff_record.c.kind, staff_record.c.digest).where(
        staff_record.c.staff_name == staff_name
    )
    own = {(row[0], row[1]) for row in tx.execute(query)}
    return bool(own) and not own.isdisjoint(_digests(tx, members, addresses))


def _digests(
    tx: Transaction, members: Iterable[str], addresses: Iterable[str]
) -> set[tuple[str, str]]:
    vault = vault_of(tx)
    numbers = {digits_of(one) for one in members} - {""}
    found = {(MEMBER, vault.index("staff_member", one)) for one in numbers}
    known = {one.strip().lower() for one in addresses} - {""}
    return found | {(ADDRESS, vault.index("staff_address", one)) for one in known}
