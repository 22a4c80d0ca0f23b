"""The registry's import: what the file would change, before it is taken."""

from __future__ import annotations

from typing import Any

from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import N_
from helpdesk.desk import registry_upload
from helpdesk.desk.context import Refused
from helpdesk.domain.registry_diff import COLUMNS, PROVED_BY, REACHED_BY, Change
from helpdesk.errors import HelpdeskError

# Rows of each kind that are shown; the counts are always whole.
_SHOWN = 200

# What a person wrote to prove who they are is not shown in a list.
_SECRET = frozenset({"生年月日", "会員番号"})

_FIELDS = {name: field for field, name in COLUMNS.items()}


def registry_page(ask: Ask) -> Answer:
    """What waits, and the imports so far."""
    mistakes = ""
    looked = None
    try:
        looked = registry_upload.look(ask.desk, ask.now)
    except HelpdeskError as error:
        if error.temporary:
            raise
        mistakes = str(error)
    values: dict[str, Any] = {
        "title": ask.words.gettext(N_("名簿")),
        "looked": looked,
        "seen": registry_upload.mark_of(looked.upload) if looked else "",
        "mistakes": mistakes,
        "imports": registry_upload.imports(ask.database),
        "shown": _SHOWN,
        "columns": COLUMNS,
        "reached": looked.report.plan.shifted(REACHED_BY) if looked else 0,
        "proved": looked.report.plan.shifted(PROVED_BY) if looked else 0,
        "details": _details(looked) if looked else {},
        "conflicts": {one.certification_number: one for one in looked.report.plan.conflicts}
        if looked
        else {},
    }
    return Page("registry.html", values)


def _details(looked: registry_upload.Looked) -> dict[str, list[tuple[str, str, str]]]:
    """Return the columns of each changed facility with the value before and after."""
    return {
        one.facility.certification_number: _columns(looked, one)
        for one in looked.report.plan.changed[:_SHOWN]
    }


def _columns(looked: registry_upload.Looked, change: Change) -> list[tuple[str, str, str]]:
    before = looked.before.get(change.facility.certification_number)
    rows = []
    for name in change.columns:
        field = _FIELDS.get(name, "")
        old, new = (
            "" if one is None or name in _SECRET else _text(getattr(one, field, ""))
            for one in (before, change.facility)
        )
        rows.append((name, old, new))
    return rows


def _text(value: object) -> str:
    if value in (None, ()):
        return ""
    if isinstance(value, bool):
        return "済" if value else "—"
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def upload(ask: Ask) -> Answer:
    """Keep a file until its difference was looked at."""
    found = ask.upload("file")
    if found is None:
        raise Refused("choose a file of the portal's export: .csv or .xlsx")
    registry_upload.keep(ask.database, *found, ask.user, ask.now)
    return Go("/registry")


def take(ask: Ask) -> Answer:
    """Take the file that was looked at."""
    registry_upload.take(ask.desk, ask.number("id"), ask.line("seen", 40), ask.user, ask.now)
    ask.parts.wake_sender()
    return Go("/registry", "imported")


def drop(ask: Ask) -> Answer:
    """Forget the file."""
    registry_upload.drop(ask.database, ask.number("id"))
    return Go("/registry", "upload_dropped")
