"""Taking the portal's export in: planned first, then all of it or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpdesk.desk import awaiting, import_effects
from helpdesk.desk.context import Desk
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.import_effects import Effect
from helpdesk.domain.audit import Event
from helpdesk.domain.registry import Facility
from helpdesk.domain.registry_diff import (
    COLUMNS,
    PROVED_BY,
    REACHED_BY,
    ImportPlan,
    Known,
    plan_import,
)
from helpdesk.registry_file import read_registry_file
from helpdesk.store import audit, facilities, registry_shifts
from helpdesk.store.database import Database, Transaction
from helpdesk.store.facilities import ImportRecord

# Lines of each kind that are printed; the counts are always whole.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do."""

    plan: ImportPlan
    warnings: tuple[str, ...]
    dry_run: bool
    #: What follows from the difference for reminders, corrections and links.
    effects: tuple[Effect, ...] = ()

    def __str__(self) -> str:
        """Return the report for a terminal: numbers and columns, no values of persons."""
        plan = self.plan
        head = "試行（何も変更していません） (dry run)" if self.dry_run else "取り込みました (done)"
        counts = (
            f"追加 added {len(plan.added)} / 変更 changed {len(plan.changed)} / "
            f"削除 removed {len(plan.removed)} / 変更なし unchanged {plan.unchanged} / "
            f"衝突 conflicts {len(plan.conflicts)}"
        )
        lines = [head, counts]
        lines += _some("追加 +", [f"{one.certification_number} {one.name}" for one in plan.added])
        lines += _some(
            "変更 *",
            [
                f"{one.facility.certification_number} {'、'.join(one.columns) or '反映を確認'}"
                for one in plan.changed
            ],
        )
        lines += _some("削除 -", [f"{one.certification_number} {one.name}" for one in plan.removed])
        lines += [
            f"衝突 ! {one.certification_number} メールアドレス: ここで承認した変更を保ちました"
            + ("（名簿は第三のアドレス）" if one.third_address else "（名簿は変更前のまま）")
            + " (kept the change approved here)"
            for one in plan.conflicts
        ]
        lines += _shifts(plan)
        lines += _some("これにより >", [str(effect) for effect in self.effects])
        lines += [f"注意 warning: {warning}" for warning in self.warnings[:_SHOWN]]
        return "\n".join(lines)


def _shifts(plan: ImportPlan) -> list[str]:
    """Return how many addresses and persons an import changes, and whose."""
    if not plan.shifts:
        return []
    reached, proved = plan.shifted(REACHED_BY), plan.shifted(PROVED_BY)
    rows = [
        f"{one.certification_number} {'、'.join(COLUMNS[name] for name in one.columns)}"
        for one in plan.shifts
    ]
    return [
        (
            f"▲ 登録アドレス・電話番号が変わる施設 {reached} 件"
            f" / 責任者・本人確認の項目が変わる施設 {proved} 件"
            " (addresses, persons: marked in cases for a while)"
        ),
        *_some("▲", rows),
    ]


def _some(mark: str, rows: list[str]) -> list[str]:
    more = len(rows) - _SHOWN
    lines = [f"{mark} {row}" for row in rows[:_SHOWN]]
    return [*lines, f"{mark} … {more} more"] if more > 0 else lines


def import_registry(
    database: Database,
    path: Path,
    *,
    now: datetime,
    dry_run: bool,
    by: str,
    desk: Desk | None = None,
    cause: str = "command",
    vouched: bool = False,
) -> ImportReport:
    """Import one file, or show what that would change.

    With `vouched` it is taken by `by`, who must be somebody who may decide (else Refused);
    what it changes of addresses and persons is marked in later decisions all the same.
    With a `desk` what follows from the difference is part of it (and of the dry run).

    Raises RegistryFileError where any row is wrong; nothing of the file is taken then.
    """
    file = read_registry_file(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if dry_run:
        with database.read() as tx:
            plan, effects = _plan(desk, tx, file.facilities, now)
            return ImportReport(plan, file.warnings, dry_run=True, effects=effects)
    with database.begin() as tx:
        plan, effects = _plan(desk, tx, file.facilities, now)
        if vouched:
            require_decider(tx, by)
        _carry_out(tx, plan, now)
        shifts = [(one.certification_number, one.columns) for one in plan.shifts]
        registry_shifts.insert_shifts(tx, shifts, by[:80], now)
        facilities.record_import(
            tx,
            ImportRecord(
                at=now,
                file_name=path.name,
                sha256=sha256,
                imported_by=by,
                added=len(plan.added),
                changed=len(plan.changed),
                removed=len(plan.removed),
                conflicts=len(plan.conflicts),
            ),
        )
        audit.note(tx, Event("imported", by[:80], cause, about=_counts(plan)))
        if desk is not None:
            import_effects.carry_out(desk, tx, list(effects), now)
            awaiting.judge_again(desk, tx, now)
    return ImportReport(plan, file.warnings, dry_run=False, effects=effects)


def _plan(
    desk: Desk | None, tx: Transaction, incoming: tuple[Facility, ...], now: datetime
) -> tuple[ImportPlan, tuple[Effect, ...]]:
    rows = facilities.all_rows(tx)
    plan = plan_import(
        [Known(row.facility, row.address_before, row.removed) for row in rows], incoming
    )
    if desk is None:
        return plan, ()
    before = {row.facility.certification_number: row.facility for row in rows if not row.removed}
    diff = import_effects.difference(before, plan, is_first=facilities.import_count(tx) == 0)
    return plan, tuple(import_effects.find_effects(desk, tx, diff, now))


def _counts(plan: ImportPlan) -> dict[str, int]:
    return {
        "added": len(plan.added),
        "changed": len(plan.changed),
        "removed": len(plan.removed),
        "addresses": plan.shifted(REACHED_BY),
        "persons": plan.shifted(PROVED_BY),
    }


def _carry_out(tx: Transaction, plan: ImportPlan, now: datetime) -> None:
    facilities.insert_facilities(tx, plan.added)
    for change in plan.changed:
        facilities.update_facility(tx, change.facility, confirms=change.confirms)
    facilities.remove_facilities(tx, (one.certification_number for one in plan.removed), now)


def listed(database: Database) -> tuple[Facility, ...]:
    """Return the facilities as they stand here, by number."""
    with database.read() as tx:
        return facilities.all_facilities(tx)
