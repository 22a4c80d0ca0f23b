"""The queue: what waits for a person."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from starlette.responses import Response

from helpdesk.console.ask import Answer, Ask, Page
from helpdesk.console.labels import KINDS, VERDICTS
from helpdesk.console.words import N_
from helpdesk.desk import queue
from helpdesk.store.queue_view import QueueFilter

_SIZE = 50


def _filter(ask: Ask) -> QueueFilter:
    """Return what the URL asks for; anything unknown is passed over."""
    query = ask.query
    kind, verdict = query.get("kind", ""), query.get("verdict", "")
    return QueueFilter(
        kind=kind if kind in KINDS else "",
        verdict=verdict if verdict in VERDICTS else "",
        handler=query.get("handler", "")[:80],
        when="hold" if query.get("when") == "hold" else "now",
    )


def page_number(ask: Ask) -> int:
    """Return which page of a list is wanted."""
    text = ask.query.get("page", "1")
    return max(1, min(int(text), 100_000)) if text.isascii() and text.isdigit() else 1


def _values(ask: Ask, wanted: QueueFilter) -> dict[str, Any]:
    number = page_number(ask)
    found = queue.waiting(ask.desk, wanted, ask.now, page=number, size=_SIZE)
    query = {"kind": wanted.kind, "verdict": wanted.verdict, "handler": wanted.handler,
             "when": wanted.when if wanted.when != "now" else ""}  # fmt: skip
    return {
        "title": ask.words.gettext(N_("受付")),
        "waiting": found,
        "wanted": wanted,
        "query": query,
        "page": number,
        "total": sum(found.counts.values()),
        "seen": _mark(found, ask),
    }


def _mark(found: queue.Waiting, ask: Ask) -> str:
    """Return a mark that changes with what is shown: ages count by the quarter of an hour."""
    quarter = int(ask.now.timestamp()) // 900
    shown = (found, quarter, ask.words.language)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def queue_page(ask: Ask) -> Answer:
    """The list; filters live in the URL."""
    ask.parts.wake_watcher()  # For the same reason as a case's page.
    return Page("queue.html", _values(ask, _filter(ask)))


def queue_rows(ask: Ask) -> Answer:
    """The list alone, asked for by the page itself; 204 where nothing changed."""
    values = _values(ask, _filter(ask))
    if values["seen"] == ask.query.get("seen"):
        return Response(status_code=204)
    return Page("queue_rows.html", values)
