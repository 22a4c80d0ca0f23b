"""The task that empties the outbox: one reused connection to the relay."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from helpdesk.desk import outbox
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.desk.outbox import HEARTBEAT_S, Outcome
from helpdesk.errors import HelpdeskError
from helpdesk.mail.transport import Relay, RelayError, RelayRefused
from helpdesk.store.letters import ClaimedLetter

log = structlog.get_logger(__name__)

#: The name of this part in /healthz.
PART = "relay"

# How often the outbox is looked at without a wake-up: a command in another process has
# no way to wake us, and a letter that was approved should leave within a second.
_POLL_S = 0.5

# An idle relay is asked this often whether it still answers.
_PROBE_S = 20.0

# Back-off while the relay cannot be used, in seconds.
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0

# A refused log-in is not hammered on.
_REFUSED_WAIT_S = 60.0


class Sender:
    """Sends what is due until it is stopped."""

    def __init__(
        self,
        relay: Relay,
        desk: Callable[[], Desk],
        health: Health,
        on_sent: Callable[[], None],
    ) -> None:
        """Prepare the task; `on_sent` lets the watcher file the copies."""
        self._relay = relay
        self._desk = desk
        self._health = health
        self._on_sent = on_sent
        # Names this process in the leases; unique even after a restart with the same pid.
        self._worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._probe_at = 0.0
        #: Whether letters are claimed, so that their leases must be kept.
        self._busy = False

    def wake(self) -> None:
        """Look at the outbox now. Call it on the event loop."""
        self._wake.set()

    def stop(self) -> None:
        """End after the letter in hand."""
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped; faults of the relay or the database only cause waiting."""
        beat = asyncio.create_task(self._heartbeat())
        wait_s = _FIRST_WAIT_S
        try:
            while not self._stopping.is_set():
                try:
                    await self._turn()
                    wait_s = _FIRST_WAIT_S
                    await self._pause(_POLL_S)
                except HelpdeskError as error:
                    if isinstance(error, RelayRefused):
                        wait_s = _REFUSED_WAIT_S
                    self._report_problem(error)
                    await self._rest(wait_s * random.uniform(0.7, 1.3))  # noqa: S311
                    wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                except Exception as error:
                    log.error("sender_failed", error=type(error).__name__, exc_info=True)
                    await self._rest(wait_s)
                    wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
        finally:
            beat.cancel()
            with suppress(asyncio.CancelledError):
                await beat
            await self._relay.quit()

    async def _turn(self) -> None:
        """Send everything that is due; with nothing due, see that the relay answers."""
        desk = self._desk()
        while not self._stopping.is_set() and await asyncio.to_thread(
            outbox.something_due, desk, _now()
        ):
            # First the connection, then the claim: a relay that is down claims nothing.
            await self._relay.open()
            self._report_ok()
            claimed = await asyncio.to_thread(outbox.claim_due, desk, self._worker, _now())
            if not claimed:
                return
            await self._send_all(desk, claimed)
        loop = asyncio.get_running_loop()
        if loop.time() >= self._probe_at:
            await self._relay.probe()
            self._probe_at = loop.time() + _PROBE_S
            self._report_ok()

    async def _send_all(self, desk: Desk, claimed: list[ClaimedLetter]) -> None:
        left = list(claimed)
        self._busy = True
        try:
            while left and not self._stopping.is_set():
                # The one in hand stays in `left` until its end is written down.
                await self._send(desk, left[0])
                left.pop(0)
                if not self._relay.is_open:
                    await self._relay.open()
        finally:
            self._busy = False
            if left:
                await asyncio.to_thread(outbox.give_back, desk.database, left)
            if len(left) < len(claimed):
                self._on_sent()

    async def _send(self, desk: Desk, claimed: ClaimedLetter) -> None:
        answer = await self._relay.offer(claimed.recipient)
        if answer.accepted:
            if not await asyncio.to_thread(
                outbox.begin_handing_over, desk.database, claimed, _now()
            ):
                self._relay.close()  # Another worker has it; take back what we offered.
                log.warning("lease_lost", letter=claimed.id)
                return
            answer_or_none = await self._relay.hand_over(claimed.source)
        else:
            answer_or_none = answer
        outcome = outbox.outcome_of(answer_or_none, claimed, desk.rules, _now())
        await self._record(desk, claimed, outcome)
        code = answer_or_none.code if answer_or_none else None
        log.info("letter", letter=claimed.id, state=outcome.state, code=code)

    async def _record(self, desk: Desk, claimed: ClaimedLetter, outcome: Outcome) -> None:
        """Write down the end of a try; while the database is busy, try again."""
        while True:
            try:
                if not await asyncio.to_thread(outbox.record, desk, claimed, outcome, _now()):
                    log.warning("lease_lost", letter=claimed.id)
                return
            except HelpdeskError as error:
                if not error.temporary or self._stopping.is_set():
                    raise
                log.warning("not_recorded", letter=claimed.id, error=str(error))
                await asyncio.sleep(_FIRST_WAIT_S)

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if not self._busy:
                continue
            with suppress(HelpdeskError):
                await asyncio.to_thread(
                    outbox.keep_alive, self._desk().database, self._worker, _now()
                )

    async def _pause(self, seconds: float) -> None:
        """Wait for a wake-up or the time, whichever comes first."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()

    async def _rest(self, seconds: float) -> None:
        """Wait for the time; new letters do not end it, stopping does."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _report_ok(self) -> None:
        if self._health.report(PART, _now()):
            log.info("relay_ready")

    def _report_problem(self, error: HelpdeskError) -> None:
        self._relay.close()
        self._probe_at = 0.0
        if isinstance(error, RelayError):
            self._health.report(PART, _now(), str(error))
        log.warning("sender_waits", error=str(error))


def _now() -> datetime:
    return datetime.now(UTC)
