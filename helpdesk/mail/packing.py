"""What the reader's child answers, as JSON: values, and nothing that could be called or grow.

A reading travels as the list of its fields' values; a reading inside it is a list inside
that list, and a time is its ISO form. The types of the fields say what is which, and what
is of another type is refused. No pickle: a child that was taken over could name classes in
one, or let a few bytes claim gigabytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_R = TypeVar("_R")
_Change = Callable[[Any], Any]


def pack(found: object) -> bytes:
    """Return a reading (a Message or an Understanding) as bytes."""
    own: Any = type(found)
    return json.dumps(_apart(own)(found), separators=(",", ":")).encode("ascii")


def unpack(answer: bytes, wanted: type[_R]) -> _R:
    """Return the reading of the class `wanted` that `pack` packed.

    Raises ValueError, TypeError or RecursionError where the bytes are no such reading.
    """
    own: Any = wanted
    found: _R = _back(own)(json.loads(answer))
    return found


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


@cache
def _apart(own: Any) -> _Change:
    """Return how readings of a class are taken apart; made once for each of a dozen classes."""
    hints = get_type_hints(own)
    names = [one.name for one in fields(own)]
    values_of = attrgetter(*names)
    changed = [(at, way) for at, name in enumerate(names) if (way := _way(hints[name]))]

    def apart(found: Any) -> list[Any]:
        values = list(values_of(found))
        for at, way in changed:
            if value := values[at]:  # Most are None or ().
                values[at] = way(value)
        return values

    return apart if changed else values_of


def _way(hint: Any) -> _Change | None:
    """Return how a field's value goes; None where JSON takes it as it is."""
    for one in _options(hint):
        if one is datetime:
            return datetime.isoformat
        if _is_reading(one):
            return _apart(one)
        if get_origin(one) is tuple and _is_reading(get_args(one)[0]):
            apart = _apart(get_args(one)[0])
            return lambda many: [apart(each) for each in many]
    return None


def _is_reading(hint: Any) -> bool:
    return is_dataclass(hint)


@cache
def _back(hint: Any) -> _Change:
    """Return what makes a value of this type of what JSON holds. It raises TypeError."""
    ways: dict[type, _Change | None] = dict(map(_back_from, _options(hint)))

    def back(value: Any) -> Any:
        if type(value) not in ways:
            raise TypeError("a value of another type than its field")
        way = ways[type(value)]
        return way(value) if way else value

    return back


def _back_from(hint: Any) -> tuple[type, _Change | None]:
    """Return JSON's type for one type, and how its values come back (None: as they are)."""
    if hint in (str, int, float, bool, NoneType):
        return hint, None
    if hint is datetime:
        return str, datetime.fromisoformat
    if _is_reading(hint):
        return list, _together(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Mapping, dict):
        of_value = _back(inner[1])
        return dict, lambda found: {name: of_value(value) for name, value in found.items()}
    if origin is tuple and inner[1:] == (...,):
        of_each = _back(inner[0])
        return list, lambda found: tuple([of_each(each) for each in found])
    if origin is tuple:
        backs = [_back(one) for one in inner]
        return list, lambda found: tuple(
            [back(value) for back, value in zip(backs, found, strict=True)]
        )
    raise TypeError(f"{hint} does not travel")


def _together(own: Any) -> _Change:
    hints = get_type_hints(own)
    backs = [_back(hints[one.name]) for one in fields(own)]
    return lambda values: own(*[back(one) for back, one in zip(backs, values, strict=True)])
