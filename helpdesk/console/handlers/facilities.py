"""The facilities of the registry, each with its history."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, NotFound, Page
from helpdesk.console.handlers.queue import page_number
from helpdesk.console.labels import FACILITY_KINDS
from helpdesk.console.words import N_
from helpdesk.desk import facility_search, facility_view
from helpdesk.desk.context import Refused
from helpdesk.domain.campaign import SKIPS
from helpdesk.domain.registry_diff import COLUMNS

_SIZE = 100


def list_page(ask: Ask) -> Answer:
    """Facilities by number, or those that hold the words."""
    number = page_number(ask)
    q, kind = ask.query.get("q", "")[:200], ask.query.get("kind", "")
    kind = kind if kind in FACILITY_KINDS else ""
    found = facility_search.page(ask.desk, q, limit=_SIZE, offset=(number - 1) * _SIZE, kind=kind)
    values = {
        "title": ask.words.gettext(N_("施設")),
        "q": q,
        "kind": kind,
        "page": number,
        "found": found,
        "more": number * _SIZE < found.total,
    }
    return Page("facilities.html", values)


def facility_page(ask: Ask) -> Answer:
    """One facility: its record and everything done for it."""
    number = ask.params["number"]
    try:
        view = facility_view.view(ask.desk, number)
    except Refused as error:
        raise NotFound(str(error)) from error
    rows = [
        (name, _text(getattr(view.facility, key)))
        for key, name in COLUMNS.items()
        if key not in ("name", "kind", "extra", "birthdate", "member_number")
    ]
    rows += [(name, value) for name, value in view.facility.extra]
    values = {
        "title": view.facility.name,
        "view": view,
        "rows": [(name, value) for name, value in rows if value],
        "proofs": [
            (COLUMNS[key], bool(getattr(view.facility, key)))
            for key in ("member_number", "birthdate")
        ],
        "skips": SKIPS,
    }
    return Page("facility.html", values)


def _text(value: object) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "済" if value else "—"
    return "、".join(value) if isinstance(value, tuple) else str(value)
