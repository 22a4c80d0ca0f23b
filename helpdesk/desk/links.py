"""Link requests (連携依頼): from the approval of an affiliate to the core facility's word.

An import plans them (desk/import_effects.py); here the notice leaves on the first day,
reminders follow, an answer counts provisionally, and a clerk or an import confirms it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from helpdesk.desk import unreachable
from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.corrections import may_leave_now
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.notices import (
    Notice,
    addressee_of,
    deadline_uid,
    end_of_day,
    open_case,
    write_notice,
)
from helpdesk.domain.answers import read_link_answer
from helpdesk.domain.calendar import format_date
from helpdesk.domain.links import (
    OPEN_STATES,
    TROUBLES,
    first_notice_day,
    next_step,
    reminders_due,
    trouble_of,
)
from helpdesk.domain.message import Message
from helpdesk.domain.registry import Facility
from helpdesk.mail.ics import Deadline
from helpdesk.store import actions, cases, facilities, letters, links
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import Case
from helpdesk.store.database import Database, Transaction
from helpdesk.store.links import Link

_SUBJECT = "連携依頼"

#: What an answer means while nobody has confirmed it, and afterwards.
PROVISIONAL = {"accepted": "accepting", "declined": "declining"}
_ANSWERS = {state: answer for answer, state in PROVISIONAL.items()}


def follow_up(desk: Desk, now: datetime) -> int:
    """Write the notices and reminders that are due, and give up to people what they must do."""
    with desk.database.read() as tx:
        found = links.list_links(tx, open_only=True)
    calendar, today = desk.rules.desk.calendar, japan_date(now)
    done = 0
    for one in found:
        if one.state == "planned":
            if one.begins_on is None or first_notice_day(one.begins_on, calendar) > today:
                continue
            done += may_leave_now(desk, now) and _first_notice(desk, one, now)
        else:
            done += _next(desk, one, today, now)
    return done


def _first_notice(desk: Desk, one: Link, now: datetime) -> bool:
    """Ask the core facility, or take note that the portal asks it."""
    today = japan_date(now)
    with desk.database.begin() as tx:
        affiliate, core = _both(tx, one)
        if affiliate is None:
            return False  # The import that removed it ends the request.
        trouble = trouble_of(affiliate, core, core is not None and _is_dead(tx, core))
        if trouble is not None or core is None:
            return to_person(tx, one, trouble or "core_unknown", now)
        if desk.rules.deadlines.links.portal_sends_first:
            # The portal writes on the first day itself, whenever we look.
            return links.change(tx, one, state="asked", asked_on=one.begins_on)
        if not links.change(tx, one, state="asked", asked_on=today):
            return False
        _write(desk, tx, one, affiliate, core, "link_request", today, now)
    return True


def _next(desk: Desk, one: Link, today: date, now: datetime) -> bool:
    settings = desk.rules.deadlines.links
    after = [days.amount for days in settings.remind_after]
    step = next_step(one.standing, today, after, settings.human_after.amount)
    if step == "human":
        with desk.database.begin() as tx:
            return to_person(tx, one, "no_answer", now)
    if step != "remind" or not may_leave_now(desk, now):
        return False
    with desk.database.begin() as tx:
        affiliate, core = _both(tx, one)
        if affiliate is None or core is None:
            return to_person(tx, one, "core_unknown", now)
        if _is_dead(tx, core) or not core.address:
            return to_person(tx, one, "core_no_address", now)
        reminded = reminders_due(one.standing, today, after)
        if not links.change(tx, one, reminded=reminded):
            return False
        assert one.asked_on is not None  # noqa: S101 - next_step() asks for it
        _write(desk, tx, one, affiliate, core, "link_reminder", one.asked_on, now, reminded)
    return True


def _both(tx: Transaction, one: Link) -> tuple[Facility | None, Facility | None]:
    found = facilities.facilities_by_numbers(tx, [one.affiliate_number, one.core_number])
    return found.get(one.affiliate_number), found.get(one.core_number)


def _is_dead(tx: Transaction, core: Facility) -> bool:
    return bool(core.address) and bool(unreachable.cannot_be_reached(tx, [core.address]))


def _write(
    desk: Desk,
    tx: Transaction,
    one: Link,
    affiliate: Facility,
    core: Facility,
    letter: str,
    asked_on: date,
    now: datetime,
    reminded: int = 0,
) -> None:
    assert one.begins_on is not None  # noqa: S101 - trouble_of() asks for it
    case = _case_of(tx, one, affiliate, core, now)
    settings = desk.rules.deadlines.links
    reply_by = asked_on + timedelta(days=settings.human_after.amount - 1)
    notice = Notice(
        letter=letter,
        purpose_key=f"link:{one.id}" + (f":reminder:{reminded}" if reminded else ""),
        recipient=core.address,
        matter="link_request",
        values={
            "addressee": addressee_of(core),
            "core_name": core.name,
            "facility_name": affiliate.name,
            "certification_number": affiliate.certification_number,
            "begins_on": format_date(one.begins_on),
            "reply_by": format_date(reply_by),
            "other_count": links.count_at_core(tx, one.core_number, one.id),
            "portal_sent_first": settings.portal_sends_first,
        },
        deadline=Deadline(
            uid=deadline_uid(desk, "link", one.id),
            sequence=reminded,
            summary=f"連携申請へのご回答 期限（{affiliate.name}）",
            at=end_of_day(reply_by),
        ),
    )
    write_notice(desk, tx, case, notice, now)


def _case_of(
    tx: Transaction, one: Link, affiliate: Facility | None, core: Facility | None, now: datetime
) -> Case:
    """Return the case of a link request, opened where it is needed first."""
    current = links.link_by_id(tx, one.id)
    assert current is not None  # noqa: S101 - read in this transaction
    address = core.address if core else ""
    if current.case_id is not None:
        case = cases.case_by_id(tx, current.case_id)
        if address:
            cases.write_to(tx, case, address, now)
        return cases.case_by_id(tx, case.id)
    about = affiliate or Facility(one.affiliate_number, "", "affiliate", "")
    case = open_case(tx, about, address, _SUBJECT, now)
    links.set_case(tx, one.id, case.id)
    return case


def to_person(tx: Transaction, one: Link, trouble: str, now: datetime) -> bool:
    """Hand a link request over to a person with the reason; False where it moved meanwhile."""
    if not links.change(tx, one, state="human", trouble=trouble):
        return False
    affiliate, core = _both(tx, one)
    case = _case_of(tx, one, affiliate, core, now)
    action = NewAction(
        purpose_key=f"link:{one.id}:{trouble}",
        case_id=case.id,
        kind="link",
        verdict=None,
        certification_number=one.affiliate_number,
        facility_version=None,
        new_address=None,
        evidence=(),
        note=f"連携依頼：{TROUBLES[trouble]}。",
    )
    actions.insert_action(tx, action, now)
    cases.set_state(tx, case.id, "waiting_staff", now)
    if trouble == "core_no_address" and core is not None:
        reason = "unreachable" if core.address else "no_address"
        unreachable.add_task(
            tx, core, f"link:{one.id}", f"{_SUBJECT}（{one.affiliate_number}）", reason,
            one.begins_on, now,
        )  # fmt: skip
    return True


def trouble_now(tx: Transaction, one: Link, oldest: date) -> str | None:
    """Return why a planned link request cannot be asked (a key of TROUBLES), or None."""
    affiliate, core = _both(tx, one)
    if affiliate is None:
        return None
    if one.begins_on is not None and one.begins_on < oldest:
        return "old_first_day"
    return trouble_of(affiliate, core, core is not None and _is_dead(tx, core))


def resume(tx: Transaction, one: Link, by: str, now: datetime) -> None:
    """Plan a link request again whose trouble is mended, or that an import had ended."""
    planned = {"state": "planned", "trouble": None, "ended_at": None, "ended_by": None}
    if links.change(tx, one, **planned) and one.case_id is not None:
        actions.end_system_actions(tx, one.case_id, f"link:{one.id}:", by, now)
        cases.set_state(tx, one.case_id, "open", now)


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
    affiliate, core = _both(tx, one)
    if affiliate is None:
        return
    recipients = [one for one in (affiliate.address, affiliate.application_address) if one]
    dead = unreachable.cannot_be_reached(tx, recipients)
    recipient = next((one for one in recipients if one not in dead), None)
    if recipient is None:
        subject = "基幹施設との連携の結果"
        unreachable.add_task(
            tx, affiliate, f"link:{one.id}:result", subject, "no_address", None, now
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
    write_notice(desk, tx, open_case(tx, affiliate, recipient, _SUBJECT, now), notice, now)


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
