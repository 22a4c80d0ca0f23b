"""A year of work in numbers (年度: from April to March), month by month."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from weakref import WeakKeyDictionary

from helpdesk.desk.context import japan_date
from helpdesk.domain.calendar import JST
from helpdesk.store import reports
from helpdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was counted over a run of months, a number for each."""

    mails: dict[str, list[int]]
    verdicts: dict[str, list[int]]
    decisions: dict[str, list[int]]
    letters: dict[bool, list[int]]
    #: Decisions within an hour, four hours, a day, three days, and later.
    times: list[int]
    questions: int
    #: Questions that no person had to decide on.
    by_machine: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Year(_Counts):
    """One business year; every list of numbers has twelve, April first."""

    year: int
    months: tuple[date, ...]

    @property
    def misses(self) -> list[int]:
        """Requests whose proof was wrong or unclear, by month."""
        rows = [self.verdicts.get(one, [0] * 12) for one in ("mismatch", "ambiguous")]
        return [sum(column) for column in zip(*rows, strict=True)]


def business_year(day: date) -> int:
    """Return the 年度 of a day: it begins in April."""
    return day.year if day.month >= 4 else day.year - 1


# Months that ended so long ago are counted once a day: nearly nothing of them changes.
_SETTLED = timedelta(days=31)

# Of each database, the months that are settled, with the day on which they were counted.
_counted: WeakKeyDictionary[Database, dict[tuple[int, int, date], _Counts]] = WeakKeyDictionary()
_counting = threading.Lock()


def year_of_work(database: Database, year: int, now: datetime) -> Year:
    """Count one business year; of months that are long over, what was counted today."""
    months = [date(year + (4 + n - 1) // 12, (4 + n - 1) % 12 + 1, 1) for n in range(13)]
    bounds = [datetime(one.year, one.month, 1, tzinfo=JST) for one in months]
    settled = sum(one <= now - _SETTLED for one in bounds[1:])
    old = _settled(database, (year, settled, japan_date(now)), bounds[: settled + 1])
    new = _count(database, bounds[settled:])
    return Year(
        year=year,
        months=tuple(months[:12]),
        mails=_joined(old.mails, new.mails, settled),
        verdicts=_joined(old.verdicts, new.verdicts, settled),
        decisions=_joined(old.decisions, new.decisions, settled),
        letters=_joined(old.letters, new.letters, settled),
        times=[sum(pair) for pair in zip(old.times, new.times, strict=True)],
        questions=old.questions + new.questions,
        by_machine=old.by_machine + new.by_machine,
    )


def _settled(database: Database, key: tuple[int, int, date], bounds: Sequence[datetime]) -> _Counts:
    with _counting:
        known = _counted.setdefault(database, {})
        for other in [one for one in known if one[2] != key[2]]:
            del known[other]
        found = known.get(key)
    if found is None:
        found = _count(database, bounds)
        with _counting:
            known[key] = found
    return found


def _count(database: Database, bounds: Sequence[datetime]) -> _Counts:
    """Count the months between these moments; one moment alone is no month."""
    if len(bounds) < 2:
        return _Counts({}, {}, {}, {}, [0] * (len(reports.CLASSES) + 1), 0, 0)
    with database.read() as tx:
        questions, by_machine = reports.questions_without_staff(tx, bounds[0], bounds[-1])
        return _Counts(
            mails=reports.mails_by_disposition(tx, bounds),
            verdicts=reports.cases_by_verdict(tx, bounds),
            decisions=reports.decisions_by_kind(tx, bounds),
            letters=reports.letters_by_hand(tx, bounds),
            times=reports.decision_times(tx, bounds[0], bounds[-1]),
            questions=questions,
            by_machine=by_machine,
        )


_Kind = TypeVar("_Kind", bound=Hashable)


def _joined(
    old: dict[_Kind, list[int]], new: dict[_Kind, list[int]], settled: int
) -> dict[_Kind, list[int]]:
    """Put the months that are settled before the others."""
    return {
        kind: [*old.get(kind, [0] * settled), *new.get(kind, [0] * (12 - settled))]
        for kind in (*old, *(one for one in new if one not in old))
    }


def this_year(now: datetime) -> int:
    """Return the 年度 of now."""
    return business_year(japan_date(now))
