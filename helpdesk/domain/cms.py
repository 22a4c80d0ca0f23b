"""Opaque S/MIME: what a signed envelope carries, or that it is encrypted.

Only the structure is walked, nothing is verified: a signature is no evidence here.
Source: RFC 5652 (SignedData), X.690 (BER; Outlook writes indefinite lengths).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SIGNED = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")

_SEQUENCE, _OCTETS, _OID, _EXPLICIT = 0x30, 0x04, 0x06, 0xA0

# Elements that are looked at: the content comes near the front of a real envelope.
_MAX_ELEMENTS = 10_000
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    content: bytes
    indefinite: bool


def signed_content(raw: bytes) -> bytes | None:
    """Return the MIME entity inside SignedData; None where it is anything else.

    Never raises. None for what is encrypted, compressed, detached or broken.
    """
    try:
        outer = next(_elements(raw))
        kind, envelope = _first(outer.content, _OID), _first(outer.content, _EXPLICIT)
        if kind is None or kind.content != _SIGNED or envelope is None:
            return None
        signed = next(_elements(envelope.content))
        for one in _elements(signed.content):
            if one.tag == _SEQUENCE and (inside := _first(one.content, _OID)) is not None:
                wrapped = _first(one.content, _EXPLICIT)
                if inside.content == _DATA and wrapped is not None:
                    return _octets(wrapped.content, 0)
    except (StopIteration, IndexError, ValueError):
        return None
    return None


def _first(content: bytes, tag: int) -> _Element | None:
    return next((one for one in _elements(content) if one.tag == tag), None)


def _octets(content: bytes, depth: int) -> bytes:
    """Return an octet string that may come in pieces."""
    out = []
    for one in _elements(content):
        if one.tag == _OCTETS:
            out.append(one.content)
        elif one.tag == _OCTETS | 0x20 and depth < _MAX_DEPTH:
            out.append(_octets(one.content, depth + 1))
    return b"".join(out)


def _elements(content: bytes) -> Iterator[_Element]:
    """Yield the elements that stand side by side. Raises ValueError on nonsense."""
    position = 0
    for _ in range(_MAX_ELEMENTS):
        if position >= len(content) or content[position : position + 2] == b"\0\0":
            return
        tag, start, end, following = _header(content, position)
        yield _Element(tag, content[start:end], following != end)
        position = following


def _header(content: bytes, position: int) -> tuple[int, int, int, int]:
    """Return tag, start and end of the content, and where the next element begins."""
    tag, first = content[position], content[position + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("long tag")
    start = position + 2
    if first == 0x80:
        end = _end_of_contents(content, start)
        return tag, start, end, end + 2
    length = first
    if first > 0x80:
        size = first & 0x7F
        if size > 4:
            raise ValueError("length too long")
        length = int.from_bytes(content[start : start + size], "big")
        start += size
    end = min(start + length, len(content))
    return tag, start, end, end


def _end_of_contents(content: bytes, start: int) -> int:
    """Return where an indefinite content ends, without recursion."""
    position, open_ones = start, 1
    for _ in range(_MAX_ELEMENTS):
        if content[position : position + 2] == b"\0\0":
            open_ones -= 1
            if open_ones == 0:
                return position
            position += 2
            continue
        if content[position + 1] == 0x80:
            open_ones += 1
            position += 2
            continue
        position = _header(content, position)[3]
    raise ValueError("too many elements")
