"""Delivery status notifications: whom a letter did not reach, and which letter.

Source: RFC 3464 2.3 (per-recipient fields), RFC 3463 (status codes), RFC 6522.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message as Part

# Parts of a report that are looked at; a real one has three.
_MAX_PARTS = 20

_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A letter that did not arrive."""

    #: The address that failed, as the report gives it.
    address: str | None
    #: True for 5.x.x, False for 4.x.x (still tried), None where the report does not say.
    permanent: bool | None
    #: Message-ID of the letter, '<...>'.
    original_message_id: str | None


def read_delivery_status(part: Part) -> Bounce | None:
    """Return what a multipart/report says, or None where it reports something else."""
    address = permanent = original = None
    seen_status = False
    for inner in list(part.walk())[:_MAX_PARTS]:
        kind = inner.get_content_type()
        if kind == "message/delivery-status":
            seen_status = True
            found, state = _per_recipient(inner)
            address, permanent = address or found, state if permanent is None else permanent
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            original = original or _original_id(inner)
    return Bounce(address, permanent, original) if seen_status else None


def _per_recipient(part: Part) -> tuple[str | None, bool | None]:
    address = permanent = None
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    for block in (one for one in blocks if isinstance(one, Part)):
        recipient = block.get("Final-Recipient") or block.get("Original-Recipient")
        if recipient and address is None:
            address = str(recipient).rpartition(";")[2].strip().strip("<>")[:254] or None
        action = str(block.get("Action") or "").strip().lower()
        status = str(block.get("Status") or "").strip()
        if status[:1] in ("4", "5"):
            permanent = status[0] == "5"
        elif action in ("failed", "delayed"):
            permanent = action == "failed"
    return address, permanent


def _original_id(part: Part) -> str | None:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Part):
        found = payload[0].get("Message-ID")
        return str(found).strip() if found else None
    match = _ID.search(payload[:64_000]) if isinstance(payload, str) else None
    return match.group(1) if match else None
