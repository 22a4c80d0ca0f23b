"""The scheduler wakes the calendar's jobs. It holds no state: the rows decide what is due.

The one door to APScheduler.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from helpdesk.desk.auditing import log_head_daily
from helpdesk.desk.context import Desk
from helpdesk.desk.deadlines import JOBS as CALENDAR
from helpdesk.desk.persons import forget_old_pages
from helpdesk.desk.search import catch_up
from helpdesk.errors import HelpdeskError

log = structlog.get_logger(__name__)

# Looking costs a few reads; a letter of nine o'clock should not leave at half past.
_EVERY_S = 10

# The last step of a change is waited for at the other end; its look is one read by index.
# What is erased is gone within a minute: to empty the log oftener would only cost the disk.
_EVERY_S_OF = {"changes": 2, "portal": 2, "old_pages": 60}

# The clock is compared with the machine's own count so often.
CLOCK_CHECK_S = 5.0

# A step of the clock that people should know of (a wrong time server, a long sleep).
_JUMP_S = 300.0


#: The calendar's jobs, what keeps the search up to date, and what no rehearsal does.
JOBS = {
    **CALENDAR,
    "search": catch_up,
    "audit_head": log_head_daily,
    "old_pages": forget_old_pages,
}


class Scheduler:
    """Calls every job again and again, one at a time, until it is stopped."""

    def __init__(self, desk: Callable[[], Desk], on_done: Callable[[], None]) -> None:
        """Prepare; `desk` gives the rules in force, `on_done` wakes the sender."""
        self._desk = desk
        self._on_done = on_done
        # One thread: two jobs at once would only wait for each other's transactions.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            # After a sleep of three days a job is due once and not a thousand times.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name in JOBS:
            self._scheduler.add_job(
                partial(self._run, name), "interval", id=name,
                seconds=_EVERY_S_OF.get(name, _EVERY_S),
                next_run_time=datetime.now(UTC),
            )  # fmt: skip

    def start(self) -> None:
        """Start waking."""
        self._scheduler.start()

    def wake(self) -> None:
        """Do every job now: the rules changed, or the clock was set back."""
        for name in JOBS:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Stop waking; a job in hand ends its transaction."""
        self._scheduler.shutdown(wait=True)

    def _run(self, name: str) -> None:
        """Do one job; whatever goes wrong is logged, and the next wake-up tries again."""
        try:
            done = JOBS[name](self._desk(), datetime.now(UTC))
            if done:
                log.info("job_done", job=name, count=done)
                self._on_done()
        except HelpdeskError as error:
            log.warning("job_failed", job=name, error=str(error))
        except Exception as error:
            log.error("job_failed", job=name, error=type(error).__name__, exc_info=True)


def clock_jumped(wall_s: float, steady_s: float) -> bool:
    """Say whether the clock moved by something else than time.

    `wall_s`, `steady_s`: seconds that have passed by the clock and by the machine's count.
    """
    return abs(wall_s - steady_s) > _JUMP_S
