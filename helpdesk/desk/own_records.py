"""Nobody decides about themselves: which members' records are a staff member's own."""

from __future__ import annotations

from helpdesk.desk.context import Refused
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.audit import Event
from helpdesk.domain.registry import Facility
from helpdesk.store import audit, staff, staff_records
from helpdesk.store.actions import Action
from helpdesk.store.cases import Case
from helpdesk.store.database import Database, Transaction


def keep(database: Database, name: str, member: str, addresses: list[str], by: str) -> int:
    """Keep whose member number and addresses are a user's own; return how many there are.

    What was kept before is replaced. Raises Refused.
    """
    for one in addresses:
        if not is_mail_address(one):
            raise Refused("an address is no mail address; write it alone and in half-width")
    with database.begin() as tx:
        if staff.account_by_name(tx, name) is None:
            raise Refused("there is no user of that name; see: helpdesk user add NAME --role …")
        count = staff_records.replace_records(tx, name, [member], addresses)
        about = {"user": name, "count": count}
        audit.note(tx, Event("own_records", by[:80], "command", about=about))
    return count


def is_own(tx: Transaction, by: str, action: Action, case: Case, facility: Facility | None) -> bool:
    """Say whether an action concerns a record of the person who would decide it."""
    members = [case.fields.get("member_number") or ""]
    addresses = [case.correspondent, action.new_address or ""]
    if facility is not None:
        members.append(facility.member_number)
        addresses += [facility.address, facility.member_address]
    return staff_records.any_own(tx, by, members, addresses)
