"""The change of an address on its way: each step writes its letters and sets its date.

What a step is follows from domain/change.py; here it is carried out, in the caller's
transaction.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import structlog

from helpdesk.desk import imported, telling
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciding import (
    existing,
    facts_moved,
    moment_after,
    purpose_of,
    write_result,
)
from helpdesk.desk.portal_news import announce, withdraw
from helpdesk.desk.who_decides import is_called_back
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import format_date, format_datetime
from helpdesk.domain.change import (
    APPROVED,
    CONFIRM_LETTER,
    CONFIRMING,
    COOLING,
    EXPIRED,
    FOR_CALL_BACK,
    FOR_OTHER,
    FOR_PORTAL,
    FOR_TIME,
    FOR_TOKEN,
    HELD,
    NOTICE_LETTER,
    OLD_FAILED_NOTE,
    PORTAL,
    STANDARD,
    STOPPED_NOTE,
    WAITING,
    Standing,
    Step,
    begins_anew,
    step,
)
from helpdesk.domain.disclosure import domain_of, hint_of
from helpdesk.domain.mail_domains import is_shared
from helpdesk.domain.token import TOKEN_BYTES, spell_token, token_digest
from helpdesk.store import (
    actions,
    approvals,
    audit,
    cases,
    casework,
    changes,
    contacts,
    facilities,
)
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.changes import Change, Notice
from helpdesk.store.database import Transaction

log = structlog.get_logger(__name__)


def begin(desk: Desk, tx: Transaction, action: Action, case: Case, now: datetime) -> str:
    """Set an approved change on its way and return its state. Raises Refused."""
    number, new = action.certification_number, action.new_address
    if not number or not new or not is_mail_address(new):
        raise Refused(f"action {action.id} names no facility or no usable address; reject it")
    facility = telling.facility_of(tx, action)
    old = facility.address if facility else ""
    if old.lower() == new.lower():
        raise Refused(f"{number} has this address already; reject the action")
    asked_from_old = (
        action.authenticated
        and case.correspondent.lower() == old.lower() != ""
        # A provider vouches for all its customers alike.
        and not is_shared(domain_of(old), desk.rules.identity.public_domains)
        # What somebody here put right is not what came from there.
        and not casework.correctors(tx, case.id)
    )
    change = changes.begin(
        tx,
        action_id=action.id,
        case_id=case.id,
        certification_number=number,
        old_address=old,
        new_address=new,
        asked_from_old=asked_from_old,
    )
    about = (change.certification_number, change.old_address.lower(), change.new_address.lower())
    if about != (number, old.lower(), new.lower()):  # Approved once more on another registry.
        changes.update_change(
            tx, change, certification_number=number, old_address=old, new_address=new,
            old_token=None, old_failed_at=None, **_ANEW,
        )  # fmt: skip
    # A request that was stopped is an exception, whoever it came from; where nobody had
    # approved it by then, only its mark says so.
    asked_from_old = asked_from_old and change.stopped_at is None and "stopped" not in action.marks
    changes.update_change(tx, change, asked_from_old=asked_from_old)
    state = advance(desk, tx, action.id, "set_out", now)
    assert state is not None  # noqa: S101 - its state was looked at under the lock
    return state


#: What speaks for a change where it begins anew: nothing.
_ANEW: dict[str, Any] = {
    "confirmed_at": None,
    "confirmed_by": None,
    "proof_from": None,
    "told_old_at": None,
    "old_agreed_at": None,
    "asked_from_old": False,
}


def standing_of(
    desk: Desk, tx: Transaction, change: Change, called_back: bool, now: datetime
) -> Standing:
    """Return where a change stands and what speaks for it."""
    old = change.old_address
    reached = is_mail_address(old) and change.old_failed_at is None
    if change.told_old_at is not None and reached:
        notice = _notice(tx, change)
        reached = notice is not None and notice.state not in ("failed", "cancelled")
    return Standing(
        state=change.state,
        level=desk.rules.identity.level,
        old_reached=reached and not contacts.is_unreachable(tx, old),
        confirmed=change.confirmed_at is not None,
        old_told=change.told_old_at is not None,
        old_agreed=change.old_agreed_at is not None,
        asked_from_old=change.asked_from_old,
        called_back=called_back,
        old_imported="address"
        in imported.columns_lately(desk, tx, change.certification_number, now),
        other_first=changes.another_first(tx, change),
    )


def _notice(tx: Transaction, change: Change) -> Notice | None:
    """Return how far the notice of this round to the old address has come."""
    return changes.notice_of(tx, purpose_of(NOTICE_LETTER, change.action_id, str(change.round)))


def cooled_at(desk: Desk, tx: Transaction, change: Change) -> datetime | None:
    """Return when the old address had its time to object; None: its notice has not left yet."""
    notice = _notice(tx, change)
    if notice is None or notice.sent_at is None or notice.state != "sent":
        return None
    return moment_after(desk, notice.sent_at, desk.rules.identity.cool_off)


def advance(
    desk: Desk,
    tx: Transaction,
    action_id: int,
    event: str,
    now: datetime,
    *,
    by: str = "system",
    marks: tuple[str, ...] = (),
    note: str = "",
    logged_as: str | None = None,
) -> str | None:
    """Let something happen to a change and return its new state; None: it means nothing now.

    `marks` and `note` stand beside the step's own; the log says `logged_as`, else the event.
    """
    change = changes.change_of(tx, action_id)
    if change is None:
        return None
    action = existing(tx, action_id)
    if change.state in (APPROVED, CONFIRMING, COOLING):  # Of two that set out one is first.
        facilities.lock_version(tx, change.certification_number)
    after = step(standing_of(desk, tx, change, is_called_back(action), now), event)
    if after is None:
        return None
    known = tuple(dict.fromkeys((*action.marks, *marks)))
    said = f"{after.note}{note}" or None
    if said and action.state == after.state == HELD:  # Why it was held before stays there.
        said = action.note if said in action.note else f"{action.note}{said}"
    if not actions.go_to(
        tx, action.id, from_state=action.state, to_state=after.state, note=said, marks=known
    ):
        return None
    case = cases.case_by_id(tx, change.case_id)
    if after.state == PORTAL:
        announce(desk, tx, change, "change", now)
    elif action.state == PORTAL:
        withdraw(desk, tx, change, now)
    values = _written(desk, tx, action, case, change, after, now)
    if begins_anew(action.state, after.state):
        values |= _ANEW
        actions.begin_anew(tx, action.id)
    if event == "stopped":
        values["stopped_at"] = now
    changes.update_change(tx, change, waits_for=after.waits_for, **values)
    if after.state in (HELD, "expired", WAITING):
        approvals.end(tx, action.id, now)
        cases.set_state(tx, case.id, "waiting_staff", now)
    if after.waits_for == FOR_CALL_BACK and change.waits_for != FOR_CALL_BACK:
        telling.add_call_back_task(
            tx, case, change.certification_number, "メールアドレスの変更の確認", now, action.turn
        )
    _note(tx, action, logged_as or event, after.state, by)
    return after.state


def _note(tx: Transaction, action: Action, event: str, state: str, by: str = "system") -> None:
    about = {"action": action.id, "change": event, "state": state}
    audit.note(tx, Event("change", by, f"action:{action.id}", action.case_number, about))
    log.info("change", action_id=action.id, change=event, state=state)


def _written(
    desk: Desk,
    tx: Transaction,
    action: Action,
    case: Case,
    change: Change,
    after: Step,
    now: datetime,
) -> dict[str, Any]:
    """Write the letters of a step; return what is to be kept of it."""
    identity = desk.rules.identity
    lifetimes = {
        FOR_TOKEN: identity.token_lifetime,
        FOR_TIME: identity.cool_off,
        FOR_CALL_BACK: identity.approval_lifetime,
        FOR_PORTAL: identity.approval_lifetime,
    }
    wait = lifetimes.get(after.waits_for or "")
    due = moment_after(desk, now, wait) if wait is not None else None
    if after.waits_for == change.waits_for == FOR_TIME:
        due = change.due_at  # It was waiting for that already.
    if after.waits_for == FOR_OTHER:
        due = now  # Each turn of the calendar looks again.
    kept: dict[str, Any] = {"due_at": due}
    if CONFIRM_LETTER in after.letters:
        token = spell_token(secrets.token_bytes(TOKEN_BYTES))
        kept |= {"token": token_digest(desk.key, token), "round": change.round + 1}
        values: dict[str, object] = {
            "token": token,
            "answer_by": format_date(japan_date(due or now)),
        }
        write_result(
            desk, tx, case, action, CONFIRM_LETTER, change.new_address, values, now,
            purpose=str(change.round + 1), automatic=True,
        )  # fmt: skip
    if NOTICE_LETTER in after.letters:
        token = spell_token(secrets.token_bytes(TOKEN_BYTES))
        kept |= {"old_token": token_digest(desk.key, token), "told_old_at": now}
        facility = telling.facility_of(tx, action)
        values = {
            "addressee": "ご担当者 様",
            "token": token,
            "facility_name": facility.name if facility else "",
            "new_hint": hint_of(change.new_address),
            "until": format_datetime(due) if after.waits_for == FOR_TIME and due else None,
            "agreeing_ends_wait": desk.rules.identity.level == STANDARD,
        }
        write_result(
            desk, tx, case, action, NOTICE_LETTER, change.old_address, values, now,
            purpose=str(change.round), automatic=True,
        )  # fmt: skip
    return kept


def old_failed(desk: Desk, tx: Transaction, change: Change, now: datetime) -> str | None:
    """Take note that the old address was not told: its notice came back, or was refused.

    Where the change goes on all the same, since the level or a call-back says so, that is
    seen wherever it is shown: nobody at the old address knows of it.
    """
    changes.update_change(tx, change, old_failed_at=now)
    state = advance(desk, tx, change.action_id, "old_failed", now)
    if state is None and change.state in (COOLING, PORTAL):
        action = existing(tx, change.action_id)
        marks = tuple(dict.fromkeys((*action.marks, "notice_failed")))
        actions.annotate(tx, action.id, note=OLD_FAILED_NOTE, marks=marks)
        cases.set_state(tx, action.case_id, "waiting_staff", now)
        _note(tx, action, "old_failed", action.state)
    return state


def hold_request(tx: Transaction, action_id: int, note: str, now: datetime) -> None:
    """Hold a change that nobody has approved yet, because its old address asks for that."""
    actions.lock(tx, action_id)
    action = existing(tx, action_id)
    marks = tuple(dict.fromkeys((*action.marks, "stopped")))
    said = f"{STOPPED_NOTE}{note}"
    if action.state not in (WAITING, EXPIRED) or not actions.go_to(
        tx, action_id, from_state=action.state, to_state=HELD, note=said, marks=marks
    ):
        return
    actions.begin_anew(tx, action_id)
    approvals.end(tx, action_id, now)
    cases.set_state(tx, action.case_id, "waiting_staff", now)
    _note(tx, action, "stopped", HELD)


def confirm(desk: Desk, tx: Transaction, action_id: int, by: str, now: datetime) -> str | None:
    """Take the new address for confirmed: by its `answer`, or by a person's name."""
    change = changes.change_of(tx, action_id)
    if change is None or change.state != "confirming":
        return None
    if back_to_queue(desk, tx, action_id, now):
        return WAITING
    changes.update_change(tx, change, confirmed_at=now, confirmed_by=by, token=change.token)
    return advance(desk, tx, action_id, "confirmed", now)


def back_to_queue(desk: Desk, tx: Transaction, action_id: int, now: datetime) -> str | None:
    """Send a change back where the registry is not the one that was approved; say what moved."""
    action = existing(tx, action_id)
    case = cases.case_by_id(tx, action.case_id)
    if action.state == PORTAL and _portal_shows(tx, action):
        return None  # An import came before the clerk; there is nothing left to decide.
    moved = facts_moved(desk, tx, action, case)
    if not moved:
        return None
    names = "、".join(moved)
    note = f"承認の後に、次の内容が変わりました：{names}。もう一度ご確認ください。"
    actions.go_to(tx, action_id, from_state=action.state, to_state=WAITING, note=note)
    actions.begin_anew(tx, action_id)
    approvals.end(tx, action_id, now)
    change = changes.change_of(tx, action_id)
    if change is not None:
        withdraw(desk, tx, change, now)
        changes.update_change(tx, change, waits_for=None, due_at=None, **_ANEW)
    cases.set_state(tx, case.id, "waiting_staff", now)
    _note(tx, action, "facts_moved", WAITING)
    return (
        f"the registry has changed since action {action_id} was approved ({names}); it is back in"
        f" the queue: look at it once more with helpdesk queue show {action_id}"
    )


def _portal_shows(tx: Transaction, action: Action) -> bool:
    change = changes.change_of(tx, action.id)
    if change is None:
        return False
    present = facilities.address_of(tx, change.certification_number)
    return present.lower() == change.new_address.lower()
