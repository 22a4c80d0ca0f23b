"""ISO-2022-JP and EUC-JP as Japanese mail uses them, vendor characters included.

ISO-2022-JP as Outlook sends it holds NEC row 13 (①②㈱), IBM extensions (髙﨑) and
half-width kana, which no codec of the standard library knows. A pair of JIS bytes is
mapped to Shift_JIS by arithmetic and read as Microsoft's code page 932.
Source: RFC 1468, 1554 and 2237, JIS X 0208 and 0213, code pages 50220 and 51932.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import starmap

#: What stands for bytes that mean nothing.
REPLACEMENT = "�"

_ESCAPE = re.compile(rb"\x1b(?:\$\(?[@ABCDOPQ]|\([BJIHTN]|&@)|[\x0e\x0f]")

#: Bytes that are in ISO-2022-JP, whatever their label says.
HAS_JIS = re.compile(rb"\x1b\$\(?[@BDOPQ]|\x1b\(I")

_MODES = {
    b"A": "gb2312",
    b"C": "euc_kr",
    b"D": "jisx0212",
    b"O": "jisx0213",
    b"P": "jisx0213_2",
    b"Q": "jisx0213",
    b"@": "kanji",
    b"B": "kanji",
}


def decode_jis(raw: bytes) -> str:
    """Return the text of ISO-2022-JP bytes; broken places are marked with U+FFFD.

    Bytes above 0x7F outside an escape are taken for Shift_JIS.
    """
    plain = _without_faults(raw)
    return _with_modes(raw) if plain is None else plain


_KANJI_RUN = re.compile(rb"\x1b\$[@B]([!-~]*)\x1b\([BJ]")
_SHIFTS = re.compile(rb"[\x0e\x0f\x1b]")


def _without_faults(raw: bytes) -> str | None:
    """Return the text where nothing but JIS X 0208 is in it, opened and closed; else None.

    This is how nearly every mail is written: what is Shift_JIS then is decoded at once.
    """
    try:
        sjis = _KANJI_RUN.sub(lambda run: _as_sjis(run[1]), raw)
        return None if _SHIFTS.search(sjis) or not raw.isascii() else sjis.decode("cp932")
    except (ValueError, UnicodeDecodeError):
        return None


def _with_modes(raw: bytes) -> str:
    out: list[str] = []
    mode = "ascii"
    before_shift = "ascii"
    position = 0
    for found in _ESCAPE.finditer(raw):
        out.append(_run(raw[position : found.start()], mode))
        escape = found.group()
        if escape == b"\x0e":
            before_shift, mode = mode, "kana"
        elif escape == b"\x0f":
            mode = before_shift if mode == "kana" else mode
        elif escape.startswith(b"\x1b$"):
            mode = _MODES[escape[-1:]]
        elif escape == b"\x1b(I":
            mode = "kana"
        elif escape.startswith(b"\x1b("):
            mode = "ascii"
        position = found.end()
    out.append(_run(raw[position:], mode))
    return "".join(out)


def mend_escapes(raw: bytes) -> bytes | None:
    """Return bytes with their lost ESC put back, or None where none was lost.

    Gateways strip control characters. Only asked where the label says ISO-2022-JP
    and there is no ESC at all.
    """
    out, position = [], 0
    while (start := raw.find(b"$B", position)) >= 0:
        end = raw.find(b"(B", start + 2)
        if end < 0:
            break
        inside = raw[start + 2 : end]
        lost = len(inside) > 2 and len(inside) % 2 == 0 and min(inside) > 0x20
        escape = b"\x1b" if lost else b""
        out += [raw[position:start], escape, raw[start:end], escape, b"(B"]
        position = end + 2
    mended = b"".join([*out, raw[position:]])
    return mended if b"\x1b" in mended else None


def _run(run: bytes, mode: str) -> str:
    if mode == "ascii":
        return _plain(run)
    # A line end returns to ASCII (RFC 1468); senders that forget the escape rely on it.
    first, *others = run.split(b"\n")
    text = _decoded(first.rstrip(b"\r"), mode)
    if not others:
        return text
    # Some senders keep the mode over lines: then every pair of bytes is in range.
    return "\n".join([text, *(_line(line.rstrip(b"\r"), mode) for line in others)])


def _plain(run: bytes) -> str:
    return run.decode("ascii") if run.isascii() else run.decode("cp932", "replace")


def _decoded(run: bytes, mode: str) -> str:
    if mode == "kanji":
        return _kanji(run)
    if mode == "kana":
        return "".join(
            chr(0xFF61 + (byte & 0x7F) - 0x21) if 0x21 <= byte & 0x7F <= 0x5F else chr(byte)
            for byte in run
        )
    if mode == "jisx0213":  # Plane 1 agrees with cp932 but for its own additions.
        text = _pairs(run, b"", "euc_jis_2004")
        return text if REPLACEMENT not in text else _kanji(run)
    if mode == "jisx0213_2":
        return _pairs(run, b"\x8f", "euc_jis_2004")
    if mode == "jisx0212":
        return _pairs(run, b"\x8f", "euc_jp")
    return _pairs(run, b"", mode)


def _pairs(run: bytes, prefix: bytes, codec: str) -> str:
    octets = b"".join(
        prefix + bytes((first | 0x80, second | 0x80))
        for first, second in zip(run[::2], run[1::2], strict=False)
    )
    return octets.decode(codec, "replace") + (REPLACEMENT if len(run) % 2 else "")


# Hiragana, katakana and marks are rows 1 to 5; a line of Japanese hardly lacks them.
_KANA_ROWS = frozenset(range(0x21, 0x26))


def _line(line: bytes, mode: str) -> str:
    """Return a line that began without an escape although the mode was not closed."""
    if mode == "kana" or not line:
        return _plain(line)
    in_range = len(line) % 2 == 0 and all(0x21 <= byte <= 0x7E for byte in line)
    if in_range and sum(byte in _KANA_ROWS for byte in line[::2]) * 5 >= len(line) // 2:
        text = _decoded(line, mode)
        if REPLACEMENT not in text:
            return text
    return _plain(line)


def _kanji(run: bytes) -> str:
    """Return pairs of JIS bytes as text; a lone byte or an empty cell is marked."""
    try:
        return _as_sjis(run).decode("cp932")
    except (ValueError, UnicodeDecodeError):
        return _kanji_with_faults(run)


def _as_sjis(run: bytes) -> bytes:
    """Return pairs of JIS bytes as Shift_JIS. Raises ValueError where one is none."""
    return b"".join(starmap(_sjis_pair, zip(run[::2], run[1::2], strict=True)))


def _kanji_with_faults(run: bytes) -> str:
    out: list[str] = []
    index, end = 0, len(run)
    while index < end:
        first = run[index] & 0x7F
        if first < 0x21:  # A blank or control inside: the sender forgot the escape.
            out.append(chr(first))
            index += 1
            continue
        second = run[index + 1] & 0x7F if index + 1 < end else 0
        if not (0x21 <= second <= 0x7E and first <= 0x7E):
            out.append(REPLACEMENT)
            index += 1
            continue
        out.append(_cell(first, second))
        index += 2
    return "".join(out)


@lru_cache(maxsize=10_000)
def _cell(first: int, second: int) -> str:
    """Return one character; carriers' emoji (rows 85 to 94) become private-use ones."""
    pair = _sjis_pair(first, second)
    try:
        return pair.decode("cp932")
    except UnicodeDecodeError:
        if first < 0x75:
            return REPLACEMENT
        # au puts its emoji eleven lead bytes higher in Shift_JIS.
        return bytes((min(pair[0] + 0x0B, 0xF9), pair[1])).decode("cp932", "replace")


@lru_cache(maxsize=10_000)
def _sjis_pair(first: int, second: int) -> bytes:
    """Map one JIS pair to Shift_JIS. Raises ValueError where it is none."""
    if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
        raise ValueError("no JIS pair")
    lead = ((first - 0x21) >> 1) + 0x81
    if lead > 0x9F:
        lead += 0x40
    trail = second + 0x1F + (second >= 0x60) if first & 1 else second + 0x7E
    return bytes((lead, trail))


_EUC_UNIT = re.compile(rb"([\x00-\x7f]+)|\x8e([\xa1-\xdf])|\x8f([\xa1-\xfe]{2})|([\xa1-\xfe]{2})")


def decode_eucjp(raw: bytes, *, vendor: bool) -> str:
    """Return EUC-JP text; `vendor`: as code page 51932 or eucJP-ms. Raises UnicodeError."""
    if not vendor:
        try:
            return raw.decode("euc_jp")
        except UnicodeDecodeError:
            pass  # Rows that only the vendors' versions have.
    out, position = [], 0
    for found in _EUC_UNIT.finditer(raw):
        if found.start() != position:
            break
        position = found.end()
        plain, kana, three, pair = found.groups()
        if plain:
            out.append(plain.decode("ascii"))
        elif kana:
            out.append(kana.decode("cp932"))
        elif three:
            out.append(_euc_three(three))
        else:
            out.append(_sjis_pair(pair[0] & 0x7F, pair[1] & 0x7F).decode("cp932"))
    if position != len(raw):
        raise UnicodeError("not EUC-JP")
    return "".join(out)


def _euc_three(pair: bytes) -> str:
    # eucJP-ms has the IBM extensions that JIS X 0212 lacks from 0xF3F3 on.
    index = (pair[0] - 0xF3) * 94 + pair[1] - 0xF3
    if pair[0] in (0xF3, 0xF4) and 0 <= index < len(_ibm_extensions()):
        return _ibm_extensions()[index]
    return (b"\x8f" + pair).decode("euc_jp")


@lru_cache(maxsize=1)
def _ibm_extensions() -> str:
    """Return cp932's characters from 0xFA40 on that eucJP-ms keeps in rows of its own."""
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFD)]
    cells = [bytes((lead, trail)) for lead in (0xFA, 0xFB) for trail in trails]
    cells += [bytes((0xFC, trail)) for trail in range(0x40, 0x4C)]
    chars = b"".join(cells).decode("cp932")
    return "".join(char for char in chars if char not in "￢￤" and _is_extra(char))


def _is_extra(char: str) -> bool:
    try:
        char.encode("euc_jp")
    except UnicodeEncodeError:
        return True
    return char == "№"
