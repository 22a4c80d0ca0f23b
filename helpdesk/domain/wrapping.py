"""Lines of a letter: Japanese text broken by its columns."""

from __future__ import annotations

import re
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


def fold_line(line: str, columns: int) -> list[str]:
    """Return a line of a letter in lines of about so many columns.

    Broken is behind the hospital of an addressee, else anywhere; what follows stands below
    the value (「　施設名：…」) or the indent. A line with a web address stays whole.
    """
    # Most lines are short enough whatever stands in them.
    if 2 * len(line) <= columns or columns_of(line) <= columns or "://" in line:
        return [line]
    addressee = re.fullmatch(r"([^　：、。]+)　([^　：、。]+ (?:先生|様))", line)
    if addressee:
        return [*wrap(addressee[1], columns), f"　{addressee[2]}"]
    head = re.match(r"[ 　]*(?:[^：]{1,12}：)?", line)
    assert head is not None  # noqa: S101 - it matches nothing, too
    under = columns_of(head[0])
    first, *rest = wrap(line[head.end() :], columns - under)
    indent = "　" * (under // 2) + " " * (under % 2)
    return [head[0] + first, *(indent + one for one in rest)]


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1
