"""Who may decide about an action, and how many must agree: marks, hands, call-backs, approvals."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import imported
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciding import ABOUT_ADDRESS, tell
from helpdesk.desk.own_records import is_own
from helpdesk.domain.approval import (
    LASTING,
    Approving,
    Ruling,
    call_back_about,
    facts_hash,
    rule_approval,
)
from helpdesk.store import (
    actions,
    approvals,
    cases,
    casework,
    changes,
    contacts,
    facilities,
)
from helpdesk.store.actions import Action
from helpdesk.store.approvals import Approval
from helpdesk.store.database import Transaction


def marks_now(desk: Desk, tx: Transaction, action: Action, now: datetime) -> tuple[str, ...]:
    """Return what a decider must know of an action: what was noted, and what is so now."""
    found = list(action.marks)
    number = action.certification_number
    if action.kind in ABOUT_ADDRESS and number:
        until = changes.frozen_until(tx, number)
        if until is not None and until > now:
            found.append("frozen")
        found += imported.marks_of(imported.columns_lately(desk, tx, number, now), action.kind)
    if others_of(tx, action):
        found.append("other_change")
    if action.new_address:
        if [one for one in contacts.facilities_at(tx, action.new_address) if one != number]:
            found.append("shared_address")
        if action.new_address.lower().rpartition("@")[2] == desk.mail_domain.lower():
            found.append("own_address")
    return tuple(dict.fromkeys(found))


def others_of(tx: Transaction, action: Action) -> list[str]:
    """Return the cases of changes of the same facility that are under way or came first."""
    number = action.certification_number
    if action.kind != "change_address" or not number:
        return []
    return changes.cases_of_others(tx, number, action.id)


def inherited_marks(tx: Transaction, case_id: int) -> tuple[str, ...]:
    """Return the marks of a case's earlier actions that what follows them has too."""
    found = (mark for one in actions.actions_of_case(tx, case_id) for mark in one.marks)
    return tuple(dict.fromkeys(mark for mark in found if mark in LASTING))


def standing_for(tx: Transaction, action: Action) -> list[Approval]:
    """Return the approvals that count for an action as it stands, oldest first."""
    wanted = facts_hash(action.facts)
    return [one for one in approvals.standing(tx, action.id) if one.facts_hash == wanted]


def rule(desk: Desk, tx: Transaction, action: Action, by: str, now: datetime) -> Ruling:
    """Return what this person's approval of an action is worth."""
    level = desk.rules.identity.level
    marks = marks_now(desk, tx, action, now) if action.kind in ABOUT_ADDRESS else ()
    if action.kind not in ABOUT_ADDRESS:
        level = "standard"  # A letter that tells what the guide tells needs no second person.
    given = [one.by for one in standing_for(tx, action)]
    hands = hands_of(tx, action)
    return rule_approval(
        Approving(
            by=by,
            level=level,
            marks=marks,
            hands=hands,
            given=given,
            deciders=_other_deciders(tx, action, hands),
            called_back=is_called_back(action),
            has_officer=desk.rules.identity.officer is not None,
            own_record=_is_own(tx, action, by),
        )
    )


def hands_of(tx: Transaction, action: Action) -> tuple[str, ...]:
    """Return who entered a request by hand or put right what its decision rests on."""
    entered = _entered_by(tx, action)
    if action.kind not in ABOUT_ADDRESS:
        return entered
    return tuple(dict.fromkeys((*entered, *casework.correctors(tx, action.case_id))))


def _entered_by(tx: Transaction, action: Action) -> tuple[str, ...]:
    """Return who entered a request: what follows from it in its case went through those hands."""
    found = [action]
    if action.kind in ABOUT_ADDRESS:
        found += actions.actions_of_case(tx, action.case_id)
    return tuple(dict.fromkeys(one.entered_by for one in found if one.entered_by))


def _is_own(tx: Transaction, action: Action, by: str) -> bool:
    number = action.certification_number
    facility = facilities.facilities_by_numbers(tx, [number]).get(number) if number else None
    return is_own(tx, by, action, cases.case_by_id(tx, action.case_id), facility)


def _other_deciders(tx: Transaction, action: Action, hands: tuple[str, ...]) -> int:
    """Count who may decide an action: not whose hands it went through, nor whose record it is."""
    return sum(not _is_own(tx, action, one) for one in approvals.deciders(tx, hands))


def require_another(tx: Transaction, action: Action, by: str, act: str) -> None:
    """Raise Refused where a person would vouch for what is their own.

    Their own record as a member, or what they entered or put right by hand. Where nobody
    else may decide there is nobody else to vouch for what was entered.
    """
    require_not_own(tx, action, by, act)
    hands = hands_of(tx, action)
    if by in hands and _other_deciders(tx, action, hands):
        raise Refused(
            f"action {action.id} was entered by the same person or put right by their hand;"
            f" somebody else must {act}"
        )


def require_not_own(tx: Transaction, action: Action, by: str, act: str) -> None:
    """Raise Refused where an action concerns a person's own record as a member."""
    if _is_own(tx, action, by):
        raise Refused(f"action {action.id} concerns your own record; somebody else must {act}")


def about_call(action: Action) -> str:
    """Return the digest of what a call-back is about as the action stands."""
    return call_back_about(
        action.case_number, action.certification_number, action.facts, action.turn
    )


def is_called_back(action: Action) -> bool:
    """Say whether a call-back is on file that is about the action as it stands."""
    return action.called_back_at is not None and action.called_back_for == about_call(action)


def note_approval(tx: Transaction, action: Action, by: str, ruling: Ruling, now: datetime) -> None:
    """Write down one person's approval of the facts as they were shown."""
    new = Approval(action.id, by, now, facts_hash(action.facts), ruling.alone)
    approvals.insert_approval(tx, new, next(iter(_entered_by(tx, action)), None))
    about = {"action": action.id, "kind": action.kind, "needed": ruling.needed}
    about |= {"state": "enough" if ruling.enough else "first", "alone": ruling.alone}
    tell(tx, action, "approved", by, {**about, "count": ruling.needed if ruling.enough else 1})
