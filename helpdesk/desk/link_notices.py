"""Notices of link requests (連携依頼): asked on the first day, reminded, given up to a person.

An import plans them (desk/import_effects.py); what the core facility answers stands in
desk/links.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from helpdesk.desk import freshness, unreachable
from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.notices import (
    Notice,
    addressee_of,
    as_of,
    deadline_uid,
    end_of_day,
    may_leave_now,
    open_case,
    write_notice,
)
from helpdesk.domain.calendar import format_date
from helpdesk.domain.links import (
    TROUBLES,
    first_notice_day,
    next_step,
    reminders_due,
    trouble_of,
)
from helpdesk.domain.registry import Facility
from helpdesk.mail.ics import Deadline
from helpdesk.store import actions, cases, facilities, links
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction
from helpdesk.store.links import Link

#: What the case of a link request is about.
SUBJECT = "連携依頼"

# The rules allow ten reminders (rules/deadlines.py): letters of one edition, at most.
_LETTERS_OF_EDITION = 11


def follow_up(desk: Desk, now: datetime) -> int:
    """Write the notices and reminders that are due, and give up to people what they must do."""
    with desk.database.read() as tx:
        found = links.list_links(tx, open_only=True)
        # What the core facility answers in the portal comes to us by an import alone.
        blind = _portal_asks(desk) and freshness.registry_is_stale(desk, tx, now)
        unread = {one.id for one in found if is_unread(tx, one)}
    today, waits, done = japan_date(now), 0, 0
    for one in found:
        if one.state == "planned":
            done += is_first_day(desk, one, today) and _first_notice(desk, one, now)
        elif one.id in unread and due_step(desk, one, today) == "remind":
            continue
        elif blind and due_step(desk, one, today) is not None:
            waits += 1
        else:
            done += _next(desk, one, today, now)
    if waits and may_leave_now(desk, now):
        freshness.tell_of_waiting(desk, SUBJECT, "link", waits, now)
    return done


def _portal_asks(desk: Desk) -> bool:
    return desk.rules.deadlines.links.portal_sends_first


def is_first_day(desk: Desk, one: Link, today: date) -> bool:
    """Say whether the day of a planned request's first notice has come."""
    calendar = desk.rules.desk.calendar
    return one.begins_on is not None and first_notice_day(one.begins_on, calendar) <= today


def is_unread(tx: Transaction, one: Link) -> bool:
    """Say whether the core facility wrote what a person has not read: it is not reminded."""
    return one.case_id is not None and actions.has_waiting_mail(tx, one.case_id)


def due_step(desk: Desk, one: Link, today: date) -> str | None:
    """Return what falls due for a link request that was asked: `remind`, `human`, or None."""
    settings = desk.rules.deadlines.links
    after = [days.amount for days in settings.remind_after]
    return next_step(one.standing, today, after, settings.human_after.amount)


def _first_notice(desk: Desk, one: Link, now: datetime) -> bool:
    """Ask the core facility, or take note that the portal asks it."""
    if not may_leave_now(desk, now):
        return False
    today = japan_date(now)
    with desk.database.begin() as tx:
        affiliate, core = both_sides(tx, one)
        if affiliate is None:
            return False  # The import that removed it ends the request.
        trouble = trouble_of(affiliate, core, core is not None and _is_dead(tx, core))
        if trouble is not None or core is None:
            return to_person(tx, one, trouble or "core_unknown", now)
        if _portal_asks(desk):
            # The portal writes on the first day itself, whenever we look.
            return links.change(tx, one, state="asked", asked_on=one.begins_on)
        if not links.change(tx, one, state="asked", asked_on=today):
            return False
        _write(desk, tx, one, affiliate, core, "link_request", today, now)
    return True


def _next(desk: Desk, one: Link, today: date, now: datetime) -> bool:
    step = due_step(desk, one, today)
    if step == "human":
        with desk.database.begin() as tx:
            return to_person(tx, one, "no_answer", now)
    if step != "remind" or not may_leave_now(desk, now):
        return False
    with desk.database.begin() as tx:
        affiliate, core = both_sides(tx, one)
        if affiliate is None or core is None:
            return to_person(tx, one, "core_unknown", now)
        if _is_dead(tx, core) or not core.address:
            return to_person(tx, one, "core_no_address", now)
        after = [days.amount for days in desk.rules.deadlines.links.remind_after]
        reminded = reminders_due(one.standing, today, after)
        if not links.change(tx, one, reminded=reminded):
            return False
        assert one.asked_on is not None  # noqa: S101 - next_step() asks for it
        _write(desk, tx, one, affiliate, core, "link_reminder", one.asked_on, now, reminded)
    return True


def both_sides(tx: Transaction, one: Link) -> tuple[Facility | None, Facility | None]:
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
        purpose_key=_key(one) + (f":reminder:{reminded}" if reminded else ""),
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
            "as_of": as_of(tx),
        },
        deadline=Deadline(
            uid=deadline_uid(desk, "link", one.id),
            sequence=_LETTERS_OF_EDITION * (one.edition - 1) + reminded,
            summary=f"連携申請へのご回答 期限（{affiliate.name}）",
            at=end_of_day(reply_by),
        ),
    )
    write_notice(desk, tx, case, notice, now)


def _key(one: Link) -> str:
    """Return the head of what may happen once: all of it again in another edition."""
    return f"link:{one.id}" + (f":edition:{one.edition}" if one.edition > 1 else "")


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
    case = open_case(tx, about, address, SUBJECT, now)
    links.set_case(tx, one.id, case.id)
    return case


def to_person(tx: Transaction, one: Link, trouble: str, now: datetime) -> bool:
    """Hand a link request over to a person with the reason; False where it moved meanwhile."""
    if not links.change(tx, one, state="human", trouble=trouble):
        return False
    affiliate, core = both_sides(tx, one)
    case = _case_of(tx, one, affiliate, core, now)
    action = NewAction(
        purpose_key=f"{_key(one)}:{trouble}",
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
            tx, core, _key(one), f"{SUBJECT}（{one.affiliate_number}）", reason,
            one.begins_on, now,
        )  # fmt: skip
    return True


def trouble_now(tx: Transaction, one: Link, oldest: date) -> str | None:
    """Return why a planned link request cannot be asked (a key of TROUBLES), or None."""
    affiliate, core = both_sides(tx, one)
    if affiliate is None:
        return None
    if one.begins_on is not None and one.begins_on < oldest:
        return "old_first_day"
    return trouble_of(affiliate, core, core is not None and _is_dead(tx, core))


def resume(tx: Transaction, one: Link, by: str, now: datetime) -> None:
    """Plan a link request again whose trouble is mended, or that an import had ended."""
    planned = links.change(
        tx,
        one,
        state="planned",
        edition=one.edition + 1,
        trouble=None,
        asked_on=None,
        reminded=0,
        ended_at=None,
        ended_by=None,
    )
    if planned and one.case_id is not None:
        actions.end_system_actions(tx, one.case_id, f"link:{one.id}:", by, now)
        cases.set_state(tx, one.case_id, "open", now)
