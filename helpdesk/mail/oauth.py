"""Access tokens for mail servers that take no passwords: Microsoft 365, Google Workspace.

A token is fetched long before it is needed, so that a refresh that fails is known while
the mailbox still works; what ends in days is said days ahead.
Source: RFC 6749 4.4 (client credentials) and 6 (refresh token), XOAUTH2.
"""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPException
from typing import Any

from helpdesk.config import OAuth
from helpdesk.errors import HelpdeskError

# The token endpoint answers in milliseconds; a mailbox waits for it.
_TIMEOUT_S = 15

# An answer has about 3 kB.
_MAX_ANSWER_BYTES = 64 * 1024

# Where the endpoint does not say how long a token holds (RFC 6749 5.1: it should).
_DEFAULT_LIFE_S = 3600

#: From when on the end of a secret or refresh token is an alarm.
ALARM_AHEAD = timedelta(days=14)

# A try that failed is not repeated at once: the endpoint may count them.
_RETRY_AFTER = timedelta(seconds=30)


class TokenError(HelpdeskError):
    """No access token can be had now."""

    temporary = True


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    #: From when on a new one is fetched, half its life; and when it ends.
    renew_at: datetime
    ends_at: datetime


class TokenSource:
    """Gives access tokens, renews them early, and keeps a rotated refresh token."""

    def __init__(
        self,
        oauth: OAuth,
        *,
        kept_refresh_token: Callable[[], str | None],
        keep_refresh_token: Callable[[str], None],
        tls_ca_file: str | None = None,
    ) -> None:
        """Remember where tokens come from; nothing is fetched yet.

        `kept_refresh_token` gives the one that the endpoint sent last, which replaces
        the one of the settings.
        """
        self._oauth = oauth
        self._kept, self._keep = kept_refresh_token, keep_refresh_token
        self._ca_file = tls_ca_file
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._failed_at: datetime | None = None
        self._problem = ""
        self._refresh_ends: datetime | None = None
        #: A rotated token that could not be kept yet; the one before is worth nothing now.
        self._rotated: str | None = None

    def access_token(self, now: datetime | None = None) -> str:
        """Return a token that is good now. Raises TokenError."""
        now = now or datetime.now(UTC)
        with self._lock:
            self._renew_if_due(now)
            if self._token is None or self._token.ends_at <= now:
                raise TokenError(self._problem or "no access token can be had")
            return self._token.text

    def problem(self, now: datetime) -> str | None:
        """Return what a person must see to, or None; renews a token that is half over."""
        with self._lock:
            self._renew_if_due(now)
            unkept = self._keep_rotated()
            if self._problem or unkept:
                return self._problem or unkept
        for what, ends in (
            ("the refresh token", self._refresh_ends),
            ("the client secret (HELPDESK_OAUTH_EXPIRES)", _midnight(self._oauth.expires)),
        ):
            if ends is not None and ends - now <= ALARM_AHEAD:
                return f"{what} ends on {ends.date().isoformat()}; make a new one in time"
        return None

    def _renew_if_due(self, now: datetime) -> None:
        if self._token is not None and now < self._token.renew_at:
            return
        if self._failed_at is not None and now - self._failed_at < _RETRY_AFTER:
            return
        try:
            self._take(self._ask(), now)
        except HelpdeskError as error:
            self._failed_at, self._problem = now, str(error)
        else:
            self._failed_at, self._problem = None, ""

    def _ask(self) -> dict[str, Any]:
        oauth = self._oauth
        form = {"client_id": oauth.client_id, "grant_type": "client_credentials"}
        if oauth.client_secret:
            form["client_secret"] = oauth.client_secret
        if oauth.scope:
            form["scope"] = oauth.scope
        refresh_token = self._rotated or self._kept() or oauth.refresh_token
        if refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
        request = urllib.request.Request(  # noqa: S310 - the settings allow https and loopback only
            oauth.token_url, data=urllib.parse.urlencode(form).encode(), method="POST"
        )
        secure = oauth.token_url.startswith("https:")
        context = ssl.create_default_context(cafile=self._ca_file) if secure else None
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S, context=context) as answer:  # noqa: S310
                return _json(answer.read(_MAX_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                code = _json(error.read(_MAX_ANSWER_BYTES)).get("error", "")
            said = f"{error.code} {code}".strip()[:80]
            raise TokenError(
                f"the token endpoint refused ({said}); check HELPDESK_OAUTH_… or sign in anew"
            ) from error
        except (OSError, ValueError, HTTPException) as error:
            raise TokenError("the token endpoint cannot be reached") from error

    def _take(self, answer: dict[str, Any], now: datetime) -> None:
        text = answer.get("access_token")
        if not isinstance(text, str) or not text.isascii() or not text.isprintable():
            raise TokenError("the token endpoint's answer holds no access token")
        life = timedelta(seconds=_seconds(answer.get("expires_in"), _DEFAULT_LIFE_S))
        self._token = _Token(text, renew_at=now + life / 2, ends_at=now + life)
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated:
            self._rotated, self._refresh_ends = rotated, None
            self._keep_rotated()
        if "refresh_token_expires_in" in answer:
            left = _seconds(answer["refresh_token_expires_in"], 0)
            self._refresh_ends = now + timedelta(seconds=left)

    def _keep_rotated(self) -> str:
        """Store a rotated token as soon as it can be; return why not, '' where it is stored."""
        if self._rotated is None:
            return ""
        try:
            self._keep(self._rotated)
        except HelpdeskError as error:
            return f"the new refresh token cannot be stored, a restart would lose it ({error})"
        self._rotated = None
        return ""


def _json(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: Any, default: int) -> int:
    """Return a number of seconds; some endpoints write it as text."""
    try:
        return max(0, min(int(value), 10 * 365 * 86400))
    except (TypeError, ValueError):
        return default


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
