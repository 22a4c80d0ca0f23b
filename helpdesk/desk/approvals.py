"""A person's decisions on actions: approve, reject, and 'the portal has it'.

Each is one transaction: the decision, what it causes and the letters, or nothing.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.answering import answer_values, edited_letter
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciders import require_decider as _require_decider
from helpdesk.desk.examples import keep_question
from helpdesk.desk.judging import judge_fields
from helpdesk.desk.writing import Intent, addressee_for, write_letter
from helpdesk.domain.calendar import format_date
from helpdesk.domain.topics import DOCUMENTS_LETTER, FREE, FREE_LETTER, TOPICS, topic_letter
from helpdesk.store import actions, cases, facilities
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

#: Actions that no mail called forth: nobody is told how they end.
_OF_OUR_OWN = frozenset({"correction", "correction_overdue", "link"})


def approve(
    desk: Desk,
    action_id: int,
    by: str,
    now: datetime,
    *,
    anyway: bool = False,
    topic: str | None = None,
    edited: str | None = None,
) -> str:
    """Approve an action and return the state it is in now.

    `anyway`: although staff have answered the case by their own mail program.
    `topic`: the topic whose letter answers a question; without it, the letter that is
    ready. `edited`: the whole letter as the person wants it.

    A confirmation writes the letter that tells the address; a change waits for the
    portal; a review is done, because the person has seen to it. Raises Refused.
    """
    with desk.database.begin() as tx:
        _require_decider(tx, by)
        action = _waiting(tx, action_id)
        case = cases.case_by_id(tx, action.case_id)
        letter = staff_letter(action, topic, edited)
        if not anyway:
            _refuse_second_answer(action, case)
        if action.kind in ("confirm_address", "change_address"):
            stale = _judged_anew(desk, tx, action, case)
        else:
            stale = None
        if stale is None:
            _require_verified(action)
            state = "portal" if action.kind == "change_address" else "done"
            _move(tx, action, state, by, now)
            if action.kind == "confirm_address":
                _tell_address(desk, tx, action, case, by, now)
            if letter is not None:
                _answer_question(desk, tx, action, case, letter, by, now, edited)
            _close_if_done(tx, case, now)
    if stale is not None:
        raise Refused(stale)
    return state


def reject(
    desk: Desk, action_id: int, by: str, reason: str, now: datetime, *, anyway: bool = False
) -> str:
    """Reject an action with a reason for the file, and write a letter that gives none.

    Raises Refused.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("a rejection needs a reason; give it with --reason TEXT")
    with desk.database.begin() as tx:
        _require_decider(tx, by)
        action = _waiting(tx, action_id)
        case = cases.case_by_id(tx, action.case_id)
        if not anyway:
            _refuse_second_answer(action, case)
        _move(tx, action, "rejected", by, now, reason)
        was_request = bool(case.fields) and action.kind != "answer"
        # Where From was no address there is nobody to write to.
        if case.correspondent and action.kind not in _OF_OUR_OWN:
            letter = "declined" if was_request else "declined_inquiry"
            _write_result(desk, tx, case, action, letter, case.correspondent, {"clerk": by}, now)
        _close_if_done(tx, case, now)
    return "rejected"


def reflect(desk: Desk, action_id: int, by: str, now: datetime) -> str:
    """Take note that the portal has an approved change: only now the registry changes.

    The new and the old address are told. Raises Refused.
    """
    with desk.database.begin() as tx:
        _require_decider(tx, by)
        action = _existing(tx, action_id)
        if not actions.mark_reflected(tx, action_id, by, now):
            raise Refused(_not_in_state(action, "portal"))
        assert action.certification_number is not None  # noqa: S101 - held by approve()
        assert action.new_address is not None  # noqa: S101
        case = cases.case_by_id(tx, action.case_id)
        old = facilities.change_address(tx, action.certification_number, action.new_address, now)
        values: dict[str, object] = {"clerk": by, "changed_at": format_date(japan_date(now))}
        _write_result(desk, tx, case, action, "change_done_new", action.new_address, values, now)
        if old and old != action.new_address:
            _write_result(desk, tx, case, action, "change_done_old", old, values, now)
        _close_if_done(tx, case, now)
    return "done"


def staff_letter(action: Action, topic: str | None, edited: str | None) -> str | None:
    """Return the letter that answers a handed-over question. Raises Refused."""
    if topic is not None and action.kind not in ("answer", "review"):
        raise Refused(f"action {action.id} is no question ({action.kind}); leave out --topic")
    if topic == FREE:
        if edited is None:
            raise Refused("an answer that is written freely needs its text")
        return FREE_LETTER
    if topic is not None and topic not in TOPICS:
        raise Refused(f"there is no topic {topic[:40]}; the topics are: {', '.join(TOPICS)}")
    if topic is not None:
        return topic_letter(topic)
    letter = action.letter if action.kind == "answer" else None
    if edited is not None and letter is None:
        raise Refused("an edited letter needs --topic TOPIC: the letter that it was made of")
    return letter


def draft(desk: Desk, action_id: int, topic: str | None, by: str | None, now: datetime) -> str:
    """Return the body of the letter that an approval would send. Raises Refused."""
    with desk.database.read() as tx:
        action = _existing(tx, action_id)
        letter = FREE_LETTER if topic == FREE else staff_letter(action, topic, None)
        if letter is None:
            raise Refused(f"action {action_id} has no letter ready; name one with --topic TOPIC")
        case = cases.case_by_id(tx, action.case_id)
        values = {
            **answer_values(desk, tx, now, facility=None, clerk=by or "（担当者名）"),
            "addressee": addressee_for(case),
            "case_number": case.number,
            "subject": case.subject,
            "automatic": False,
        }
    return desk.letters.render(letter, values).body


def _answer_question(
    desk: Desk,
    tx: Transaction,
    action: Action,
    case: Case,
    letter: str,
    by: str,
    now: datetime,
    edited: str | None,
) -> None:
    """Write the letter of a person, and keep the question as an example of its topic."""
    values = answer_values(desk, tx, now, facility=None, clerk=by)
    body = edited_letter(edited) if edited is not None else None
    _write_result(desk, tx, case, action, letter, case.correspondent, values, now, body)
    if letter not in (DOCUMENTS_LETTER, FREE_LETTER):
        keep_question(desk, tx, action, case, letter.removeprefix("topic_"), now)


def _refuse_second_answer(action: Action, case: Case) -> None:
    """Nobody gets two contradicting answers: one from Outlook and one from here."""
    answered = case.answered_outside_at
    writes = action.kind in ("confirm_address", "answer")
    if writes and answered is not None and answered >= action.created_at:
        raise Refused(
            f"case {case.number} was answered from Outlook meanwhile (Outlookで返信済);"
            f" look at the Sent folder, then decide action {action.id} with --anyway"
        )


def _existing(tx: Transaction, action_id: int) -> Action:
    action = actions.action_by_id(tx, action_id)
    if action is None:
        raise Refused(f"there is no action {action_id}; see: helpdesk queue list --all")
    return action


def _waiting(tx: Transaction, action_id: int) -> Action:
    action = _existing(tx, action_id)
    if action.state != "waiting":
        raise Refused(_not_in_state(action, "waiting"))
    return action


def _not_in_state(action: Action, wanted: str) -> str:
    if action.state == "portal" and wanted == "waiting":
        return (
            f"action {action.id} was approved already by {action.decided_by};"
            f" once the portal has it: helpdesk queue reflected {action.id}"
        )
    if action.state == "waiting":
        return f"action {action.id} is not approved yet; first: helpdesk queue approve {action.id}"
    by = action.reflected_by or action.decided_by
    done = {"done": "done", "rejected": "rejected", "portal": "approved"}.get(
        action.state, action.state
    )
    return f"action {action.id} is {done} already, decided by {by}"


def _move(
    tx: Transaction, action: Action, state: str, by: str, now: datetime, reason: str | None = None
) -> None:
    moved = actions.move(
        tx, action.id, from_state="waiting", to_state=state, by=by, at=now, reason=reason
    )
    if not moved:
        raise Refused(_not_in_state(_existing(tx, action.id), "waiting"))


def _judged_anew(desk: Desk, tx: Transaction, action: Action, case: Case) -> str | None:
    """Judge again where the facility's row moved since the person was shown the verdict.

    Returns the sentence that refuses the approval, or None where all is as shown. The
    new verdict is kept, so the queue shows it.
    """
    number = action.certification_number
    version = facilities.facility_version(tx, number) if number else None
    if version == action.facility_version:
        return None
    verdict = judge_fields(desk, tx, dict(case.fields), case.missing)
    actions.judge_anew(
        tx,
        action.id,
        verdict=verdict.outcome,
        certification_number=verdict.certification_number,
        facility_version=verdict.facility_version,
        evidence=verdict.evidence,
    )
    return (
        f"the registry has changed since action {action.id} was shown; it was judged again"
        f" ({verdict.outcome}): look at it once more with helpdesk queue show {action.id}"
    )


def _require_verified(action: Action) -> None:
    if action.kind in ("confirm_address", "change_address") and action.verdict != "verified":
        raise Refused(
            f"action {action.id} cannot be approved: its verdict is {action.verdict}."
            " Reject it, or clear it up with the facility first"
        )


def _tell_address(
    desk: Desk, tx: Transaction, action: Action, case: Case, by: str, now: datetime
) -> None:
    number = action.certification_number or ""
    address = facilities.address_of(tx, number)
    if not address:
        raise Refused(
            f"the registry has no mail address for {number}; there is nothing to tell."
            " Reject the action, or import a registry that has it"
        )
    _write_result(
        desk,
        tx,
        case,
        action,
        "address_told",
        case.correspondent,
        {"clerk": by, "address": address},
        now,
    )


def _write_result(
    desk: Desk,
    tx: Transaction,
    case: Case,
    action: Action,
    letter: str,
    recipient: str,
    values: dict[str, object],
    now: datetime,
    body: str | None = None,
) -> None:
    if not recipient:
        raise Refused(
            f"case {case.number} has no address that can be answered; see to it by telephone"
            " and approve or keep it open"
        )
    intent = Intent(
        letter=letter,
        purpose_key=f"{letter}:action:{action.id}",
        recipient=recipient,
        values={"addressee": addressee_for(case), **values},
        automatic=False,
        body=body,
    )
    message_id = write_letter(desk, tx, case, intent, now)
    # Read again: one decision may write two letters.
    cases.extend_thread(tx, cases.case_by_id(tx, case.id), [message_id])


def _close_if_done(tx: Transaction, case: Case, now: datetime) -> None:
    if not cases.has_undecided_action(tx, case.id):
        cases.set_state(tx, case.id, "closed", now)
