"""From a rendered letter to the bytes of a mail.

Built by hand and not with EmailMessage, which takes a millisecond a letter; in return
every value that reaches a header is checked here, and a test reads the result with the
standard library. Source: RFC 5322, 2047, 2045 (base64), 3834 section 5, 6854.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from helpdesk.domain.calendar import JST
from helpdesk.domain.marks import OWN_HEADER
from helpdesk.errors import HelpdeskError
from helpdesk.mail.letters import Rendered

# RFC 5321 4.5.3.1: local part 64, domain 255 octets. Dots anywhere in the local part
# are accepted, because carriers gave such addresses out.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")
_NAME = re.compile(r"[a-z_]{1,40}")

# An encoded word has at most 75 characters (RFC 2047 section 2): 12 of them are
# `=?utf-8?B?` and `?=`, the other 60 hold 45 bytes in base64.
_BYTES_IN_WORD = 45

_MAX_ADDRESS_LENGTH = 254


class ComposeError(HelpdeskError):
    """A mail cannot be built from these values."""


def is_mailable(address: str) -> bool:
    """Say whether a letter can be sent to an address: one plain ASCII addr-spec."""
    return len(address) <= _MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) is not None


def build_mail(
    rendered: Rendered,
    *,
    letter: str,
    sender_name: str,
    sender_address: str,
    to: str,
    message_id: str,
    date: datetime,
    in_reply_to: str | None,
    references: Sequence[str],
    automatic: bool,
) -> bytes:
    """Return the mail with CRLF, UTF-8 and base64. Raises ComposeError.

    `automatic` False: a person approved it; machines still must not answer it.
    """
    for address in (sender_address, to):
        if not is_mailable(address):
            raise ComposeError("an address of a letter is no plain mail address")
    if not _MESSAGE_ID.fullmatch(message_id) or not _NAME.fullmatch(letter):
        raise ComposeError("the Message-ID or the name of a letter is not usable")
    thread = [one for one in references if _MESSAGE_ID.fullmatch(one)]
    headers = [
        f"From: {_phrase(sender_name, len('From: '))} <{sender_address}>",
        f"To: {to}",
        f"Subject: {_encoded(rendered.subject, len('Subject: '))}",
        f"Date: {format_datetime(date.astimezone(JST))}",
        f"Message-ID: {message_id}",
    ]
    if in_reply_to and _MESSAGE_ID.fullmatch(in_reply_to):
        headers.append(f"In-Reply-To: {in_reply_to}")
    if thread:
        headers.append("References: " + "\r\n ".join(thread))
    headers += [
        f"Auto-Submitted: {'auto-replied' if automatic else 'auto-generated'}",
        "X-Auto-Response-Suppress: All",
        f"{OWN_HEADER}: {letter}",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    ]
    body = rendered.body.replace("\n", "\r\n").encode()
    encoded = base64.encodebytes(body).replace(b"\n", b"\r\n")
    return "\r\n".join(headers).encode("ascii") + b"\r\n\r\n" + encoded


def _encoded(text: str, used: int) -> str:
    """Return text as encoded words that never split a character (RFC 2047 5 (3))."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ComposeError("a header of a letter holds control characters")
    if text.isascii() and len(text) + used <= 76 and "=?" not in text:
        return text
    return "\r\n ".join(_words(text, used))


def _words(text: str, used: int) -> list[str]:
    return [f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in _cut(text, used)]


def _cut(text: str, used: int) -> list[bytes]:
    # The first line also holds the header's name.
    room = _BYTES_IN_WORD - (used * 3 + 3) // 4
    pieces, piece = [], b""
    for char in text:
        octets = char.encode("utf-8", "replace")
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", _BYTES_IN_WORD
        piece += octets
    return [*pieces, piece]


def _phrase(text: str, used: int) -> str:
    """Return a display name; one with specials is written as encoded words too."""
    if re.fullmatch(r"[A-Za-z0-9 '_-]+", text):
        return _encoded(text, used)
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ComposeError("a header of a letter holds control characters")
    return "\r\n ".join(_words(text, used))
