"""What is known of facilities beyond their rows when a step of a campaign falls due."""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.desk import unreachable
from helpdesk.domain.campaign import Standing
from helpdesk.domain.registry import Facility
from helpdesk.store import reminder_stops, reminders
from helpdesk.store.database import Transaction


def standings_of(
    tx: Transaction, campaign: str, year: int, facilities: Iterable[Facility]
) -> dict[str, Standing]:
    """Return the standing of each facility in one campaign year, by certification number."""
    found = {one.certification_number: one.address for one in facilities}
    numbers = list(found)
    dead = unreachable.cannot_be_reached(tx, found.values())
    answered = reminders.answered(tx, campaign, year, numbers)
    stopped = reminder_stops.stopped(tx, campaign, year, numbers)
    return {
        number: Standing(address in dead, number in answered, number in stopped)
        for number, address in found.items()
    }
