"""The webhook to the portal: one signed POST, and what its answer means.

The body is signed with its time, so that a call that was recorded cannot be made again
later; the idempotency key is the same for every try at one change.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# The calendar's thread waits for it; other jobs wait behind.
_TIMEOUT_S = 5

_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the portal is told, and with which secret."""

    url: str
    secret: bytes = field(repr=False)
    tls_ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """How a call ended: acknowledged (200, 204: the portal has it) | accepted (202: it will,
    a clerk says when) | temporary | refused."""

    outcome: str
    #: For staff; never what the other side wrote.
    error: str | None = None


def signature(secret: bytes, at: datetime, body: bytes) -> str:
    """Return the header's value: t=SECONDS,v1=HMAC-SHA256 over `SECONDS.BODY`."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed call goes where the settings say and nowhere else."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def call(hook: Webhook, content: Mapping[str, object], key: str, at: datetime) -> Called:
    """POST one change; never raises."""
    body = json.dumps(dict(content), ensure_ascii=False, sort_keys=True).encode()
    request = urllib.request.Request(  # noqa: S310 - the settings allow https and loopback only
        hook.url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": "helpdesk",
            "Idempotency-Key": key,
            "Helpdesk-Signature": signature(hook.secret, at, body),
        },
    )
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if hook.url.startswith("https:"):
        context = ssl.create_default_context(cafile=hook.tls_ca_file)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return Called("accepted" if answer.status == 202 else "acknowledged")
    except urllib.error.HTTPError as error:
        with error:
            code = error.code
        if code >= 500 or code in _BUSY:
            return Called("temporary", f"the portal answered {code}")
        return Called("refused", f"the portal refused the call ({code})")
    except (OSError, ValueError):
        return Called("temporary", "the portal cannot be reached")
