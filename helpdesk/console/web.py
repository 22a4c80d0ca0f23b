"""The web server of the console: its routes, and how it starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from helpdesk.console import refused
from helpdesk.console.doors import DOORS
from helpdesk.console.guard import App, Guard
from helpdesk.console.metrics import CONTENT_TYPE
from helpdesk.console.parts import Parts
from helpdesk.console.render import STATIC
from helpdesk.console.serve import endpoint, not_found
from helpdesk.errors import HelpdeskError

# Static files are asked for with a mark of their content: a browser never asks again.
_KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}

_STATIC_NAMES = frozenset({"console.css", "console.js", "htmx.min.js", "icon.svg"})


class ConsoleError(HelpdeskError):
    """The console cannot be served."""


def build_app(parts: Parts) -> App:
    """Return the web application."""
    base = parts.site.base
    pages: list[BaseRoute] = [
        Route("/", _to_queue(parts)),
        Route("/static/{name}", _static),
        *(Route(door.path, endpoint(parts, door), methods=[door.method]) for door in DOORS),
    ]
    routes: list[BaseRoute] = [
        Route("/healthz", _healthz(parts)),
        Route("/metrics", _numbers(parts)),
    ]
    routes += [Mount(base, routes=pages)] if base else pages
    handlers = {404: not_found(parts), 405: not_found(parts)}
    handlers |= dict.fromkeys((400, 413), _refused(parts))
    return Guard(Starlette(routes=routes, exception_handlers=handlers), parts.site)


def _refused(parts: Parts) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what is shown where a form cannot even be read."""

    async def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        body = refused.page(parts.site, status, request.headers.get("cookie", ""))
        return HTMLResponse(body, status_code=status)

    return refuse


def _numbers(parts: Parts):  # type: ignore[no-untyped-def]
    async def numbers(_request: Request) -> Response:
        """Everything that can be counted, for Prometheus."""
        return Response(await asyncio.to_thread(parts.metrics.text), media_type=CONTENT_TYPE)

    return numbers


def _healthz(parts: Parts):  # type: ignore[no-untyped-def]
    async def healthz(_request: Request) -> JSONResponse:
        """200 while mailbox and relay can be reached, else 503 with the reason in words."""
        found = parts.health.snapshot()
        ok = all(part.ok for part in found.values())
        body = {
            "status": "ok" if ok else "failing",
            **{
                name: {
                    "ok": part.ok,
                    "reason": part.reason or None,
                    "since": part.since.isoformat(timespec="seconds"),
                }
                for name, part in found.items()
            },
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    return healthz


def _to_queue(parts: Parts):  # type: ignore[no-untyped-def]
    async def to_queue(_request: Request) -> Response:
        return RedirectResponse(f"{parts.site.base}/queue", status_code=303)

    return to_queue


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC_NAMES:
        return Response(status_code=404)
    return FileResponse(STATIC / name, headers=_KEEP)


class Console:
    """The server on the event loop; signals stay with the daemon."""

    def __init__(self, app: App, host: str, port: int) -> None:
        """Prepare to serve on one address."""
        self._address = f"{host}:{port}"
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            # The reverse proxy stands on this machine and says who asked.
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
        )
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve from now on. Raises ConsoleError where the address is taken."""
        # Our own start-up and shutdown instead of `serve`, which would take the signals.
        self._server.config.load()
        self._server.lifespan = self._server.config.lifespan_class(self._server.config)
        try:
            await self._server.startup()
        except SystemExit as error:  # uvicorn's way to say that it cannot listen.
            raise ConsoleError(
                f"the console cannot listen on {self._address}; another program has it:"
                " choose another HELPDESK_CONSOLE_BIND"
            ) from error
        self._task = asyncio.create_task(self._server.main_loop())

    async def stop(self) -> None:
        """Stop serving; open requests get a second."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
            await asyncio.wait_for(self._server.shutdown(), timeout=2)
