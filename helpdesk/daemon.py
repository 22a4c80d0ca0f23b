"""The daemon: intake, outbox and console in one process, and how it starts and stops."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog

from helpdesk import sender, watcher
from helpdesk.app import build_desk, build_token_source, open_database
from helpdesk.config import Settings, SmtpUrl, is_loopback
from helpdesk.console.metrics import Metrics
from helpdesk.console.parts import Files, Parts, Site
from helpdesk.console.web import Console, build_app
from helpdesk.desk import users
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.errors import HelpdeskError
from helpdesk.mail.transport import Relay
from helpdesk.scheduler import CLOCK_CHECK_S, Scheduler, clock_jumped
from helpdesk.sender import Sender
from helpdesk.watcher import Watcher

log = structlog.get_logger(__name__)

# Both together stay under the ten seconds that a service manager waits after SIGTERM.
_SENDER_STOP_S = 4.0
_WATCHER_STOP_S = 3.0

# As long as a connection may take that is neither taken nor refused.
_FIRST_LOOK_S = 10.0

# A letter changes hands between the loop and the database's threads several times; at
# the interpreter's five milliseconds each waits that long for a thread that reads mail.
_SWITCH_INTERVAL_S = 0.0005

# Reading and deciding a mail makes thousands of small objects and leaves no cycles: looking
# for those after every 700, as the interpreter does, takes a twentieth of the time.
_YOUNG_OBJECTS = 20_000

#: The name of this part in /healthz, where tokens are used.
_TOKEN = "token"  # noqa: S105 - a name

# A token is renewed at half its life, which is half an hour with most providers.
_TOKEN_CHECK_S = 20.0


class Daemon:
    """All parts of one running helpdesk."""

    def __init__(self, settings: Settings) -> None:
        """Build every part. Raises HelpdeskError where a setting or a file is wrong."""
        self._settings = settings
        imap, smtp = settings.require_imap(), settings.require_smtp()
        self._database = open_database(settings)
        self._desk = build_desk(settings, self._database)
        parts = (watcher.PART, sender.PART, *((_TOKEN,) if settings.oauth else ()))
        self._health = Health(parts, datetime.now(UTC))
        self._stop = asyncio.Event()
        self._may_send = asyncio.Event()
        self._tokens = build_token_source(settings, self._database)
        token = self._tokens.access_token if self._tokens else None
        make_relay = partial(
            Relay, smtp, self._desk.rules.desk.address, settings.tls_ca_file, token
        )
        self._watcher = Watcher(
            imap,
            self._current,
            self._health,
            settings.tls_ca_file,
            self._wake_sender,
            self._let_send,
            token,
        )
        self._sender = Sender(make_relay, self._current, self._health, self._watcher.wake)
        self._scheduler = Scheduler(self._current, self._wake_sender)
        host, port = settings.console_address
        self._console = Console(build_app(self._parts(host)), host, port)
        self._loop: asyncio.AbstractEventLoop | None = None

    def _parts(self, host: str) -> Parts:
        """Return what the console's pages need of this daemon."""
        settings = self._settings
        return Parts(
            database=self._database,
            desk=self._current,
            health=self._health,
            metrics=Metrics(self._database, self._health),
            site=Site.of(settings.console_url, host),
            files=Files(
                rules=str(settings.rules) if settings.rules.is_file() else None,
                templates=str(settings.templates) if settings.templates.is_dir() else None,
            ),
            wake_sender=self._wake_sender,
            wake_watcher=self._watcher.wake,
            reload=self._reload,
            play=partial(_deliver, settings.demo_smtp_url, self._desk.rules.desk.address)
            if settings.demo_smtp_url and is_loopback(settings.demo_smtp_url.host)
            else None,
        )

    def _current(self) -> Desk:
        """Return the desk with the rules that are in force now."""
        return self._desk

    def _wake_sender(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # The loop is closing: the rows wait for the next start.
                self._loop.call_soon_threadsafe(self._sender.wake)

    def _let_send(self) -> None:
        if self._loop is not None and not self._may_send.is_set():
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._may_send.set)

    async def _send(self) -> None:
        """Empty the outbox, once it is known what staff answered while nothing ran.

        What waited since then may be answered by now. A mailbox that does not answer holds
        letters up for a moment and no longer.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._may_send.wait(), _FIRST_LOOK_S)
        await self._sender.run()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises HelpdeskError where it cannot start."""
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload)
        await self._console.start()
        self._watcher.start()
        self._scheduler.start()
        watching_clock = asyncio.create_task(self._watch_clock())
        sending = asyncio.create_task(self._send())
        watching_tokens = asyncio.create_task(self._watch_tokens())
        log.info("started", mode=self._desk.rules.mode)
        if not users.anybody(self._database):
            log.warning("nobody_can_log_in", do="helpdesk user add NAME --role admin")
        await self._stop.wait()
        log.info("stopping")
        watching_tokens.cancel()
        watching_clock.cancel()
        await self._end(sending)
        log.info("stopped")

    async def _watch_tokens(self) -> None:
        """Renew the access token early, and say in time what will end."""
        if self._settings.oauth and self._settings.oauth.expires is None:
            log.warning("token_end_unknown", do="set HELPDESK_OAUTH_EXPIRES to be warned in time")
        while self._tokens is not None:
            now = datetime.now(UTC)
            try:
                problem = await asyncio.to_thread(self._tokens.problem, now)
            except Exception as error:  # Whatever it was, it is said, and tried again.
                log.error("token_check_failed", error=type(error).__name__, exc_info=True)
                problem = "an unexpected fault at the access token; the log has it"
            if self._health.report(_TOKEN, now, problem) and problem:
                log.warning("token_problem", error=problem)
            await asyncio.sleep(_TOKEN_CHECK_S)

    async def _watch_clock(self) -> None:
        """Tell of a clock that jumps; timers that were set by it are set anew."""
        loop = asyncio.get_running_loop()
        while True:
            wall, steady = datetime.now(UTC), loop.time()
            await asyncio.sleep(CLOCK_CHECK_S)
            passed = (datetime.now(UTC) - wall).total_seconds()
            if clock_jumped(passed, loop.time() - steady):
                log.warning("clock_jumped", seconds=round(passed))
                self._scheduler.wake()

    async def _end(self, sending: asyncio.Task[None]) -> None:
        """End every part; what is cut off is found again in the rows at the next start."""
        self._sender.stop()
        self._may_send.set()
        calendar = asyncio.create_task(asyncio.to_thread(self._scheduler.stop))
        stopped = asyncio.create_task(asyncio.to_thread(self._watcher.stop, _WATCHER_STOP_S))
        done, _ = await asyncio.wait({sending}, timeout=_SENDER_STOP_S)
        if not done:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        if not await stopped:
            log.warning("watcher_did_not_end")
        with suppress(TimeoutError):
            await asyncio.wait_for(calendar, _WATCHER_STOP_S)
        with suppress(TimeoutError):
            await self._console.stop()
        self._database.close()

    def _reload(self) -> str | None:
        """Put changed rules and templates in force, all or nothing (SIGHUP); None: done."""
        try:
            fresh = build_desk(self._settings, self._database)
        except HelpdeskError as error:
            log.error("reload_refused", error=str(error))
            return str(error)
        self._desk = replace(
            fresh, registry=self._desk.registry, early_answers=self._desk.early_answers
        )
        log.info("reloaded", mode=fresh.rules.mode)
        self._watcher.wake()
        self._wake_sender()
        self._scheduler.wake()
        return None


def _deliver(url: SmtpUrl, desk_address: str, raw: bytes, sender: str) -> None:
    """Put a mail of the demo's page into the desk's own mailbox."""

    async def hand_over() -> None:
        relay = Relay(url, sender, None, None)
        await relay.open()
        await relay.offer(desk_address)
        await relay.hand_over(raw)
        await relay.quit()

    asyncio.run(hand_over())


def run(settings: Settings) -> None:
    """Run the daemon until it is told to stop."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    gc.freeze()  # What is loaded by now stays; nobody need look through it again.
    gc.set_threshold(_YOUNG_OBJECTS)
    asyncio.run(_main(settings))


async def _main(settings: Settings) -> None:
    await Daemon(settings).run()
