"""One mail as people meant it: bytes in, a `Message` out, always.

Source: RFC 5322 and 2045 for structure, 3464 for delivery status notifications.
"""

from __future__ import annotations

import binascii
import hashlib
import quopri
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import Message as Part
from email.parser import BytesParser

from helpdesk.domain.bounce import Bounce, read_delivery_status
from helpdesk.domain.charset import decode
from helpdesk.domain.headers import (
    Address,
    b64,
    clean,
    decode_header,
    parse_addresses,
    parse_date,
    parse_ids,
    parse_parameters,
)
from helpdesk.domain.html import html_to_text
from helpdesk.domain.labels import ANY_LABEL
from helpdesk.domain.quoting import OWN, QUOTED, SIGNATURE, Segment, split_body

__all__ = ["Address", "Attachment", "Bounce", "Message", "read_message"]

# Bytes: the largest mail that is fetched; what is beyond is not looked at.
MAX_MAIL_BYTES = 30_000_000

# Bytes: real header blocks have 2 to 15 kB; parsing grows with the square beyond.
MAX_HEADERS_BYTES = 64_000
MAX_HEADER_BYTES = 8_000

# Parts and levels: more are an attack on the parser, not a letter.
MAX_PARTS = 100
MAX_DEPTH = 20

# Characters of readable text that are looked at; a request has about 500.
MAX_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the letter's text; it is listed and never opened."""

    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Message:
    """One decoded mail. Everything in it was written by the sender: claims, not facts."""

    message_id: str | None = None
    subject: str = ""
    #: Set only where From is exactly one plain mailbox. Shown to people, and letters go
    #: there; identity is decided from evidence, because this header can be forged.
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    #: '' is the null return path of machines, None an absent header.
    return_path: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    #: Name in lower case and value, in order; one line each, no control characters.
    headers: tuple[tuple[str, str], ...] = ()
    #: Media type of the whole mail, with its parameters.
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    #: The whole readable text, LF.
    body: str = ""
    #: The body cut into what the person wrote, what was quoted, and the signature.
    segments: tuple[Segment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None
    #: What was found wrong on the way, in order.
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)

    def _of(self, kind: str) -> str:
        return "\n".join(
            self.body[one.start : one.end].strip("\n") for one in self.segments if one.kind == kind
        )

    @property
    def text(self) -> str:
        """What the person wrote."""
        return self._of(OWN)

    @property
    def quoted(self) -> str:
        """What was quoted or forwarded."""
        return self._of(QUOTED)

    @property
    def signature(self) -> str:
        """The signature."""
        return self._of(SIGNATURE)


@dataclass(slots=True)
class _Found:
    """What walking through the parts has brought together so far."""

    texts: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    parts: int = 0
    length: int = 0


_PARSER = BytesParser(policy=policy.compat32)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


def read_message(raw: bytes) -> Message:
    """Return the decoded content of one mail; never raises on bad mail.

    `raw` is the full RFC 5322 source, CRLF or LF. Faults found on the way are listed
    in `Message.defects`, in order.
    """
    found = _Found()
    try:
        part = _parse(raw, found)
        return _build(part, found)
    except RecursionError:
        return Message(body="", defects=(*found.defects, "nested too deeply"))
    except Exception as error:  # noqa: BLE001 - a mail is never an exception
        return Message(body="", defects=(*found.defects, f"unreadable: {type(error).__name__}"))


def _parse(raw: bytes, found: _Found) -> Part:
    if len(raw) > MAX_MAIL_BYTES:
        found.defects.append("larger than the limit; cut off")
        raw = raw[:MAX_MAIL_BYTES]
    if raw.startswith(b"From ") and b"\n" in raw[:1000]:  # An mbox separator.
        raw = raw[raw.index(b"\n") + 1 :]
    end = _HEADER_END.search(raw)
    cut = end.start() if end else len(raw)
    if cut > MAX_HEADERS_BYTES:
        found.defects.append("headers larger than the limit; cut off")
        head = raw[:MAX_HEADERS_BYTES].rpartition(b"\n")[0]
        raw = head + b"\r\n\r\n" + (raw[end.end() :] if end else b"")
    if raw.count(b"oundary=") > MAX_PARTS or raw.count(b"\n--") > 50 * MAX_PARTS:
        found.defects.append("too many parts; read as one")
        head = raw[: min(cut, MAX_HEADERS_BYTES)]
        head = re.sub(rb"(?im)^content-type:", b"X-Content-Type:", head)
        raw = head + b"\r\n\r\n" + raw[cut:]
    return _PARSER.parsebytes(raw)


def _raw_headers(part: Part) -> list[tuple[str, bytes]]:
    pairs = []
    for name, value in part.raw_items():
        octets = str(value).encode("utf-8", "surrogateescape")
        pairs.append((name.lower(), octets[:MAX_HEADER_BYTES]))
    return pairs


def _build(part: Part, found: _Found) -> Message:
    raw_headers = _raw_headers(part)
    by_name: dict[str, list[bytes]] = {}
    for name, value in raw_headers:
        by_name.setdefault(name, []).append(value)
    content_type, parameters = parse_parameters(_first(by_name, "content-type") or b"text/plain")
    bounce = read_delivery_status(part) if content_type == "multipart/report" else None
    _walk(part, found, 0)
    body = _body(found)
    from_headers = by_name.get("from", [])
    senders, plain = parse_addresses(from_headers[0]) if len(from_headers) == 1 else ((), False)
    ids = parse_ids(_first(by_name, "message-id") or b"")
    return_path = by_name.get("return-path")
    return Message(
        message_id=ids[0] if ids else None,
        subject=decode_header(_first(by_name, "subject") or b""),
        sender=senders[0] if plain and len(senders) == 1 else None,
        reply_to=_addresses(by_name, "reply-to"),
        to=_addresses(by_name, "to"),
        cc=_addresses(by_name, "cc"),
        return_path=_return_path(return_path[0]) if return_path else None,
        in_reply_to=parse_ids(_first(by_name, "in-reply-to") or b""),
        references=parse_ids(_first(by_name, "references") or b""),
        date=parse_date(_first(by_name, "date") or b"") if "date" in by_name else None,
        headers=tuple((name, decode_header(value)) for name, value in raw_headers),
        content_type=content_type,
        parameters=parameters,
        body=body,
        segments=tuple(_with_html_quotes(body, found)),
        attachments=tuple(found.attachments),
        bounce=bounce,
        defects=tuple(found.defects),
    )


def _first(by_name: dict[str, list[bytes]], name: str) -> bytes | None:
    values = by_name.get(name)
    return values[0] if values else None


def _addresses(by_name: dict[str, list[bytes]], name: str) -> tuple[Address, ...]:
    return tuple(one for value in by_name.get(name, ()) for one in parse_addresses(value)[0])


def _return_path(value: bytes) -> str:
    return clean(value.decode("ascii", "replace")).strip().strip("<>").strip()


def _body(found: _Found) -> str:
    """Return the whole text: what was written first, what HTML marked as quoted last."""
    written = "\n\n".join(text.strip("\n") for text in found.texts if text.strip())
    quoted = "\n\n".join(text.strip("\n") for text in found.quoted if text.strip())
    found.quoted = [quoted] if quoted else []
    return (f"{written}\n\n{quoted}" if quoted else written)[:MAX_TEXT]


def _with_html_quotes(body: str, found: _Found) -> list[Segment]:
    if not found.quoted:
        return split_body(body, ANY_LABEL)
    start = max(0, len(body) - len(found.quoted[0]))
    segments = split_body(body[:start], ANY_LABEL) if start else []
    return [*segments, Segment(start, len(body), QUOTED)]


def _walk(part: Part, found: _Found, depth: int) -> None:
    found.parts += 1
    if found.parts > MAX_PARTS or depth > MAX_DEPTH:
        if "too many parts" not in found.defects:
            found.defects.append("too many parts")
        return
    kind = _type_of(part)
    if kind == "multipart/alternative" and part.is_multipart():
        _walk_alternative(part, found, depth)
    elif part.is_multipart():
        for inner in _parts_of(part):
            if kind.startswith("message/"):
                _forwarded(inner, found, depth)
            else:
                _walk(inner, found, depth + 1)
    else:
        _leaf(part, kind, found)


def _parts_of(part: Part) -> list[Part]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Part)] if isinstance(payload, list) else []


def _type_of(part: Part) -> str:
    return str(part.get_content_type()).lower()


def _walk_alternative(part: Part, found: _Found, depth: int) -> None:
    """Read one of several versions: plain text where it says something, else the last."""
    inner = _parts_of(part)[:MAX_PARTS]
    plain = [one for one in inner if _type_of(one) == "text/plain" and not one.is_multipart()]
    if any(_text_of(one).strip() for one in plain):
        chosen = plain
    else:
        chosen = [one for one in inner if one not in plain] or plain
    for one in chosen:
        _walk(one, found, depth + 1)
    for one in inner:  # An invitation or a picture among the versions is worth a line.
        if one not in chosen and not _type_of(one).startswith(("text/", "multipart/")):
            _leaf(one, _type_of(one), found)


def _forwarded(inner: Part, found: _Found, depth: int) -> None:
    """Read a mail inside the mail; its text counts as quoted."""
    if depth >= MAX_DEPTH:
        return
    inside = _Found(parts=found.parts)
    _walk(inner, inside, depth + 1)
    found.parts = inside.parts
    found.defects += inside.defects
    found.attachments += inside.attachments
    found.quoted += [*inside.texts, *inside.quoted]


def _leaf(part: Part, kind: str, found: _Found) -> None:
    disposition, name = _disposition(part)
    is_text = kind in ("text/plain", "text/html") and disposition != "attachment" and not name
    if not is_text or found.length > MAX_TEXT:
        octets = _octets(part)
        found.attachments.append(
            Attachment(
                name=_safe_name(name),
                type=kind,
                size=len(octets),
                sha256=hashlib.sha256(octets).hexdigest(),
            )
        )
        return
    text = _text_of(part, found)
    if kind == "text/html":
        text, quoted = html_to_text(text)
        if quoted:
            found.quoted.append(quoted)
    found.length += len(text)
    found.texts.append(text)


def _disposition(part: Part) -> tuple[str, str]:
    disposition, parameters = parse_parameters(_raw(part, "content-disposition"))
    _, type_parameters = parse_parameters(_raw(part, "content-type"))
    return disposition, parameters.get("filename") or type_parameters.get("name") or ""


def _raw(part: Part, name: str) -> bytes:
    for key, value in part.raw_items():
        if key.lower() == name:
            return str(value).encode("utf-8", "surrogateescape")[:MAX_HEADER_BYTES]
    return b""


def _safe_name(name: str) -> str:
    """Return an attachment's name that can be shown and cannot lead anywhere."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f:*?\"<>|]", "_", last)[:120].strip(". ")


def _octets(part: Part) -> bytes:
    """Return the decoded bytes of a part; broken encodings give what can be had."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return b""
    octets = payload.encode("utf-8", "surrogateescape")
    encoding = _raw(part, "content-transfer-encoding").decode("ascii", "replace").strip().lower()
    try:
        if encoding == "base64":
            return b64(octets)
        if encoding == "quoted-printable":
            return quopri.decodestring(octets)
        if encoding in ("x-uuencode", "uuencode", "x-uue"):
            decoded = part.get_payload(decode=True)
            return decoded if isinstance(decoded, bytes) else octets
    except (ValueError, binascii.Error):
        return octets
    return octets


def _text_of(part: Part, found: _Found | None = None) -> str:
    _, parameters = parse_parameters(_raw(part, "content-type"))
    decoded = decode(_octets(part)[: MAX_TEXT * 4], parameters.get("charset"))
    if found is not None and not decoded.exact:
        found.defects.append(f"charset read as {decoded.charset}")
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if parameters.get("format", "").lower() == "flowed":
        text = _unflowed(text, parameters.get("delsp", "").lower() == "yes")
    return text


def _unflowed(text: str, delsp: bool) -> str:
    """Join the soft breaks of RFC 3676; quoted lines and `-- ` stay as they are."""
    out: list[str] = []
    joining = False
    for line in text.split("\n"):
        if joining and not line.startswith(">"):
            out[-1] += line
        else:
            out.append(line)
        soft = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if soft and delsp:
            out[-1] = out[-1][:-1]
        joining = soft
    return "\n".join(out)
