"""Rich text as Outlook puts it into winmail.dat: unpacked and reduced to its words.

Source: MS-OXRTFCP (compressed RTF), MS-OXRTFEX, and the RTF 1.9 specification.
"""

from __future__ import annotations

import re
import struct

# Bytes after unpacking: a letter has some ten thousand.
_MAX_RTF = 1_000_000

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096


def unpack_rtf(packed: bytes) -> bytes:
    """Return compressed RTF unpacked; what cannot be unpacked is left out."""
    if len(packed) < 16:
        return b""
    _, size, kind = struct.unpack_from("<III", packed)
    body = packed[16:]
    if kind == 0x414C454D:  # MELA: stored as it is.
        return body[: min(size, _MAX_RTF)]
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write, position, limit = len(_DICTIONARY), 0, min(size, _MAX_RTF)
    out = bytearray()
    while position < len(body) and len(out) < limit:
        control = body[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                piece = body[position : position + 1]
                position += 1
            else:
                if position + 2 > len(body):
                    return bytes(out)
                token = body[position] << 8 | body[position + 1]
                position += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write % _WINDOW:
                    return bytes(out[:limit])
                piece = bytes(window[(offset + i) % _WINDOW] for i in range(length))
                if offset < write % _WINDOW < offset + length:  # It reads what it writes.
                    reach = write % _WINDOW - offset
                    piece = (piece[:reach] * (length // reach + 1))[:length]
            for byte in piece:
                window[write % _WINDOW] = byte
                write += 1
            out += piece
    return bytes(out[:limit])


_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])"
    rb"|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer generator listtable "
    b"listoverridetable rsidtbl themedata colorschememapping latentstyles datastore mhtmltag "
    b"htmltag xmlnstbl filetbl".split()
)
_WORDS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip


def rtf_to_text(rtf: bytes, code_page: str) -> str:
    """Return the words of RTF; `code_page` reads its 8-bit characters."""
    reader = _Reader(code_page)
    for found in _TOKEN.finditer(rtf[:_MAX_RTF]):
        word, number, hexed, symbol, brace, plain = found.groups()
        if brace:
            reader.brace(brace)
        elif word:
            reader.word(word, int(number) if number else None)
        elif symbol:
            reader.symbol(symbol)
        elif hexed:
            reader.octets(bytes([int(hexed, 16)]))
        elif plain:
            reader.octets(plain)
    return reader.text()


class _Reader:
    """Keeps what is open: groups that are skipped, and bytes not yet decoded."""

    def __init__(self, code_page: str) -> None:
        self._code_page = code_page
        self._out: list[str] = []
        self._octets = bytearray()
        self._outer: list[tuple[bool, int]] = []
        self._skipping = False
        # Set by \htmlrtf: the plain copy of what the page's own tags say.
        self._hidden = False
        # After \u so many characters follow for readers without Unicode.
        self._fallback = 1
        self._to_skip = 0

    def brace(self, brace: bytes) -> None:
        if brace == b"{":
            self._outer.append((self._skipping, self._fallback))
        else:
            self._skipping, self._fallback = self._outer.pop() if self._outer else (False, 1)

    def word(self, word: bytes, number: int | None) -> None:
        if word == b"htmlrtf":
            self._hidden = number != 0
        elif word in _SKIPPED:
            self._skipping = True
        elif self._skipping:
            return
        elif word in _WORDS:  # Line ends count even where \htmlrtf hides the words.
            if not self._hidden or _WORDS[word] == "\n":
                self._say(_WORDS[word])
        elif word == b"u" and number is not None and not self._hidden:
            self._say(chr(number % 0x10000))
            self._to_skip = self._fallback
        elif word == b"uc":
            self._fallback = min(number or 1, 10)

    def symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._skipping = True
        elif symbol in b"\\{}":
            self.octets(symbol)
        elif symbol == b"~":
            self.octets(b" ")

    def octets(self, octets: bytes) -> None:
        if self._skipping or self._hidden:
            return
        skipped = min(self._to_skip, len(octets))
        self._to_skip -= skipped
        self._octets += octets[skipped:]

    def _say(self, text: str) -> None:
        self._flush()
        self._out.append(text)

    def _flush(self) -> None:
        if self._octets:
            self._out.append(self._octets.decode(self._code_page, "replace"))
            self._octets.clear()

    def text(self) -> str:
        self._flush()
        text = "".join(self._out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text.replace("\x00", "")
