"""A facility as staff see it: its record, what was changed, and everything done for it."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.registry import Facility
from helpdesk.store import case_view, facilities, facility_view
from helpdesk.store.case_view import CaseLine
from helpdesk.store.contacts import is_unreachable
from helpdesk.store.facility_view import Happening, Standing


@dataclass(frozen=True, slots=True)
class FacilityView:
    """Everything on a facility's page."""

    facility: Facility
    standing: Standing
    #: Mail to its address came back for good.
    unreachable: bool
    cases: tuple[CaseLine, ...]
    history: tuple[Happening, ...]
    #: The affiliates of a core facility, or the core facility of an affiliate.
    related: tuple[Facility, ...]


def view(desk: Desk, number: str) -> FacilityView:
    """Return a facility with its history. Raises Refused."""
    with desk.database.read() as tx:
        standing = facility_view.standing_of(tx, number)
        if standing is None:
            raise Refused(f"there is no facility {number[:40]}")
        facility = facilities.facilities_by_numbers(tx, [number]).get(number)
        if facility is None:  # It left the registry; its row stays for its cases.
            every = (row.facility for row in facilities.all_rows(tx))
            facility = next(one for one in every if one.certification_number == number)
        index = desk.registry.index(tx)
        related = [
            one
            for one in index.facilities
            if one.core_number == number or one.certification_number == facility.core_number
        ]
        return FacilityView(
            facility=facility,
            standing=standing,
            unreachable=bool(facility.address) and is_unreachable(tx, facility.address),
            cases=tuple(case_view.cases_of_facility(tx, number)),
            history=tuple(facility_view.happenings_of(tx, number)),
            related=tuple(related),
        )
