"""One MIME part: its type, its name, its bytes and its text, whatever state they are in.

Source: RFC 2045 and 2046, RFC 2183 for the disposition, RFC 3676 for flowed text.
"""

from __future__ import annotations

import binascii
import hashlib
import quopri
import re
from copy import copy
from dataclasses import dataclass
from email.message import Message as Part

from helpdesk.domain.charset import Decoded, decode
from helpdesk.domain.flowed import unflow
from helpdesk.domain.headers import may_name, parse_parameters
from helpdesk.domain.parser import OnePart
from helpdesk.domain.words import b64

# Bytes: real headers are shorter; what is beyond is not looked at.
MAX_HEADER_BYTES = 8_000

# Characters of readable text that are looked at; a request has about 500.
MAX_TEXT = 100_000

# Bytes of a text part that are decoded: UTF-8 has up to three a Japanese character.
_MAX_TEXT_BYTES = 3 * MAX_TEXT

# Bytes in front of an HTML page in which its own charset may be named.
_META_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the letter's text; it is listed and never opened."""

    #: Made safe: no path, no control or bidirectional characters; '' where it has none.
    name: str
    #: Media type as the sender claims it.
    type: str
    #: Bytes after decoding.
    size: int
    sha256: str


def raw_headers(part: Part) -> list[tuple[str, bytes]]:
    """Return the headers of a part in order: name in lower case, value as it came."""
    return [
        (name.lower(), str(value).encode("utf-8", "surrogateescape")[:MAX_HEADER_BYTES])
        for name, value in part.raw_items()
    ]


def raw_header(part: Part, name: str) -> bytes:
    """Return the first header of that name (lower case); empty where there is none."""
    for key, value in part.raw_items():
        if key.lower() == name:
            return str(value).encode("utf-8", "surrogateescape")[:MAX_HEADER_BYTES]
    return b""


def type_of(part: Part) -> str:
    """Return the media type in lower case; text/plain where it is absent or nonsense."""
    return part.get_content_type()


def parts_of(part: Part) -> list[Part]:
    """Return the parts inside a part."""
    if not part.is_multipart():
        return []
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Part)] if isinstance(payload, list) else []


def undecoded(part: Part) -> str:
    """Return a part's text with its transfer encoding, U+FFFD for what is no ASCII; never raises.

    Asked by its name, Python decodes 8-bit text under the part's label, and fails at labels that
    are no charsets, hold NUL or are written as RFC 2231 has it.
    """
    if isinstance(part, OnePart) and part.came.isascii():
        return part.came
    bare = copy(part)  # Taking a header from a copy leaves the part as it was.
    del bare["content-type"]
    payload = bare.get_payload()
    return payload if isinstance(payload, str) else ""


def disposition_and_name(part: Part) -> tuple[str, str]:
    """Return the content disposition and the file name, '' each where absent."""
    disposition, parameters = parse_parameters(raw_header(part, "content-disposition"))
    name = parameters.get("filename")
    if not name and may_name(raw := raw_header(part, "content-type"), b"name"):
        name = parse_parameters(raw)[1].get("name")
    return disposition, name or ""


_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff:*?\"<>|]"
)


def safe_name(name: str) -> str:
    """Return an attachment's name that can be shown and cannot lead anywhere."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE.sub("_", last)[:120].strip(". ")


def listed(name: str, kind: str, octets: bytes) -> Attachment:
    """Return the line of one attachment."""
    return Attachment(safe_name(name), kind, len(octets), hashlib.sha256(octets).hexdigest())


def octets_of(part: Part) -> bytes:
    """Return the decoded bytes of a part; broken encodings give what can be had."""
    encoding = raw_header(part, "content-transfer-encoding").strip().lower()
    encoding = encoding.partition(b";")[0].strip().strip(b"\"'")
    if encoding == b"base64":
        return b64(undecoded(part).encode("ascii", "replace"))
    if isinstance(part, OnePart) and encoding in (b"", b"7bit", b"8bit"):
        return part.came.encode("ascii", "surrogateescape")
    try:
        # Asked for decoded bytes: the undecoded text has lost what its label denies.
        octets = part.get_payload(decode=True)
        if not isinstance(octets, bytes):
            return b""
        return quopri.decodestring(octets) if encoding in (b"quopri", b"qp") else octets
    except (ValueError, binascii.Error):
        return b""


_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]{1,40})", re.IGNORECASE
)


def text_of(part: Part) -> tuple[str, Decoded, str]:
    """Return a text part with LF line ends, how it was decoded, and its label."""
    kind, parameters = parse_parameters(raw_header(part, "content-type"))
    octets = octets_of(part)[:_MAX_TEXT_BYTES]
    label = parameters.get("charset", "")
    if not label and kind == "text/html" and (found := _META.search(octets[:_META_BYTES])):
        label = found[1].decode("ascii")
    decoded = decode(octets, label)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=parameters.get("delsp", "").lower() == "yes")
    return text, decoded, label
