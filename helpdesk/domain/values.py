"""A text cut at the labels of the form into values, each line with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from helpdesk.domain import form_words as kinds
from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.labels import Form, Label, is_closing, is_note, is_ruler

#: A line with the offset of its first character in the body.
Line = tuple[str, int]

# A value has few lines; what follows an empty line after it is another matter.
_VALUE_LINES = 8

# A form has some twenty lines; nobody's has a thousand.
MAX_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Value:
    """The text behind one label, with the offset of each of its lines."""

    label: Label
    lines: tuple[Line, ...]
    #: Whether an empty line stood between label and value.
    apart: bool = False
    #: Whether it may be no value but the letter's end: the last field, apart as no other is.
    stray: bool = False

    @property
    def text(self) -> str:
        """The lines joined."""
        return "\n".join(line for line, _ in self.lines)


def cut_into_values(lines: Sequence[Line], form: Form) -> list[Value]:
    """Return the values of a text, in order; empty where it holds no label."""
    if table := _cut_columns(lines[:MAX_LINES], form):
        return table
    found: list[tuple[Label, list[Line]]] = []
    for label, line, offset in _labelled(lines[:MAX_LINES], form):
        if label is not None:
            found.append((label, [(line, offset)]))
        elif found:
            found[-1][1].append((line, offset))
    return _with_stray_end([_trimmed(label, below) for label, below in found])


# Cells stand apart by a bar, a tab, or two blanks.
_CELL = re.compile(r"[^|｜│┃\t\n]+?(?=\s*[|｜│┃\t]|[ 　]{2,}|\s*$)")
# Without any of these a line is one cell.
_CELL_EDGE = re.compile(r"[|｜│┃\t]|[ 　]{2}")


def _cells(line: str, offset: int) -> list[Line]:
    found = [(match.group(), match.start()) for match in _CELL.finditer(line)]
    return [
        (cell.strip(), offset + at + len(cell) - len(cell.lstrip()))
        for cell, at in found
        if cell.strip()
    ]


def _cut_columns(lines: Sequence[Line], form: Form) -> list[Value]:
    """Return the values of a table whose first row holds the labels, the second the values."""
    for at, line in enumerate(lines):
        head = _cells(*line) if _CELL_EDGE.search(line[0]) else []
        asked = [form.kind_of_cell(cell) for cell, _ in head] if len(head) >= 3 else []
        if len({kind for kind in asked if kind in kinds.FORM_KINDS}) < 3 or None in asked:
            continue
        below = [row for row in lines[at + 1 : at + 4] if row[0].strip() and not is_ruler(row[0])]
        row = _cells(*below[0]) if below else []
        if len(row) == len(head):
            return [
                Value(
                    Label(kind, start, start + len(cell), numbered=False, separated=True), (value,)
                )
                for (cell, start), kind, value in zip(head, asked, row, strict=True)
                if kind
            ]
    return []


def _labelled(lines: Sequence[Line], form: Form) -> list[tuple[Label | None, str, int]]:
    """Return plain lines, and labels with the rest of their line, in order.

    Weak labels (責任者 alone on its line) count only where three kinds come together.
    """
    labels = [[] if is_note(line[0]) else form.find_labels(*line) for line in lines]
    every = {label.kind for group in labels for label in group} & kinds.FORM_KINDS
    if len(every) < 3:
        labels = [[label for label in group if not label.weak] for group in labels]
    out: list[tuple[Label | None, str, int]] = []
    for (line, offset), group in zip(lines, labels, strict=True):
        if not group:
            out.append((None, line, offset))
            continue
        if (before := _bare(line[: group[0].start - offset])).strip():
            out.append((None, before, offset))
        for index, label in enumerate(group):
            end = group[index + 1].start if index + 1 < len(group) else offset + len(line)
            out.append((label, _bare(line[label.end - offset : end - offset]), label.end))
    return out


_PARTING = re.compile(r"[\s　]*[/／|｜│┃;；]+[\s　]*$|[、,，][\s　]*$")
_PARTING_SIGNS = tuple("/／|｜│┃;；、,，")


def _bare(text: str) -> str:
    """Return text without the signs that part two fields on one line, or a cell's edge."""
    return _PARTING.sub("", text) if text.rstrip().endswith(_PARTING_SIGNS) else text


# What may stand below an empty line and still belong to the wish.
_GOES_ON = re.compile(
    r"^(?![\s　]*(?:E?-?mail|メール|TEL|FAX|電話)).*(?:[①②@＠]|アドレス|新|旧|変更)", re.IGNORECASE
)


def _trimmed(label: Label, lines: Sequence[Line]) -> Value:
    """Keep the lines that belong to a value: up to the empty line behind its first words."""
    kept: list[Line] = []
    apart = below_gap = False
    for index, (line, offset) in enumerate(lines):
        if is_ruler(line):
            if kept:
                break
            continue
        if not line.strip():
            if kept and label.kind != kinds.REQUEST:
                break
            apart = apart or (index > 0 and not kept)
            below_gap = bool(kept)
            continue
        if below_gap and not _GOES_ON.search(line):
            break
        if is_note(line) and index:
            continue
        if is_closing(line) and index:
            break
        kept.append((line, offset))
        if len(kept) >= _VALUE_LINES:
            break
    return Value(label, tuple(kept), apart=apart and bool(kept))


def _with_stray_end(values: list[Value]) -> list[Value]:
    """Mark a last value that begins below an empty line where no other does.

    The last field may have been left blank then, and what follows is the letter's end.
    """
    if len(values) >= 2 and values[-1].apart and not any(one.apart for one in values[:-1]):
        values[-1] = replace(values[-1], stray=True)
    return values


_NUMBERED = re.compile(
    r"^[ \t]*(?:\(([1-4])\)|([①②③④])|([1-4])\s*(?:[)、]|[.．](?!\d{1,2}[./]\d)|:(?!\d)))[ \t]*"
)
_ORDER = (kinds.FACILITY, kinds.PHYSICIAN, kinds.IDENTITY, kinds.REQUEST)


def cut_at_numbers(lines: Sequence[Line]) -> list[Value]:
    """Return the values of a form of which only the numbers 1 to 4 were kept."""
    lines = [piece for line in lines[:MAX_LINES] for piece in _apart(line)]
    starts = [(_number_at(line), at) for at, (line, _) in enumerate(lines[:MAX_LINES])]
    numbered = [(number, at) for number, at in starts if number]
    for first in range(len(numbered) - 3):
        run = numbered[first : first + 4]
        if [number for number, _ in run] == [1, 2, 3, 4]:
            # Options ① and ② below the fourth number belong to it.
            edges = [at for _, at in run] + [min(len(lines), run[3][1] + _VALUE_LINES)]
            return [
                _trimmed(*_numbered_value(kind, lines[edges[n] : edges[n + 1]]))
                for n, kind in enumerate(_ORDER)
            ]
    return []


_INNER = re.compile(r"(?:^|(?<=[\s、。,;/|]))(?:\(([1-4])\)|([1-4])(?:[)、]|\.(?!\d)))")


def _apart(line: Line) -> list[Line]:
    """Return the pieces of a line that holds all four numbers, or the line itself."""
    text, offset = line
    found = list(_INNER.finditer(fold_widths(text)))
    if [match[1] or match[2] for match in found] != ["1", "2", "3", "4"]:
        return [line]
    edges = [*(match.start() for match in found), len(text)]
    return [(text[at:end], offset + at) for at, end in pairwise(edges)]


def _number_at(line: str) -> int | None:
    match = _NUMBERED.match(fold_widths(line))
    if match is None:
        return None
    return int(match[1] or match[3] or "①②③④".index(match[2]) + 1)


def _numbered_value(kind: str, lines: Sequence[Line]) -> tuple[Label, list[Line]]:
    line, offset = lines[0]
    match = _NUMBERED.match(fold_widths(line))
    end = match.end() if match else 0
    label = Label(kind, offset, offset + end, numbered=True, separated=True)
    return label, [(line[end:], offset + end), *lines[1:]]
