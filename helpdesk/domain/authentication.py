"""What our own mail server found out about the sender: SPF, DKIM, DMARC.

Only the topmost Authentication-Results with the configured authserv-id is believed:
everything below it came with the mail, and anybody can write it (RFC 8601 section 5).
The verdict is evidence, never proof of who a person is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.domain.message import Message

# Results in one header; a real one has three to six.
_MAX_RESULTS = 20


@dataclass(frozen=True, slots=True)
class Authentication:
    """The verdict of the configured server. None where it says nothing of a method."""

    #: pass | fail | softfail | neutral | none | temperror | permerror | policy
    spf: str | None
    dkim: str | None
    dmarc: str | None
    #: A method passed for the domain in From, or one that it belongs to.
    aligned: bool


_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(header\.d|header\.i|header\.from|smtp\.mailfrom|smtp\.mail|smtp\.helo)\s*=\s*\"?([^\s;\"]{1,300})",
    re.IGNORECASE,
)


def read_authentication(message: Message, authserv_id: str | None) -> Authentication | None:
    """Return what the server `authserv_id` wrote on top; None where it wrote nothing.

    None also where no server is configured, or another one's header stands on top.
    """
    if not authserv_id:
        return None
    header = message.header("authentication-results")
    if header is None:
        return None
    server, _, rest = _without_comments(header).partition(";")
    if server.strip().split(" ", 1)[0].strip('"').lower() != authserv_id.lower():
        return None
    return _verdict(rest, message.sender.address if message.sender else "")


def _without_comments(text: str) -> str:
    for _ in range(3):  # Comments may hold comments; deeper ones are nonsense.
        text = _COMMENT.sub(" ", text)
    return text


def _verdict(results: str, sender: str) -> Authentication:
    found: dict[str, str] = {}
    aligned = False
    domain = sender.rpartition("@")[2].lower()
    for piece in results.split(";")[:_MAX_RESULTS]:
        one = _RESULT.match(piece)
        if one is None:
            continue
        method, result = one[1].lower(), one[2].lower()
        # Several signatures: one that passes is enough.
        if found.get(method) != "pass":
            found[method] = result
        aligned = aligned or (result == "pass" and _is_aligned(method, piece, domain))
    return Authentication(found.get("spf"), found.get("dkim"), found.get("dmarc"), aligned)


_ALIGNING = {
    "spf": ("smtp.mailfrom", "smtp.mail"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}


def _is_aligned(method: str, piece: str, domain: str) -> bool:
    wanted = _ALIGNING.get(method, ())
    for name, value in _PROPERTY.findall(piece):
        other = value.rpartition("@")[2].lower().rstrip(".")
        if name.lower() in wanted and domain and _belongs(domain, other):
            return True
    return False


def _belongs(domain: str, other: str) -> bool:
    """Say whether one domain is the other or lies below it; `jp` alone owns nothing."""
    if "." not in other or other in _PUBLIC:
        return False
    return domain == other or domain.endswith(f".{other}")


# Below these anybody can register a name (the ones that hospitals have, JPRS).
_PUBLIC = frozenset("co.jp or.jp ne.jp ac.jp ad.jp ed.jp go.jp gr.jp lg.jp".split())
