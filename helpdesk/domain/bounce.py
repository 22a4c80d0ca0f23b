"""Letters that came back: whom one did not reach, for good or not, and which letter.

Asked in order: the machine-readable report (RFC 3464), the formats that flufl.bounce
knows, and then the words that Japanese carriers and old servers use.
Source: RFC 3464 2.3 (per-recipient fields), RFC 3463 (status codes), RFC 6522.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Part

from flufl.bounce import all_failures

from helpdesk.domain.bounce_words import is_bounce_like, read_words
from helpdesk.domain.entity import parts_of, raw_header, type_of, undecoded

# Parts of a report that are looked at; a real one has three.
_MAX_PARTS = 20

# Recipients of one letter in a report; ours have one.
_MAX_RECIPIENTS = 20

# Characters of a bounce's text that are searched; what follows is the letter itself.
_MAX_TEXT = 50_000

_ID = re.compile(r"^[ \t>]{0,8}message-id:[ \t]*\n?[ \t]*(<[^<>\s]{1,900}>)", re.I | re.M)
_ADDRESS = re.compile(r"[^\s<>@\"';:,]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A letter that did not arrive."""

    #: The address that failed, as the report gives it.
    address: str | None
    #: True for 5.x.x, False for 4.x.x (still tried), None where the report does not say.
    permanent: bool | None
    #: Message-ID of the letter, '<...>'.
    original_message_id: str | None


def read_bounce(
    part: Part, headers: Mapping[str, list[bytes]], texts: Mapping[str, str], body: str
) -> Bounce | None:
    """Return what came back, or None where a mail is no bounce.

    `part` is the whole mail, `headers` its headers by name in lower case, `texts` the
    first of each decoded, `body` its readable text. A report of success (`delivered`)
    is no bounce.
    """
    inner = parts_of(part)[:_MAX_PARTS]
    reports = [one for one in inner if type_of(one) in _REPORTS]
    if reports:
        return _from_reports(reports, inner, body)
    text = body[:_MAX_TEXT]
    if not is_bounce_like(headers, texts, text):
        return None
    original = _original(inner, text)
    found = _by_flufl(part, len(body)) or read_words(headers, text)
    return Bounce(found[0], found[1], original)


_REPORTS = ("message/delivery-status", "message/global-delivery-status")


def _from_reports(reports: list[Part], inner: list[Part], body: str) -> Bounce | None:
    address: str | None = None
    permanent: bool | None = None
    actions: list[str] = []
    for report in reports:
        for block in (parts_of(report) or [report])[:_MAX_RECIPIENTS]:
            recipient, state, action = _recipient(block)
            if action in _SUCCESS:
                actions.append(action)
                continue
            if recipient or action:
                actions.append(action)
            address, permanent = address or recipient, state if permanent is None else permanent
    if actions and all(action in _SUCCESS for action in actions):
        return None
    return Bounce(address, permanent, _original(inner, body[:_MAX_TEXT]))


_SUCCESS = ("delivered", "relayed", "expanded")


def _recipient(block: Part) -> tuple[str | None, bool | None, str]:
    """Return address, whether it failed for good, and the action, of one recipient."""
    recipient = raw_header(block, "final-recipient") or raw_header(block, "original-recipient")
    found = _ADDRESS.search(recipient.decode("utf-8", "replace").rpartition(";")[2])
    action = raw_header(block, "action").decode("ascii", "replace").strip().lower()
    action = re.split(r"[\s;(]", action, maxsplit=1)[0]
    status = raw_header(block, "status").strip()[:1]
    permanent = None
    if status in (b"4", b"5"):
        permanent = status == b"5"
    elif action in ("failed", "delayed"):
        permanent = action == "failed"
    return (found.group().strip("<>.") if found else None), permanent, action


def _original(inner: list[Part], text: str) -> str | None:
    """Return the Message-ID of the letter that came back."""
    for one in inner:
        if type_of(one) in ("message/rfc822", "message/global"):
            letter = parts_of(one)
            if letter and (found := _id_of(raw_header(letter[0], "message-id"))):
                return found
        if type_of(one) in _HEADERS_ONLY and (found := _id_in(_payload(one))):
            return found
    # Old servers put the letter, or its headers, below their own words.
    return _id_in(text) or next((id_ for one in inner if (id_ := _id_in(_payload(one)))), None)


_HEADERS_ONLY = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")


def _payload(part: Part) -> str:
    inner = parts_of(part)
    if inner and type_of(part).startswith("message/"):  # Parsed as a mail: its headers.
        return f"Message-ID: {raw_header(inner[0], 'message-id').decode('ascii', 'replace')}"
    return undecoded(part)[:_MAX_TEXT]


def _id_in(text: str) -> str | None:
    found = _ID.search(text.replace("\r\n", "\n"))
    return found[1] if found else None


def _id_of(value: bytes) -> str | None:
    return _id_in(f"message-id: {value.decode('ascii', 'replace').strip()}")


def _by_flufl(part: Part, length: int) -> tuple[str | None, bool | None] | None:
    """Return address and permanence as flufl.bounce reads them, or None."""
    if length > _MAX_TEXT:
        return None
    try:
        temporary, permanent = all_failures(part)
    except Exception:  # noqa: BLE001 - its detectors trust the mail; the next reader does not
        return None
    for failed, for_good in ((permanent, True), (temporary, False)):
        for address in sorted(failed):
            text = address.decode("utf-8", "replace")
            if _ADDRESS.fullmatch(text):
                return text, for_good
    return None
