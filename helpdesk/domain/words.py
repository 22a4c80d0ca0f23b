"""Encoded words of headers (`=?charset?B?…?=`), as they come and not as they should.

Senders split inside a character or inside a base64 quantum, leave blanks and question
marks in the data, put words inside quotes and forget the end. Reading is linear.
Source: RFC 2047, and RFC 2231 section 5 for the language after `*`.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from helpdesk.domain.charset import decode

# Characters of one header that are looked at.
_MAX_HEADER = 20_000

_BEGIN = re.compile(r"=\?([^\s?*=]{1,60})(?:\*[^\s?]{0,20})?\?([bBqQ])\?")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s_-]*")


class _Word(NamedTuple):
    start: int
    end: int
    charset: str
    how: str
    data: str


def decode_words(text: str) -> str:
    """Return a header value with its encoded words decoded; never raises.

    Blanks between words vanish; neighbours of one charset are joined before decoding.
    """
    text = text[:_MAX_HEADER]
    out: list[str] = []
    run: list[_Word] = []
    position = 0
    for word in _words(text):
        # Blanks between words are no text (RFC 2047 6.2).
        gap = text[position : word.start]
        if run and (word.charset != run[-1].charset or gap.strip()):
            out.append(_decoded(run))
            run = []
        if not run and (gap.strip() or not position):
            out.append(gap)
        run.append(word)
        position = word.end
    if run:
        out.append(_decoded(run))
    return "".join([*out, text[position:]])


def without_words(text: str) -> str:
    """Return a header value with its encoded words taken out."""
    out, position = [], 0
    for word in _words(text[:_MAX_HEADER]):
        out.append(text[position : word.start])
        position = word.end
    return "".join([*out, text[position:]])


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    position = 0
    while (begin := _BEGIN.search(text, position)) is not None:
        end = text.find("?=", begin.end())
        following = text.find("=?", begin.end())
        if end < 0:  # Cut off: what is there is read, up to the next blank.
            rest = _BASE64.match(text, begin.end())
            stop = rest.end() if rest and begin[2] in "bB" else len(text)
            data, position = text[begin.end() : stop], stop
        elif begin[2] in "bB" and 0 <= following < end and _BEGIN.match(text, following):
            data, position = text[begin.end() : following], following
        else:
            data, position = text[begin.end() : end], end + 2
        found.append(_Word(begin.start(), position, begin[1].lower(), begin[2].lower(), data))
    return found


def _decoded(run: list[_Word]) -> str:
    octets: list[bytes] = []
    pending = ""
    for word in run:
        if word.how == "q":
            if pending:
                octets.append(b64(pending.encode("utf-8", "replace")))
                pending = ""
            octets.append(_q(word.data))
            continue
        pending += "".join(word.data.split())
        if pending.endswith("=") or len(pending) % 4 == 0:
            octets.append(b64(pending.encode("utf-8", "replace")))
            pending = ""
    if pending:
        octets.append(b64(pending.encode("utf-8", "replace")))
    return decode(b"".join(octets), run[0].charset).text


_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")


def _q(data: str) -> bytes:
    octets = data.encode("utf-8", "surrogateescape").replace(b"_", b" ")
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), octets)


_NOT_BASE64 = bytes(
    sorted(
        set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    )
)


def b64(octets: bytes) -> bytes:
    """Decode base64 that may be cut off, unpadded, joined or full of blanks; never raises."""
    kept = octets.translate(None, _NOT_BASE64)
    body = kept.rstrip(b"=")
    if b"=" in body:  # Several pieces, each with its own end.
        return b"".join(map(_one_b64, re.split(rb"=+", body)))
    return _one_b64(body)


def _one_b64(kept: bytes) -> bytes:
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""
