"""The lines of a mail with their places: what was written, and what was quoted."""

from __future__ import annotations

from helpdesk.domain.message import Message
from helpdesk.domain.quoting import OWN, QUOTED, unquoted
from helpdesk.domain.values import MAX_LINES, Line

# Characters: a line of a letter has forty, a paragraph on one line a few hundred.
LONGEST_LINE = 2_000


def lines_of(message: Message, wanted: set[str]) -> list[Line]:
    """Return the lines of some kinds with their offsets into the body."""
    return [line for line, _ in _lines_with_kind(message, wanted)]


def _lines_with_kind(message: Message, wanted: set[str]) -> list[tuple[Line, str]]:
    lines: list[tuple[Line, str]] = []
    for segment in message.segments:
        if segment.kind not in wanted:
            continue
        offset = segment.start
        for line in message.body[segment.start : segment.end].removesuffix("\n").split("\n"):
            bare = unquoted(line) if segment.kind == QUOTED else line
            start = offset + len(line) - len(bare)
            lines.append(((bare[:LONGEST_LINE], start), segment.kind))
            if len(lines) == MAX_LINES:
                return lines
            offset += len(line) + 1
    return lines


def answered_lines(message: Message) -> list[Line]:
    """Return the quoted lines, and among them what was written between them."""
    both = _lines_with_kind(message, {OWN, QUOTED})
    places = [at for at, (_, kind) in enumerate(both) if kind == QUOTED]
    if not places:
        return []
    # What stands above the quotation is a greeting; what stands below it, a closing.
    return [line for line, _ in both[places[0] : places[-1] + 4]]
