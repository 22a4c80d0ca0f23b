"""A person's decisions on actions: approve and reject.

Each is one transaction: the decision, what it causes and the letters, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from helpdesk.desk import changing, portal_news, telling
from helpdesk.desk.answering import answer_values, edited_letter
from helpdesk.desk.context import Desk, FactsMoved, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.deciding import (
    ABOUT_ADDRESS,
    close_if_done,
    decidable,
    decide,
    existing,
    judged_anew,
    refuse_second_answer,
    require_verified,
    tell,
    write_result,
)
from helpdesk.desk.examples import keep_question
from helpdesk.desk.who_decides import (
    note_approval,
    rule,
    standing_for,
)
from helpdesk.desk.writing import addressee_for
from helpdesk.domain.approval import SHOWN_DIGITS, facts_hash
from helpdesk.domain.change import UNDER_WAY
from helpdesk.domain.message import read_message
from helpdesk.domain.topics import DOCUMENTS_LETTER, FREE, FREE_LETTER, TOPICS, topic_letter
from helpdesk.store import actions, approvals, audit, cases, changes, mails
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
    to: str | None = None,
    reason: str = "",
    copy_to: str | None = None,
    shown: str | None = None,
    agreed: Collection[str] | None = None,
) -> str:
    """Approve an action and return the state it is in now.

    `anyway`: although staff have answered the case by their own mail program.
    `topic`: the topic whose letter answers a question; without it, the letter that is
    ready. `edited`: the whole letter as the person wants it. `to`, `reason`: who is told
    the registered address (WISHES in domain/disclosure.py), and why. `copy_to`: an address
    in Cc of the request that gets the result too. `shown`: the digest of the facts that
    the person was shown; without it, of those that it was queued with, or that the person
    was shown since (FactsMoved otherwise). `agreed`: whose approvals the person was shown;
    None: they were shown no page.

    A confirmation tells the address; a change asks its new address; a review is done,
    because the person has seen to it. Still `waiting`: a second person must approve.
    Raises Refused.
    """
    with desk.database.begin() as tx:
        require_decider(tx, by)
        action = decidable(tx, action_id)
        case = cases.case_by_id(tx, action.case_id)
        letter = staff_letter(action, topic, edited)
        if not anyway:
            refuse_second_answer(action, case)
        stale = _unseen(tx, action, by, agreed) or _stale(desk, tx, action, case, by, shown)
        if stale is None:
            state = _approve(desk, tx, action, case, by, now, letter, edited, to, reason, copy_to)
            close_if_done(tx, case, now)
    if stale is not None:
        raise FactsMoved(stale)
    return state


def _unseen(tx: Transaction, action: Action, by: str, agreed: Collection[str] | None) -> str | None:
    """Return who approved since the page was made: it told of other consequences then."""
    if agreed is None:
        return None
    given = standing_for(tx, action)
    new = [one for one in given if one.by not in (*agreed, by)]
    if new:
        last = new[-1]
        return (
            f"{last.by} approved action {action.id} at {last.at.isoformat()}, after it was"
            " shown; what an approval causes now stands beside it: look at it once more"
        )
    if set(agreed) - {one.by for one in given}:
        return f"an approval of action {action.id} counts no more; look at it once more"
    return None


def _stale(
    desk: Desk, tx: Transaction, action: Action, case: Case, by: str, shown: str | None
) -> str | None:
    """Return why the facts are not those that the person saw; None where they are."""
    if action.kind not in ABOUT_ADDRESS:
        return None
    shown = shown or None
    seen = facts_hash(action.facts)
    if shown is not None and (len(shown) < SHOWN_DIGITS or not seen.startswith(shown)):
        return (
            f"the facts of action {action.id} are not those that were shown any more;"
            f" look at it once more with helpdesk queue show {action.id}"
        )
    moved = judged_anew(desk, tx, action, case)
    if moved or shown is not None or not action.facts_moved:
        return moved
    digits = seen[:SHOWN_DIGITS]
    if audit.was_shown(tx, action.case_number, by, action.id, digits):
        return None
    return (
        f"the facts of action {action.id} are not those that it was queued with"
        f" (it is {action.verdict}); look at it, then approve it with --facts {digits}"
    )


def _approve(
    desk: Desk,
    tx: Transaction,
    action: Action,
    case: Case,
    by: str,
    now: datetime,
    letter: str | None,
    edited: str | None,
    to: str | None,
    reason: str,
    copy_to: str | None,
) -> str:
    require_verified(action)
    copy = _in_cc(tx, action, copy_to) if copy_to else None
    disclosure = None
    if action.kind == "confirm_address":
        disclosure = telling.plan(
            desk, tx, action, case, wish=to, reason=reason, copy_to=copy, now=now
        )
    elif to is not None:
        raise Refused(f"action {action.id} tells no address ({action.kind}); leave out --to")
    ruling = rule(desk, tx, action, by, now)
    if ruling.refused:
        raise Refused(f"action {action.id} cannot be approved: {ruling.refused}")
    note_approval(tx, action, by, ruling, now)
    if not ruling.enough:
        return action.state
    state = "approved" if action.kind == "change_address" else "done"
    decide(tx, action, state, by, now, reason.strip() or None)
    if action.kind == "change_address":
        state = changing.begin(desk, tx, action, case, now)
    if disclosure is not None:
        telling.tell(desk, tx, action, case, disclosure, by, now, reason)
    if letter is not None:
        _answer_question(desk, tx, action, case, letter, by, now, edited)
    approvals.end(tx, action.id, now)
    return state


def _in_cc(tx: Transaction, action: Action, copy_to: str) -> str:
    """Return an address of the request's Cc as it stands there. Raises Refused."""
    raw = mails.newest_source_of_case(tx, action.case_id)
    found = read_message(raw).cc if raw is not None else ()
    for one in found:
        if one.address.lower() == copy_to.strip().lower():
            return one.address
    raise Refused("only an address that stands in Cc of the request can get the result too")


def reject(
    desk: Desk, action_id: int, by: str, reason: str, now: datetime, *, anyway: bool = False
) -> str:
    """Reject an action with a reason for the file, and write a letter that gives none.

    A change may be rejected on its way too, until it is in force. Raises Refused.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("a rejection needs a reason; give it with --reason TEXT")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        actions.lock(tx, action_id)
        action = existing(tx, action_id)
        if action.kind != "change_address" or action.state not in UNDER_WAY:
            action = decidable(tx, action_id)
        case = cases.case_by_id(tx, action.case_id)
        if not anyway:
            refuse_second_answer(action, case)
        decide(tx, action, "rejected", by, now, reason)
        tell(tx, action, "rejected", by)
        approvals.end(tx, action.id, now)
        change = changes.change_of(tx, action.id)
        if change is not None:
            portal_news.withdraw(desk, tx, change, now)
        was_request = bool(case.fields) and action.kind != "answer"
        # Where From was no address there is nobody to write to.
        if case.correspondent and action.kind not in _OF_OUR_OWN:
            letter = "declined" if was_request else "declined_inquiry"
            write_result(desk, tx, case, action, letter, case.correspondent, {"clerk": by}, now)
        close_if_done(tx, case, now)
    return "rejected"


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
        action = existing(tx, action_id)
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
    write_result(desk, tx, case, action, letter, case.correspondent, values, now, body=body)
    if letter not in (DOCUMENTS_LETTER, FREE_LETTER):
        keep_question(desk, tx, action, case, letter.removeprefix("topic_"), now)
