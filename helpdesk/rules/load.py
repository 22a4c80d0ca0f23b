"""Reading mailbox_rules.yaml: every mistake with its file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from helpdesk.errors import HelpdeskError
from helpdesk.rules.model import Rules

# The shipped file has a few kB; more is a mistake or an attack on the parser.
_MAX_BYTES = 256 * 1024

# Nobody reads more at once; a file with more mistakes is probably no rules file.
_MAX_MISTAKES = 30

_KEY = re.compile(r"\w{1,40}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that has to be put right."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        """Return `file:line: key: what to write instead`."""
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.key}: {self.text}" if self.key else f"{where}: {self.text}"


class RulesError(HelpdeskError):
    """mailbox_rules.yaml has mistakes; none of it is put in force."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep all of them: who mends one should not find the next by trying."""
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


def load_rules(path: Path) -> Rules:
    """Read and check the rules. Raises RulesError with every mistake."""
    text = _read(path)
    data = _parse(path, text)
    if not isinstance(data, Mapping):
        raise RulesError([Mistake(str(path), 1, "", "the file has no keys; start with desk:")])
    try:
        return Rules.model_validate(_plain(data))
    except ValidationError as error:
        faults = [_mistake(path, data, fault) for fault in error.errors()]
        faults.sort(key=lambda mistake: mistake.line)
        raise RulesError(faults[:_MAX_MISTAKES]) from None


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RulesError(
            [Mistake(str(path), 1, "", f"cannot be read ({error.strerror})")]
        ) from None
    if len(raw) > _MAX_BYTES:
        raise RulesError([Mistake(str(path), 1, "", f"is larger than {_MAX_BYTES} bytes")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RulesError([Mistake(str(path), line, "", "is not UTF-8; save it as UTF-8")]) from None


def _parse(path: Path, text: str) -> Any:
    try:
        for event in YAML().parse(text):
            if isinstance(event, AliasEvent):
                line = event.start_mark.line + 1
                raise RulesError(
                    [Mistake(str(path), line, "", "aliases (*) are not used here; write it out")]
                )
        return YAML().load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError([Mistake(str(path), line, "", "this key stands here twice")]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        text = f"is no YAML: {error.problem or error.context or 'cannot be read'}"
        raise RulesError([Mistake(str(path), line, "", text)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        text = f"is no YAML: {str(error).splitlines()[0]}"
        raise RulesError([Mistake(str(path), 1, "", text)]) from None


def _plain(value: Any) -> Any:
    """Return plain dicts, lists and scalars; YAML's own classes would leak into the rules."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _mistake(path: Path, data: Any, fault: Any) -> Mistake:
    location = [part for part in fault["loc"] if not _is_internal(part)]
    key = "".join(f"[{p}]" if isinstance(p, int) else f".{_shown(p)}" for p in location)
    key = key.lstrip(".")
    return Mistake(str(path), _line_of(data, location), key, _words(location, fault))


def _shown(key: str) -> str:
    """Return a key as it may be printed: a wrong path can lead to any file, secrets too."""
    return key if _KEY.fullmatch(key) else "(not a key)"


def _is_internal(part: object) -> bool:
    """Say whether pydantic put in the name of a validator or a union's branch."""
    return isinstance(part, str) and ("function-" in part or part in ("datetime", "Duration"))


def _line_of(data: Any, location: Sequence[str | int]) -> int:
    """Return the line of a key, or of the nearest key above one that is missing."""
    line, here = 1, data
    for part in location:
        try:
            mark = here.lc.item(part) if isinstance(part, int) else here.lc.key(part)
            line, here = mark[0] + 1, here[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


_SENTENCES = {
    "missing": "is missing; write it",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "string_type": 'write text; put numbers into quotes: "0123"',
    "tuple_type": "write a list, one entry a line with - before it",
    "model_type": "write keys below it, indented",
    "model_attributes_type": "write keys below it, indented",
    "dict_type": "write keys below it, indented",
    "string_too_short": "is empty; write something",
}


def _words(location: Sequence[str | int], fault: Any) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        return _unknown_key(location)
    if kind == "literal_error":
        return (
            f"write one of: {fault['ctx']['expected'].replace(' or ', ', ').replace(chr(39), '')}"
        )
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind.startswith(("greater_than", "less_than")):
        return str(fault["msg"]).replace("Input should be", "the number must be")
    return _SENTENCES.get(kind, str(fault["msg"]))


def _unknown_key(location: Sequence[str | int]) -> str:
    known = _keys_at(Rules, location[:-1])
    near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    if near:
        return f"this key is not known; did you mean {near[0]}?"
    return f"this key is not known; known here are: {', '.join(known)}"


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    for part in location:
        if isinstance(part, int):
            continue
        model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as tuple[Step, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _model_in(inner):
            return found
    return None
