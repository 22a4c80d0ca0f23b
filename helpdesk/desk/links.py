"""Link requests (連携依頼): the core facility's word, and what ends a request.

An answer counts provisionally; a clerk or an import confirms it, and the affiliate is
told. What is asked and when stands in desk/link_notices.py.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import unreachable
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.link_notices import SUBJECT, both_sides
from helpdesk.desk.notices import Notice, addressee_of, open_case, write_notice
from helpdesk.domain.answers import read_link_answer
from helpdesk.domain.links import OPEN_STATES
from helpdesk.domain.message import Message
from helpdesk.store import actions, cases, letters, links
from helpdesk.store.database import Database, Transaction
from helpdesk.store.links import Link

#: What an answer means while nobody has confirmed it, and afterwards.
PROVISIONAL = {"accepted": "accepting", "declined": "declining"}
_ANSWERS = {state: answer for answer, state in PROVISIONAL.items()}

#: What the affiliate is telephoned about where no mail reaches it.
RESULT = "基幹施設との連携の結果"


def note_answer(tx: Transaction, case_id: int, message: Message, now: datetime) -> str | None:
    """Take an answer of a core facility provisionally; return it, None where it is unclear.

    The sender was proved by the mark in our letter and by its address.
    """
    one = links.link_of_case(tx, case_id)
    if one is None or one.state not in ("asked", "human", "accepting", "declining"):
        return None
    answer = read_link_answer(message.text, message.body)
    if answer is None:
        return None
    links.change(tx, one, state=PROVISIONAL[answer], answered_at=now)
    letters.cancel_waiting(tx, letters.waiting_of_case(tx, case_id), "the core facility answered")
    return answer


def confirm(desk: Desk, link_id: int, answer: str | None, by: str, now: datetime) -> str:
    """Confirm what the core facility answered, and tell the affiliate. Raises Refused.

    `answer`: accepted or declined; None: as it answered by mail.
    """
    with desk.database.begin() as tx:
        require_decider(tx, by)
        one = _existing(tx, link_id)
        decided = answer or _ANSWERS.get(one.state)
        if one.state not in OPEN_STATES:
            raise Refused(f"link {link_id} is {one.state} already")
        if decided is None:
            raise Refused(
                f"link {link_id} has no answer yet; say which with --answer accepted|declined"
            )
        settle(desk, tx, one, decided, by, now)
    return decided


def settle(desk: Desk, tx: Transaction, one: Link, answer: str, by: str, now: datetime) -> None:
    """Write down the core facility's word for good, and tell the affiliate."""
    if not links.change(tx, one, state=answer, trouble=None, ended_at=now, ended_by=by):
        raise Refused(f"link {one.id} has changed meanwhile; see: helpdesk link list")
    _end_of_case(tx, one, by, now)
    affiliate, core = both_sides(tx, one)
    if affiliate is None:
        return
    recipients = [one for one in (affiliate.address, affiliate.application_address) if one]
    dead = unreachable.cannot_be_reached(tx, recipients)
    recipient = next((one for one in recipients if one not in dead), None)
    if recipient is None:
        unreachable.add_task(
            tx, affiliate, f"link:{one.id}:result", RESULT, "no_address", None, now
        )
        return
    notice = Notice(
        letter="link_result",
        purpose_key=f"link:{one.id}:result",
        recipient=recipient,
        matter="link_request",
        values={
            "addressee": addressee_of(affiliate),
            "facility_name": affiliate.name,
            "certification_number": affiliate.certification_number,
            "core_name": core.name if core else (one.core_name or one.core_number),
            "answer": answer,
        },
    )
    # A case of its own: an answer of the affiliate is none of the core facility.
    write_notice(desk, tx, open_case(tx, affiliate, recipient, SUBJECT, now), notice, now)


def close(desk: Desk, link_id: int, by: str, reason: str, now: datetime) -> None:
    """End a link request without telling anybody. Raises Refused."""
    if not reason.strip():
        raise Refused("closing needs a reason; give it with --reason TEXT")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        one = _existing(tx, link_id)
        if not drop(tx, one, by, reason, now):
            raise Refused(f"link {link_id} is {one.state} already")


def drop(tx: Transaction, one: Link, by: str, reason: str, now: datetime) -> bool:
    """End a link request that has no object any more; False where it is ended."""
    ended = {"state": "closed", "ended_at": now, "ended_by": by, "reason": reason}
    if not links.change(tx, one, states=OPEN_STATES, **ended):
        return False
    _end_of_case(tx, one, by, now)
    return True


def _end_of_case(tx: Transaction, one: Link, by: str, now: datetime) -> None:
    if one.case_id is None:
        return
    waiting = letters.waiting_of_case(tx, one.case_id)
    letters.cancel_waiting(tx, waiting, "the link request is settled")
    actions.end_system_actions(tx, one.case_id, f"link:{one.id}:", by, now)
    if not cases.has_undecided_action(tx, one.case_id):
        cases.set_state(tx, one.case_id, "closed", now)


def _existing(tx: Transaction, link_id: int) -> Link:
    one = links.link_by_id(tx, link_id)
    if one is None:
        raise Refused(f"there is no link request {link_id}; see: helpdesk link list --all")
    return one


def listed(database: Database, *, open_only: bool) -> list[Link]:
    """Return link requests, the earliest first day first."""
    with database.read() as tx:
        return links.list_links(tx, open_only=open_only)
