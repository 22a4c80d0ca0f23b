"""Flowed text (RFC 3676): paragraphs that were broken softly are put together again."""

from __future__ import annotations

import re

_QUOTES = re.compile(r"^>*")


def unflow(text: str, *, delsp: bool) -> str:
    """Return text with soft breaks joined and space-stuffing taken off.

    Lines of one quotation depth are joined; `-- ` before a signature stays as it is.
    `delsp`: the blank at a soft break goes too, as in Japanese, which has none.
    """
    out: list[str] = []
    parts: list[str] = []
    depth = 0

    def flush() -> None:
        if parts:
            line = "".join(parts)
            out.append(f"{'>' * depth} {line}" if depth else line)
            parts.clear()

    for line in text.split("\n"):
        marks = len(_QUOTES.match(line).group())  # type: ignore[union-attr]
        content = line[marks:].removeprefix(" ")
        if marks != depth:
            flush()
            depth = marks
        if content == "-- ":
            flush()
            out.append(f"{'>' * depth} -- " if depth else "-- ")
            continue
        if content.endswith(" "):
            parts.append(content[:-1] if delsp else content)
        else:
            parts.append(content)
            flush()
    flush()
    return "\n".join(out)
