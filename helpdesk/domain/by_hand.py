"""What a clerk put right by hand in the fields of a request, as it is kept in a note.

Member number and birthdate are named without their values: they are erased when the case
closes, and a note stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpdesk.domain.request import FIELD_NAMES

#: Fields whose values no note keeps.
UNKEPT = ("member_number", "birthdate")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; both None where no note keeps its values."""

    field: str
    before: str | None
    after: str | None

    @property
    def is_kept(self) -> bool:
        """Say whether the values stand here."""
        return self.field not in UNKEPT


def changes_between(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> tuple[Change, ...]:
    """Return what differs, in the order of the form."""
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in FIELD_NAMES
        if (before.get(name) or None) != (after.get(name) or None)
    )


def text_of(changes: Iterable[Change]) -> str:
    """Return changes as a note keeps them."""
    return json.dumps(
        [[one.field, *((one.before, one.after) if one.is_kept else ())] for one in changes],
        ensure_ascii=False,
    )


def changes_of(text: str) -> tuple[Change, ...]:
    """Return the changes of a note; older notes have the names of the fields alone."""
    try:
        rows = json.loads(text)
    except ValueError:
        rows = [[name] for name in text.split(", ")]
    return tuple(
        Change(str(row[0]), *(row[1:3] if len(row) > 2 else (None, None)))
        for row in rows
        if row and row[0] in FIELD_NAMES
    )
