"""From bytes and a label to text, as Japanese mail really is and not as it says.

ISO-2022-JP as Outlook sends it holds NEC row 13 (①②㈱) and IBM extensions (髙﨑), which
no codec of the standard library knows; labels are missing, misspelt or wrong.
Source: RFC 1468, JIS X 0208, Microsoft's code page 50220 and 932.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

#: Every label seen in the wild, by the code it means.
_LABELS = {
    "cp932": (
        "shift_jis shift-jis shiftjis sjis x-sjis x_sjis windows-31j windows31j "
        "ms932 ms_kanji cp932 cp943 cp943c ibm943 sjis-win csshiftjis "
        "cswindows31j shift_jisx0213 shift_jis_2004 sjis-docomo sjis-kddi "
        "sjis-softbank x-ms-cp932 mskanji"
    ),
    "jis": (
        "iso-2022-jp iso2022jp iso_2022_jp jis iso-2022-jp-ms cp50220 cp50221 "
        "cp50222 csiso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 "
        "iso-2022-jp-ext jis-encoding iso-2022-jp-2004"
    ),
    "eucjp": (
        "euc-jp eucjp x-euc-jp x-euc euc_jp ujis eucjp-win eucjp-ms cp51932 "
        "euc-jp-ms eucjpms cseucpkdfmtjapanese"
    ),
    "utf-8": ("utf8 utf-8 utf_8 utf-8n unicode-1-1-utf-8 cp65001 utf8mb4"),
    "gb18030": ("gb2312 gbk gb18030 x-gbk cp936"),
    "cp949": ("ks_c_5601-1987 euc-kr ksc5601"),
    "cp1252": ("iso-8859-1 latin1 latin-1 iso8859-1"),
}
_ALIASES = {label: code for code, labels in _LABELS.items() for label in labels.split()}

#: Labels that say nothing about the bytes.
_UNKNOWN = frozenset(
    {"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "unknown", "default", "x-unknown",
     "8bit", "7bit", "binary", "none", "null", "_autodetect", "x-user-defined", "unicode", "ansi"}
)  # fmt: skip

_ESCAPE = re.compile(rb"\x1b(?:\$\(?[@BDOPQ]|\([BJIHTN]|&@)|[\x0e\x0f]")
_HAS_JIS = re.compile(rb"\x1b\$\(?[@BDOPQ]|\x1b\(I")

#: What stands for bytes that mean nothing.
REPLACEMENT = "�"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with how it was read."""

    text: str
    #: The code that was used: `jis`, `cp932`, `utf-8`, …
    charset: str
    #: False where the label was missing, wrong, or some bytes meant nothing.
    exact: bool


def decode(raw: bytes, label: str | None) -> Decoded:
    """Return the text of `raw`; never raises. `label` is what the mail says of itself."""
    if raw.isascii() and b"\x1b" not in raw and b"\x0e" not in raw:
        named = _codec(label)
        if named is None or named in ("jis", "cp932", "eucjp", "utf-8", "cp1252", "gb18030"):
            return Decoded(raw.decode("ascii"), named or "ascii", True)
    if _HAS_JIS.search(raw) and (_codec(label) != "utf-8" or raw.isascii()):
        return Decoded(decode_jis(raw), "jis", _codec(label) == "jis")
    codec = _codec(label)
    if codec is None:
        return _guess(raw)
    text = _strictly(raw, codec)
    if text is not None:
        if codec != "utf-8" and _is_really_utf8(raw):
            return Decoded(raw.decode("utf-8"), "utf-8", False)
        return Decoded(text, codec, True)
    guessed = _guess(raw)
    if guessed.exact or REPLACEMENT not in guessed.text:
        return Decoded(guessed.text, guessed.charset, False)
    return Decoded(_leniently(raw, codec), codec, False)


def _codec(label: str | None) -> str | None:
    """Return our name of a code, or None where the label says nothing."""
    name = (label or "").strip().strip("\"'").lower()
    if name in _UNKNOWN:
        return None
    return _ALIASES.get(name) or _python_codec(name)


@lru_cache(maxsize=200)
def _python_codec(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
        b"a".decode(name, "replace")  # Refuses what is no charset: rot13, zip, base64.
        return info.name if info.name not in _NO_CHARSETS else None
    except (LookupError, ValueError, TypeError, AttributeError, UnicodeError):
        return None


# Codecs that are no charsets, are slow in the length, or read escapes of Python.
_NO_CHARSETS = frozenset(
    "idna punycode unicode-escape raw-unicode-escape undefined unicode_escape raw_unicode_escape"
    " rot13 rot_13 zip zlib bz2 hex base64 quopri uu mbcs oem utf-7".split()
)


def _strictly(raw: bytes, codec: str) -> str | None:
    if codec == "jis":
        text = decode_jis(raw)
        return None if REPLACEMENT in text else text
    try:
        return _decode_eucjp(raw) if codec == "eucjp" else raw.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _leniently(raw: bytes, codec: str) -> str:
    if codec == "jis":
        return decode_jis(raw)
    try:
        return raw.decode("euc_jp" if codec == "eucjp" else codec, "replace")
    except (UnicodeError, ValueError, LookupError):
        return raw.decode("utf-8", "replace")


def _is_really_utf8(raw: bytes) -> bool:
    """Say whether bytes under another label are UTF-8: hardly anything else passes as it."""
    if raw.isascii():
        return False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Two bytes could be anything; Japanese text in UTF-8 is three bytes a character.
    return sum(1 for char in text if char >= "\u0800") >= 2


def _guess(raw: bytes) -> Decoded:
    """Decide for bytes whose label says nothing: UTF-8, then the two old Japanese codes."""
    if raw.isascii():
        return Decoded(raw.decode("ascii"), "ascii", True)
    text = _strictly(raw, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", False)
    candidates = [
        (codec, text) for codec in ("cp932", "eucjp") if (text := _strictly(raw, codec)) is not None
    ]
    if candidates:
        codec, text = max(candidates, key=lambda pair: _plausibility(pair[1]))
        if _plausibility(text) > 0:
            return Decoded(text, codec, False)
    text = _strictly(raw, "cp1252")
    if text is not None and not candidates:
        return Decoded(text, "cp1252", False)
    if candidates:
        codec, text = candidates[0]
        return Decoded(text, codec, False)
    lenient = raw.decode("cp932", "replace")
    utf = raw.decode("utf-8", "replace")
    if utf.count(REPLACEMENT) <= lenient.count(REPLACEMENT):
        return Decoded(utf, "utf-8", False)
    return Decoded(lenient, "cp932", False)


def _plausibility(text: str) -> float:
    """Return how much a text looks like written Japanese, about -1 to 1 a character."""
    score = 0.0
    count = 0
    for char in text[:4000]:
        if char < "\x80":
            continue
        count += 1
        if "\u3040" <= char <= "\u30ff" or char in "、。「」（）：　・ー":
            score += 1
        elif "\u4e00" <= char <= "\u9fff":
            score += 0.6
        elif "\uff61" <= char <= "\uff9f":  # Half-width kana: EUC-JP read as cp932.
            score -= 0.7
        elif "\ue000" <= char <= "\uf8ff":
            score -= 0.5
    return score / count if count else 0.0


def decode_jis(raw: bytes) -> str:
    """Return the text of ISO-2022-JP bytes with Microsoft's rows; broken places are marked."""
    out: list[str] = []
    mode = "ascii"
    before_shift = "ascii"
    position = 0
    for found in _ESCAPE.finditer(raw):
        out.append(_jis_run(raw[position : found.start()], mode))
        escape = found.group()
        if escape == b"\x0e":
            before_shift, mode = mode, "kana"
        elif escape == b"\x0f":
            mode = before_shift if mode == "kana" else mode
        elif escape.startswith(b"\x1b$"):
            mode = "jisx0212" if escape.endswith(b"D") else "kanji"
        elif escape == b"\x1b(I":
            mode = "kana"
        elif escape.startswith(b"\x1b("):
            mode = "ascii"
        position = found.end()
    out.append(_jis_run(raw[position:], mode))
    return "".join(out)


def _jis_run(run: bytes, mode: str) -> str:
    if mode == "ascii":
        if run.isascii():
            return run.decode("ascii")
        return _guess(run).text  # 8-bit bytes in a 7-bit code: somebody's raw text.
    # A line end returns to ASCII (RFC 1468); senders that forget the escape rely on it.
    lines = run.split(b"\n")
    if len(lines) > 1:
        first = _jis_run(lines[0].rstrip(b"\r"), mode)
        # Some senders keep the mode over lines: then every byte pair is in range.
        rest = [_jis_line(line.rstrip(b"\r"), mode) for line in lines[1:]]
        return "\n".join([first, *rest])
    if mode == "kana":
        return "".join(
            chr(0xFF61 + (byte & 0x7F) - 0x21) if 0x21 <= byte & 0x7F <= 0x5F else chr(byte)
            for byte in run
        )
    if mode == "jisx0212":
        try:
            return b"".join(
                b"\x8f" + bytes((a | 0x80, b | 0x80))
                for a, b in zip(run[::2], run[1::2], strict=False)
            ).decode("euc_jp", "replace")
        except UnicodeError:
            return REPLACEMENT
    return _kanji(run)


def _jis_line(line: bytes, mode: str) -> str:
    """Return a line that began without an escape although the mode was not closed."""
    pairs_fit = len(line) % 2 == 0 and all(0x21 <= byte <= 0x7E for byte in line)
    if line and pairs_fit:
        text = _jis_run(line, mode)
        if REPLACEMENT not in text and _plausibility(text) > 0.5:
            return text
    return line.decode("ascii", "replace") if line.isascii() else _guess(line).text


def _kanji(run: bytes) -> str:
    out = bytearray()
    index, end = 0, len(run)
    while index < end:
        first = run[index] & 0x7F
        if first < 0x21:  # A blank or control inside: the sender forgot the escape.
            out.append(first)
            index += 1
            continue
        if index + 1 >= end:
            out += b"\x81\xac"
            break
        second = run[index + 1] & 0x7F
        if not 0x21 <= second <= 0x7E:
            out += b"\x81\xac"
            index += 1
            continue
        out += _sjis_pair(first, second)
        index += 2
    text = bytes(out).decode("cp932", "replace")
    return (
        text.replace("〓", REPLACEMENT) if b"\x81\xac" in out and b"\x22\x2e" not in run else text
    )


@lru_cache(maxsize=10_000)
def _sjis_pair(first: int, second: int) -> bytes:
    """Map one JIS pair to Shift_JIS by arithmetic (rows 1 to 94)."""
    lead = ((first - 0x21) >> 1) + 0x81
    if lead > 0x9F:
        lead += 0x40
    trail = second + 0x1F + (second >= 0x60) if first & 1 else second + 0x7E
    return bytes((lead, trail))


_EUC_PAIR = re.compile(rb"([\x00-\x7f]+)|\x8e([\xa1-\xdf])|(\x8f[\xa1-\xfe]{2})|([\xa1-\xfe]{2})")


def _decode_eucjp(raw: bytes) -> str:
    """Return EUC-JP text with the vendor rows of CP51932. Raises UnicodeError."""
    try:
        return raw.decode("euc_jp")
    except UnicodeDecodeError:
        pass
    out, position = [], 0
    for found in _EUC_PAIR.finditer(raw):
        if found.start() != position:
            break
        position = found.end()
        plain, kana, three, pair = found.groups()
        if plain:
            out.append(plain.decode("ascii"))
        elif kana:
            out.append(kana.decode("cp932"))
        elif three:
            out.append(three.decode("euc_jp"))
        else:
            out.append(_sjis_pair(pair[0] & 0x7F, pair[1] & 0x7F).decode("cp932"))
    if position != len(raw):
        raise UnicodeError("not EUC-JP")
    return "".join(out)
