"""Lines of a letter: Japanese text broken by its columns."""

from __future__ import annotations

import unicodedata

# These do not begin a line (行頭禁則); they stay on the line before.
_NOT_FIRST = frozenset("、。，．・）」』】〕！？ー々っゃゅょッャュョ,.)!?:;")


def columns_of(text: str) -> int:
    """Return the columns of a text; a full-width character takes two."""
    return sum(_width(char) for char in text)


def wrap(text: str, columns: int) -> list[str]:
    """Return a text in lines of at most `columns` columns, plus one sign that may not begin one."""
    lines, line, used = [], "", 0
    for char in text:
        width = _width(char)
        if line and used + width > columns and char not in _NOT_FIRST:
            lines.append(line)
            line, used = "", 0
        line += char
        used += width
    return [*lines, line] if line or not lines else lines


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1
