"""From bytes and a label to text, as Japanese mail really is and not as it says.

Labels are missing, misspelt or wrong. The bytes decide where they can: UTF-8 passes
for hardly anything else, escapes are ISO-2022-JP under any label, and kana tell the
old Japanese codes from each other and from Latin-1.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.domain.jis import HAS_JIS, REPLACEMENT, decode_eucjp, decode_jis, mend_escapes

__all__ = ["REPLACEMENT", "Decoded", "decode"]

#: Every label seen in the wild, by the code it means.
_LABELS = {
    "cp932": (
        "shift_jis shift-jis shiftjis shift_jisx0213 shift_jis_2004 sjis s-jis s_jis x-sjis x_sjis "
        "x-shift-jis x-shift_jis windows-31j windows31j windows-932 ms932 ms_kanji mskanji cp932 "
        "cp-932 932 x-ms-cp932 cp943 cp943c ibm-943 ibm943 ibm932 sjis-win sjis-ms csshiftjis "
        "cswindows31j sjis-docomo sjis-kddi sjis-softbank sjis-mobile#docomo sjis-mobile#kddi "
        "sjis-mobile#softbank x-mac-japanese macjapanese x-sjis-docomo x-sjis-kddi"
    ),
    "jis": (
        "iso-2022-jp iso2022jp iso2022-jp iso_2022_jp iso-2022jp iso-2022-jis jis jis7 jis8 x-jis "
        "iso-2022-jp-ms iso2022jp-ms iso-2022-jp-mobile#kddi cp50220 cp50221 cp50222 "
        "windows-50220 windows-50221 csiso2022jp csiso2022jp2 iso-2022-jp-1 iso-2022-jp-2 "
        "iso-2022-jp-3 iso-2022-jp-2004 iso-2022-jp-ext iso-2022-jp-kddi jis-encoding "
        "jis_encoding x-iso-2022-jp x-iso2022-jp iso-2022"
    ),
    "eucjp": "euc-jp eucjp euc_jp x-euc-jp x-euc x-eucjp ujis cseucpkdfmtjapanese euc",
    "cp51932": "eucjp-win eucjp-ms eucjpms euc-jp-ms eucjp_ms eucjp-open cp51932 windows-51932",
    "utf-8": (
        "utf8 utf-8 utf_8 utf-8n utf8n u8 unicode-1-1-utf-8 unicode-2-0-utf-8 x-unicode-2-0-utf-8 "
        "cp65001 utf8mb4 uft-8 utf-8-mac utf8-mac utf-8-sig utf-8-mobile#docomo cesu-8"
    ),
    "utf-7": "utf7 utf-7 utf_7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000",
    "gb18030": "gb2312 gb_2312-80 gbk gb18030 x-gbk cp936 ms936 windows-936 euc-cn x-euc-cn gb",
    "cp950": "big5 big-5 x-big5 cn-big5 cp950 windows-950 x-x-big5",
    "cp949": "ks_c_5601-1987 ks_c_5601 ksc5601 ksc_5601 euc-kr euckr x-windows-949 windows-949 uhc",
    "cp1252": (
        "iso-8859-1 iso_8859-1 iso8859-1 iso88591 8859-1 latin1 latin-1 l1 cp819 windows-1252 "
        "cp1252 iso-8859-1-windows-3.1-latin-1 x-ansi ansi"
    ),
    "cp874": "tis-620 iso-8859-11 windows-874 cp874",
    "cp1254": "iso-8859-9 windows-1254 latin5",
    "iso8859-8": "iso-8859-8-i iso-8859-8-e",
}
_ALIASES = {label: code for code, labels in _LABELS.items() for label in labels.split()}

#: Labels that say nothing about the bytes.
_UNKNOWN = frozenset(
    {"", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "us", "unknown-8bit", "unknown",
     "x-unknown", "default", "default_charset", "8bit", "7bit", "binary", "none", "null", "nil",
     "auto", "_autodetect", "_autodetect_all", "_iso-2022-jp$sio", "autodetect", "x-user-defined",
     "unicode", "charset", "undefined", "unspecified", "japanese", "text", "mixed"}
)  # fmt: skip

# Bytes that are looked at to judge what a text is written in; decoding takes all.
_SAMPLE = 16_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with how it was read."""

    text: str
    #: The code that was used: `jis`, `cp932`, `utf-8`, …
    charset: str
    #: False where the label was missing, wrong, or some bytes meant nothing.
    exact: bool
    #: Other codes that were tried and found less likely, likeliest first.
    alternatives: tuple[str, ...] = ()


def decode(raw: bytes, label: str | None) -> Decoded:
    """Return the text of `raw`; never raises. `label` is what the mail says of itself."""
    codec = _codec(label)
    if raw.isascii() and b"\x1b" not in raw and b"\x0e" not in raw:
        if codec == "jis" and (mended := mend_escapes(raw)) is not None:
            return Decoded(decode_jis(mended), "jis", False, ("ascii",))
        if codec is None or codec in _ASCII_BELOW:
            return Decoded(raw.decode("ascii"), codec or "ascii", True)
    if HAS_JIS.search(raw) and (codec == "jis" or raw.isascii()):
        text = decode_jis(raw)
        return Decoded(text, "jis", codec == "jis" and REPLACEMENT not in text)
    if codec is None or codec == "jis":
        return _guess(raw, ())
    strict = _strictly(raw, codec)
    if strict is None:
        return _guess(raw, (codec,))
    text = strict
    better = _contradiction(raw, codec, text)
    if better is not None:
        return better
    return Decoded(text.removeprefix("\ufeff"), codec, True)


# In these codes plain ASCII bytes are ASCII.
_ASCII_BELOW = frozenset(
    {"jis", "cp932", "eucjp", "cp51932", "utf-8", "cp1252", "gb18030", "cp949", "cp950"}
)


def _contradiction(raw: bytes, codec: str, text: str) -> Decoded | None:
    """Return a reading that the bytes support better than their label, or None."""
    if codec == "utf-8" or raw.isascii():
        return None
    if _is_really_utf8(raw):
        return Decoded(raw.decode("utf-8").removeprefix("\ufeff"), "utf-8", False, (codec,))
    if codec in ("gb18030", "cp949", "cp950", "utf-7") or codec.startswith("utf"):
        return None
    mine = _japanese(text)
    for other in ("cp932", "eucjp"):
        if other == codec or mine > 0.2:
            continue
        found = _strictly(raw, other)
        if found is None or _japanese(found) <= max(0.5, mine + 0.3):
            continue
        if _has_kana(found) or (codec == "cp1252" and _is_dense(raw)):
            return Decoded(found, other, False, (codec,))
    return None


def _is_dense(raw: bytes) -> bool:
    """Say whether bytes above 0x7F are too many for a European language's accents."""
    sample = raw[:_SAMPLE]
    high = sum(1 for byte in sample if byte >= 0x80)
    return high * 5 >= 2 * len(sample) and _western(sample, "") < 0.3


# Labels are few.
@lru_cache(maxsize=200)
def _codec(label: str | None) -> str | None:
    """Return our name of a code, or None where the label says nothing."""
    name = (label or "").strip().strip("\"'").strip().lower().rstrip(";,.")
    if name in _UNKNOWN:
        return None
    return _ALIASES.get(name) or _python_codec(name)


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
    " rot13 rot_13 zip zlib bz2 hex base64 quopri uu mbcs oem".split()
)


def _strictly(raw: bytes, codec: str) -> str | None:
    """Return the text where every byte means something in the code, else None."""
    try:
        if codec == "jis":
            text = decode_jis(raw)
        elif codec in ("eucjp", "cp51932"):
            text = decode_eucjp(raw, vendor=codec == "cp51932")
        elif codec == "cp1252":
            text = _latin1(raw)
        else:
            text = raw.decode(codec)
        if codec != "utf-8":
            text.encode("utf-8")  # UTF-7 and others can make halves of characters.
    except (UnicodeError, ValueError):
        return None
    return None if REPLACEMENT in text and codec == "jis" else text


def _latin1(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _leniently(raw: bytes, codec: str) -> str:
    """Return the text with U+FFFD for what means nothing in the code."""
    if codec == "jis":
        return decode_jis(raw)
    name = "euc_jp" if codec in ("eucjp", "cp51932") else codec
    try:
        return raw.decode(name, "replace").encode("utf-8", "replace").decode("utf-8")
    except (UnicodeError, ValueError, LookupError):
        return raw.decode("utf-8", "replace")


_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _is_really_utf8(raw: bytes) -> bool:
    """Say whether bytes under another label are UTF-8: hardly anything else passes as it."""
    if not _THREE_BYTES.search(raw):
        return False  # Two bytes could be anything; Japanese is three bytes a character.
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(1 for char in text[:_SAMPLE] if char >= "\u0800") >= 2


_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _guess(raw: bytes, labelled: tuple[str, ...]) -> Decoded:
    """Decide where the label says nothing or does not fit: bytes against what they mean.

    `labelled` is the code of the label, where it has one; it wins among equals.
    """
    if raw.isascii():
        text = decode_jis(raw) if HAS_JIS.search(raw) else raw.decode("ascii")
        return Decoded(text, "ascii", not labelled)
    for mark, codec in _BOMS:
        if raw.startswith(mark) and (text := _strictly(raw, codec) or "") and "\x00" not in text:
            return Decoded(text.removeprefix("\ufeff"), codec, False)
    text = _strictly(raw, "utf-8") or ""
    if text:
        return Decoded(text.removeprefix("\ufeff"), "utf-8", False, labelled)
    tried = _ranked(raw, labelled)
    best, others = tried[0], tuple(codec for _, codec in tried[1:])
    return Decoded(_best_text(raw, best[1]), best[1], False, others)


def _best_text(raw: bytes, codec: str) -> str:
    text = _strictly(raw, codec)
    return (_leniently(raw, codec) if text is None else text).removeprefix("\ufeff")


def _ranked(raw: bytes, labelled: tuple[str, ...]) -> list[tuple[float, str]]:
    """Return score and code of each candidate, best first."""
    sample = raw[:_SAMPLE]
    codes = dict.fromkeys((*labelled, "utf-8", "cp932", "eucjp", "cp1252"))
    found = [(_score(sample, codec) + (codec in labelled) * 0.1, codec) for codec in codes]
    return sorted(found, key=lambda one: -one[0])


def _score(sample: bytes, codec: str) -> float:
    text = _strictly(sample, codec)
    if text is None:
        text = _leniently(sample, codec)
    score = _japanese(text)
    if codec == "utf-8":  # Valid sequences of three bytes do not come about by chance.
        broken = text.count(REPLACEMENT)
        valid = sum(1 for char in text if char >= "\u0800" and char != REPLACEMENT)
        score += 1.0 if valid > 2 * broken else 0.0
    elif codec == "cp1252":
        score = _western(sample, text)
    return score


def _western(sample: bytes, text: str) -> float:
    """Return how much bytes look like a European language: accents stand alone in words."""
    high = sum(1 for byte in sample if byte >= 0x80)
    lone = len(re.findall(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xff])", sample))
    controls = sum(1 for char in text if "\x80" <= char <= "\x9f")
    share = lone / high if high else 0.0
    return share * 0.7 - controls / max(high, 1) - 0.05 if share > 0.3 else -1.0


def _has_kana(text: str) -> bool:
    """Say whether a text holds hiragana or katakana as running Japanese does."""
    other = [char for char in text[:_SAMPLE] if char >= "\x80"]
    return sum(1 for char in other if "\u3041" <= char <= "\u30fe") * 5 >= len(other) > 2


def _japanese(text: str) -> float:
    """Return how much a text looks like written Japanese, about -1 to 1 a character."""
    score = 0.0
    count = 0
    for char in text[:4000]:
        if char < "\x80":
            continue
        count += 1
        if "\u3041" <= char <= "\u30fe" or char in _MARKS:
            score += 1
        elif "\u4e00" <= char <= "\u9fff":
            score += 0.6
        # Full-width letters and digits, and the rulers around signatures.
        elif "\uff01" <= char <= "\uff5e" or "\u2460" <= char <= "\u266f":
            score += 0.5
        elif "\uff61" <= char <= "\uff9f":  # Half-width kana: EUC-JP read as cp932.
            score -= 0.4
        elif char == REPLACEMENT:
            score -= 1.5
        elif "\ue000" <= char <= "\uf8ff" or "\x80" <= char <= "\xff":
            score -= 0.5
    return score / count if count else 0.0


_MARKS = frozenset("、。「」『』【】（）：；？！　・ー～〜①②③④⑤㈱")
