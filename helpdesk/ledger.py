"""One commit for what several lanes of the sender write down at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from helpdesk.desk import outbox
from helpdesk.store.database import Database, Transaction

Entry = Callable[[Transaction], bool]


class Ledger:
    """Collects entries while a commit is under way, and commits them together next."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: list[tuple[Entry, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, database: Database, entry: Entry) -> bool:
        """Return what the entry returned, once it is committed; raises what the commit raised."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(database))
        return await done

    async def _write_all(self, database: Database) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            entries = [entry for entry, _ in batch]
            try:
                results = await asyncio.to_thread(outbox.together, database, entries)
            except Exception as error:  # noqa: BLE001 - each lane gets it and decides
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)
