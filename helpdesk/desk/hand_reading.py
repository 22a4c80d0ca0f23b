"""Fields of a request put right by hand, and judged again (項目の修正).

The mail stays as it was; what a clerk reads in it stands over what the program read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from helpdesk.desk.casework import case_of
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.deciding import facts_shown, keep_verdict
from helpdesk.desk.judging import Judged, judge_fields
from helpdesk.desk.who_decides import inherited_marks
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.audit import Event
from helpdesk.domain.birthdates import find_dates
from helpdesk.domain.by_hand import changes_between, text_of
from helpdesk.domain.fields import PLACEHOLDER
from helpdesk.domain.japanese import normalise_width
from helpdesk.domain.proofs import without_proofs
from helpdesk.domain.request import FIELD_NAMES, missing_of
from helpdesk.domain.request_policy import actions_for
from helpdesk.store import actions, approvals, audit, cases, casework, facilities
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

_REQUESTS = ("confirm_address", "change_address", "both", "other")

#: Kinds of actions that follow from the fields alone.
_OF_FIELDS = frozenset({"confirm_address", "change_address"})

_LONGEST = 200


def correct_fields(
    desk: Desk, number: str, by: str, given: Mapping[str, str], now: datetime
) -> str:
    """Replace the fields of a case by these and judge it again; return the verdict.

    `given` has the keys of DESIGN section 5; '' stands for what is not there. Raises
    Refused.
    """
    fields = _checked(given)
    missing = missing_of(fields)
    with desk.database.begin() as tx:
        require_decider(tx, by)
        case = case_of(tx, number)
        if case.state == "closed":  # What proved who it was is erased: nothing can be judged.
            raise Refused(f"case {number} is closed; enter the request anew")
        judged = judge_fields(desk, tx, fields, missing)
        changed = changes_between(case.fields, fields)
        cases.update_reading(
            tx,
            case.id,
            fields=fields,
            missing=missing,
            verdict=judged.outcome,
            certification_number=judged.certification_number,
            at=now,
        )
        case = cases.case_by_id(tx, case.id)
        _bring_actions_in_line(desk, tx, case, missing, judged, by, now)
        names = ", ".join(one.field for one in changed)
        about = {"fields": names, "outcome": judged.outcome}
        audit.note(tx, Event("fields_corrected", by, "console", case.number, about))
        casework.insert_note(tx, case.id, by, "fields", text_of(changed), now)
    return judged.outcome


def choose_facility(
    desk: Desk, number: str, by: str, certification_number: str, now: datetime
) -> str:
    """Say which facility a request is about, and judge it again. Raises Refused."""
    with desk.database.read() as tx:
        case = case_of(tx, number)
        found = facilities.facilities_by_numbers(tx, [certification_number])
    if certification_number not in found:
        raise Refused(f"there is no facility {certification_number[:40]}")
    facility = found[certification_number]
    given = {name: case.fields.get(name) or "" for name in FIELD_NAMES}
    given |= {"certification_number": certification_number, "facility_name": facility.name}
    return correct_fields(desk, number, by, given, now)


def _checked(given: Mapping[str, str]) -> dict[str, str | None]:
    fields: dict[str, str | None] = {}
    for name in FIELD_NAMES:
        text = " ".join(normalise_width(given.get(name, "")).split())[:_LONGEST]
        fields[name] = None if PLACEHOLDER.match(text) else text
    if fields["birthdate"] is not None:
        fields["birthdate"] = _date(fields["birthdate"])
    for name in ("facility_name", "responsible_physician"):
        fields[name] = without_proofs(fields[name] or "", fields) or None
    if fields["request"] not in (None, *_REQUESTS):
        raise Refused("there is no such wish")
    address = fields["new_address"]
    if address is not None and not is_mail_address(address):
        raise Refused("the new address is no mail address; nothing was changed")
    return fields


def _date(text: str) -> str:
    """Return a date as it is kept; it may be written in every way that a mail may write it."""
    found = find_dates(text)
    if len(found) == 1 and found[0].day and not text[: found[0].start] + text[found[0].end :]:
        return found[0].day.isoformat()
    raise Refused("the birthdate is no date; write it as 1968-04-09")


def _bring_actions_in_line(
    desk: Desk,
    tx: Transaction,
    case: Case,
    missing: tuple[str, ...],
    judged: Judged,
    by: str,
    now: datetime,
) -> None:
    """Let what waits follow from the fields as they are now."""
    fields = case.fields
    wanted: tuple[str, ...] = () if missing else actions_for(fields["request"])[0]
    waiting = [
        one
        for one in actions.actions_of_case(tx, case.id)
        if one.state == "waiting" and one.kind in _OF_FIELDS
    ]
    for one in waiting:
        if one.kind in wanted or missing:
            facts = facts_shown(desk, case, judged, _new_address(case, one.kind))
            keep_verdict(tx, one, judged, facts, moved=facts != dict(one.facts))
            approvals.end(tx, one.id, now)
            if one.kind == "change_address":
                actions.set_new_address(tx, one.id, fields["new_address"])
        else:
            actions.move(
                tx, one.id, from_state="waiting", to_state="rejected", by=by, at=now,
                reason="the fields were put right by hand: this is not what was asked for",
            )  # fmt: skip
    known = {one.kind for one in waiting}
    for kind in wanted:
        if kind in _OF_FIELDS and kind not in known:
            _queue(desk, tx, case, kind, judged, now)


def _new_address(case: Case, kind: str) -> str | None:
    return case.fields["new_address"] if kind == "change_address" else None


def _queue(
    desk: Desk,
    tx: Transaction,
    case: Case,
    kind: str,
    judged: Judged,
    now: datetime,
) -> None:
    times = len(actions.actions_of_case(tx, case.id))
    new = NewAction(
        purpose_key=f"hand:{case.id}:{times}:{kind}",
        case_id=case.id,
        kind=kind,
        verdict=judged.outcome,
        certification_number=judged.certification_number,
        facility_version=judged.facility_version,
        new_address=_new_address(case, kind),
        evidence=judged.evidence,
        note="",
        marks=inherited_marks(tx, case.id),
        facts=facts_shown(desk, case, judged, _new_address(case, kind)),
    )
    actions.insert_action(tx, new, now)
    cases.set_state(tx, case.id, "waiting_staff", now)
