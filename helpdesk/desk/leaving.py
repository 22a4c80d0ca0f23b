"""The last look at a letter about a deadline, in the transaction that claims it.

Between writing and leaving a facility may have applied, withdrawn or changed its
address. Letters of a case have no matter and cost nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.desk import freshness
from helpdesk.desk import reminders as reminding
from helpdesk.desk.context import Desk
from helpdesk.desk.standings import standings_of
from helpdesk.domain.campaign import SKIPS, Standing, rule_for
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import DatedStep, Season, season_of
from helpdesk.store import corrections, delivery, facilities, letters, links, reminders
from helpdesk.store.database import Transaction
from helpdesk.store.delivery import ClaimedLetter
from helpdesk.store.letters import LetterOfMatter
from helpdesk.store.reminders import Reminder

# How long a letter rests that waits for an import or for the end of a pause.
_LOOK_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the reminders in one claim, read once for all of them."""

    rows: Mapping[int, Reminder]
    facilities: Mapping[str, Facility]
    #: By (campaign, year) and certification number.
    standings: Mapping[tuple[str, int], Mapping[str, Standing]]
    stale: bool


def still_true(
    desk: Desk, tx: Transaction, claimed: Sequence[ClaimedLetter], now: datetime
) -> list[ClaimedLetter]:
    """Return the letters that may leave; the others are cancelled or put back here."""
    bound = [one for one in claimed if one.matter is not None]
    if not bound:
        return list(claimed)
    known = _known_of(desk, tx, [one.id for one in bound if one.matter == "reminder"], now)
    cases = letters.by_ids(tx, [one.id for one in bound if one.matter in _ABOUT_CASE])
    stays = set()
    for one in bound:
        row = known.rows.get(one.id)
        leaves = _reminder(desk, tx, one, row, known, now) if row else _of_case(tx, one, cases)
        if not leaves:
            stays.add(one.id)
    return [one for one in claimed if one.id not in stays]


def _known_of(desk: Desk, tx: Transaction, letter_ids: list[int], now: datetime) -> _Known:
    rows = reminders.of_letters(tx, letter_ids) if letter_ids else {}
    numbers = {one.certification_number for one in rows.values()}
    found = facilities.facilities_by_numbers(tx, numbers) if rows else {}
    seasons = {(one.key.campaign, one.key.year) for one in rows.values()}
    return _Known(
        rows=rows,
        facilities=found,
        standings={one: standings_of(tx, *one, found.values()) for one in seasons},
        stale=bool(rows) and freshness.registry_is_stale(desk, tx, now),
    )


def _of_case(tx: Transaction, claimed: ClaimedLetter, known: Mapping[int, LetterOfMatter]) -> bool:
    about, letter = _ABOUT_CASE.get(claimed.matter or ""), known.get(claimed.id)
    if about is None or letter is None or letter.case_id is None:
        return True
    why_not = about(tx, letter)
    if why_not is not None:
        delivery.cancel_claimed(tx, claimed, why_not)
    return why_not is None


def _reminder(
    desk: Desk,
    tx: Transaction,
    claimed: ClaimedLetter,
    row: Reminder,
    known: _Known,
    now: datetime,
) -> bool:
    found = _season_of(desk, row)
    facility = known.facilities.get(row.certification_number)
    if found is None:
        return _cancel(tx, claimed, row, "rules_changed", now)
    if facility is None:
        return _cancel(tx, claimed, row, "withdrawn", now)
    season, step = found
    if facility.address.lower() != claimed.recipient.lower() and facility.address:
        delivery.cancel_claimed(tx, claimed, "the registered address changed; written anew")
        reminders.reopen(tx, row.id, now)
        return False
    standing = known.standings[row.key.campaign, row.key.year][row.certification_number]
    ruling = rule_for(season, step, facility, standing, now)
    if ruling.skipped is not None:
        if ruling.wants_contact:
            reminding.put_on_list(tx, season, facility, ruling.skipped, now)
        return _cancel(tx, claimed, row, ruling.skipped, now)
    leaves = reminding.leaving_time(desk, season, step, now)
    if leaves <= now and not known.stale and not reminding.is_paused(desk, tx, season):
        return True
    delivery.postpone_claimed(tx, claimed, max(leaves, now + _LOOK_AGAIN))
    return False


def _season_of(desk: Desk, row: Reminder) -> tuple[Season, DatedStep] | None:
    """Return what the rules in force say of a reminder's step; None: they dropped it."""
    for campaign in desk.rules.campaigns:
        if campaign.id == row.key.campaign:
            season = season_of(campaign, row.key.year, desk.rules.desk.calendar)
            for step in season.steps:
                if step.step.id == row.key.step:
                    return season, step
    return None


def _cancel(
    tx: Transaction, claimed: ClaimedLetter, row: Reminder, reason: str, now: datetime
) -> bool:
    delivery.cancel_claimed(tx, claimed, SKIPS[reason])
    reminders.set_skipped(tx, row.id, reason, now)
    return False


def _about_correction(tx: Transaction, letter: LetterOfMatter) -> str | None:
    one = corrections.correction_of_case(tx, letter.case_id or 0)
    ended = one is not None and one.state not in ("asked", "human")
    return "the correction was made or closed" if ended else None


def _about_link(tx: Transaction, letter: LetterOfMatter) -> str | None:
    if letter.letter == "link_result":
        return None
    one = links.link_of_case(tx, letter.case_id or 0)
    moved = one is not None and one.state not in ("asked", "human")
    return "the core facility answered or the request ended" if moved else None


_ABOUT_CASE: dict[str, Callable[[Transaction, LetterOfMatter], str | None]] = {
    "correction": _about_correction,
    "link_request": _about_link,
}
