"""Campaigns for those who watch over them: the days to come, what went out, and a brake."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.rehearsal import rehearse
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import JST
from helpdesk.rules.deadlines import Campaign
from helpdesk.store import audit, reminders, uploads

_DAY = timedelta(days=1)

# A rehearsal copies the database; two at once would take twice the memory.
_one_rehearsal = threading.Lock()


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign as it stands."""

    rule: Campaign
    #: Held back by the rules' file.
    by_rules: bool
    #: Held back here: by whom, and since when.
    by_staff: tuple[str, datetime] | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What would leave on one day for one reason."""

    kind: str
    #: Campaign and step of a reminder; '' for the rest, of which `what` names the letter.
    campaign: str
    step: str
    what: str
    letters: int
    #: Would not leave, by reason.
    skipped: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the calendar."""

    on: date
    is_open: bool
    planned: tuple[Planned, ...]


def standings(desk: Desk) -> list[Standing]:
    """Return every campaign, and whether it goes on."""
    with desk.database.read() as tx:
        paused = uploads.paused_campaigns(tx)
    return [Standing(one, one.paused, paused.get(one.id)) for one in desk.rules.campaigns]


def set_paused(desk: Desk, campaign: str, by: str, now: datetime, *, paused: bool) -> None:
    """Hold a campaign back, or let it go on. Raises Refused."""
    if campaign not in {one.id for one in desk.rules.campaigns}:
        raise Refused("there is no such campaign")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        if paused:
            uploads.pause_campaign(tx, campaign, by, now)
        else:
            uploads.resume_campaign(tx, campaign)
        event = "campaign_paused" if paused else "campaign_resumed"
        audit.note(tx, Event(event, by, "console", about={"campaign": campaign}))


def month(desk: Desk, first: date, now: datetime) -> list[CalendarDay]:
    """Return what would leave on each day of a month, on a simulated clock."""
    after = (first + 31 * _DAY).replace(day=1)
    found: dict[date, dict[tuple[str, str, str, str], Counter[str]]] = {}
    with _one_rehearsal:
        for one in rehearse(desk, first, after - _DAY, now):
            if one.kind == "digest":
                continue
            key = (one.kind, one.campaign or "", one.step or "", one.letter or "")
            if one.campaign:  # What is not written has no letter: one line for a step.
                key = (*key[:3], "")
            day = found.setdefault(one.at.date(), {})
            day.setdefault(key, Counter())[one.skipped or ""] += 1
    days = []
    on = first
    while on < after:
        planned = tuple(
            Planned(*key, counts[""], tuple((k, n) for k, n in counts.items() if k))
            for key, counts in found.get(on, {}).items()
        )
        days.append(CalendarDay(on, desk.rules.desk.calendar.is_business_day(on), planned))
        on += _DAY
    return days


def went_out(desk: Desk, first: date) -> list[tuple[tuple[str, int], str, str | None, int]]:
    """Return what was decided in a month: campaign, step, why not (None: written), how many."""
    after = (first + 31 * _DAY).replace(day=1)
    since = datetime(first.year, first.month, 1, tzinfo=JST)
    until = datetime(after.year, after.month, 1, tzinfo=JST)
    with desk.database.read() as tx:
        rows = reminders.count_by_outcome(tx, since, until)
    return [((key.campaign, key.year), key.step, skipped, count) for key, skipped, count in rows]
