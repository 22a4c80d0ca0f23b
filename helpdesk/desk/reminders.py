"""Reminders: which step of which campaign is due, decided once for each facility.

The rows decide: a step that was decided for a facility is never decided again, whoever
wakes us, how often, and whatever the clock does. Each batch is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from helpdesk.desk import freshness, unreachable
from helpdesk.desk.context import Desk
from helpdesk.desk.notices import (
    Notice,
    addressee_of,
    as_of,
    deadline_uid,
    open_case,
    write_notice,
)
from helpdesk.desk.standings import standings_of
from helpdesk.domain.calendar import format_date
from helpdesk.domain.campaign import (
    Standing,
    lapsed,
    open_items,
    rule_for,
    sense_ends,
)
from helpdesk.domain.office_hours import leaves_at
from helpdesk.domain.period import format_moment
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import DatedStep, Season, is_current, seasons_near
from helpdesk.mail.ics import Deadline
from helpdesk.store import cases, facilities, reminders, uploads
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction
from helpdesk.store.reminders import Reminder, StepKey

log = structlog.get_logger(__name__)

# Clocks of two machines differ by seconds; what was decided later than this from now was
# decided by a clock that has been set back since.
_CLOCKS_DIFFER = timedelta(minutes=5)

# What a calendar calls the close of a campaign; another campaign is named by its id.
_DEADLINES = {
    "renewal": "認定施設の更新申請 締切",
    "address_check": "メールアドレスの確認 ご返信の期限",
}

# Facilities in one transaction: a receipt that comes in meanwhile waits for so many.
_AT_ONCE = 50


def write_due(desk: Desk, now: datetime) -> int:
    """Decide every step that has fallen due; return for how many facilities."""
    _doubt_the_future(desk, now)
    with desk.database.read() as tx:
        steps = list(current_steps(desk, tx, now))
    return sum(_work_on(desk, season, step, now) for season, step in steps)


def _doubt_the_future(desk: Desk, now: datetime) -> None:
    """Decide anew what a clock that ran ahead had skipped: it was not too late at all."""
    after = now + _CLOCKS_DIFFER
    with desk.database.read() as tx:
        if not reminders.skipped_after(tx, after):
            return
    with desk.database.begin() as tx:
        taken_back = reminders.reopen_all(tx, reminders.skipped_after(tx, after), now)
    log.warning("clock_ran_ahead", steps_decided_anew=taken_back)


def current_steps(
    desk: Desk, tx: Transaction, now: datetime, *, paused_too: bool = False
) -> Iterator[tuple[Season, DatedStep]]:
    """Yield the steps that have fallen due and are not history, in the order of the rules."""
    calendar = desk.rules.desk.calendar
    held_back = paused_ids(desk, tx)
    for campaign in desk.rules.campaigns:
        if campaign.id in held_back and not paused_too:
            continue
        for season in seasons_near(campaign, now, calendar):
            for step in season.steps:
                if is_current(step, now, season):
                    yield season, step


def key_of(season: Season, step: DatedStep) -> StepKey:
    """Return the key of a step's rows."""
    return StepKey(season.campaign.id, season.period.year, step.step.id)


def _work_on(desk: Desk, season: Season, step: DatedStep, now: datetime) -> int:
    key = key_of(season, step)
    with desk.database.read() as tx:
        if not reminders.undecided(tx, key, 1):
            return 0
        stale = freshness.registry_is_stale(desk, tx, now)
    if lapsed(season, step, now) is None:
        if leaving_time(desk, season, step, now) > now:
            return 0
        if stale:
            _alert(desk, season, step, now)
            return 0
    decided = 0
    while batch := _decide_batch(desk, season, step, now):
        decided += batch
    return decided


def leaving_time(desk: Desk, season: Season, step: DatedStep, now: datetime) -> datetime:
    """Return when a letter of a step that is ready now may leave."""
    campaign = season.campaign
    return leaves_at(
        now,
        campaign.send_at,
        campaign.send_until,
        desk.rules.desk.calendar,
        sense_ends(season, step),
    )


def is_paused(desk: Desk, tx: Transaction, season: Season) -> bool:
    """Say whether the rules or a person hold this campaign back for now."""
    return season.campaign.id in paused_ids(desk, tx)


def paused_ids(desk: Desk, tx: Transaction) -> set[str]:
    """Return the campaigns that the rules or a person hold back for now."""
    return set(uploads.paused_campaigns(tx)) | {
        one.id for one in desk.rules.campaigns if one.paused
    }


def _alert(desk: Desk, season: Season, step: DatedStep, now: datetime) -> None:
    """Tell staff, once a step, that it waits for an import."""
    key = key_of(season, step)
    occasion = f"{key.campaign}:{key.year}:{key.step}"
    subject = unreachable.SUBJECTS.get(key.campaign, key.campaign)
    freshness.tell_staff(desk, occasion, subject, key.step, step.due_at, now)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known of the facilities of one transaction."""

    facilities: Mapping[str, Facility]
    standings: Mapping[str, Standing]
    #: Number to the case of this campaign year and the editions written in it so far.
    cases: Mapping[str, tuple[Case, int]]
    as_of: str | None


def _decide_batch(desk: Desk, season: Season, step: DatedStep, now: datetime) -> int:
    key = key_of(season, step)
    with desk.database.begin() as tx:
        numbers = reminders.undecided(tx, key, _AT_ONCE)
        found = facilities.facilities_by_numbers(tx, numbers)
        batch = _Batch(
            facilities=found,
            standings=standings_of(tx, key.campaign, key.year, found.values()),
            cases=_cases_of(tx, key, numbers),
            as_of=as_of(tx),
        )
        for number in numbers:
            _decide_one(desk, tx, season, step, batch, number, now)
    return len(numbers)


def _cases_of(tx: Transaction, key: StepKey, numbers: Sequence[str]) -> dict[str, tuple[Case, int]]:
    found = reminders.cases_of(tx, key.campaign, key.year, numbers)
    opened = cases.cases_by_ids(tx, [case_id for case_id, _ in found.values()])
    return {number: (opened[case_id], written) for number, (case_id, written) in found.items()}


def _decide_one(
    desk: Desk,
    tx: Transaction,
    season: Season,
    step: DatedStep,
    batch: _Batch,
    number: str,
    now: datetime,
) -> None:
    facility = batch.facilities[number]
    ruling = rule_for(season, step, facility, batch.standings[number], now)
    row = reminders.claim_step(tx, key_of(season, step), number, ruling.skipped, now)
    if row is None:
        return  # Another process decided it.
    if ruling.wants_contact:
        put_on_list(tx, season, facility, ruling.skipped or "", now)
    if ruling.skipped is None:
        _write(desk, tx, season, step, batch, row, facility, now)


def put_on_list(
    tx: Transaction, season: Season, facility: Facility, reason: str, now: datetime
) -> None:
    """Have somebody telephone or write, once a campaign and year."""
    campaign, year = season.campaign.id, season.period.year
    unreachable.add_task(
        tx,
        facility,
        f"{campaign}:{year}:{facility.certification_number}",
        unreachable.SUBJECTS.get(campaign, campaign),
        reason,
        season.period.closes.date(),
        now,
    )


def _write(
    desk: Desk,
    tx: Transaction,
    season: Season,
    step: DatedStep,
    batch: _Batch,
    row: Reminder,
    facility: Facility,
    now: datetime,
) -> None:
    key, number = row.key, facility.certification_number
    case, written = batch.cases.get(number, (None, 0))
    subject = unreachable.SUBJECTS.get(key.campaign, key.campaign)
    if case is None:
        case = open_case(tx, facility, facility.address, subject, now)
    else:
        cases.write_to(tx, case, facility.address, now)
    edition = f":{row.edition}" if row.edition > 1 else ""
    notice = Notice(
        letter=step.step.letter,
        purpose_key=f"reminder:{key.campaign}:{key.year}:{number}:{key.step}{edition}",
        recipient=facility.address,
        matter="reminder",
        values=_values(season, facility, batch.as_of, is_repeat=written >= row.edition),
        deadline=Deadline(
            uid=deadline_uid(desk, key.campaign, key.year, number),
            sequence=written,
            summary=f"{_DEADLINES.get(key.campaign, subject + ' 締切')}（{facility.name}）",
            at=season.period.closes,
        ),
    )
    letter_id = write_notice(desk, tx, case, notice, now)
    reminders.set_letter(tx, row.id, letter_id, case.id)


def _values(
    season: Season, facility: Facility, status_on: str | None, *, is_repeat: bool
) -> dict[str, object]:
    """Return what a reminder says; nothing that the registry does not hold."""
    period = season.period
    return {
        "addressee": addressee_of(facility),
        "facility_name": facility.name,
        "certification_number": facility.certification_number,
        "opens_at": format_moment(period.opens),
        "closes_at": format_moment(period.closes),
        "closes_on": format_date(period.closes.date()),
        "as_of": status_on,
        "application_state": facility.application_state or None,
        "missing_documents": open_items(facility),
        "is_repeat": is_repeat,
    }
