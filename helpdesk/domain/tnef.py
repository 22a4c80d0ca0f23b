"""winmail.dat: text and attachments that Outlook packs where it should send MIME.

Source: MS-OXTNEF (the stream of attributes) and MS-OXCDATA (the properties in it).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.domain.charset import decode
from helpdesk.domain.rtf import rtf_to_text, unpack_rtf

_SIGNATURE = 0x223E9F78

_BODY, _PROPERTIES, _CODE_PAGE, _SUBJECT = 0x0002800C, 0x00069003, 0x00069007, 0x00018004
_RENDERING, _FILE_NAME, _DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005

_P_BODY, _P_RTF, _P_HTML = 0x1000, 0x1009, 0x1013
_P_LONG_NAME, _P_NAME, _P_TYPE, _P_DATA = 0x3707, 0x3704, 0x370E, 0x3701

# A real message has some dozens of each.
_MAX_ATTRIBUTES = 2_000
_MAX_PROPERTIES = 2_000
_MAX_VALUES = 100
_MAX_FILES = 100

_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
          0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16}  # fmt: skip
_UNICODE, _BINARY, _OBJECT = 0x001F, 0x0102, 0x000D
_VARIABLE = frozenset({0x001E, _UNICODE, _BINARY, _OBJECT})
_MULTIPLE = 0x1000


@dataclass(slots=True)
class TnefFile:
    """One attachment inside: name, claimed type, bytes."""

    name: str = ""
    type: str = "application/octet-stream"
    octets: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds. `html` is set where there is no plain text."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def is_tnef(raw: bytes) -> bool:
    """Say whether bytes begin as a TNEF stream does."""
    return raw[:4] == struct.pack("<I", _SIGNATURE)


def read_tnef(raw: bytes) -> Tnef:
    """Return text and attachments of a TNEF stream; never raises, broken ones end early."""
    found = Tnef()
    code_page = "cp932"
    rtf = b""
    for attribute, data in _attributes(raw):
        if attribute == _CODE_PAGE and len(data) >= 4:
            code_page = _codec(struct.unpack_from("<I", data)[0])
        elif attribute == _BODY:
            found.text = found.text or decode(data.rstrip(b"\0"), code_page).text
        elif attribute == _PROPERTIES:
            for tag, value in _properties(data, code_page):
                if tag == _P_BODY and isinstance(value, str):
                    found.text = found.text or value
                elif tag == _P_HTML and isinstance(value, bytes):
                    found.html = decode(value, None).text
                elif tag == _P_RTF and isinstance(value, bytes):
                    rtf = value
        elif attribute == _RENDERING and len(found.files) < _MAX_FILES:
            found.files.append(TnefFile())
        elif found.files:
            _file_attribute(found.files[-1], attribute, data, code_page)
    if not found.text.strip() and not found.html and rtf:
        found.text = rtf_to_text(unpack_rtf(rtf), code_page)
    return found


def _file_attribute(file: TnefFile, attribute: int, data: bytes, code_page: str) -> None:
    if attribute == _FILE_NAME:
        file.name = file.name or decode(data.rstrip(b"\0"), code_page).text
    elif attribute == _DATA:
        file.octets = data
    elif attribute == _FILE_PROPERTIES:
        values = dict(_properties(data, code_page))
        name = values.get(_P_LONG_NAME) or values.get(_P_NAME)
        if isinstance(name, str):
            file.name = name
        kind = values.get(_P_TYPE)
        if isinstance(kind, str) and kind:
            file.type = kind.lower()
        inside = values.get(_P_DATA)
        if isinstance(inside, bytes) and not file.octets:
            file.octets = inside


def _codec(code_page: int) -> str:
    return {932: "cp932", 65001: "utf-8", 50220: "iso-2022-jp", 20932: "euc_jp"}.get(
        code_page, f"cp{code_page}" if code_page in range(1250, 1259) else "cp932"
    )


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield attribute ids and their data, in order."""
    position = 6  # Signature and key.
    for _ in range(_MAX_ATTRIBUTES):
        if position + 9 > len(raw):
            return
        attribute, length = struct.unpack_from("<II", raw, position + 1)
        position += 9
        if length > len(raw) - position:
            return
        yield attribute, raw[position : position + length]
        position += length + 2  # A checksum follows, which nobody keeps.


def _properties(data: bytes, code_page: str) -> Iterator[tuple[int, str | bytes]]:
    """Yield tag and value of the properties that are text or bytes."""
    try:
        yield from _walk_properties(data, code_page)
    except (struct.error, IndexError):
        return


def _walk_properties(data: bytes, code_page: str) -> Iterator[tuple[int, str | bytes]]:
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        kind, tag = struct.unpack_from("<HH", data, position)
        position += 4
        if tag >= 0x8000:
            position = _after_name(data, position)
        base = kind & ~_MULTIPLE
        if base in _VARIABLE:
            (values,) = struct.unpack_from("<I", data, position)
            position += 4
            for _value in range(min(values, _MAX_VALUES)):
                (length,) = struct.unpack_from("<I", data, position)
                octets = data[position + 4 : position + 4 + length]
                position += 4 + length + -length % 4
                yield tag, _value_of(base, octets, code_page)
            continue
        values = 1
        if kind & _MULTIPLE:
            (values,) = struct.unpack_from("<I", data, position)
            position += 4
        position += _FIXED[base] * values if base in _FIXED else len(data)


def _after_name(data: bytes, position: int) -> int:
    kind: int
    length: int
    kind, length = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (0 if kind == 0 else length + -length % 4)


def _value_of(kind: int, octets: bytes, code_page: str) -> str | bytes:
    if kind == _UNICODE:
        return octets.decode("utf-16-le", "replace").rstrip("\0")
    if kind == _OBJECT:
        return octets[16:]  # An interface id stands before the data.
    return octets if kind == _BINARY else decode(octets.rstrip(b"\0"), code_page).text
