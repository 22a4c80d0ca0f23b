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

    @property
    def is_doubted(self) -> bool:
        """Say whether the server looked at the mail and found nothing that vouches for it."""
        said = (self.spf, self.dkim, self.dmarc)
        return not self.aligned and any(one not in (None, "none") for one in said)


# Characters of one header; a real one has some hundred.
_LONGEST = 8_000

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
    server, *rest = _pieces(header)
    if server.strip().split(" ", 1)[0].strip('"').lower() != authserv_id.lower():
        return None
    return _verdict(rest, message.sender.address if message.sender else "")


def _pieces(header: str) -> list[str]:
    """Cut a header at its semicolons (RFC 8601 2.2), comments and quoted words left out.

    The local part of an envelope address is its sender's to choose: a quoted one may hold
    semicolons, brackets and whole results, of which nothing is to be seen here.
    """
    pieces, depth, quoted, escaped = [""], 0, False, False
    for char in header[:_LONGEST]:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not depth:
            quoted = True
            pieces[-1] += "_"
        elif char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
            pieces[-1] += " "
        elif depth:
            if char == '"':  # A quoted local part in a comment: where it ends is anybody's guess.
                return pieces[:1]
        elif char == ";":
            pieces.append("")
        else:
            pieces[-1] += char
    # What is left open hides the rest of the header: nothing of it is believed.
    return pieces if not (quoted or depth) else pieces[:1]


def _verdict(results: list[str], sender: str) -> Authentication:
    found: dict[str, str] = {}
    aligned = False
    domain = sender.rpartition("@")[2].lower()
    failed = False
    for piece in results[:_MAX_RESULTS]:
        one = _RESULT.match(piece)
        if one is None:
            continue
        method, result = one[1].lower(), one[2].lower()
        # Several signatures: one that passes is enough.
        if found.get(method) != "pass":
            found[method] = result
        failed = failed or (method == "dmarc" and result == "fail")
        aligned = aligned or (result == "pass" and _is_aligned(method, piece, domain))
    return Authentication(
        found.get("spf"), found.get("dkim"), found.get("dmarc"), aligned and not failed
    )


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
