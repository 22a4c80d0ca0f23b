"""What stands before every page: whose browser it is, what it may load, how much it may send.

Pure ASGI, so that nothing passes by. Sources: Fetch Metadata (W3C), OWASP ASVS 5.0 3.4.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from helpdesk.console import refused
from helpdesk.console.parts import Site

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Nothing inline, nothing from outside, in no frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: For the HTML part of a mail: a frame of its own origin without scripts and requests.
#: Its own styles may stand in it, they can load nothing.
MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'"
)

_HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    # Pages hold personal data: no cache keeps them.
    b"cache-control": b"no-store",
}
_HSTS = (b"strict-transport-security", b"max-age=31536000")

# A registry of 10,000 rows has 3 MB; forms have less than 100 kB.
_MAX_BODY_BYTES = 20_000_000

_SAFE = frozenset({"GET", "HEAD"})


class Guard:
    """Refuses what no honest browser sends, and puts the headers on every answer."""

    def __init__(self, app: App, site: Site) -> None:
        """Stand before `app`."""
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it."""
        if scope["type"] != "http":
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            body = refused.page(self._site, refusal, headers.get(b"cookie", ""))
            await _refuse(self._sender(send), refusal, body)
            return
        await self._app(scope, _bounded(receive), self._sender(send))

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> int | None:
        host = headers.get(b"host", "").lower()
        if (urlsplit(f"//{host}").hostname or "") not in {
            name.strip("[]") for name in self._site.hosts
        }:
            return 421
        if scope["method"] in _SAFE:
            return None
        if not self._is_own_page(headers, host):
            return 403
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
            return 413
        return None

    def _is_own_page(self, headers: dict[bytes, str], host: str) -> bool:
        """Say whether a page of ours sends this: by Fetch Metadata, and by Origin."""
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None and site != "same-origin":
            return False
        if origin is not None:
            return origin in {self._site.origin, f"http://{host}", f"https://{host}"} - {""}
        return site == "same-origin"

    def _sender(self, send: Send) -> Send:
        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                added = [one for one in _HEADERS.items() if one[0] not in own]
                if self._site.is_secure:
                    added.append(_HSTS)
                message["headers"] = [*message["headers"], *added]
            await send(message)

        return with_headers


def _bounded(receive: Receive) -> Receive:
    """Return a receiver that ends where more comes than was allowed."""
    received = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > _MAX_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return counted


async def _refuse(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
