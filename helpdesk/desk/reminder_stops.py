"""Staff let a facility go without further letters of a campaign (辞退など), and take that back."""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.domain.calendar import JST
from helpdesk.domain.season import season_of
from helpdesk.store import facilities, letters, reminder_stops, reminders
from helpdesk.store.database import Database, Transaction
from helpdesk.store.reminder_stops import Stop

# So long after its last letter a year's campaign is still the one that staff mean.
_STILL_MEANT = timedelta(days=30)


def stop(desk: Desk, number: str, campaign: str, by: str, reason: str, now: datetime) -> int:
    """Stop the letters of the campaign's running or next year and return it. Raises Refused."""
    if not reason.strip():
        raise Refused("stopping needs a reason; give it with --reason TEXT")
    year = _year(desk, campaign, now)
    with desk.database.begin() as tx:
        require_decider(tx, by)
        if number not in facilities.facilities_by_numbers(tx, [number]):
            raise Refused(f"there is no facility {number}; see: helpdesk registry list")
        if not reminder_stops.insert_stop(tx, Stop(campaign, year, number, by, now, reason)):
            raise Refused(f"letters of {campaign} {year} to {number} are stopped already")
        _take_back(tx, campaign, year, number, now)
    return year


def _take_back(tx: Transaction, campaign: str, year: int, number: str, now: datetime) -> None:
    """Cancel what has not begun to leave."""
    for row in reminders.waiting_letters(tx, [number]):
        if (row.key.campaign, row.key.year) == (campaign, year) and row.letter_id is not None:
            letters.cancel_waiting(tx, [row.letter_id], "staff stopped it")
            reminders.set_skipped(tx, row.id, "stopped", now)


def resume(desk: Desk, number: str, campaign: str, by: str, now: datetime) -> int:
    """Let the further letters leave again and return the year. Raises Refused."""
    year = _year(desk, campaign, now)
    with desk.database.begin() as tx:
        require_decider(tx, by)
        if not reminder_stops.delete_stop(tx, campaign, year, number):
            raise Refused(f"letters of {campaign} {year} to {number} are not stopped")
    return year


def listed(database: Database) -> list[Stop]:
    """Return every stop."""
    with database.read() as tx:
        return reminder_stops.list_stops(tx)


def _year(desk: Desk, campaign_id: str, now: datetime) -> int:
    found = {one.id: one for one in desk.rules.campaigns}
    campaign = found.get(campaign_id)
    if campaign is None:
        raise Refused(f"there is no campaign {campaign_id}; the rules have: {', '.join(found)}")
    year = now.astimezone(JST).year - 1
    while True:
        last = season_of(campaign, year, desk.rules.desk.calendar).steps[-1]
        if now < last.due_at + _STILL_MEANT:
            return year
        year += 1
