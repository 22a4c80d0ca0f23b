"""What works and what does not, in words, for /healthz and the log."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PartState:
    """The last thing known of one part of the daemon."""

    ok: bool
    reason: str
    #: Since when it works, or does not; another reason for not working is no new start.
    since: datetime
    #: When it last worked; None: not yet.
    heard_at: datetime | None = None


class Health:
    """The state of each part; written by the watcher and the sender, read by the console."""

    def __init__(self, parts: tuple[str, ...], now: datetime) -> None:
        """Start with every part not known to work."""
        self._lock = threading.Lock()
        self._parts = {name: PartState(False, "starting", now) for name in parts}

    def report(
        self, part: str, now: datetime, problem: str | None = None, *, note: str = ""
    ) -> bool:
        """Take note that a part works, or why not; True where that is a change.

        `note` says something of a part that works: another process does it, which is no sign
        of life from the part itself.
        """
        with self._lock:
            before = self._parts[part]
            ok, reason = problem is None, problem or note
            changed = (before.ok, before.reason) != (ok, reason)
            since = before.since if before.ok == ok else now
            heard_at = now if ok and not note else before.heard_at
            self._parts[part] = PartState(ok, reason, since, heard_at)
        return changed

    def snapshot(self) -> dict[str, PartState]:
        """Return the state of every part by name."""
        with self._lock:
            return dict(self._parts)
