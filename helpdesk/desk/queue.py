"""The queue as a person sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.standing import About, about_action
from helpdesk.desk.telling import facility_of
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from helpdesk.domain.written_by import WrittenBy, read_written_by
from helpdesk.store import actions, cases, facilities, mails
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class ShownAction:
    """One action with what a person needs to decide it."""

    action: Action
    case: Case
    registered_address: str | None
    #: What the correspondent wrote, newest mail of the case.
    text: str | None
    #: The mail itself as it came.
    raw: bytes | None = None


def listed(database: Database, *, undecided_only: bool) -> list[Action]:
    """Return actions, oldest first."""
    with database.read() as tx:
        return actions.list_actions(tx, undecided_only=undecided_only)


def shown(database: Database, action_id: int) -> ShownAction:
    """Return one action with its case. Raises Refused."""
    with database.read() as tx:
        action = actions.action_by_id(tx, action_id)
        if action is None:
            raise Refused(f"there is no action {action_id}; see: helpdesk queue list --all")
        number = action.certification_number
        address = facilities.address_of(tx, number) if number else None
        raw = mails.newest_source_of_case(tx, action.case_id)
        case = cases.case_by_id(tx, action.case_id)
    text = read_message(raw).body if raw is not None else None
    return ShownAction(action, case, address or None, text, raw)


def about(desk: Desk, shown: ShownAction, now: datetime) -> About:
    """Return what a decider must know of an action beyond the request itself."""
    written: WrittenBy | None = None
    cc: tuple[str, ...] = ()
    if shown.raw is not None:
        message = read_message(shown.raw)
        written = read_written_by(message, read_request(message, desk.rules.form.patterns))
        cc = tuple(one.address for one in message.cc)
    with desk.database.read() as tx:
        facility = facility_of(tx, shown.action)
        return about_action(
            desk,
            tx,
            shown.action,
            now,
            main_phone=facility.main_phone if facility else "",
            member_address=facility.member_address if facility else "",
            written_by=written,
            cc=cc,
        )
