"""Telling the portal what was approved: a list for its staff, and a webhook where there is one."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import structlog

from helpdesk.desk import change_acts
from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.approval import MARKS
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import JST
from helpdesk.domain.csv_safety import safe_cell
from helpdesk.hook import Called, call
from helpdesk.store import actions, audit, portal_changes
from helpdesk.store.database import Database, Transaction
from helpdesk.store.portal_changes import PortalChange

log = structlog.get_logger(__name__)

_COLUMNS = (
    "番号", "種別", "受付番号", "認定番号", "施設名", "変更前", "変更後", "承認者",
    "承認後の登録日時", "反映", "反映日時", "反映者", "注意",
)  # fmt: skip

_KINDS = {"change": "変更", "revert": "取り消し", "withdraw": "変更の取り下げ"}
_STATES = {"waiting": "未", "reflected": "済", "withdrawn": "取り下げ"}

# What the portal's staff should see before they enter a change.
_NOTED = ("notice_failed",)

# Few: each may take seconds, and other jobs of the calendar wait behind.
_CALLS_A_TURN = 5

# A call that was cut off is tried again after this.
_LEASE = timedelta(seconds=60)


def export(desk: Desk, by: str, now: datetime, *, every: bool = False) -> str:
    """Return the list for the portal's staff as CSV: what waits, or everything there was."""
    with desk.database.begin() as tx:
        found = portal_changes.listed(tx, waiting_only=not every, hold=True)
        portal_changes.mark_exported(tx, [one.id for one in found], now)
        audit.note(tx, Event("exported", by[:80], "command", about={"count": len(found)}))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows([safe_cell(value) for value in _cells(one)] for one in found)
    return out.getvalue()


def taken_back(database: Database) -> list[PortalChange]:
    """Return what the portal must undo: changes that were undone here, or stopped too late."""
    with database.read() as tx:
        found = portal_changes.listed(tx, waiting_only=True)
    return [one for one in found if one.kind != "change"]


def _cells(one: PortalChange) -> tuple[object, ...]:
    return (
        one.id,
        _KINDS[one.kind],
        one.case_number,
        one.certification_number,
        one.facility_name,
        one.address_before,
        one.address_after,
        one.decided_by,
        _local(one.created_at),
        _STATES[one.state],
        _local(one.reflected_at),
        one.reflected_by,
        "、".join(MARKS[mark] for mark in one.marks if mark in _NOTED),
    )


def _local(at: datetime | None) -> str:
    return at.astimezone(JST).strftime("%Y-%m-%d %H:%M") if at else ""


def deliver_due(desk: Desk, now: datetime) -> int:
    """Call the webhook with what is due; return how many calls were made."""
    hook = desk.webhook
    if hook is None:
        return 0
    with desk.database.read() as tx:
        if not portal_changes.anything_due(tx, now):
            return 0
    with desk.database.begin() as tx:
        due = portal_changes.claim_due(tx, now, now + _LEASE, _CALLS_A_TURN)
    for one in due:
        _record(desk, one, call(hook, _content(one), _key(one), now), now)
    return len(due)


def _content(one: PortalChange) -> dict[str, object]:
    return {
        "id": one.id,
        "type": f"address_{one.kind}",
        "case": one.case_number,
        "certification_number": one.certification_number,
        "address_before": one.address_before,
        "address_after": one.address_after,
        "created_at": one.created_at.isoformat(),
    }


def _key(one: PortalChange) -> str:
    """Return the idempotency key: the same for every try at one change."""
    return f"helpdesk-{one.case_number}-{one.kind}-{one.id}"


def _record(desk: Desk, one: PortalChange, called: Called, now: datetime) -> None:
    outbox = desk.rules.outbox
    hook, due_at = called.outcome, None
    if called.outcome == "temporary":
        hook = "failed" if one.attempts + 1 >= outbox.attempts else "deferred"
        wait = outbox.retry_first.timedelta * 2**one.attempts
        due_at = now + min(wait, outbox.retry_longest.timedelta) if hook == "deferred" else None
    elif called.outcome == "refused":
        hook = "failed"
    with desk.database.begin() as tx:
        actions.lock(tx, one.action_id)  # First, as whoever decides about it does.
        attempt = one.attempts + 1
        state = portal_changes.end_call(tx, one.id, attempt, hook, called.error, due_at)
        if hook == "acknowledged" and state is not None:
            _acknowledged(desk, tx, one, state, now)
    log.info("portal_called", change=one.id, state=hook)


def _acknowledged(
    desk: Desk, tx: Transaction, one: PortalChange, state: str, now: datetime
) -> None:
    """Finish what the portal has; `state`: of this very entry, whatever came after it."""
    about = {"action": one.action_id}
    audit.note(tx, Event("portal_acknowledged", "portal", "webhook", one.case_number, about))
    if state == "reflected":
        return  # A person, or an earlier call, has said so already.
    if one.kind != "change":
        if state == "waiting":
            portal_changes.settle(tx, one.action_id, one.kind, "portal", now)
        return
    error = "it was withdrawn"
    if state == "waiting":
        try:
            change_acts.put_in_force(desk, tx, one.action_id, "portal", now)
        except Refused as refused:
            error = str(refused)
        else:
            return
    # It was stopped while the call was on its way: a person sees to it.
    _say_it_was_faster(tx, one)
    log.warning("portal_was_faster", change=one.id, error=error)


def _say_it_was_faster(tx: Transaction, one: PortalChange) -> None:
    action = actions.action_by_id(tx, one.action_id)
    note = "マイページ側は変更を受け取りましたが、その間に止められています。"
    # It is added: why it was stopped stands there.
    if action is not None and note not in action.note:
        actions.annotate(tx, one.action_id, note=f"{action.note}{note}")
