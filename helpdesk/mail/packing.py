"""What the reader's child answers, as plain values: no pickle of it names a class.

A reading travels as the tuple of its fields' values; a reading inside it is a tuple inside
that tuple, and a time is its ISO form. The types of the fields say what is which. Frozen
dataclasses with slots, pickled as they are, cost both sides twice as much, and a child that
was taken over could name them.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_R = TypeVar("_R")
_Change = Callable[[Any], Any]


def pack(found: object) -> bytes:
    """Return a reading (a Message or an Understanding) as bytes."""
    own: Any = type(found)
    return pickle.dumps(_ways(own)[0](found), protocol=5)


def unpack(answer: bytes, wanted: type[_R]) -> _R:
    """Return the reading of the class `wanted` that `pack` packed.

    Raises anything at all where the bytes are no such reading: values that its class is not
    made of, or one of another type than its field's. Nothing in them is called.
    """
    own: Any = wanted
    found: _R = _ways(own)[1](_OnlyValues(io.BytesIO(answer)).load())
    return found


class _OnlyValues(pickle.Unpickler):
    """A child that was taken over must not reach further: it can name nothing."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


@cache
def _ways(own: Any) -> tuple[_Change, _Change]:
    """Return how readings of a class are taken apart, and put together again.

    Made once for each of a dozen classes: both run some fifteen times a mail.
    """
    hints = get_type_hints(own)
    names = [one.name for one in fields(own)]
    types = [_classes(hints[name]) for name in names]
    values_of = attrgetter(*names)
    changed = [(at, way) for at, name in enumerate(names) if (way := _way(hints[name]))]

    def apart(found: Any) -> tuple[Any, ...]:
        values = list(values_of(found))
        for at, (there, _) in changed:
            if value := values[at]:  # Most are None or ().
                values[at] = there(value)
        return tuple(values)

    def made(values: Any) -> Any:
        if not all(map(isinstance, values, types)):
            raise TypeError("a value of another type than its field")
        return own(*values)

    def together(found: Any) -> Any:
        values = list(found)
        for at, (_, back) in changed:
            if value := values[at]:
                values[at] = back(value)
        return made(values)

    return (apart, together) if changed else (values_of, made)


def _is_reading(hint: Any) -> bool:
    return is_dataclass(hint)


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


def _classes(hint: Any) -> tuple[type, ...]:
    """Return the classes of a field's values: str and None for `str | None`."""
    found = (get_origin(one) or one for one in _options(hint))
    return tuple(dict if one is Mapping else one for one in found)


def _way(hint: Any) -> tuple[_Change, _Change] | None:
    """Return how a field's value goes and how it comes back; None where it stays as it is."""
    for one in _options(hint):
        if one is datetime:
            return datetime.isoformat, datetime.fromisoformat
        if _is_reading(one):
            return _ways(one)
        if get_origin(one) is tuple and _is_reading(inner := get_args(one)[0]):
            apart, together = _ways(inner)
            return _for_each(apart), _for_each(together)
    return None


def _for_each(change: _Change) -> _Change:
    return lambda many: tuple([change(one) for one in many])
