"""What is enclosed in a mail, for a person who wants it: files to save, the HTML to look at.

The letter's text is read elsewhere; nothing here is decided from.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Part

from selectolax.lexbor import LexborHTMLParser

from helpdesk.domain.entity import disposition_and_name, octets_of, parts_of, safe_name, type_of
from helpdesk.domain.entity import text_of as decoded_text
from helpdesk.domain.message import bounded
from helpdesk.domain.parser import PARSER
from helpdesk.domain.structure import MAX_PARTS, Found

# Parts inside parts, as deep as any mail program looks.
_DEEPEST = 20

# Characters of HTML that are shown; newsletters have 100,000.
_LONGEST_HTML = 500_000

# A frame without scripts and requests holds these down already; nothing needs them.
_REMOVED = "script, link, meta, base, iframe, frame, object, embed, form, noscript, svg, math"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One file in a mail. The name is made safe; the type is what the sender claims."""

    index: int
    name: str
    type: str
    size: int


def enclosures(raw: bytes) -> tuple[Enclosure, ...]:
    """Return the files of a mail in order; never raises on bad mail."""
    return tuple(one for one, _ in _files(raw))


def enclosed(raw: bytes, index: int) -> tuple[Enclosure, bytes] | None:
    """Return one file with its bytes, or None where there is no such file."""
    return next((found for found in _files(raw) if found[0].index == index), None)


def html_of(raw: bytes) -> str | None:
    """Return the first HTML part without what could load or run something; None: there is none."""
    for part in _leaves(raw):
        if type_of(part) == "text/html" and disposition_and_name(part)[0] != "attachment":
            tree = LexborHTMLParser(decoded_text(part)[0][:_LONGEST_HTML])
            for node in tree.css(_REMOVED):
                node.decompose()
            return tree.html
    return None


def _files(raw: bytes) -> list[tuple[Enclosure, bytes]]:
    found = []
    for index, part in enumerate(_leaves(raw)):
        disposition, name = disposition_and_name(part)
        kind = type_of(part)
        if disposition != "attachment" and not name and kind.startswith("text/"):
            continue
        octets = octets_of(part)
        shown = safe_name(name) or f"file-{index + 1}"
        found.append((Enclosure(index, shown, kind, len(octets)), octets))
    return found


def _leaves(raw: bytes) -> list[Part]:
    try:
        root = PARSER.parsebytes(bounded(raw, Found()))
    except Exception:  # noqa: BLE001 - a mail is never an exception
        return []
    found: list[Part] = []
    waiting = [(root, 0)]
    while waiting and len(found) < MAX_PARTS:
        part, depth = waiting.pop(0)
        inner = parts_of(part)
        if inner and depth < _DEEPEST:
            waiting = [*((one, depth + 1) for one in inner), *waiting]
        elif not inner:
            found.append(part)
    return found
