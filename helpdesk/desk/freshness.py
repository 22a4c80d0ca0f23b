"""How old the registry's import is, and the alert to staff where letters wait for one."""

from __future__ import annotations

from datetime import datetime

import structlog

from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.notices import Notice, as_of, staff_address, write_notice
from helpdesk.domain.campaign import is_stale
from helpdesk.domain.period import format_moment
from helpdesk.store import facilities, letters
from helpdesk.store.database import Transaction

log = structlog.get_logger(__name__)


def registry_is_stale(desk: Desk, tx: Transaction, now: datetime) -> bool:
    """Say whether the last import is too old to remind anybody on."""
    at = facilities.last_import_at(tx)
    oldest = desk.rules.deadlines.registry_max_age.amount
    imported_on = japan_date(at) if at else None
    return is_stale(imported_on, japan_date(now), oldest, desk.rules.desk.calendar)


def tell_staff(
    desk: Desk, occasion: str, subject: str, step: str, due_at: datetime, now: datetime
) -> None:
    """Tell staff, once an occasion, that letters about `subject` wait for an import."""
    purpose = f"registry_stale:{occasion}"
    with desk.database.read() as tx:
        if letters.purpose_exists(tx, purpose):
            return
    with desk.database.begin() as tx:
        values = {
            "campaign": subject,
            "step": step,
            "due_at": format_moment(due_at),
            "as_of": as_of(tx),
        }
        notice = Notice("registry_stale", purpose, staff_address(desk), "digest", values)
        write_notice(desk, tx, None, notice, now)
    log.warning("registry_stale", occasion=occasion)


def tell_of_waiting(desk: Desk, subject: str, kind: str, number: int, now: datetime) -> None:
    """Tell staff, once an import, that so many reminders of one kind wait for the next."""
    with desk.database.read() as tx:
        at = facilities.last_import_at(tx)
    since = japan_date(at).isoformat() if at else "never"
    tell_staff(desk, f"{kind}:{since}", subject, f"督促 {number}件", now, now)
