"""The secretariat's rules: mailbox_rules.yaml, read with the place of every value.

The one door to YAML. Events are read one by one instead of loaded as objects: so every
mistake has its line, 012345 stays a text, and aliases and tags (which can blow up a
file, or run code) are refused before anything is built from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from helpdesk.rules.mistakes import Mistake, Place, RulesError, dotted, sentence
from helpdesk.rules.model import Rules
from helpdesk.rules.topics import with_shipped
from helpdesk.rules.values import Duration
from helpdesk.shipped import RULES_NAME, shipped_folder

__all__ = ["Duration", "Mistake", "Rules", "RulesError", "load_rules"]

#: A file of rules has a few kilobytes; more than this is another file.
MAX_FILE_BYTES = 256 * 1000

# The deepest key, campaigns[0].steps[0].at, has five levels; YAML's own reader takes
# quadratic time on thousands.
_MAX_DEPTH = 10

_QUOTE = "write the value itself, in quotes if it begins with such a sign"

_NO_VALUE = frozenset({"", "~", "null", "Null", "NULL"})


def load_rules(path: Path) -> Rules:
    """Return the rules of a file. Raises RulesError with every mistake in it."""
    text = _text_of(path)
    reader = _Reader(str(path))
    tree = reader.read(text)
    mistakes = reader.mistakes
    if reader.readable:
        try:
            rules = Rules.model_validate(with_shipped(tree, _shipped_tree()))
        except ValidationError as error:
            mistakes += reader.mistakes_of(error)
    if mistakes:
        raise RulesError(mistakes)
    return rules


@lru_cache(maxsize=1)
def _shipped_tree() -> Any:
    """Return what the shipped file says, before any check."""
    path = shipped_folder() / RULES_NAME
    return _Reader(str(path)).read(_text_of(path))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _whole_file(path, 1, f"the file cannot be read ({error.strerror})") from error
    if len(raw) > MAX_FILE_BYTES:
        raise _whole_file(path, 1, f"the file is larger than {MAX_FILE_BYTES // 1000} kB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _whole_file(path, line, "this line is not UTF-8; save the file as UTF-8") from None


def _whole_file(path: Path, line: int, text: str) -> RulesError:
    return RulesError([Mistake(str(path), line, "", text)])


class _Reader:
    """Builds plain dicts, lists, texts and None from one file, and remembers lines."""

    def __init__(self, file: str) -> None:
        """Start with nothing read."""
        self.mistakes: list[Mistake] = []
        #: False once nothing sensible can be said of the values.
        self.readable = True
        self._file = file
        self._lines: dict[Place, int] = {(): 1}
        #: Places of which something is said already, so their values are not judged.
        self._spoiled: set[Place] = set()

    def read(self, text: str) -> Any:
        """Return what the file says; an empty file is an empty mapping."""
        events = self._checked(YAML(typ="rt").parse(text))
        tree: Any = None
        try:
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    tree = self._value(next(events), events, ())
        except YAMLError as error:
            self._unreadable(error, text.splitlines())
        except _Refused:
            self.readable = False
        if self.readable and tree is not None and not isinstance(tree, dict):
            self._add(1, (), "the file must hold keys, such as desk: and mailbox:")
            self.readable = False
        return tree or {}

    def mistakes_of(self, error: ValidationError) -> list[Mistake]:
        """Return the mistakes in the values that were read."""
        errors = [one for one in error.errors() if one["loc"] not in self._spoiled]
        places = [one["loc"] for one in errors]
        return [self._mistake(one) for one in errors if not _only_short(one, places)]

    def _mistake(self, error: Any) -> Mistake:
        place: Place = tuple(error["loc"])
        at = place
        while at not in self._lines:  # A key that is missing has the line of its section.
            at = at[:-1]
        return Mistake(self._file, self._lines[at], dotted(place), sentence(error, Rules))

    def _value(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        if len(place) > _MAX_DEPTH:
            self._add(_line(event), place[:3], "too many levels below each other")
            raise _Refused
        self._refuse_magic(event, place)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, place)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, place)
        if isinstance(event, AliasEvent):
            return None
        return None if not event.style and event.value in _NO_VALUE else event.value

    def _refuse_magic(self, event: Any, place: Place) -> None:
        """Note what YAML can do beyond plain values, and go on."""
        if isinstance(event, AliasEvent):
            self._spoiled.add(place)
            self._add(_line(event), place, f"aliases (*{event.anchor}) cannot be used; {_QUOTE}")
        elif isinstance(event, NodeEvent) and event.anchor:
            self._add(_line(event), place, f"anchors (&{event.anchor}) cannot be used; {_QUOTE}")
        if (tag := getattr(event, "ctag", None)) is not None:
            self._spoiled.add(place)
            self._add(_line(event), place, f"tags ({tag}) cannot be used; {_QUOTE}")

    def _mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._add(_line(event), place, "a key must be a single word")
                raise _Refused
            key = event.value
            self._refuse_magic(event, (*place, key))
            if key in found:
                first = self._lines[*place, key]
                self._add(_line(event), (*place, key), f"is there twice, first in line {first}")
            self._lines[*place, key] = _line(event)
            found[key] = self._value(next(events), events, (*place, key))
        return found

    def _sequence(self, events: Iterator[Any], place: Place) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            here = (*place, len(found))
            self._lines[here] = _line(event)
            found.append(self._value(event, events, here))
        return found

    def _checked(self, events: Iterator[Any]) -> Iterator[Any]:
        """Pass on the events of one document."""
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._add(_line(event), (), "a second document begins here; remove the ---")
                    raise _Refused
            yield event

    def _unreadable(self, error: YAMLError, lines: list[str]) -> None:
        """Say what the reader stumbled over, and what it often is."""
        self.readable = False
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        if mark is None:
            number = next((n for n, line in enumerate(lines, 1) if not _is_text(line)), 1)
            self._add(number, (), "a control character stands in this line; remove it")
            return
        for number in (mark.line + 1, mark.line):
            line = lines[number - 1] if 0 < number <= len(lines) else ""
            if cause := _usual_cause(line):
                self._add(number, (), cause)
                return
        problem = getattr(error, "problem", None) or "the line cannot be read"
        self._add(
            min(mark.line + 1, max(len(lines), 1)),
            (),
            f"{problem}; look at the quotes, brackets and indentation here and one line above",
        )

    def _add(self, line: int, place: Place, text: str) -> None:
        self.mistakes.append(Mistake(self._file, line, dotted(place), text))


def _only_short(error: Any, places: list[Place]) -> bool:
    """Say whether a list is called too short only because its entries have mistakes."""
    here = error["loc"]
    return error["type"] == "too_short" and any(
        place != here and place[: len(here)] == here for place in places
    )


class _Refused(Exception):
    """Reading ends here; the mistake is noted already."""


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _is_text(line: str) -> bool:
    return all(char.isprintable() or char in "\t　" for char in line)


def _usual_cause(line: str) -> str | None:
    """Return what people often type where YAML wants something else."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in line:
        return "a tab stands in this line; write spaces instead"
    if "　" in indent:
        return "the line begins with a full-width space; write half-width spaces"
    if "：" in line and ":" not in line:
        return "the colon is full-width (：); write a half-width : and a space after it"
    if re.search(r"(^|: |- |\[|, )[@`%*&!]", line.lstrip()):
        return "the value begins with a sign that YAML keeps for itself; put it in quotes"
    return None
