"""Who may write to an SQLite file now: one connection at a time, whatever process it is in.

SQLite lets one write at a time itself, but whoever is refused sleeps and tries again, and
below 3.51.3 a checkpoint of the write-ahead log beside another connection's commit can,
once in a very long time, lose pages (sqlite.org/wal.html, "The WAL-reset bug"). With one
writer from before its BEGIN until after its COMMIT, checkpoint included, there is no
"beside".
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

# Between two looks whether another process has finished: most of its turns take a few ms.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.0005, 0.01


class Turns:
    """The turns at one file. Threads of one process queue for a lock and wake without a sleep."""

    def __init__(self, database: str | None) -> None:
        """Prepare; `database` is the path of the file, None or `:memory:` for none."""
        self._threads = threading.Lock()
        # A file of its own: to close any handle of the database's would free SQLite's locks.
        self._path = Path(f"{database}-turn") if database and database != ":memory:" else None
        self._file: int | None = None

    def take(self, patience_s: float, *, hurried: bool) -> None:
        """Wait for a turn; `give_back` ends it. Raises TimeoutError, or OSError.

        Other processes are waited for so long, and other threads only where `hurried`:
        else the one before will end.
        """
        until = time.monotonic() + patience_s
        if not self._threads.acquire(timeout=patience_s if hurried else -1):
            raise TimeoutError
        try:
            if self._path is not None:
                self._lock(self._path, until if hurried else time.monotonic() + patience_s)
        except BaseException:
            self._threads.release()
            raise

    def give_back(self) -> None:
        """Let the next one write."""
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _lock(self, path: Path, until: float) -> None:
        """Lock the file against other processes; the kernel frees it where one is killed."""
        if self._file is None:
            self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError from None
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def close(self) -> None:
        """Let go of the file."""
        with self._threads:
            file, self._file = self._file, None
            if file is not None:
                os.close(file)
