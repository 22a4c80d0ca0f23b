"""Named queries about what imports changed of the columns that a proof rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from helpdesk.store.database import Transaction
from helpdesk.store.schema import registry_shift

# Of one facility; an older one says nothing that the newest do not say.
_NEWEST = 10


@dataclass(frozen=True, slots=True)
class ShiftRecord:
    """That an import changed columns of a facility; never their values."""

    at: datetime
    #: A person's name, or what ran the command.
    imported_by: str
    #: Names of fields of Facility.
    columns: tuple[str, ...]


def insert_shifts(
    tx: Transaction, found: Iterable[tuple[str, Sequence[str]]], by: str, at: datetime
) -> None:
    """Remember which columns of which facilities an import changed."""
    rows = [
        {"certification_number": number, "columns": list(columns), "imported_by": by, "at": at}
        for number, columns in found
    ]
    if rows:
        tx.execute(insert(registry_shift), rows)


def shifts_of(tx: Transaction, certification_number: str) -> list[ShiftRecord]:
    """Return what imports changed of a facility, newest first."""
    query = (
        select(registry_shift.c.at, registry_shift.c.imported_by, registry_shift.c.columns)
        .where(registry_shift.c.certification_number == certification_number)
        .order_by(registry_shift.c.at.desc(), registry_shift.c.id.desc())
        .limit(_NEWEST)
    )
    return [ShiftRecord(row[0], row[1], tuple(row[2])) for row in tx.execute(query)]
