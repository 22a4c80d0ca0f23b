"""The outbox: what left, what did not, and what each button would do about it."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.handlers.queue import page_number
from helpdesk.console.labels import LETTER_STATES
from helpdesk.console.words import N_
from helpdesk.desk import outbox
from helpdesk.desk.context import Refused
from helpdesk.store.outbox_view import STUCK

_SIZE = 100


def list_page(ask: Ask) -> Answer:
    """Letters in a state, newest first; at first those that need somebody."""
    state = ask.query.get("state", "stuck")
    states = {"stuck": STUCK, "all": ()}.get(state, (state,) if state in LETTER_STATES else STUCK)
    to = ask.query.get("to", "")[:200]
    number = page_number(ask)
    values = {
        "title": ask.words.gettext(N_("送信箱")),
        "state": state,
        "to": to,
        "page": number,
        "found": outbox.page(ask.database, states, to, number=number, size=_SIZE),
        "stuck": STUCK,
    }
    return Page("outbox.html", values)


def letter_page(ask: Ask) -> Answer:
    """One letter with its text, and what can be done about it."""
    try:
        row, case_number, message = outbox.shown(ask.database, ask.number("id"))
    except Refused as error:
        raise NotFound(str(error)) from error
    values = {"title": message.subject, "row": row, "case_number": case_number, "message": message}
    return Page("letter.html", values)


def retry(ask: Ask) -> Answer:
    """Send a letter that is stuck again."""
    outbox.retry(ask.database, ask.number("id"), ask.now, ask.user)
    ask.parts.wake_sender()
    return Go("/outbox", "retried")


def drop(ask: Ask) -> Answer:
    """Never send it."""
    outbox.drop(ask.desk, ask.number("id"), ask.user, ask.line("reason", 300))
    return Go("/outbox", "dropped")
