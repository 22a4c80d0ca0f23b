"""One mail as people meant it: bytes in, a `Message` out, always.

Limits on bytes stand before the parser, so that nothing in a mail can cost more than
its size. Source: RFC 5322 and 2045.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as Part

from helpdesk.domain.bounce import Bounce, read_bounce
from helpdesk.domain.entity import Attachment, parts_of, raw_headers, type_of
from helpdesk.domain.headers import (
    Address,
    clean,
    decode_header,
    parse_addresses,
    parse_date,
    parse_ids,
    parse_parameters,
)
from helpdesk.domain.labels import ANY_LABEL
from helpdesk.domain.parser import parse_mail
from helpdesk.domain.quoting import OWN, QUOTED, SIGNATURE, Segment, split_body, unquoted
from helpdesk.domain.structure import MAX_PARTS, Decoding, Forwarded, Found, walk

__all__ = ["Address", "Attachment", "Bounce", "Decoding", "Forwarded", "Message", "read_message"]

# Bytes: the largest mail that is fetched; what is beyond is not looked at.
MAX_MAIL_BYTES = 30_000_000

# Bytes: real header blocks have 2 to 15 kB; parsing grows with the square beyond.
MAX_HEADERS_BYTES = 64_000

# Header fields of one mail; a mail that went around the world has a hundred.
MAX_HEADERS = 1_000

# Mails inside mails: each costs the parser a level of recursion.
_MAX_FORWARDS = 30

# Lines that could be boundaries: more than any bounded number of parts can have.
_MAX_DASHED_LINES = 5_000


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
    #: Media types of the parts side by side in the mail, in order.
    part_types: tuple[str, ...] = ()
    #: The whole readable text, LF.
    body: str = ""
    #: The body cut into what the person wrote, what was quoted, and the signature.
    segments: tuple[Segment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    #: Mails inside this one, outermost first; their text is in `quoted`.
    forwarded: tuple[Forwarded, ...] = ()
    #: How each text part was decoded, in order.
    decodings: tuple[Decoding, ...] = ()
    #: `smime` or `pgp`: something in it is encrypted and was not read.
    encrypted: str | None = None
    #: A signature is there; it was not verified.
    signed: bool = False
    #: Method of a calendar part (`request`, `reply`, …); None where there is none.
    invitation: str | None = None
    bounce: Bounce | None = None
    #: What was found wrong on the way, in order.
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def has_header(self, names: Set[str]) -> bool:
        """Say whether there is a header of any of these names (lower case)."""
        return any(True for key, _ in self.headers if key in names)

    def all_headers(self, name: str) -> list[str]:
        """Return every header of that name (lower case), topmost first."""
        return [value for key, value in self.headers if key == name]

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
        """What was quoted or forwarded, without the marks before its lines."""
        return "\n".join(unquoted(line) for line in self._of(QUOTED).split("\n"))

    @property
    def aside(self) -> str:
        """What stands beside the text, marks included: quotations and the signature."""
        return f"{self._of(QUOTED)}\n{self._of(SIGNATURE)}"

    @property
    def signature(self) -> str:
        """The signature."""
        return self._of(SIGNATURE)


def read_message(raw: bytes) -> Message:
    """Return the decoded content of one mail; never raises on bad mail.

    `raw` is the full RFC 5322 source, CRLF or LF. Faults found on the way are listed
    in `Message.defects`, in order. Where the parts cannot be read, the headers still
    are: they say whether a machine wrote.
    """
    found = Found()
    try:
        source = bounded(raw, found)
        return _build(parse_mail(source), found)
    except Exception as error:  # noqa: BLE001 - a mail is never an exception
        return _without_parts(raw, type(error).__name__)


def _without_parts(raw: bytes, reason: str) -> Message:
    found = Found(defects=[f"parts unreadable: {reason}"])
    try:
        return _build(parse_mail(_as_one(bounded(raw, Found()))), found)
    except Exception as error:  # noqa: BLE001 - the last resort
        return Message(defects=(f"unreadable: {type(error).__name__}",))


_MARKS_BEFORE = re.compile(rb"\A(?:\xef\xbb\xbf)?[\r\n]{0,20}(?=[!-9;-~]{1,80}:)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")


def _header_end(raw: bytes) -> tuple[int, int]:
    """Return where the headers end, and where the body begins."""
    found = _EMPTY_LINE.search(raw)  # Begins with what has to be there: found at once.
    if found is None:
        return len(raw), len(raw)
    start = found.start()
    return start - (raw[max(start - 1, 0) : start] == b"\r"), found.end()


def bounded(raw: bytes, found: Found) -> bytes:
    """Return a source that the parser can read in time: cut, or declared to be one part."""
    if len(raw) > MAX_MAIL_BYTES:
        found.defect("larger than the limit; cut off")
        raw = raw[:MAX_MAIL_BYTES]
    if b"\n" not in raw and b"\r" in raw:  # Saved by a Macintosh of the last century.
        raw = raw.replace(b"\r", b"\n")
    if raw.startswith(b"From ") and b"\n" in raw[:1000]:  # An mbox separator.
        raw = raw[raw.index(b"\n") + 1 :]
    raw = _MARKS_BEFORE.sub(b"", raw, count=1)
    cut, begin = _header_end(raw)
    if cut > MAX_HEADERS_BYTES or raw.count(b"\n", 0, cut) > 4 * MAX_HEADERS:
        found.defect("headers larger than the limit; cut off")
        head = raw[: min(cut, MAX_HEADERS_BYTES)].rpartition(b"\n")[0]
        raw = head + b"\r\n\r\n" + raw[begin:]
    if (
        raw.count(b"oundary=") > MAX_PARTS
        or raw.count(b"\n--") > _MAX_DASHED_LINES
        or raw.lower().count(b"message/") > _MAX_FORWARDS
    ):
        found.defect("too many parts; read as one")
        raw = _as_one(raw)
    return raw


_CONTENT_TYPE = re.compile(rb"^content-type(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)


def _as_one(raw: bytes) -> bytes:
    """Return a mail whose body is plain text, whatever its headers say."""
    cut, _ = _header_end(raw)
    return _CONTENT_TYPE.sub(b"X-Content-Type", raw[:cut]) + raw[cut:]


def _build(part: Part, found: Found) -> Message:
    headers = raw_headers(part)[:MAX_HEADERS]
    by_name: dict[str, list[bytes]] = {}
    for name, value in headers:
        by_name.setdefault(name, []).append(value)
    content_type, parameters = parse_parameters(_first(by_name, "content-type") or b"text/plain")
    decoded = tuple([(name, decode_header(value)) for name, value in headers])
    texts = dict(reversed(decoded))
    walk(part, found)
    body, inside_from = _body(found)
    senders = by_name.get("from", [])
    from_one, plain = parse_addresses(senders[0]) if len(senders) == 1 else ((), False)
    ids = parse_ids(_first(by_name, "message-id") or b"")
    return_path = by_name.get("return-path")
    return Message(
        message_id=ids[0] if ids else None,
        subject=texts.get("subject", ""),
        sender=from_one[0] if plain and len(from_one) == 1 else None,
        reply_to=_addresses(by_name, "reply-to"),
        to=_addresses(by_name, "to"),
        cc=_addresses(by_name, "cc"),
        return_path=_return_path(return_path[0]) if return_path else None,
        in_reply_to=parse_ids(_first(by_name, "in-reply-to") or b""),
        references=parse_ids(_first(by_name, "references") or b""),
        date=parse_date(_first(by_name, "date") or b"") if "date" in by_name else None,
        headers=decoded,
        content_type=content_type,
        parameters=parameters,
        part_types=tuple(type_of(one) for one in parts_of(part)[:MAX_PARTS]),
        body=body,
        segments=tuple(_segments(body, inside_from)),
        attachments=tuple(found.attachments),
        forwarded=tuple(found.forwarded),
        decodings=tuple(found.decodings),
        encrypted=found.encrypted,
        signed=found.signed,
        invitation=found.invitation,
        bounce=read_bounce(part, by_name, texts, body),
        defects=tuple(found.defects),
    )


def _first(by_name: dict[str, list[bytes]], name: str) -> bytes | None:
    values = by_name.get(name)
    return values[0] if values else None


def _addresses(by_name: dict[str, list[bytes]], name: str) -> tuple[Address, ...]:
    return tuple(one for value in by_name.get(name, ()) for one in parse_addresses(value)[0])


def _return_path(value: bytes) -> str:
    return clean(value.decode("ascii", "replace")).strip().strip("<>").strip()


def _body(found: Found) -> tuple[str, int]:
    """Return the whole text, and where in it the mails inside the mail begin."""
    written = "\n\n".join(text.strip("\n") for text, inside in found.texts if not inside)
    inner = "\n\n".join(text.strip("\n") for text, inside in found.texts if inside)
    if not inner:
        return written, len(written)
    start = len(written) + 2 if written else 0
    return (f"{written}\n\n{inner}" if written else inner), start


def _segments(body: str, inside_from: int) -> list[Segment]:
    if inside_from >= len(body):
        return split_body(body, ANY_LABEL)
    segments = split_body(body[:inside_from], ANY_LABEL) if inside_from else []
    return [*segments, Segment(inside_from, len(body), QUOTED)]
