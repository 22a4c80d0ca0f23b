"""A request that came by telephone, fax or in person, entered by hand.

It takes the same way as one by mail, but for this: who entered it may not approve it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.desk.deciding import facts_shown, tell
from helpdesk.desk.judging import judge_fields
from helpdesk.domain.addressing import is_mail_address, one_line
from helpdesk.domain.identities import read_identity
from helpdesk.domain.request import missing_of
from helpdesk.store import actions, cases, facts, staff
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import NewCase

KINDS = ("confirm_address", "change_address")

_LONGEST = 200
_NUMBER = re.compile(r"[A-Za-z]{1,3}-?\d{2,8}")


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person wrote down of a call or a fax."""

    kind: str
    facility: str
    physician: str
    #: Member number or birthdate, as it was said.
    identity: str
    new_address: str | None = None
    #: Where letters go; '' where the caller named no address.
    answer_to: str = ""
    note: str = ""


def enter(desk: Desk, entered: Entered, by: str, now: datetime) -> int:
    """Queue a request by hand and return its action. Raises Refused."""
    fields = _fields_of(entered)
    missing = missing_of(fields)
    if missing:
        raise Refused(f"the request lacks: {', '.join(missing)}")
    with desk.database.begin() as tx:
        if staff.staff_by_name(tx, by) is None:
            raise Refused("there is no user of that name; see: helpdesk user add NAME --role …")
        judged = judge_fields(desk, tx, fields, missing)
        new_case = NewCase(
            number=facts.next_case_number(tx, japan_date(now).year),
            state="waiting_staff",
            correspondent=entered.answer_to,
            correspondent_name="",
            subject="",
            fields=fields,
            missing=(),
            verdict=judged.outcome,
            certification_number=judged.certification_number,
            thread=(),
            related_case_id=None,
        )
        case = cases.insert_case(tx, new_case, now)
        new_address = entered.new_address if entered.kind == "change_address" else None
        new = NewAction(
            purpose_key=f"entered:{case.number}:{entered.kind}",
            case_id=case.id,
            kind=entered.kind,
            verdict=judged.outcome,
            certification_number=judged.certification_number,
            facility_version=judged.facility_version,
            new_address=new_address,
            evidence=judged.evidence,
            note=one_line(f"{by} が登録しました。{entered.note}", _LONGEST),
            facts=facts_shown(desk, case, judged, new_address),
            entered_by=by,
        )
        action_id = actions.insert_action(tx, new, now)
        assert action_id is not None  # noqa: S101 - the case is new
        action = actions.action_by_id(tx, action_id)
        assert action is not None  # noqa: S101 - inserted above
        tell(tx, action, "entered", by, {"kind": entered.kind})
    return action_id


def _fields_of(entered: Entered) -> dict[str, str | None]:
    if entered.kind not in KINDS:
        raise Refused(f"the kind is one of: {', '.join(KINDS)}")
    for address in (entered.new_address, entered.answer_to):
        if address and not is_mail_address(address):
            raise Refused("an address is no mail address; write it alone and in half-width")
    identity = read_identity([(one_line(entered.identity, _LONGEST), 0)], "identity")
    facility = one_line(entered.facility, _LONGEST)
    by_number = bool(_NUMBER.fullmatch(facility))
    return {
        "facility_name": None if by_number else facility or None,
        "certification_number": facility if by_number else None,
        "responsible_physician": one_line(entered.physician, _LONGEST) or None,
        "member_number": identity.member.value if identity.member else None,
        "birthdate": identity.birth.value if identity.birth else None,
        "request": entered.kind,
        "new_address": entered.new_address,
    }
