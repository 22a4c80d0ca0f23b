"""What a mail answers where it answers a notice of ours, and what that means."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import change_replies, undelivered, unreachable
from helpdesk.desk import links as linking
from helpdesk.desk.context import Desk
from helpdesk.desk.reading import ReadMail
from helpdesk.domain.answers import confirms_arrival, read_link_answer
from helpdesk.domain.policy import Decision
from helpdesk.store import cases, corrections, links, reminders
from helpdesk.store.database import Transaction

_IN_WORDS = {"accepted": "承諾", "declined": "辞退", None: "内容を読み取れません"}


def answered_matter(desk: Desk, tx: Transaction, case_id: int, read: ReadMail) -> tuple[bool, str]:
    """Return whether a reply settles the notice it answers, and the notice in words of staff."""
    campaign_id = reminders.campaign_of_case(tx, case_id)
    if read.sorting.disposition == "bounce":
        # Of a notice of ours it is a line on the list to telephone, and no second task.
        bounce = read.message.bounce
        told = bounce is not None and bounce.permanent is not None
        return told and (campaign_id is not None or _is_notice(tx, case_id)), ""
    if campaign_id is not None:
        campaign = next((one for one in desk.rules.campaigns if one.id == campaign_id), None)
        asks = campaign is not None and campaign.unless_answered
        subject = unreachable.SUBJECTS.get(campaign_id, campaign_id)
        return asks and confirms_arrival(read.message.text), subject
    if links.link_of_case(tx, case_id) is not None:
        answer = read_link_answer(read.message.text, read.message.body)
        return False, f"連携依頼（回答：{_IN_WORDS[answer]}、helpdesk link confirm で確定）"
    if corrections.correction_of_case(tx, case_id) is not None:
        return False, "データ修正依頼"
    return False, ""


def _is_notice(tx: Transaction, case_id: int) -> bool:
    """Say whether a case is that of a link request or a correction."""
    of_link = links.link_of_case(tx, case_id) is not None
    return of_link or corrections.correction_of_case(tx, case_id) is not None


def take_note(
    desk: Desk, tx: Transaction, read: ReadMail, decision: Decision, now: datetime
) -> None:
    """Write down what a mail means for a matter beyond its case: bounces, links' answers."""
    undelivered.note_bounce(desk, tx, read.message.bounce, now)
    change_replies.note_bounce(desk, tx, read.message.bounce, now)
    if decision.change is not None:
        change_replies.take(desk, tx, decision.change, read, now)
        return
    if read.sorting.disposition != "reply" or decision.case != "join" or not decision.case_number:
        return
    case = cases.case_by_number(tx, decision.case_number)
    if case is not None:
        linking.note_answer(tx, case.id, read.message, now)
