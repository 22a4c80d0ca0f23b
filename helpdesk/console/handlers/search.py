"""One box for cases, facilities and the words of mails."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Page
from helpdesk.console.handlers.queue import page_number
from helpdesk.console.labels import CASE_STATES
from helpdesk.console.words import N_
from helpdesk.desk import facility_search, search

_SIZE = 50


def search_page(ask: Ask) -> Answer:
    """What holds the words, newest first."""
    q = ask.query.get("q", "")[:200]
    state = ask.query.get("state", "")
    state = state if state in CASE_STATES else ""
    number = page_number(ask)
    values = {
        "title": ask.words.gettext(N_("検索")),
        "q": q,
        "state": state,
        "page": number,
        "found": search.find(ask.desk, q, state, page=number, size=_SIZE),
        "facilities": facility_search.find(ask.desk, q, limit=8) if q and number == 1 else (),
    }
    return Page("search.html", values)
