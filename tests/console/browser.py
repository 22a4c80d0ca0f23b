"""A real browser before the real console: Debian's Chromium without windows, driven by Playwright."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpdesk.console.web import Console, build_app
from tests.servers import needs
from tests.servers.net import free_port

from .conftest import PASSWORD, Secretariat


@contextmanager
def serving(secretariat: Secretariat) -> Iterator[str]:
    """Serve the console on a free port as the daemon does; give its address."""
    port = free_port()
    loop = asyncio.new_event_loop()
    console = Console(build_app(secretariat.parts()), "127.0.0.1", port)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(console.start(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{port}{secretariat.base}"
    finally:
        with suppress(TimeoutError):  # A page that is still being made is left alone.
            asyncio.run_coroutine_threadsafe(console.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser; one for many tests."""
    from playwright.sync_api import sync_playwright

    path = needs.program("chromium-headless-shell", "chromium-headless-shell")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def log_in(page: Any, address: str, name: str = "baba") -> None:
    """Log a person in through the form."""
    page.goto(f"{address}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/queue*")
