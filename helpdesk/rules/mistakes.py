"""What is said about a mistake in mailbox_rules.yaml: where it is, and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from helpdesk.errors import HelpdeskError
from helpdesk.rules.values import shown

#: The way to a value: keys and positions in lists.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the file."""

    file: str
    line: int
    #: Dotted, positions from 0 in brackets: campaigns[0].steps[2].at; '' for the file as such.
    key: str
    text: str

    def __str__(self) -> str:
        """Return it as one line, file:line: key: text."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {key}{self.text}"


class RulesError(HelpdeskError):
    """mailbox_rules.yaml cannot be used; every mistake of it is listed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the mistakes in the order of their lines; str() is all of them, one a line."""
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def dotted(place: Place) -> str:
    """Return a place as a reader finds it: campaigns[0].steps[2].at."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def sentence(error: Mapping[str, Any], root: type[BaseModel]) -> str:
    """Return what to say of one error of pydantic's."""
    kind, given = str(error["type"]), error.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(str(error["loc"][-1]), _keys(_model_at(root, error["loc"][:-1])))
    if kind == "missing":
        return "is missing; this key must be there"
    if kind in ("model_type", "model_attributes_type"):
        keys = ", ".join(_keys(_model_at(root, error["loc"])))
        return f"must hold keys of its own, indented below it: {keys}"
    if given is None:
        return "has no value; write one, or remove the line to have the default"
    return _about_value(kind, given, error)


def _about_value(kind: str, given: Any, error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "tuple_type":
        return "must be a list; write [a, b], or one line for each that begins with a dash"
    if not isinstance(given, str) and not kind.startswith("too_"):
        return "must be a single value, no list and no keys of its own"
    if kind.startswith("int_"):
        return f"{shown(str(given))} is no whole number; write one such as 5"
    if kind == "literal_error":
        return _wrong_choice(str(given), str(context["expected"]))
    return _LIMITS[kind].format(**context) if kind in _LIMITS else str(error["msg"])


_LIMITS = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must not be longer than {max_length} characters",
    "string_too_short": "must not be empty",
    "too_short": "must have at least {min_length} of them",
    "too_long": "must not have more than {max_length} of them",
    "string_pattern_mismatch": "must be one word of small letters, digits and _",
}


def _wrong_choice(given: str, expected: str) -> str:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = difflib.get_close_matches(given, choices, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{shown(given)} is not known here; write one of: {', '.join(choices)}{hint}"


def _unknown_key(given: str, known: list[str]) -> str:
    if given.startswith("　"):
        return "the line begins with a full-width space; write half-width spaces"
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    if near:
        return f"there is no such key; did you mean {near[0]}?"
    return f"there is no such key; known here are: {', '.join(known)}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(root: type[BaseModel], place: Place) -> type[BaseModel]:
    """Return the model that describes the mapping at `place`."""
    model = root
    for part in place:
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                model = _model_in(field.annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a section, or of the entries of a list of sections."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
