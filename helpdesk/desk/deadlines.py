"""What the calendar does: every job is one call with `now`, whoever makes it.

The scheduler and the rehearsal call the same functions, so that what is rehearsed is
what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from helpdesk.desk import (
    change_turn,
    correction_letters,
    digest,
    link_notices,
    officer,
    persons,
    portal,
    reminders,
    undelivered,
)
from helpdesk.desk.context import Desk

#: Name to job, in the order in which they are done when several are due. Each returns
#: how many things it did; none does anything twice.
JOBS: Mapping[str, Callable[[Desk, datetime], int]] = {
    "refusals": undelivered.note_refusals,
    "digest": digest.write_digest,
    "reminders": reminders.write_due,
    "corrections": correction_letters.follow_up,
    "links": link_notices.follow_up,
    "changes": change_turn.follow_up,
    "officer": officer.write_list,
    "portal": portal.deliver_due,
    "retention": persons.purge_daily,
}


def turn(desk: Desk, now: datetime) -> int:
    """Do every job once; return how many things were done."""
    return sum(job(desk, now) for job in JOBS.values())
