"""Header values as people meant them: encoded words, parameters, addresses, ids.

The standard library's policies lose characters, raise on hostile input or are slow;
this works on raw bytes, bounded, and never raises. CR, LF and NUL never leave here.
Source: RFC 5322 3.4 and 3.6.4, RFC 2047, RFC 2231.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from helpdesk.domain.charset import decode
from helpdesk.domain.words import decode_words, without_words

# More recipients than this are a list; nothing is decided from the rest.
MAX_ADDRESSES = 100

# RFC 5322 3.6.4 gives no bound; threads of people hold far fewer.
MAX_IDS = 100

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]+")
_ID = re.compile(r"<[^<>\s]{1,900}>")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: what it calls itself, and the addr-spec with its domain in lower case."""

    name: str
    address: str


def decode_header(raw: bytes | str) -> str:
    """Return one header value as one line of text.

    Adjacent encoded words of one charset are joined before decoding: senders split
    inside a character.
    """
    text = raw if isinstance(raw, str) else _as_text(raw)
    if "=?" in text:
        text = decode_words(text)
    return text.strip() if text.isprintable() else clean(text)


def clean(text: str) -> str:
    """Return text on one line without control characters."""
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\n ", " ")).strip()


def _as_text(raw: bytes) -> str:
    """Return raw header bytes: 8-bit and escapes are not allowed there, but they come."""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    return decode(raw, None).text


def parse_addresses(raw: bytes | str) -> tuple[tuple[Address, ...], bool]:
    """Return the mailboxes of an address header, and whether all of it was plain.

    Not plain: a group, an unfinished quote or bracket, two addresses in one place, an
    address that cannot be read. Nobody may be trusted by such a header.
    """
    text = raw if isinstance(raw, str) else _as_text(raw)
    found: list[Address] = []
    plain = True
    for piece in _with_bare_commas(_split_list(_CONTROLS.sub(" ", text[:20_000]))):
        if not piece.strip():
            continue
        one = _parse_mailbox(piece)
        if one is None:
            plain = False
        elif len(found) < MAX_ADDRESSES:
            found.append(one)
    return tuple(found), plain


def _split_list(text: str) -> list[str]:
    """Cut at commas outside quotes, comments and brackets."""
    if "," not in text and ";" not in text:
        return [text]
    pieces, start = [], 0
    quoted = angled = False
    depth = 0
    index, end = 0, len(text)
    while index < end:
        char = text[index]
        if char == "\\":
            index += 1
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            pass
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth:
            pass
        elif char == "<":
            angled = True
        elif char == ">":
            angled = False
        elif char == "," and not angled:
            pieces.append(text[start:index])
            start = index + 1
        index += 1
    return [*pieces, text[start:]]


def _with_bare_commas(pieces: list[str]) -> list[str]:
    """Put a name together again that holds a comma outside quotes: `見本, 太郎 <a@x>`."""
    if len(pieces) != 2 or pieces[1].count("<") != 1 or "=?" in pieces[0]:
        return pieces
    is_name = pieces[0].strip() and not re.search(r"[@<>\"():;\[\]\\]", pieces[0])
    return [",".join(pieces)] if is_name else pieces


_ANGLE = re.compile(r"^(?P<name>.*?)<(?P<address>[^<>]*)>(?P<rest>.*)$", re.DOTALL)
# Dots may stand anywhere in the local part: Japanese carriers gave such addresses out.
_ADDR_SPEC = re.compile(
    r"(?P<local>[^\s@<>()\[\]\\,;:\"]{1,64}|\"[^\"\\\r\n]{1,62}\")@(?P<domain>[^\s@<>()\[\]\\,;:\"]{1,253})"
)
_COMMENT = re.compile(r"\(([^()]{0,500})\)")


def _parse_mailbox(piece: str) -> Address | None:
    # Encoded words stay whole while the structure is read: they may hide a bracket.
    found = _ANGLE.match(piece)
    if found:
        if found["rest"].strip() and not _COMMENT.fullmatch(found["rest"].strip()):
            return None
        if "<" in found["name"] or (
            "@" in found["name"]
            and "@" in _strip_quoted(found["name"])
            and _looks_split(found["name"])
        ):
            return None
        name, spec = found["name"], found["address"].strip()
    else:
        comment = _COMMENT.search(piece) if "(" in piece else None
        name = comment.group(1) if comment else ""
        spec = (_COMMENT.sub("", piece) if comment else piece).strip()
        if "=?" in spec:
            return None
    address = _addr_spec(spec)
    if address is None:
        return None
    return Address(display_name(name), address)


def _strip_quoted(name: str) -> str:
    return re.sub(r'"[^"]*"', "", without_words(name))


def _looks_split(name: str) -> bool:
    """Say whether a bare display name holds a second address and not just an @."""
    return _ADDR_SPEC.search(_strip_quoted(name)) is not None and "," in name


def _addr_spec(spec: str) -> str | None:
    found = _ADDR_SPEC.fullmatch(spec)
    if not found:
        return None
    domain = found["domain"].lower().rstrip(".")
    return f"{found['local']}@{domain}" if domain else None


def display_name(raw: str) -> str:
    """Return a display name without its quotes."""
    name = raw.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    name = decode_header(name)[:200].strip()
    # Quotes around the whole, or one that lost its fellow, are no part of a name.
    whole = name.startswith('"') and name.endswith('"')
    return name.strip('"').strip() if whole or name.count('"') % 2 else name


def parse_ids(raw: bytes | str) -> tuple[str, ...]:
    """Return the message ids of a header, '<...>' each, in order."""
    text = raw if isinstance(raw, str) else raw.decode("ascii", "replace")
    return tuple(_ID.findall(text[:60_000])[:MAX_IDS])


def parse_date(raw: bytes | str) -> datetime | None:
    """Return a Date header as aware UTC, or None where it is none."""
    text = raw if isinstance(raw, str) else raw.decode("ascii", "replace")
    try:
        found = parsedate_to_datetime(clean(text)[:100])
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


# The value in quotes, or up to the semicolon: names with blanks come without quotes.
_PARAMETER = re.compile(
    r";\s*([A-Za-z0-9_.!#$%&+^`{|}~-]{1,60}?)(\*\d{1,6})?(\*)?\s*=\s*"
    r'("(?:[^"\\]|\\.)*"|[^;"][^;]*|)'
)


def may_name(raw: bytes, name: bytes) -> bool:
    """Say whether a structured header may have a parameter of that name (lower case)."""
    plain = raw.isascii() and b"\x1b" not in raw
    return not plain or name in raw.lower()


def parse_parameters(raw: bytes | str) -> tuple[str, dict[str, str]]:
    """Return the value of a structured header in lower case, and its parameters.

    RFC 2231 continuations and charsets are put together; encoded words in a value,
    which RFC 2047 forbids and every Japanese mailer writes, are decoded.
    """
    if not raw:
        return "", {}
    text = raw if isinstance(raw, str) else _as_text(raw)
    text = text[:8_000].replace("\r\n", " ").replace("\n", " ")
    value, mark, _ = text.partition(";")
    value = value.strip().lower()
    if not mark:
        return value, {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, number, star, content in _PARAMETER.findall(text):
        bare = _unquoted(content)
        if "name" not in name.lower():  # A comment, or a semicolon that was forgotten.
            bare = bare.partition(" ")[0] if content[:1] != '"' else bare
        index = int(number[1:6]) if number else 0
        pieces.setdefault(name.lower(), []).append((index, bool(star), bare))
    return value, {name: _joined(found) for name, found in pieces.items()}


_ESCAPED = re.compile(r'\\(["\\])')


def _unquoted(content: str) -> str:
    if content[:1] != '"':
        return content.strip()
    # A backslash before a letter is a Windows path and no escape.
    return _ESCAPED.sub(r"\1", content[1:-1]) if "\\" in content else content[1:-1]


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    if len(pieces) == 1 and not pieces[0][1]:
        return decode_header(pieces[0][2])
    pieces = list({index: (index, star, text) for index, star, text in reversed(pieces)}.values())
    pieces.sort(key=lambda piece: piece[0])
    if not any(star for _, star, _ in pieces):
        return decode_header("".join(content for _, _, content in pieces))
    charset, octets = None, b""
    for index, (_, star, content) in enumerate(pieces):
        if star and index == 0 and content.count("'") >= 2:
            charset, _, rest = content.split("'", 2)
        else:
            rest = content
        octets += unquote_to_bytes(rest) if star else rest.encode("utf-8", "replace")
    return clean(decode(octets, charset).text)
