"""One commit for what the lanes of the sender write down at about the same moment.

A commit costs more than what is in it. So the end of a letter waits for the beginning of
the lane's next one, and a beginning for those of the other lanes, but never for long.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from helpdesk.desk import outbox
from helpdesk.desk.context import Desk
from helpdesk.desk.outbox import Begin, Ended
from helpdesk.errors import HelpdeskError

log = structlog.get_logger(__name__)

# How long an entry waits for others. Lanes at a quick relay come within a few
# milliseconds of each other; at a slow one this is little beside its answers.
_GATHER_S = 0.025

# The database is busy: tried again after this time.
_AGAIN_S = 1.0


class Ledger:
    """Collects entries and commits them in the order in which they came."""

    def __init__(self, desk: Desk, lanes: int, stopping: asyncio.Event) -> None:
        """Start empty; so many lanes will write."""
        self._desk = desk
        self._lanes = lanes
        self._stopping = stopping
        self._waiting: list[tuple[Begin | Ended, asyncio.Future[bool]]] = []
        #: Whether every lane waits for a commit, so that nothing more can come.
        self._complete = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    def write(self, entry: Begin | Ended) -> asyncio.Future[bool]:
        """Return what tells, after the commit, whether the letter is still ours.

        It raises what the commit raised. An end is written again while the database is busy.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        self._look()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return done

    def leave(self) -> None:
        """Do not wait for one of the lanes any more: it begins no other letter."""
        self._lanes -= 1
        self._look()

    def _look(self) -> None:
        begun = sum(isinstance(entry, Begin) for entry, _ in self._waiting)
        if begun >= self._lanes:
            self._complete.set()

    async def _write_all(self) -> None:
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GATHER_S):
                    await self._complete.wait()
            self._complete.clear()
            # What a lane no longer means to begin is not in doubt; what ended has ended.
            batch = [one for one in self._waiting if not _is_given_up(*one)]
            self._waiting = []
            entries = [entry for entry, _ in batch]
            try:
                results = await asyncio.to_thread(
                    outbox.write_down, self._desk, entries, datetime.now(UTC)
                )
            except Exception as error:  # noqa: BLE001 - each lane gets it and decides
                await self._failed(batch, error)
                continue
            for (entry, done), ours in zip(batch, results, strict=True):
                if not ours:
                    log.warning("lease_lost", letter=entry.claimed.id)
                if not done.done():
                    done.set_result(ours)

    async def _failed(
        self, batch: list[tuple[Begin | Ended, asyncio.Future[bool]]], error: Exception
    ) -> None:
        """Let nothing begin; keep the ends in front of what comes, if they can be tried again."""
        again = isinstance(error, HelpdeskError) and error.temporary and not self._stopping.is_set()
        kept = [one for one in batch if again and isinstance(one[0], Ended)]
        for entry, done in batch:
            if not done.done() and not (again and isinstance(entry, Ended)):
                done.set_exception(error)
        if kept:
            log.warning("not_recorded", letters=len(kept), error=str(error))
            self._waiting[:0] = kept
            await asyncio.sleep(_AGAIN_S)


def _is_given_up(entry: Begin | Ended, done: asyncio.Future[bool]) -> bool:
    return isinstance(entry, Begin) and done.cancelled()
