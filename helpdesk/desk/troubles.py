"""What the secretariat must know of the machine: an outage, what waits for its end, a full disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from helpdesk.desk.health import Health
from helpdesk.store import outbox_view
from helpdesk.store.database import Database

# A connection that is made anew within this time is no news to anybody.
_GRACE = timedelta(seconds=30)

# A month of mail of a busy February; below it the database may stop in the middle of one.
_LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not work."""

    #: mailbox | relay | token | disk
    part: str
    #: When it stopped working; None: that is not known.
    since: datetime | None
    #: When it last worked; None: not since the start.
    heard_at: datetime | None
    #: In the words of the machine, for the operator.
    reason: str
    #: Letters that wait for the relay; megabytes that are free.
    number: int = 0


def troubles(health: Health, database: Database, now: datetime) -> tuple[Trouble, ...]:
    """Return what does not work at the moment, the worst first."""
    found = []
    for part, state in health.snapshot().items():
        if state.ok or now - state.since < _GRACE:
            continue
        waiting = _letters_waiting(database) if part == "relay" else 0
        found.append(Trouble(part, state.since, state.heard_at, state.reason, waiting))
    free = _free_bytes(database)
    if free is not None and free < _LEAST_FREE_BYTES:
        found.append(Trouble("disk", None, None, "", free // 1_000_000))
    return tuple(found)


def _letters_waiting(database: Database) -> int:
    with database.read() as tx:
        return outbox_view.waiting_for_relay(tx)


def _free_bytes(database: Database) -> int | None:
    """Return what is free where the database lies; None where that is another machine."""
    file = database.url.database
    if not database.is_sqlite or not file or file == ":memory:":
        return None
    try:
        return shutil.disk_usage(Path(file).parent).free
    except OSError:
        return None
