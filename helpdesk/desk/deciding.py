"""What every decision of a person needs: the action as it stands, its facts, its approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.judging import Judged, judge_fields
from helpdesk.desk.writing import Intent, addressee_for, write_letter
from helpdesk.domain.approval import (
    changed_facts,
    facts_of,
)
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import JST
from helpdesk.domain.change import DECIDABLE
from helpdesk.domain.identity import AMBIGUOUS, VERIFIED
from helpdesk.rules import Duration
from helpdesk.store import (
    actions,
    audit,
    cases,
    facilities,
)
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction
from helpdesk.store.vault import vault_of

# Enough that no two addresses of one action share them.
_PURPOSE_DIGITS = 16

#: Kinds of actions that speak of a facility's address.
ABOUT_ADDRESS = ("confirm_address", "change_address")

#: Facts that say who the responsible physician is.
_PERSON = ("facility", "physician", "member_number", "birthdate")

_DONE_IN_WORDS = {
    "done": "done",
    "rejected": "rejected",
    "portal": "approved",
    "confirming": "approved",
    "cooling": "approved",
}


def existing(tx: Transaction, action_id: int) -> Action:
    """Return an action. Raises Refused where there is none."""
    action = actions.action_by_id(tx, action_id)
    if action is None:
        raise Refused(f"there is no action {action_id}; see: helpdesk queue list --all")
    return action


def decidable(tx: Transaction, action_id: int) -> Action:
    """Return an action that a person may decide now, held until the transaction ends."""
    actions.lock(tx, action_id)
    action = existing(tx, action_id)
    if action.state not in DECIDABLE:
        raise Refused(not_in_state(action, "waiting"))
    return action


def not_in_state(action: Action, wanted: str) -> str:
    """Say why an action cannot be decided: who decided it, or what comes first."""
    if action.state == "portal" and wanted == "waiting":
        return (
            f"action {action.id} was approved already by {action.decided_by};"
            f" once the portal has it: helpdesk queue reflected {action.id}"
        )
    if action.state in DECIDABLE:
        return f"action {action.id} is not approved yet; first: helpdesk queue approve {action.id}"
    if wanted == "portal" and action.state in ("confirming", "cooling"):
        waits = {"confirming": "the new address has not answered yet", "cooling": "it is cooling"}
        return f"action {action.id} is {action.state}: {waits[action.state]}"
    by = action.reflected_by or action.decided_by
    done = _DONE_IN_WORDS.get(action.state, action.state)
    return f"action {action.id} is {done} already, decided by {by}"


def facts_shown(desk: Desk, case: Case, judged: Judged, new_address: str | None) -> dict[str, str]:
    """Return the digests of what a decider is shown (see domain/approval.py)."""
    return facts_of(
        desk.key,
        fields=case.fields,
        sender=case.correspondent,
        new_address=new_address,
        verdict=judged.outcome,
        facility=judged.facility,
    )


def judged_anew(desk: Desk, tx: Transaction, action: Action, case: Case) -> str | None:
    """Look whether the facts are still those that were shown; keep the new ones if not.

    Returns the sentence that refuses the approval, or None where all is as shown.
    """
    moved = facts_moved(desk, tx, action, case)
    if not moved:
        return None
    outcome = existing(tx, action.id).verdict
    return (
        f"the registry has changed since action {action.id} was shown ({'、'.join(moved)}); it was"
        f" judged again ({outcome}): look at it once more with"
        f" helpdesk queue show {action.id}"
    )


def facts_moved(desk: Desk, tx: Transaction, action: Action, case: Case) -> list[str]:
    """Return the names of the facts that are not those that were shown, as staff read them.

    The action speaks of the new ones from then on.
    """
    number = action.certification_number
    version = facilities.lock_version(tx, number) if number else None
    if version is not None and version == action.facility_version and action.facts:
        return []
    judged = _judged_now(desk, tx, action, case, version)
    facts = facts_shown(desk, case, judged, action.new_address)
    moved = changed_facts(action.facts, facts) if action.facts else ["施設"]
    if moved or judged.facility_version != action.facility_version:
        keep_verdict(tx, action, judged, facts, moved=bool(moved))
    if moved:
        tell(tx, action, "facts_moved", "system", {"facts": moved, "outcome": judged.outcome})
    return moved


def _judged_now(
    desk: Desk, tx: Transaction, action: Action, case: Case, version: int | None
) -> Judged:
    """Return the verdict on the registry as it is now.

    Where the proofs were erased with the case, the verdict stands as long as the registry
    holds the same person; of another one nothing was proved.
    """
    erased = not any(case.fields.get(name) for name in cases.PROOFS)
    number = action.certification_number
    if action.verdict != VERIFIED or not erased or number is None:
        return judge_fields(desk, tx, dict(case.fields), case.missing)
    facility = facilities.facilities_by_numbers(tx, [number]).get(number)
    before = Judged(VERIFIED, number, version, action.evidence, facility)
    facts = facts_shown(desk, case, before, action.new_address)
    same = all(facts.get(name) == action.facts.get(name) for name in _PERSON)
    return before if same else replace(before, outcome=AMBIGUOUS)


def keep_verdict(
    tx: Transaction,
    action: Action,
    judged: Judged,
    facts: dict[str, str],
    *,
    moved: bool = False,
) -> None:
    """Let an action speak of the registry as it is now; `moved`: it spoke of other facts."""
    actions.judge_anew(
        tx,
        action.id,
        verdict=judged.outcome,
        certification_number=judged.certification_number,
        facility_version=judged.facility_version,
        evidence=judged.evidence,
        facts=facts,
        moved=moved or action.facts_moved,
    )


def tell(
    tx: Transaction, action: Action, event: str, by: str, about: dict[str, object] | None = None
) -> None:
    """Keep in the audit log what a person did with an action."""
    cause = f"action:{action.id}"
    audit.note(
        tx, Event(event, by, cause, action.case_number, {"action": action.id, **(about or {})})
    )


def refuse_second_answer(action: Action, case: Case) -> None:
    """Nobody gets two contradicting answers: one from Outlook and one from here.

    Whatever is decided, also where it writes nothing: the colleague may have done it already.
    """
    answered = case.answered_outside_at
    if answered is not None and answered >= action.created_at:
        raise Refused(
            f"case {case.number} was answered from Outlook meanwhile (Outlookで返信済);"
            f" look at the Sent folder, then decide action {action.id} with --anyway"
        )


def require_verified(action: Action) -> None:
    """Raise Refused where an address is concerned and the identity is not confirmed."""
    if action.kind in ABOUT_ADDRESS and action.verdict != "verified":
        raise Refused(
            f"action {action.id} cannot be approved: its verdict is {action.verdict}."
            " Reject it, or clear it up with the facility first"
        )


def decide(
    tx: Transaction, action: Action, state: str, by: str, now: datetime, reason: str | None = None
) -> None:
    """Move an action to where a decision takes it. Raises Refused where another was first."""
    moved = actions.move(
        tx, action.id, from_state=action.state, to_state=state, by=by, at=now, reason=reason
    )
    if not moved:
        raise Refused(not_in_state(existing(tx, action.id), "waiting"))


def write_result(
    desk: Desk,
    tx: Transaction,
    case: Case,
    action: Action,
    letter: str,
    recipient: str,
    values: dict[str, object],
    now: datetime,
    *,
    body: str | None = None,
    purpose: str = "",
    automatic: bool = False,
) -> None:
    """Write a letter that a decision causes. Raises Refused where there is no address.

    `purpose` tells letters of one name apart, such as those to several addresses; of an
    address only a keyed digest stays, since the purpose outlives the letter.
    """
    if not recipient:
        raise Refused(
            f"case {case.number} has no address that can be answered; see to it by telephone"
            " and approve or keep it open"
        )
    if "@" in purpose:
        purpose = vault_of(tx).index("purpose", purpose.lower())[:_PURPOSE_DIGITS]
    intent = Intent(
        letter=letter,
        purpose_key=purpose_of(letter, action.id, purpose),
        recipient=recipient,
        values={"addressee": addressee_for(case), **values},
        automatic=automatic,
        body=body,
    )
    message_id = write_letter(desk, tx, case, intent, now)
    # Read again: one decision may write two letters.
    cases.extend_thread(tx, cases.case_by_id(tx, case.id), [message_id])


def purpose_of(letter: str, action_id: int, purpose: str = "") -> str:
    """Return the unique purpose of a letter that an action causes."""
    return f"{letter}:action:{action_id}" + (f":{purpose}" if purpose else "")


def close_if_done(tx: Transaction, case: Case, now: datetime) -> None:
    """Close a case for which nobody here has anything left to do."""
    if not cases.has_undecided_action(tx, case.id):
        cases.set_state(tx, case.id, "closed", now)


def moment_after(desk: Desk, now: datetime, wait: Duration) -> datetime:
    """Return when a duration of the rules is over; business days end with their last day."""
    if wait.unit != "bd":
        return now + wait.timedelta
    last = desk.rules.desk.calendar.add_business_days(japan_date(now), wait.amount)
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=JST)
