"""The task that empties the outbox, over few connections to the relay that are reused."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from helpdesk.desk import outbox
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.desk.outbox import HEARTBEAT_S, Begin, Ended, Outcome
from helpdesk.errors import HelpdeskError
from helpdesk.ledger import Ledger
from helpdesk.mail.transport import Answer, Relay, RelayError, RelayRefused
from helpdesk.store.delivery import ClaimedLetter

log = structlog.get_logger(__name__)

#: The name of this part in /healthz.
PART = "relay"

# How often the outbox is looked at without a wake-up: a command in another process has
# no way to wake us, and a letter that was approved should leave within a second.
_POLL_S = 0.5

# An idle relay is asked this often whether it still answers.
_PROBE_S = 20.0

# Connections while much is due: what they write down at once is one commit, so that eight
# share twice as much of it as four. Relays that count connections allow ten and up. After
# a crash as many letters may be in doubt.
LANES = 8

# Back-off while the relay cannot be used, in seconds.
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0

# A refused log-in is not hammered on.
_REFUSED_WAIT_S = 60.0


class Sender:
    """Sends what is due until it is stopped."""

    def __init__(
        self,
        make_relay: Callable[[], Relay],
        desk: Callable[[], Desk],
        health: Health,
        on_sent: Callable[[], None],
    ) -> None:
        """Prepare the task; `on_sent` lets the watcher file the copies."""
        #: The first serves alone as long as little is due; see `_lanes_for`.
        self._relays = [make_relay() for _ in range(LANES)]
        self._relay = self._relays[0]
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
            for relay in self._relays:
                await relay.quit()

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
        """Send what was claimed over as many lanes as it is worth; then raise what went wrong."""
        waiting = deque(claimed)
        back: list[ClaimedLetter] = []
        self._busy = True
        try:
            lanes = self._relays[: _lanes_for(len(claimed))]
            ledger = Ledger(desk, len(lanes), self._stopping)
            ended = await asyncio.gather(
                *(self._lane(relay, desk, ledger, waiting, back) for relay in lanes),
                return_exceptions=True,
            )
        finally:
            self._busy = False
            back += waiting
            if back:
                await asyncio.to_thread(outbox.give_back, desk.database, back)
            if len(back) < len(claimed):
                self._on_sent()
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def _lane(
        self,
        relay: Relay,
        desk: Desk,
        ledger: Ledger,
        waiting: deque[ClaimedLetter],
        back: list[ClaimedLetter],
    ) -> None:
        """Send letters one after the other; on a fault nobody takes another one.

        The end of one letter is written down while the relay is asked about the next.
        The ledger keeps the order, so that a lane never has two letters in doubt.
        """
        written: asyncio.Future[bool] | None = None
        try:
            while waiting and not self._stopping.is_set():
                letter = waiting.popleft()
                try:
                    await relay.open()
                    outcome = await self._send(relay, desk, ledger, letter)
                except BaseException:
                    back += [letter, *waiting]
                    waiting.clear()
                    relay.close()
                    raise
                before, written = written, None
                if outcome is not None:
                    written = ledger.write(Ended(letter, outcome, _now()))
                if before is not None:
                    await before
        finally:
            ledger.leave()
            if written is not None:
                await written

    async def _send(
        self, relay: Relay, desk: Desk, ledger: Ledger, claimed: ClaimedLetter
    ) -> Outcome | None:
        """Try to send one letter; None where another worker has it."""
        answer: Answer | None = await relay.offer(claimed.recipient)
        if answer is not None and answer.accepted:
            if not await ledger.write(Begin(claimed)):
                relay.close()  # Take back what we offered.
                return None
            answer = await relay.hand_over(claimed.source)
        outcome = outbox.outcome_of(answer, claimed, desk.rules, _now())
        code = answer.code if answer else None
        log.info("letter", letter=claimed.id, state=outcome.state, code=code)
        return outcome

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
        for relay in self._relays:
            relay.close()
        self._probe_at = 0.0
        if isinstance(error, RelayError):
            self._health.report(PART, _now(), str(error))
        log.warning("sender_waits", error=str(error))


def _lanes_for(letters: int) -> int:
    """Return how many connections so many letters are worth."""
    return 1 if letters < LANES * 2 else LANES


def _now() -> datetime:
    return datetime.now(UTC)
