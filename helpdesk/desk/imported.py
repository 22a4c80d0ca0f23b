"""What an import changed a short time ago of the columns that a decision rests on (T30).

An import is ordinary and one person's act, and it could make anybody's address the
registered one. So what it changed is shown with its day for as long as after a change of
ours. Meanwhile a change from a registered address that an import brought is an exception,
and a 会員登録メールアドレス that one brought is told nothing by itself.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.deciding import moment_after
from helpdesk.domain.calendar import format_date
from helpdesk.domain.registry_diff import COLUMNS, PROVED_BY, REACHED_BY
from helpdesk.store import registry_shifts
from helpdesk.store.database import Transaction
from helpdesk.store.registry_shifts import ShiftRecord


def lately(desk: Desk, tx: Transaction, number: str | None, now: datetime) -> list[ShiftRecord]:
    """Return what imports changed of a facility within the freeze, newest first."""
    if not number:
        return []
    freeze = desk.rules.identity.freeze
    found = registry_shifts.shifts_of(tx, number)
    return [one for one in found if moment_after(desk, one.at, freeze) > now]


def columns_lately(desk: Desk, tx: Transaction, number: str | None, now: datetime) -> set[str]:
    """Return the names of the fields that imports changed within the freeze."""
    return {name for one in lately(desk, tx, number, now) for name in one.columns}


def marks_of(columns: set[str], kind: str) -> list[str]:
    """Return the marks that follow for a kind of action: keys of MARKS in domain/approval.py.

    To tell an address to itself harms nobody, whoever it is: only a change of it does.
    """
    marks = []
    if "address" in columns and kind == "change_address":
        marks.append("imported_address")
    elif columns & REACHED_BY:
        marks.append("imported_contact")
    return [*marks, "imported_person"] if columns & PROVED_BY else marks


def in_words(one: ShiftRecord) -> str:
    """Say what an import changed, when, and who took it; never the values."""
    names = "、".join(COLUMNS[name] for name in one.columns if name in COLUMNS)
    return f"{format_date(japan_date(one.at))}の取込（{one.imported_by}）：{names}"
