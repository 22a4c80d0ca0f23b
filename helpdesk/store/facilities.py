"""Named queries about the registry: the facilities and their imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from helpdesk.domain.identity import digits_of
from helpdesk.domain.registry import Facility
from helpdesk.store.database import Transaction
from helpdesk.store.facts import read_fact, write_fact
from helpdesk.store.schema import facility, registry_import
from helpdesk.store.vault import Vault, vault_of

_VERSION_FACT = "registry_version"

_FIELDS = tuple(
    facility.c[name]
    for name in (
        "certification_number",
        "name",
        "kind",
        "physician",
        "physician_kana",
        "member_number",
        "birthdate",
        "address",
        "core_number",
        "application_state",
        "certified_from",
        "certified_until",
        "application_form",
        "summary_form",
        "sealed_documents",
        "application_address",
        "member_address",
        "main_phone",
        "former_names",
        "extra",
    )
)


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility with what this product knows of it beyond the export."""

    facility: Facility
    version: int
    removed: bool
    #: Address before a change approved here that no export has shown yet.
    address_before: str | None


def _facility(row: Any, vault: Vault) -> Facility:
    values = dict(zip((column.name for column in _FIELDS), row, strict=False))
    values["member_number"] = vault.open(values["member_number"])
    birthdate = vault.open(values["birthdate"])
    values["birthdate"] = date.fromisoformat(birthdate) if birthdate else None
    values["former_names"] = tuple(values["former_names"])
    values["extra"] = tuple((name, value) for name, value in values["extra"])
    return Facility(**values)


def member_index(vault: Vault, member_number: str) -> str:
    """Return the digest by which a member number is looked up, however it is written."""
    return vault.index("member", digits_of(member_number))


def _values(one: Facility, vault: Vault) -> dict[str, Any]:
    values = asdict(one)
    values["member_number"] = vault.seal(one.member_number)
    values["member_index"] = member_index(vault, one.member_number)
    values["birthdate"] = vault.seal(one.birthdate.isoformat() if one.birthdate else "")
    values["former_names"] = list(one.former_names)
    values["extra"] = [list(pair) for pair in one.extra]
    return values


def registry_version(tx: Transaction) -> int:
    """Return the number that grows with every change of the registry."""
    return int(read_fact(tx, _VERSION_FACT) or 0)


def _bump(tx: Transaction) -> None:
    write_fact(tx, _VERSION_FACT, registry_version(tx) + 1)


def all_facilities(tx: Transaction) -> tuple[Facility, ...]:
    """Return the facilities that take part in matching, by number."""
    query = (
        select(*_FIELDS)
        .where(facility.c.removed_at.is_(None))
        .order_by(facility.c.certification_number)
    )
    vault = vault_of(tx)
    return tuple(_facility(row, vault) for row in tx.execute(query))


def facilities_by_numbers(tx: Transaction, numbers: Iterable[str]) -> dict[str, Facility]:
    """Return those facilities that take part in matching, by number."""
    query = select(*_FIELDS).where(
        facility.c.certification_number.in_(list(numbers)), facility.c.removed_at.is_(None)
    )
    vault = vault_of(tx)
    found = (_facility(row, vault) for row in tx.execute(query))
    return {one.certification_number: one for one in found}


def all_rows(tx: Transaction) -> tuple[FacilityRow, ...]:
    """Return every facility there ever was, removed ones included."""
    query = select(*_FIELDS, facility.c.version, facility.c.removed_at, facility.c.address_before)
    vault = vault_of(tx)
    return tuple(
        FacilityRow(
            _facility(row, vault), row.version, row.removed_at is not None, row.address_before
        )
        for row in tx.execute(query)
    )


def all_versions(tx: Transaction) -> dict[str, int]:
    """Return the version of every facility's row that takes part in matching."""
    query = select(facility.c.certification_number, facility.c.version).where(
        facility.c.removed_at.is_(None)
    )
    return {row.certification_number: row.version for row in tx.execute(query)}


def facility_version(tx: Transaction, certification_number: str) -> int | None:
    """Return the version of a facility's row, or None where it is not in the registry."""
    query = select(facility.c.version).where(
        facility.c.certification_number == certification_number, facility.c.removed_at.is_(None)
    )
    return tx.execute(query).scalar()


def lock_version(tx: Transaction, certification_number: str) -> int | None:
    """Return the version of a facility's row, and keep imports from it until the end."""
    query = select(facility.c.version).where(
        facility.c.certification_number == certification_number, facility.c.removed_at.is_(None)
    )
    return tx.execute(query.with_for_update()).scalar()


def address_of(tx: Transaction, certification_number: str) -> str:
    """Return the registered mail address of a facility; '' where there is none."""
    query = select(facility.c.address).where(
        facility.c.certification_number == certification_number, facility.c.removed_at.is_(None)
    )
    return tx.execute(query).scalar() or ""


def insert_facilities(tx: Transaction, new: Iterable[Facility]) -> None:
    """Add facilities; one that was removed before comes back under its number."""
    rows = list(new)
    known = set(tx.execute(select(facility.c.certification_number)).scalars())
    vault = vault_of(tx)
    fresh = [
        {**_values(one, vault), "version": 1}
        for one in rows
        if one.certification_number not in known
    ]
    if fresh:
        tx.execute(insert(facility), fresh)
    for one in rows:
        if one.certification_number in known:
            update_facility(tx, one, confirms=True)


def update_facility(tx: Transaction, one: Facility, *, confirms: bool) -> None:
    """Replace a row; `confirms` clears the mark of a change approved here."""
    values = {**_values(one, vault_of(tx)), "version": facility.c.version + 1, "removed_at": None}
    if confirms:
        values |= {"address_before": None, "address_changed_at": None}
    tx.execute(
        update(facility)
        .where(facility.c.certification_number == one.certification_number)
        .values(**values)
    )


def remove_facilities(tx: Transaction, numbers: Iterable[str], at: datetime) -> None:
    """Mark facilities as gone from the export; their rows stay for their cases."""
    for number in numbers:
        tx.execute(
            update(facility)
            .where(facility.c.certification_number == number)
            .values(removed_at=at, version=facility.c.version + 1)
        )


def change_address(
    tx: Transaction, certification_number: str, address: str, at: datetime
) -> str | None:
    """Put an approved address in force and return the one before; None: no such facility.

    The address before is remembered until an export of the portal shows the new one.
    """
    row = tx.execute(
        select(facility.c.address, facility.c.address_before).where(
            facility.c.certification_number == certification_number,
            facility.c.removed_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    # Two changes in a row: the export may still show the first one's old address.
    before = row.address_before if row.address_before is not None else row.address
    tx.execute(
        update(facility)
        .where(facility.c.certification_number == certification_number)
        .values(
            address=address,
            address_before=before,
            address_changed_at=at,
            version=facility.c.version + 1,
        )
    )
    _bump(tx)
    return str(row.address)


def expect_elsewhere(tx: Transaction, certification_number: str, address: str) -> None:
    """Remember that the portal may show an address that is not to stand here.

    As with a change that is in force here and not yet there, an import that shows it is a
    conflict, until one shows what stands here.
    """
    tx.execute(
        update(facility)
        .where(
            facility.c.certification_number == certification_number,
            facility.c.address_before.is_(None),
            func.lower(facility.c.address) != address.lower(),
        )
        .values(address_before=address)
    )


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """What is remembered of one import."""

    at: datetime
    file_name: str
    sha256: str
    imported_by: str
    added: int
    changed: int
    removed: int
    conflicts: int


def record_import(tx: Transaction, record: ImportRecord) -> None:
    """Write down an import; from now on the registry has a new version."""
    tx.execute(insert(registry_import).values(**asdict(record)))
    _bump(tx)


def import_count(tx: Transaction) -> int:
    """Return how many imports were taken."""
    return int(tx.execute(select(func.count()).select_from(registry_import)).scalar_one())


def last_import_at(tx: Transaction) -> datetime | None:
    """Return when the registry was imported last; None: never."""
    query = select(registry_import.c.at).order_by(registry_import.c.id.desc()).limit(1)
    return tx.execute(query).scalar()
