"""Mail that could not be handled: why, how it looks, and trying it again."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.handlers import downloads
from helpdesk.console.handlers.case_mails import visible
from helpdesk.console.words import N_
from helpdesk.desk import quarantine
from helpdesk.desk.context import Refused
from helpdesk.domain.enclosures import enclosed, enclosures, html_of
from helpdesk.store.mails import StoredMail


def list_page(ask: Ask) -> Answer:
    """What lies there, oldest first."""
    values = {
        "title": ask.words.gettext(N_("隔離")),
        "found": quarantine.listed(ask.database),
    }
    return Page("quarantine.html", values)


def _source(ask: Ask) -> tuple[StoredMail, bytes | None]:
    try:
        return quarantine.source(ask.database, ask.number("id"))
    except Refused as error:
        raise NotFound(str(error)) from error


def _raw(ask: Ask) -> bytes:
    raw = _source(ask)[1]
    if raw is None:
        raise NotFound("there is no mail of that number here: it was never fetched")
    return raw


def mail_page(ask: Ask) -> Answer:
    """One mail: its reason, its files, its source."""
    mail, raw = _source(ask)
    values = {
        "title": ask.words.gettext(N_("隔離されたメール")),
        "mail": mail,
        "source": visible(raw) if raw is not None else "",
        "files": enclosures(raw) if raw is not None else (),
        "has_html": raw is not None and html_of(raw) is not None,
        "fetched": raw is not None,
    }
    return Page("quarantined.html", values)


def download(ask: Ask) -> Answer:
    """The whole mail as a file."""
    return downloads.attachment(f"mail-{ask.number('id')}.eml", _raw(ask))


def html_part(ask: Ask) -> Answer:
    """Its HTML in a frame in which nothing runs."""
    html = html_of(_raw(ask))
    if html is None:
        raise NotFound("there is no such part in this mail")
    return downloads.framed_html(html)


def file(ask: Ask) -> Answer:
    """One of its files, to be saved."""
    found = enclosed(_raw(ask), ask.number("index"))
    if found is None:
        raise NotFound("there is no such file in this mail")
    return downloads.attachment(found[0].name, found[1])


def replay(ask: Ask) -> Answer:
    """Let it be read again from the start."""
    quarantine.replay(ask.database, ask.number("id"), ask.user)
    ask.parts.wake_watcher()
    return Go("/quarantine", "replayed")
