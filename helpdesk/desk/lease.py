"""The right to watch a mailbox: one process at a time, handed on when it dies.

The row decides. A holder on this machine whose process is gone loses the lease at
once, so that a restart after a crash does not wait; one on another machine when it has
lapsed. What a holder does late, after it lost the lease, is harmless: storing and
deciding a mail are idempotent by unique keys.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from helpdesk.store import leases
from helpdesk.store.database import Database

#: How long a lease holds without being renewed.
LEASE = timedelta(seconds=15)

# A third of it: two renewals may fail before another process takes over.
RENEW_S = 5.0


class Lease:
    """One named lease, as one process sees it."""

    def __init__(self, database: Database, name: str) -> None:
        """Hold nothing yet."""
        self._database = database
        self._name = name
        self._fence: int | None = None

    @property
    def is_held(self) -> bool:
        """Say whether this process held the lease when it last looked."""
        return self._fence is not None

    def acquire(self, now: datetime) -> bool:
        """Take the lease if nobody living holds it; True where this process has it now."""
        with self._database.begin() as tx:
            before = leases.read_lease(tx, self._name)
            if before is not None and before.until > now and _may_live(before.holder):
                return False
            self._fence = leases.take_lease(tx, self._name, _myself(), now + LEASE, before)
        return self.is_held

    def renew(self, now: datetime) -> bool:
        """Keep the lease; False where it was lost to another process."""
        if self._fence is None:
            return False
        with self._database.begin() as tx:
            if not leases.renew_lease(tx, self._name, self._fence, now + LEASE):
                self._fence = None
        return self.is_held

    def release(self, now: datetime) -> None:
        """Let the next process have it at once."""
        if self._fence is not None:
            with self._database.begin() as tx:
                leases.renew_lease(tx, self._name, self._fence, now)
            self._fence = None


def _myself() -> str:
    """Return a name for this process that no later one has: machine, pid and start time."""
    return f"{_machine()}|{os.getpid()}|{_started(os.getpid())}"


@lru_cache(maxsize=1)
def _machine() -> str:
    """Return a name for where this process can see others: two may have one host name.

    The kernel's boot and the namespace of process numbers (machines, containers).
    """
    known = [socket.gethostname()[:40]]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(known)


def _started(pid: int) -> str:
    """Return when a process began, in the kernel's ticks since boot; '' where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    # The name in brackets may hold blanks; field 22 counts from behind it.
    return stat.rpartition(")")[2].split()[19]


def _may_live(holder: str) -> bool:
    machine, _, rest = holder.partition("|")
    pid, _, started = rest.partition("|")
    if machine != _machine() or not pid.isdigit() or not started:
        return True  # Another machine, or no /proc: only time tells.
    return _started(int(pid)) == started
