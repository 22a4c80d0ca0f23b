"""Telling the registered address (①): to itself, in full on a ground, else a hint."""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.desk import imported
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciding import facts_shown, write_result
from helpdesk.desk.deciding import tell as note_told
from helpdesk.desk.judging import Judged
from helpdesk.desk.reading import ReadMail
from helpdesk.desk.who_decides import inherited_marks, is_called_back
from helpdesk.domain.approval import MARKS
from helpdesk.domain.disclosure import WISHES, Asked, Disclosure, decide_disclosure, hint_of
from helpdesk.domain.registry import Facility
from helpdesk.store import actions, contacts, facilities, letters
from helpdesk.store.actions import Action, NewAction
from helpdesk.store.cases import Case
from helpdesk.store.contacts import NewTask
from helpdesk.store.database import Transaction

# Repeated requests must not fill the registered mailbox: one letter a day says it all.
_NOTICE_REST = timedelta(hours=24)

_AT_REGISTERED = "address_at_registered"


def plan(
    desk: Desk,
    tx: Transaction,
    action: Action,
    case: Case,
    *,
    wish: str | None,
    reason: str,
    copy_to: str | None,
    now: datetime,
) -> Disclosure:
    """Return who would be told what. Raises Refused where the level forbids it."""
    if wish is not None and wish not in WISHES:
        raise Refused(f"there is no such way to tell; write one of: {', '.join(WISHES)}")
    facility = facility_of(tx, action)
    found = decide_disclosure(
        Asked(
            level=desk.rules.identity.level,
            registered=facility.address if facility else "",
            member_address=facility.member_address if facility else "",
            sender=case.correspondent,
            authenticated=action.authenticated,
            public_domains=desk.rules.identity.public_domains,
            called_back=is_called_back(action),
            member_imported="member_address"
            in imported.columns_lately(desk, tx, action.certification_number, now),
            wish=wish,
            reason=reason,
            copy_to=copy_to,
        )
    )
    if found.refused:
        raise Refused(found.refused)
    return found


def facility_of(tx: Transaction, action: Action) -> Facility | None:
    """Return the facility that an action speaks of, as the registry has it now."""
    number = action.certification_number
    return facilities.facilities_by_numbers(tx, [number]).get(number) if number else None


def tell(
    desk: Desk,
    tx: Transaction,
    action: Action,
    case: Case,
    disclosure: Disclosure,
    by: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Write the letters of a disclosure."""
    facility = facility_of(tx, action)
    assert facility is not None  # noqa: S101 - else there is nothing to disclose
    address = facility.address
    values: dict[str, object] = {"clerk": by, "address": address}
    # The rest spares the mailbox; that somebody else was told the whole is always said.
    rested = bool(disclosure.full) or not letters.written_since(
        tx, _AT_REGISTERED, address, now - _NOTICE_REST
    )
    if case.correspondent.lower() == address.lower() and not disclosure.full:
        write_result(desk, tx, case, action, "address_told", address, values, now)
    elif disclosure.full or (disclosure.registered and rested):
        about = {
            **values,
            "addressee": "ご担当者 様",
            "facility_name": facility.name,
            "told_others": bool(disclosure.full),
        }
        write_result(desk, tx, case, action, _AT_REGISTERED, address, about, now)
    for recipient, ground in disclosure.full:
        to = "sender" if recipient == case.correspondent else "other"
        note_told(tx, action, "told", by, {"to": to, "ground": ground, "reason": bool(reason)})
        write_result(
            desk, tx, case, action, "address_told", recipient, values, now, purpose=recipient
        )
    hint = hint_of(address) if disclosure.with_hint else None
    for recipient in disclosure.hinted:
        write_result(
            desk,
            tx,
            case,
            action,
            "address_hint",
            recipient,
            {"clerk": by, "hint": hint},
            now,
            purpose=recipient,
        )


def queue_not_received(
    desk: Desk, tx: Transaction, read: ReadMail, case: Case, now: datetime
) -> None:
    """Open what follows 「届きません」: a task to telephone, and the action that waits for it."""
    of_case = actions.actions_of_case(tx, case.id)
    told = [
        one
        for one in of_case
        if one.kind == "confirm_address" and one.state == "done" and one.certification_number
    ]
    if not told:
        return
    waiting = ("waiting", "held", "expired")
    if any("not_received" in one.marks and one.state in waiting for one in of_case):
        return  # Said once more: somebody is to telephone already.
    before = told[-1]
    number = before.certification_number or ""
    facility = facility_of(tx, before)
    judged = Judged(
        outcome=before.verdict or "",
        certification_number=number,
        facility_version=facilities.facility_version(tx, number),
        evidence=before.evidence,
        facility=facility,
    )
    new = NewAction(
        purpose_key=f"mail:{read.stored.id}:confirm_address",
        case_id=case.id,
        kind="confirm_address",
        verdict=judged.outcome,
        certification_number=number,
        facility_version=judged.facility_version,
        new_address=None,
        evidence=before.evidence,
        note=f"{MARKS['not_received']}。",
        marks=("not_received", *inherited_marks(tx, case.id)),
        facts=facts_shown(desk, case, judged, None),
        authenticated=before.authenticated,
    )
    actions.insert_action(tx, new, now)
    add_call_back_task(tx, case, number, "メールアドレスの確認（届きません）", now)


def add_call_back_task(
    tx: Transaction, case: Case, number: str, subject: str, now: datetime, turn: int = 0
) -> None:
    """Put a facility on the list of those to telephone, by the registry's number."""
    key = f"call_back:{case.number}:{japan_date(now).isoformat()}" + (f":{turn}" if turn else "")
    text = f"{subject} {case.number}"
    contacts.insert_task(tx, NewTask(key, number, text, "call_back", None), now)


def end_call_back_tasks(
    tx: Transaction, case_number: str, number: str, by: str, now: datetime
) -> None:
    """End the open tasks to telephone about a case."""
    for task_id, purpose, _number in contacts.open_tasks_of(tx, [number]):
        if purpose.startswith(f"call_back:{case_number}:"):
            contacts.end_task(tx, task_id, "done", by, now)


def was_hinted(tx: Transaction, case_id: int) -> bool:
    """Say whether a case's correspondent was sent a hint, and so may say 「届きません」."""
    return letters.case_has(tx, case_id, "address_hint")
