"""What happened in a stretch of time, whoever did it."""

from __future__ import annotations

from datetime import datetime

from helpdesk.store import audit_view
from helpdesk.store.audit_view import Trace
from helpdesk.store.database import Database

# Of each kind; a busy day has a few hundred letters.
_MOST = 500


def traces(database: Database, since: datetime, until: datetime) -> list[Trace]:
    """Return what happened, newest first."""
    with database.read() as tx:
        return audit_view.traces(tx, since, until, _MOST)
