"""The web server of the console. So far it has two pages: /healthz and /metrics."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk.console.metrics import CONTENT_TYPE, Metrics
from helpdesk.desk.health import Health
from helpdesk.errors import HelpdeskError


class ConsoleError(HelpdeskError):
    """The console cannot be served."""


def build_app(health: Health, metrics: Metrics) -> Starlette:
    """Return the web application."""

    async def numbers(_request: Request) -> Response:
        """Everything that can be counted, for Prometheus."""
        return Response(await asyncio.to_thread(metrics.text), media_type=CONTENT_TYPE)

    async def healthz(_request: Request) -> JSONResponse:
        """200 while mailbox and relay can be reached, else 503 with the reason in words."""
        parts = health.snapshot()
        ok = all(part.ok for part in parts.values())
        body = {
            "status": "ok" if ok else "failing",
            **{
                name: {
                    "ok": part.ok,
                    "reason": part.reason or None,
                    "since": part.since.isoformat(timespec="seconds"),
                }
                for name, part in parts.items()
            },
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", numbers)])


class Console:
    """The server on the event loop; signals stay with the daemon."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        """Prepare to serve on one address."""
        self._address = f"{host}:{port}"
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, lifespan="off"
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
