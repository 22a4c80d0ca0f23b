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
from collections import deque
from contextlib import suppress
from pathlib import Path

# Between two looks whether another process has finished: most of its turns take a few ms.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.0005, 0.01

# Whoever ends waits no longer than this for a thread that is still writing.
_CLOSING_S = 1.0


class _Queue:
    """A lock that goes to whoever has waited longest.

    A thread that gives an ordinary one back and soon wants it again has it before the one
    that waits has woken: whoever decides mail, one long transaction after the other, would
    keep a clerk and the sender waiting for several of them.
    """

    def __init__(self) -> None:
        """Begin free."""
        self._looking = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout_s: float) -> bool:
        """Wait for the lock, -1: for ever; False where it took longer."""
        with self._looking:
            if not self._is_held:
                self._is_held = True
                return True
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
        try:
            got = called.acquire(timeout=timeout_s)
        except BaseException:  # Ctrl-C: nothing is handed to who has gone.
            if not self._leave(called):
                self.release()
            raise
        return got or not self._leave(called)

    def _leave(self, called: threading.Lock) -> bool:
        """Wait no longer; False where the lock was handed over in the last moment."""
        with self._looking:
            if called not in self._waiting:
                return False
            self._waiting.remove(called)
            return True

    def release(self) -> None:
        """Hand the lock to the next one, or let it be free."""
        with self._looking:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


class Turns:
    """The turns at one file. Threads of one process queue and wake without a sleep."""

    def __init__(self, database: str | None) -> None:
        """Prepare; `database` is the path of the file, None or `:memory:` for none."""
        self._threads = _Queue()
        self._path: Path | None = None
        if database and database != ":memory:":
            # By whatever name it is opened. And a file of its own: to close any handle of
            # the database's would free SQLite's locks.
            self._database = Path(database).resolve()
            self._path = self._database.with_name(f"{self._database.name}-turn")
        self._file: int | None = None

    def take(self, patience_s: float, *, hurried: bool) -> None:
        """Wait for a turn; `give_back` ends it. Raises TimeoutError, or OSError.

        Other processes are waited for so long, and other threads only where `hurried`:
        else the one before will end.
        """
        began = time.monotonic()
        if not self._threads.acquire(patience_s if hurried else -1):
            raise TimeoutError
        if not hurried:
            began = time.monotonic()
        try:
            if self._path is not None:
                self._lock(self._path, began + patience_s)
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
        pause_s = _FIRST_PAUSE_S
        while True:
            if self._file is None:
                self._file = self._opened(path)
            if self._is_locked(self._file, path):
                return
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _is_locked(self, file: int, path: Path) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return True
        self._let_go()  # Somebody has tidied up, and others lock another file by now.
        return False

    def _opened(self, path: Path) -> int:
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:  # As SQLite does with its own: the daemon is seldom root.
            owner = self._database.stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
        return file

    def _let_go(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def close(self) -> None:
        """Let go of the file, unless a thread that does not end still writes."""
        if self._threads.acquire(_CLOSING_S):
            try:
                self._let_go()
            finally:
                self._threads.release()
