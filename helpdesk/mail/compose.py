"""A letter as bytes: RFC 5322 headers and a UTF-8 body.

Written by hand, because EmailMessage builds fewer than a thousand letters a second. In
return nothing goes into a header that did not pass a check made for it: an address is
one plain ASCII addr-spec, a Message-ID is `<visible ASCII>`, every other text becomes an
encoded-word. So no value can end a line, and none can begin a header.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.calendar import JST
from helpdesk.domain.marks import OWN_HEADER
from helpdesk.errors import HelpdeskError

# A line that holds an encoded-word has at most 76 characters, the word itself 75.
# Source: RFC 2047 section 2.
_LINE = 76
_WORD_FRAME = len("=?utf-8?b??=")
_WORD_BYTES = (75 - _WORD_FRAME) // 4 * 3

# RFC 5322 2.1.1 allows 998 octets a line; a longer id would need a fold inside it.
_LONGEST_ID = 250

# Threads are told by the first and the latest ids (RFC 5322 3.6.4 asks for all); a
# header without end has no reader.
_MOST_REFERENCES = 20

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,}>")
_LETTER_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# What may stand in a quoted-string without an escape (RFC 5322 3.2.4), without "=?".
_PLAIN = re.compile(r"[ -~]*")

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\.[a-z]{2,4}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z-]+(?:; [a-z]+=[A-Za-z0-9-]+)*")

# «All» would hold back reports of non-delivery too, by which a dead address is found.
_ALL_BUT_BOUNCES = "DR, RN, NRN, OOF, AutoReply"

_TEXT = "Content-Type: text/plain; charset=utf-8"
_BASE64 = "Content-Transfer-Encoding: base64"

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class ComposeError(HelpdeskError):
    """A letter cannot be built, because a value has no place in a mail header."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's text: one line of subject, and the body with LF newlines."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file beside the text. Its name is one ASCII word; `kind` is its media type."""

    name: str
    kind: str
    content: bytes


class Sender(Protocol):
    """Who writes: the desk of the rules."""

    @property
    def name(self) -> str:
        """The name that stands before the address."""

    @property
    def address(self) -> str:
        """The address, one plain addr-spec."""


def build_mail(
    rendered: Rendered,
    *,
    letter: str,
    sender: Sender,
    to: str,
    message_id: str,
    date: datetime,
    in_reply_to: str | None,
    references: Sequence[str],
    automatic: bool,
    attachment: Attachment | None = None,
    bounces_wanted: bool = False,
) -> bytes:
    """Return the letter's full source with CRLF.

    `date` is aware. `automatic`: it answers a mail and no person has approved it.
    `bounces_wanted`: nobody wrote to us, so only a bounce tells of a dead address. Ids of
    other people's mails (`in_reply_to`, `references`) that have no place in a header are
    left out.
    Raises ComposeError where an address, our own id or the letter's name is unfit.
    Source: RFC 3834 section 5 for Auto-Submitted; MS-OXCMAIL for X-Auto-Response-Suppress.
    """
    lines = [
        _mailbox("From", sender.name, sender.address),
        f"To: {_address(to)}",
        _text("Subject", rendered.subject),
        _date(date),
        f"Message-ID: {_own_id(message_id)}",
        *_thread(in_reply_to, references),
        f"Auto-Submitted: {'auto-replied' if automatic else 'auto-generated'}",
        f"X-Auto-Response-Suppress: {_ALL_BUT_BOUNCES if bounces_wanted else 'All'}",
        f"{OWN_HEADER}: {_letter_name(letter)}",
        "MIME-Version: 1.0",
    ]
    if attachment is None:
        return _entity([*lines, _TEXT], rendered.body)
    # The id is unique and base64 holds no "_": the boundary occurs nowhere else.
    boundary = f"_{sha256(message_id.encode()).hexdigest()[:32]}"
    lines += [f'Content-Type: multipart/mixed; boundary="{boundary}"', "", ""]
    return b"".join(
        [
            "\r\n".join(lines).encode("ascii"),
            f"--{boundary}\r\n".encode(),
            _entity([_TEXT], rendered.body),
            f"--{boundary}\r\n".encode(),
            _file(attachment),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def _entity(headers: list[str], body: str) -> bytes:
    """Return headers and a text, base64."""
    head = "\r\n".join([*headers, _BASE64, "", ""])
    return head.encode("ascii") + _body(body)


def _file(attachment: Attachment) -> bytes:
    if not _FILE_NAME.fullmatch(attachment.name) or not _MEDIA_TYPE.fullmatch(attachment.kind):
        raise ComposeError("an attachment's name or type has no place in a mail header")
    head = [
        f'Content-Type: {attachment.kind}; name="{attachment.name}"',
        f'Content-Disposition: attachment; filename="{attachment.name}"',
        _BASE64,
        "",
        "",
    ]
    return "\r\n".join(head).encode("ascii") + _folded(attachment.content)


def _address(text: str) -> str:
    if not is_mail_address(text):
        raise ComposeError("a letter's address is not one plain mail address in ASCII")
    return text


def _own_id(text: str) -> str:
    if not _is_id(text):
        raise ComposeError("a letter's Message-ID is not <…> in visible ASCII")
    return text


def _letter_name(text: str) -> str:
    if not _LETTER_NAME.fullmatch(text):
        raise ComposeError("a letter's name is not one word of small letters, digits and _")
    return text


def _is_id(text: str) -> bool:
    return len(text) <= _LONGEST_ID and _MESSAGE_ID.fullmatch(text) is not None


def _thread(in_reply_to: str | None, references: Sequence[str]) -> list[str]:
    lines = []
    answered = [in_reply_to] if in_reply_to and _is_id(in_reply_to) else []
    if answered:
        lines.append(f"In-Reply-To: {answered[0]}")
    # RFC 5322 3.6.4: the mail that is answered stands last.
    ids = list(dict.fromkeys(one for one in references if _is_id(one) and one not in answered))
    ids += answered
    if len(ids) > _MOST_REFERENCES:
        ids = [ids[0], *ids[1 - _MOST_REFERENCES :]]
    if ids:
        lines.append("References: " + "\r\n ".join(ids))
    return lines


def _one_line(header: str, text: str) -> str:
    # An encoded-word would carry a line break to whoever decodes it.
    if _BREAKS.search(text):
        raise ComposeError(f"the {header} of a letter holds a line break or control character")
    return text


@lru_cache(maxsize=16)  # Every letter has the same From.
def _mailbox(header: str, name: str, address: str) -> str:
    name = _one_line(header, name)
    if _PLAIN.fullmatch(name) and "=?" not in name and len(name) <= _WORD_BYTES:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'{header}: "{escaped}"'
    else:
        phrase = f"{header}: {_encoded(name, len(header) + 2)}"
    return f"{phrase}\r\n <{_address(address)}>"


@lru_cache(maxsize=16)  # The letters of one batch have one moment.
def _date(date: datetime) -> str:
    return f"Date: {format_datetime(date.astimezone(JST))}"


def _text(header: str, text: str) -> str:
    text = _one_line(header, text)
    if _PLAIN.fullmatch(text) and "=?" not in text and len(header) + 2 + len(text) <= _LINE:
        return f"{header}: {text}"
    return f"{header}: {_encoded(text, len(header) + 2)}"


def _encoded(text: str, used: int) -> str:
    """Return text as folded encoded-words; `used` characters stand before the first one."""
    first = min(_WORD_BYTES, (_LINE - used - _WORD_FRAME) // 4 * 3)
    words = (f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _pieces(text, first))
    return "\r\n ".join(words)


def _pieces(text: str, room: int) -> Iterable[bytes]:
    """Yield UTF-8 in pieces that fit a word each; no character is split (RFC 2047 section 5)."""
    octets = text.encode("utf-8", "replace")
    start = 0
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # In the middle of a character.
            end -= 1
        yield octets[start:end]
        start, room = end, _WORD_BYTES
    yield octets[start:]


def _body(text: str) -> bytes:
    octets = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    return _folded(octets)


def _folded(octets: bytes) -> bytes:
    return encodebytes(octets).replace(b"\n", b"\r\n")
