"""The last look at a letter about a deadline, in the transaction that claims it.

Between writing and leaving a facility may have applied, withdrawn or changed its
address. Letters of a case have no matter and cost nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from helpdesk.desk import reminders as reminding
from helpdesk.desk import unreachable
from helpdesk.desk.context import Desk
from helpdesk.domain.campaign import SKIPS, DatedStep, Season, Standing, rule_for, season_of
from helpdesk.store import corrections, facilities, letters, links, reminders
from helpdesk.store.database import Transaction
from helpdesk.store.letters import ClaimedLetter, LetterOfMatter
from helpdesk.store.reminders import Reminder

# How long a letter rests that waits for an import or for the end of a pause.
_LOOK_AGAIN = timedelta(minutes=10)


def still_true(
    desk: Desk, tx: Transaction, claimed: Sequence[ClaimedLetter], now: datetime
) -> list[ClaimedLetter]:
    """Return the letters that may leave; the others are cancelled or put back here."""
    bound = [one for one in claimed if one.matter is not None]
    if not bound:
        return list(claimed)
    known = letters.by_ids(tx, [one.id for one in bound])
    rows = reminders.of_letters(tx, [one.id for one in bound if one.matter == "reminder"])
    stays = {
        one.id
        for one in bound
        if not _may_leave(desk, tx, one, known[one.id], rows.get(one.id), now)
    }
    return [one for one in claimed if one.id not in stays]


def _may_leave(
    desk: Desk,
    tx: Transaction,
    claimed: ClaimedLetter,
    letter: LetterOfMatter,
    row: Reminder | None,
    now: datetime,
) -> bool:
    if claimed.matter == "reminder":
        return row is None or _reminder(desk, tx, claimed, row, now)
    about = _ABOUT_CASE.get(claimed.matter or "")
    if about is None or letter.case_id is None:
        return True
    why_not = about(tx, letter)
    if why_not is not None:
        letters.cancel_claimed(tx, claimed, why_not)
    return why_not is None


def _reminder(
    desk: Desk, tx: Transaction, claimed: ClaimedLetter, row: Reminder, now: datetime
) -> bool:
    found = _season_of(desk, row)
    facility = facilities.facilities_by_numbers(tx, [row.certification_number]).get(
        row.certification_number
    )
    if found is None or facility is None:
        return _cancel(tx, claimed, row, "withdrawn")
    season, step = found
    if facility.address.lower() != claimed.recipient.lower() and facility.address:
        letters.cancel_claimed(tx, claimed, "the registered address changed; written anew")
        reminders.reopen(tx, row.id, now)
        return False
    dead = unreachable.cannot_be_reached(tx, [facility.address] if facility.address else [])
    answered = reminders.answered(tx, row.key.campaign, row.key.year, [row.certification_number])
    ruling = rule_for(season, step, facility, Standing(bool(dead), bool(answered)), now)
    if ruling.skipped is not None:
        if ruling.wants_contact:
            reminding.put_on_list(tx, season, facility, ruling.skipped, now)
        return _cancel(tx, claimed, row, ruling.skipped)
    return _at_this_hour(desk, tx, claimed, season, step, now)


def _season_of(desk: Desk, row: Reminder) -> tuple[Season, DatedStep] | None:
    """Return what the rules in force say of a reminder's step; None: they dropped it."""
    for campaign in desk.rules.campaigns:
        if campaign.id == row.key.campaign:
            season = season_of(campaign, row.key.year, desk.rules.desk.calendar)
            for step in season.steps:
                if step.step.id == row.key.step:
                    return season, step
    return None


def _cancel(tx: Transaction, claimed: ClaimedLetter, row: Reminder, reason: str) -> bool:
    letters.cancel_claimed(tx, claimed, SKIPS[reason])
    reminders.set_skipped(tx, row.id, reason)
    return False


def _at_this_hour(
    desk: Desk,
    tx: Transaction,
    claimed: ClaimedLetter,
    season: Season,
    step: DatedStep,
    now: datetime,
) -> bool:
    leaves = reminding.leaving_time(desk, season, step, now)
    if (
        leaves <= now
        and not reminding.is_paused(desk, season)
        and not (reminding.registry_is_stale(desk, tx, now))
    ):
        return True
    letters.postpone_claimed(tx, claimed, max(leaves, now + _LOOK_AGAIN))
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
