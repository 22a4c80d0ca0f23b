"""The mails of a case as they came: their source, their HTML, their files."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Page
from helpdesk.console.handlers import downloads
from helpdesk.console.words import N_
from helpdesk.desk import case_view


def raw_mail(ask: Ask) -> Answer:
    """The source of one mail, as text to look at."""
    raw = case_view.source_of(ask.desk, ask.params["number"], ask.number("id"))
    values = {
        "title": ask.words.gettext(N_("メールの原文")),
        "source": visible(raw),
        "back": f"/cases/{ask.params['number']}",
        "size": len(raw),
    }
    return Page("source.html", values)


# More than anybody reads; a photograph in base64 has megabytes.
_SHOWN_BYTES = 200_000


def visible(raw: bytes) -> str:
    """Return the beginning of a source; every byte that is no plain ASCII is written out."""
    text = raw[:_SHOWN_BYTES].decode("ascii", "backslashreplace").replace("\r\n", "\n")
    return "".join(
        char if char >= " " or char in "\n\t" else f"\\x{ord(char):02x}" for char in text
    )


def html_part(ask: Ask) -> Answer:
    """The HTML of one mail, for a frame in which nothing runs and nothing is loaded."""
    html = case_view.html_part(ask.desk, ask.params["number"], ask.number("id"))
    return downloads.framed_html(html)


def file(ask: Ask) -> Answer:
    """One file of one mail, to be saved."""
    found, octets = case_view.file_of(
        ask.desk, ask.params["number"], ask.number("id"), ask.number("index")
    )
    return downloads.attachment(found.name, octets)
