"""A year of work in numbers (年度: from April to March), month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from helpdesk.desk.context import japan_date
from helpdesk.domain.calendar import JST
from helpdesk.store import reports
from helpdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class Year:
    """One business year; every list of numbers has twelve, April first."""

    year: int
    months: tuple[date, ...]
    mails: dict[str, list[int]]
    verdicts: dict[str, list[int]]
    decisions: dict[str, list[int]]
    letters: dict[bool, list[int]]
    #: Decisions within an hour, four hours, a day, three days, and later.
    times: list[int]
    questions: int
    #: Questions that no person had to decide on.
    by_machine: int

    @property
    def misses(self) -> list[int]:
        """Requests whose proof was wrong or unclear, by month."""
        rows = [self.verdicts.get(one, [0] * 12) for one in ("mismatch", "ambiguous")]
        return [sum(column) for column in zip(*rows, strict=True)]


def business_year(day: date) -> int:
    """Return the 年度 of a day: it begins in April."""
    return day.year if day.month >= 4 else day.year - 1


def year_of_work(database: Database, year: int) -> Year:
    """Count one business year."""
    months = [date(year + (4 + n - 1) // 12, (4 + n - 1) % 12 + 1, 1) for n in range(13)]
    bounds = [datetime(one.year, one.month, 1, tzinfo=JST) for one in months]
    with database.read() as tx:
        questions, by_machine = reports.questions_without_staff(tx, bounds[0], bounds[-1])
        return Year(
            year=year,
            months=tuple(months[:12]),
            mails=reports.mails_by_disposition(tx, bounds),
            verdicts=reports.cases_by_verdict(tx, bounds),
            decisions=reports.decisions_by_kind(tx, bounds),
            letters=reports.letters_by_hand(tx, bounds),
            times=reports.decision_times(tx, bounds[0], bounds[-1]),
            questions=questions,
            by_machine=by_machine,
        )


def this_year(now: datetime) -> int:
    """Return the 年度 of now."""
    return business_year(japan_date(now))
