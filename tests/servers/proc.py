"""Processes as the kernel shows them, so that nothing is left behind."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Processes that are not ours to kill (Postfix under sudo) end by themselves in less.
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process; its start time tells it from a later one with the same number."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Return whether this very process still runs."""
        fields = _stat(self.pid)
        return fields is not None and fields[19] == self.started and fields[0] != "Z"

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if this very process still runs."""
        if self.is_alive():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)


def end_session(leader: int, patience_s: float = 0.3) -> None:
    """See a session end whose leader was told to; what does not end in time is killed.

    What a test froze is woken up first. Dovecot's log process would wait a second more.
    """
    number, deadline = signal.SIGCONT, time.monotonic() + patience_s
    while members := session_of(leader):
        for process in members:
            process.send(number)
        if time.monotonic() >= deadline + _PATIENCE_S:
            raise TimeoutError(f"processes of a test's server do not end: {members}")
        number = signal.SIGKILL if time.monotonic() >= deadline else signal.SIGCONT
        time.sleep(0.01)


def session_of(leader: int) -> list[Process]:
    """Return the processes that still run in the session that `leader` opened."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None and fields[3] == str(leader) and fields[0] != "Z":
                found.append(Process(int(entry.name), fields[19]))
    return found


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the state on (proc(5), field 3)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in brackets and may itself hold spaces and brackets.
    return text.rpartition(")")[2].split()
