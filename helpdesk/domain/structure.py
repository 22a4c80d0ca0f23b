"""Walking through the parts of a mail: what is text, what is attached, what is inside.

Source: RFC 2046 for multiparts, RFC 1847 for signed and encrypted ones, RFC 8551 for
S/MIME. Bounded in parts and depth; what is beyond is a defect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import policy
from email.message import Message as Part

from helpdesk.domain.charset import Decoded
from helpdesk.domain.cms import signed_content
from helpdesk.domain.entity import (
    MAX_TEXT,
    Attachment,
    disposition_and_name,
    listed,
    octets_of,
    parts_of,
    raw_header,
    text_of,
    type_of,
)
from helpdesk.domain.headers import Address, decode_header, parse_addresses
from helpdesk.domain.html import html_to_text
from helpdesk.domain.invitation import invitation_method, invitation_text
from helpdesk.domain.parser import PARSER
from helpdesk.domain.pgp import ENCRYPTED, without_armour
from helpdesk.domain.tnef import is_tnef, read_tnef

# Parts and levels: more are an attack on the parser, not a letter.
MAX_PARTS = 100
MAX_DEPTH = 20

# A mail inside the mail has so many characters of headers worth showing.
_HEADER_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Decoding:
    """How one text part was decoded: evidence for whoever doubts the text."""

    #: Charset as the part claims it; '' where it claims none.
    label: str
    #: Charset that was used, whether the label was right, and what else was tried.
    charset: str
    exact: bool
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail inside the mail, as it says of itself."""

    sender: Address | None
    subject: str
    message_id: str | None


@dataclass(slots=True)
class Found:
    """What walking through the parts has brought together so far."""

    #: Text and whether it came from a mail inside the mail.
    texts: list[tuple[str, bool]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    decodings: list[Decoding] = field(default_factory=list)
    forwarded: list[Forwarded] = field(default_factory=list)
    #: `smime` or `pgp` where something in the mail is encrypted.
    encrypted: str | None = None
    signed: bool = False
    #: Method of a calendar part: `request`, `reply`, …; '' where it names none.
    invitation: str | None = None
    parts: int = 0
    length: int = 0

    def defect(self, words: str) -> None:
        """Note a fault once."""
        if words not in self.defects:
            self.defects.append(words)


def walk(part: Part, found: Found, depth: int = 0, *, inside: bool = False) -> None:
    """Bring together what a part holds; `inside`: it is in a forwarded mail."""
    found.parts += 1
    if found.parts > MAX_PARTS or depth > MAX_DEPTH:
        found.defect("too many parts")
        return
    for fault in part.defects[:5]:
        found.defect(_in_words(type(fault).__name__))
    kind = type_of(part)
    if kind in ("message/rfc822", "message/global", "message/news"):
        _forwarded(part, found, depth)
    elif not part.is_multipart():
        _leaf(part, kind, found, depth, inside)
    elif kind == "multipart/alternative":
        _alternative(part, found, depth, inside)
    elif kind == "multipart/encrypted":
        found.encrypted = "pgp"
        _all(part, found, depth, inside)
    else:
        found.signed = found.signed or kind == "multipart/signed"
        _all(part, found, depth, inside)


def _all(part: Part, found: Found, depth: int, inside: bool) -> None:
    for one in parts_of(part):
        walk(one, found, depth + 1, inside=inside)


def _in_words(name: str) -> str:
    """Return the name of a parser's defect as words: `no boundary in multipart`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Defect"))
    return words.lower()


# A version that only says that the other version is to be looked at.
_PLACEHOLDER = re.compile(r"HTML.{0,40}(?:表示|対応|ご覧|形式)|(?:view|support|enabled).{0,60}HTML|HTML.{0,40}(?:view|support|enabled)", re.IGNORECASE)  # fmt: skip  # noqa: E501
_PLACEHOLDER_LENGTH = 200


def _alternative(part: Part, found: Found, depth: int, inside: bool) -> None:
    """Read one of several versions: plain text where it says something, else the last."""
    versions = parts_of(part)[:MAX_PARTS]
    plain = [one for one in versions if type_of(one) == "text/plain" and not one.is_multipart()]
    others = [one for one in versions if one not in plain]
    rich = [one for one in others if type_of(one).startswith(("text/html", "multipart/"))]
    chosen = plain if _says_something(plain, bool(rich)) or not others else (rich or others)
    for one in chosen:
        walk(one, found, depth + 1, inside=inside)
    for one in versions:  # An invitation or a picture among the versions is worth a line.
        if one not in chosen and not type_of(one).startswith(("text/plain", "text/html")):
            _attached_only(one, found, depth)


def _says_something(plain: list[Part], has_rich: bool) -> bool:
    texts = [text_of(one)[0].strip() for one in plain]
    if not has_rich:
        return any(texts)
    return any(
        text and not (len(text) < _PLACEHOLDER_LENGTH and _PLACEHOLDER.search(text))
        for text in texts
    )


def _attached_only(part: Part, found: Found, depth: int) -> None:
    """List what hangs on a version that is not read, without reading its text."""
    if found.parts > MAX_PARTS or depth > MAX_DEPTH:
        return
    found.parts += 1
    kind = type_of(part)
    if part.is_multipart():
        for one in parts_of(part):
            _attached_only(one, found, depth + 1)
    elif kind == "text/calendar":
        _calendar(part, found, read=False)
    elif not kind.startswith(("text/plain", "text/html")):
        found.attachments.append(listed(disposition_and_name(part)[1], kind, octets_of(part)))


def _leaf(part: Part, kind: str, found: Found, depth: int, inside: bool) -> None:
    disposition, name = disposition_and_name(part)
    if kind == "text/calendar":
        _calendar(part, found, read=not found.texts, name=name)
    elif _is_text(kind, disposition, name, found):
        _text(part, kind, found, inside)
    else:
        _attached(part, kind, name, found, depth, inside)


def _is_text(kind: str, disposition: str, name: str, found: Found) -> bool:
    if disposition == "attachment" or found.length > MAX_TEXT:
        return False
    if kind not in ("text/plain", "text/html", "text/enriched", "text/richtext"):
        return False
    return not name or not found.texts  # Some clients give the letter itself a name.


def _text(part: Part, kind: str, found: Found, inside: bool) -> None:
    text, decoded, label = text_of(part)
    _note(decoded, label, found)
    if kind == "text/html":
        text = html_to_text(text)
    if ENCRYPTED.search(text):
        found.encrypted = "pgp"
    elif "-----BEGIN PGP SIGNED" in text:
        found.signed = True
        text = without_armour(text)
    if found.length + len(text) > MAX_TEXT:
        found.defect("text longer than the limit; cut off")
    text = text[: MAX_TEXT - min(found.length, MAX_TEXT)]
    found.length += len(text)
    if text.strip():
        found.texts.append((text, inside))


def _note(decoded: Decoded, label: str, found: Found) -> None:
    found.decodings.append(Decoding(label, decoded.charset, decoded.exact, decoded.alternatives))
    if not decoded.exact:
        found.defect(f"charset read as {decoded.charset}")
    if "\ufffd" in decoded.text:
        found.defect("bytes that mean nothing in their charset")


def _calendar(part: Part, found: Found, *, read: bool, name: str = "") -> None:
    text = text_of(part)[0]
    found.invitation = invitation_method(text)
    found.attachments.append(listed(name, "text/calendar", octets_of(part)))
    if read and (words := invitation_text(text)):
        found.texts.append((words, False))


_SMIME = re.compile(r"^application/(?:x-)?pkcs7-mime$")


def _attached(part: Part, kind: str, name: str, found: Found, depth: int, inside: bool) -> None:
    octets = octets_of(part)
    if _SMIME.match(kind) or name.lower().endswith(".p7m"):
        signed = signed_content(octets)
        if signed is None:
            found.encrypted = "smime"
        else:
            found.signed = True
            walk(PARSER.parsebytes(signed), found, depth + 1, inside=inside)
    elif is_tnef(octets):
        _tnef(octets, found, inside)
    elif name.lower().endswith(".eml") and kind != "message/rfc822":
        _inner(PARSER.parsebytes(octets), found, depth)
    elif kind == "application/pgp-encrypted":
        found.encrypted = "pgp"
    found.attachments.append(listed(name, kind, octets))


def _tnef(octets: bytes, found: Found, inside: bool) -> None:
    inner = read_tnef(octets)
    text = inner.text.replace("\r\n", "\n").replace("\r", "\n") or html_to_text(inner.html)
    if text.strip() and not any(known.strip() for known, _ in found.texts):
        found.texts.append((text[:MAX_TEXT], inside))
        found.length += min(len(text), MAX_TEXT)
    found.attachments += [listed(one.name, one.type, one.octets) for one in inner.files]


def _forwarded(part: Part, found: Found, depth: int) -> None:
    """Read a mail inside the mail; its text counts as quoted."""
    disposition, name = disposition_and_name(part)
    inner = parts_of(part)
    if inner and not list(inner[0].raw_items()):  # Base64, which RFC 2046 forbids here.
        encoding = raw_header(part, "content-transfer-encoding").strip().lower()
        if encoding in (b"base64", b"quoted-printable"):
            inner[0]["Content-Transfer-Encoding"] = encoding.decode("ascii")
            inner = [PARSER.parsebytes(octets_of(inner[0]))]
    if not inner:
        inner = [PARSER.parsebytes(octets_of(part))]
    if name or disposition == "attachment":
        found.attachments.append(listed(name, "message/rfc822", _source_of(inner[0])))
    _inner(inner[0], found, depth)


def _source_of(part: Part) -> bytes:
    try:
        return part.as_bytes(policy=policy.compat32.clone(linesep="\r\n", max_line_length=None))
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return b""


def _inner(inner: Part, found: Found, depth: int) -> None:
    senders, plain = parse_addresses(raw_header(inner, "from"))
    ids = decode_header(raw_header(inner, "message-id"))
    found.forwarded.append(
        Forwarded(
            sender=senders[0] if plain and len(senders) == 1 else None,
            subject=decode_header(raw_header(inner, "subject"))[:_HEADER_LENGTH],
            message_id=ids[:_HEADER_LENGTH] or None,
        )
    )
    walk(inner, found, depth + 1, inside=True)
