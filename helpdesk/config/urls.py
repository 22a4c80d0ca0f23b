"""Where mailbox and relay are: URLs with user and password in them.

Every ValueError here says what to write instead, and never repeats what was given,
because that holds the password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

IMAP_FORM = "imaps://user:password@host:993/INBOX"
SMTP_FORM = "smtps://user:password@host:465 or smtp://user:password@host:587?starttls=required"

# Said wherever such a character may have cut the URL in the wrong place.
_ENCODE = "in user and password %2F for /, %3F for ?, %23 for #, %40 for @, %3A for : and %25 for %"


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """Where the mailbox is (HELPDESK_IMAP_URL), everything decoded."""

    host: str
    port: int
    user: str
    #: '' where a token is used instead (HELPDESK_OAUTH_TOKEN_URL).
    password: str = field(repr=False)
    folder: str = "INBOX"
    #: False only towards a loopback host.
    tls: bool = True


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """Where the relay is (HELPDESK_SMTP_URL), everything decoded."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    #: 'never' only towards a loopback host.
    tls: Literal["implicit", "starttls", "never"] = "starttls"


def parse_imap_url(text: str) -> ImapUrl:
    """Read imaps://user:password@host:993/INBOX. Raises ValueError without the secret."""
    url = _split(text, ("imaps", "imap"), IMAP_FORM)
    if url.query or url.fragment:
        raise ValueError(f"takes nothing after the folder; write {IMAP_FORM}")
    user, password = _user_and_password(url)
    if not user:
        raise ValueError(f"needs user and password; write {IMAP_FORM}, and {_ENCODE}")
    host, port = _host_and_port(url, {"imaps": 993, "imap": 143})
    if url.scheme == "imap" and not is_loopback(host):
        raise ValueError("imap:// would send the password in clear; write imaps://")
    folder = _decoded(url.path.removeprefix("/"), "folder") or "INBOX"
    return ImapUrl(host, port, user, password or "", folder, tls=url.scheme == "imaps")


def parse_smtp_url(text: str) -> SmtpUrl:
    """Read smtps://… or smtp://…?starttls=required|never. Raises ValueError without the secret."""
    url = _split(text, ("smtps", "smtp"), SMTP_FORM)
    if url.path not in ("", "/") or url.fragment:
        raise ValueError(f"takes no path; write {SMTP_FORM}")
    user, password = _user_and_password(url)
    if password and not user:
        raise ValueError("needs a user and a password, or neither of them")
    host, port = _host_and_port(url, {"smtps": 465, "smtp": 587})
    tls = _smtp_tls(url)
    if tls == "never" and not is_loopback(host):
        raise ValueError("starttls=never is for a relay on this machine; write starttls=required")
    return SmtpUrl(host, port, user, password, tls)


def _smtp_tls(url: SplitResult) -> Literal["implicit", "starttls", "never"]:
    if url.scheme == "smtps":
        if url.query:
            raise ValueError("smtps:// takes no options: its connection is encrypted already")
        return "implicit"
    if url.query in ("", "starttls=required"):
        return "starttls"
    if url.query == "starttls=never":
        return "never"
    raise ValueError("takes no option but ?starttls=required or ?starttls=never")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str, schemes: tuple[str, ...], form: str) -> SplitResult:
    # urlsplit silently drops tabs and newlines, so they are refused before.
    if re.search(r"[\x00-\x20\x7f]", text):
        raise ValueError("must not hold spaces, newlines or control characters; write %20 for one")
    try:
        url = urlsplit(text)
        known = url.scheme in schemes and bool(url.hostname)
    except ValueError:  # Its words would repeat part of the URL.
        known = False
    if not known:
        raise ValueError(f"is no such address; write {form}")
    return url


def _host_and_port(url: SplitResult, defaults: Mapping[str, int]) -> tuple[str, int]:
    try:
        port = url.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"has no readable port; write a number from 1 to 65535, and {_ENCODE}")
    return (url.hostname or "").lower(), port or defaults[url.scheme]


def _user_and_password(url: SplitResult) -> tuple[str | None, str | None]:
    login, at, _ = url.netloc.rpartition("@")
    if not at:
        return None, None
    user, _, password = login.partition(":")
    return _decoded(user, "user") or None, _decoded(password, "password") or None


def _decoded(text: str, what: str) -> str:
    """Return percent-decoded text without control characters (they would inject commands)."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(f"has a bare % in the {what}; write it as %25")
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"has a {what} that is not UTF-8 once its %XX are read") from None
    if re.search(r"[\x00-\x1f\x7f]", decoded):
        raise ValueError(f"has a control character in the {what}")
    return decoded
