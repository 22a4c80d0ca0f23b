"""責任者変更待ち: a request whose identity could not be confirmed, until the registry says more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.desk.context import Desk, Refused, Registry
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.deciding import (
    ABOUT_ADDRESS,
    decidable,
    facts_shown,
    keep_verdict,
    refuse_second_answer,
    tell,
    write_result,
)
from helpdesk.desk.judging import judge_fields
from helpdesk.domain.identity import VERIFIED
from helpdesk.store import actions, approvals, cases
from helpdesk.store.database import Transaction

MARK = "awaits_physician"

LETTER = "identity_unconfirmed"


def ask(desk: Desk, action_id: int, by: str, now: datetime, *, anyway: bool = False) -> str:
    """Send the ready letter and let the action wait for the registry. Raises Refused.

    `anyway`: although staff have answered the case by their own mail program.

    The letter says who counts as the responsible physician and how to report a change of
    that person, and never which part was not confirmed.
    """
    with desk.database.begin() as tx:
        require_decider(tx, by)
        action = decidable(tx, action_id)
        if action.kind not in ABOUT_ADDRESS or action.verdict == VERIFIED:
            raise Refused(
                f"action {action_id} needs no such letter ({action.kind}, {action.verdict})"
            )
        if MARK in action.marks:
            raise Refused(f"action {action_id} waits already (責任者変更待ち)")
        case = cases.case_by_id(tx, action.case_id)
        if not anyway:
            refuse_second_answer(action, case)
        marks = (*action.marks, MARK)
        actions.go_to(tx, action.id, from_state=action.state, to_state="held", marks=marks)
        approvals.end(tx, action.id, now)
        tell(tx, action, "asked", by)
        write_result(desk, tx, case, action, LETTER, case.correspondent, {"clerk": by}, now)
        cases.set_state(tx, case.id, "waiting_sender", now)
    return "held"


def judge_again(desk: Desk, tx: Transaction, now: datetime) -> int:
    """Judge what waits for a change of physician against the registry as it is now.

    What is verified now goes back into the queue; returns how many did.
    """
    # The import may still fail: what its transaction sees must not stay in the desk's index.
    desk = replace(desk, registry=Registry())
    found = 0
    for action in actions.with_mark(tx, ABOUT_ADDRESS, ("held",)):
        if MARK not in action.marks:
            continue
        case = cases.case_by_id(tx, action.case_id)
        judged = judge_fields(desk, tx, dict(case.fields), case.missing)
        if judged.outcome == action.verdict:
            continue
        keep_verdict(tx, action, judged, facts_shown(desk, case, judged, action.new_address))
        tell(tx, action, "judged_anew", "import", {"outcome": judged.outcome})
        if judged.outcome != VERIFIED:
            continue
        marks = tuple(mark for mark in action.marks if mark != MARK)
        note = "名簿の更新により、本人確認ができるようになりました。"
        actions.go_to(tx, action.id, from_state="held", to_state="waiting", note=note, marks=marks)
        cases.set_state(tx, case.id, "waiting_staff", now)
        found += 1
    return found


def supersede(tx: Transaction, case_id: int, now: datetime) -> None:
    """End what waited in a case whose correspondent has sent other answers since."""
    for action in actions.actions_of_case(tx, case_id):
        if action.state == "held" and MARK in action.marks:
            actions.move(
                tx,
                action.id,
                from_state="held",
                to_state="done",
                by="system",
                at=now,
                reason="a newer answer in the same case",
            )
