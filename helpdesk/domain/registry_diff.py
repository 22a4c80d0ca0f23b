"""What an import would change, and what it may not take back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from helpdesk.domain.registry import Facility

#: Columns by the names that staff know.
COLUMNS: Mapping[str, str] = {
    "name": "施設名",
    "kind": "施設種別",
    "physician": "責任者氏名",
    "physician_kana": "責任者氏名カナ",
    "member_number": "会員番号",
    "birthdate": "生年月日",
    "address": "メールアドレス",
    "core_number": "基幹施設認定番号",
    "application_state": "申請状況",
    "certified_from": "認定開始日",
    "certified_until": "認定終了日",
    "application_form": "申請書",
    "summary_form": "概要書",
    "sealed_documents": "公印書類",
    "application_address": "申請アドレス",
    "member_address": "会員登録メールアドレス",
    "main_phone": "代表電話",
    "former_names": "旧施設名",
    "extra": "その他の列",
}

#: Where a facility is written to or called: who changes it decides who can object, and who
#: is told the address.
REACHED_BY = frozenset({"address", "member_address", "main_phone"})
#: Who may ask, and how they prove it.
PROVED_BY = frozenset({"physician", "member_number", "birthdate"})


@dataclass(frozen=True, slots=True)
class Known:
    """A facility as it stands here."""

    facility: Facility
    #: Address before a change that was approved here and that no export has shown yet.
    address_before: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One facility that will differ after the import."""

    facility: Facility
    #: Names of the columns that differ, as staff know them.
    columns: tuple[str, ...]
    #: Whether the export now shows the change approved here.
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change approved here that the export does not show; ours stands."""

    certification_number: str
    #: True where the export shows a third address, neither the old nor the new one.
    third_address: bool
    #: As it stands here, for people to look at.
    name: str = ""
    #: The address that was approved here, and stays; the one before; the file's.
    ours: str = ""
    before: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A facility known here of which an import changes what a proof rests on."""

    certification_number: str
    #: Names of fields, of REACHED_BY and PROVED_BY.
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that an import would do."""

    added: tuple[Facility, ...]
    changed: tuple[Change, ...]
    removed: tuple[Facility, ...]
    unchanged: int
    conflicts: tuple[Conflict, ...]
    shifts: tuple[Shift, ...] = ()

    def shifted(self, columns: frozenset[str]) -> int:
        """Count the facilities of which it changes any of these columns."""
        return sum(not columns.isdisjoint(one.columns) for one in self.shifts)


def plan_import(known: Iterable[Known], incoming: Iterable[Facility]) -> ImportPlan:
    """Return what taking `incoming` would change; nothing approved here is taken back."""
    here = {one.facility.certification_number: one for one in known}
    added, changed, conflicts = [], [], []
    shifts: list[Shift] = []
    unchanged = 0
    seen = set()
    for facility in incoming:
        seen.add(facility.certification_number)
        before = here.get(facility.certification_number)
        if before is None or before.removed:
            added.append(facility)
            if before is not None:  # One that was left out once comes back as another.
                shifts += _shift(before.facility, facility)
            continue
        kept, confirms, conflict = _keep_approved(before, facility)
        if conflict:
            conflicts.append(conflict)
        columns = _differing(before.facility, kept)
        shifts += _shift(before.facility, kept)
        if columns or confirms:
            changed.append(Change(kept, columns, confirms))
        else:
            unchanged += 1
    removed = [
        one.facility
        for number, one in sorted(here.items())
        if number not in seen and not one.removed
    ]
    return ImportPlan(
        tuple(added), tuple(changed), tuple(removed), unchanged, tuple(conflicts), tuple(shifts)
    )


def _shift(before: Facility, after: Facility) -> list[Shift]:
    """Return what an import changes of the columns that a proof rests on: one, or none.

    Small and capital letters, blanks and hyphens make no other address, person or number.
    """
    columns = tuple(
        one.name
        for one in fields(Facility)
        if one.name in REACHED_BY | PROVED_BY
        and _bare(getattr(before, one.name)) != _bare(getattr(after, one.name))
    )
    return [Shift(after.certification_number, columns)] if columns else []


def _bare(value: object) -> str:
    text = unicodedata.normalize("NFKC", str(value or "")).lower()
    return re.sub(r"[\s()‐-]", "", text)


def _keep_approved(before: Known, incoming: Facility) -> tuple[Facility, bool, Conflict | None]:
    """Return the row to take, whether it confirms our change, and the conflict if any."""
    if before.address_before is None:
        return incoming, False, None
    ours = before.facility.address
    if incoming.address.lower() == ours.lower():
        return incoming, True, None
    third = incoming.address.lower() != before.address_before.lower()
    conflict = Conflict(
        incoming.certification_number,
        third,
        name=incoming.name,
        ours=ours,
        before=before.address_before,
        theirs=incoming.address,
    )
    return replace(incoming, address=ours), False, conflict


def _differing(before: Facility, after: Facility) -> tuple[str, ...]:
    return tuple(
        COLUMNS[one.name]
        for one in fields(Facility)
        if one.name in COLUMNS and getattr(before, one.name) != getattr(after, one.name)
    )
