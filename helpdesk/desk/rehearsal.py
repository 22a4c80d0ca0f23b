"""The rehearsal: the calendar's own jobs on a simulated clock, over a copy of the database.

Nothing is sent. The copy lies in memory; letters leave it through the real claim, with
its last look, and are then taken for sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from helpdesk.desk import deadlines, outbox
from helpdesk.desk.context import Desk, Registry, japan_date
from helpdesk.domain.calendar import JST
from helpdesk.rules import Rules
from helpdesk.store import facilities, rehearsing
from helpdesk.store.database import Database
from helpdesk.store.facilities import ImportRecord
from helpdesk.store.rehearsing import Happened

# What began some weeks before the first day still goes on in it (reminders of links and
# corrections), and what was sent then is not sent again.
_RUN_UP = timedelta(days=45)

_DAY = timedelta(days=1)
_WORKER = "rehearsal"

# All letters of a morning leave at once; the caps only spread them over the next minutes.
_NO_CAP = 100_000


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One letter that would leave, or one that would not and why."""

    at: datetime
    kind: str  # reminder | correction | link_request | digest
    campaign: str | None
    step: str | None
    facility: str | None
    to: str | None
    letter: str | None
    #: None: it leaves; else a key of SKIPS, or the words in the outbox.
    skipped: str | None


def rehearse(
    desk: Desk, first: date, last: date, now: datetime, *, imports: bool = True
) -> Iterator[Rehearsed]:
    """Yield what would happen from the first day to the last one, both included.

    The registry is taken to be imported each day just as it stands; `imports` False: never
    again, so that reminders wait and staff are told.
    """
    copy = rehearsing.copy_of(desk.database)
    try:
        stage = replace(desk, database=copy, rules=_uncapped(desk.rules), registry=Registry())
        begin = datetime.combine(first, time(0), JST)
        for at in _moments(desk.rules, _start(begin, now), last):
            if imports:
                _import_again(stage.database, at)
            for one in _happen(stage, at):
                if one.at >= begin:
                    yield one
    finally:
        copy.close()


def _uncapped(rules: Rules) -> Rules:
    limits = {"letters_per_minute": _NO_CAP, "letters_per_hour": _NO_CAP}
    return rules.model_copy(
        update={"mode": "live", "limits": rules.limits.model_copy(update=limits)}
    )


def _start(begin: datetime, now: datetime) -> datetime:
    """Return from when on is simulated: as things stand now, or with a run-up."""
    run_up = begin - _RUN_UP
    return run_up if begin < now - _DAY or run_up > now else now


def _moments(rules: Rules, start: datetime, last: date) -> Iterator[datetime]:
    """Yield the times at which something can fall due, in order."""
    times = {campaign.send_at for campaign in rules.campaigns}
    times |= {rules.deadlines.send_at, rules.deadlines.digest.at}
    yield start
    day = japan_date(start)
    while day <= last:
        for at in sorted(times):
            moment = datetime.combine(day, at, JST)
            if moment > start:
                yield moment
        day += _DAY


def _happen(stage: Desk, at: datetime) -> Iterator[Rehearsed]:
    """Let one moment pass and yield what happened in it."""
    seen = rehearsing.mark(stage.database)
    deadlines.turn(stage, at)
    # The sender looks like this too: a claim takes a lock, which most moments can do without.
    while outbox.something_due(stage, at) and (claimed := outbox.claim_due(stage, _WORKER, at)):
        rehearsing.take_for_sent(stage.database, claimed, at)
    for one in rehearsing.happened_since(stage.database, seen):
        yield _rehearsed(one, at)


def _import_again(database: Database, at: datetime) -> None:
    with database.read() as tx:
        known = facilities.last_import_at(tx)
    if known is not None and japan_date(known) >= japan_date(at):
        return
    record = ImportRecord(at, "rehearsal", "", "rehearsal", 0, 0, 0, 0)
    with database.begin() as tx:
        facilities.record_import(tx, record)


def _rehearsed(one: Happened, at: datetime) -> Rehearsed:
    return Rehearsed(
        at=at.astimezone(JST),
        kind=one.kind,
        campaign=one.campaign,
        step=one.step,
        facility=one.facility,
        to=one.recipient,
        letter=one.letter,
        skipped=one.skipped,
    )
