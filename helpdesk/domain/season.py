"""Seasons (申請期間): a campaign's period in one year, and on which day each step leaves.

Pure: the rules come in, days go out. All dates are Japan's. Source: the guide,
更新申請期間 2月1日 0:00 ～ 2月28日 23:59; FAULTS F67 to F71.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

from helpdesk.domain.calendar import JST, OfficeCalendar
from helpdesk.domain.office_hours import working_day

# What was missed longer ago than this is history, not something to be listed.
_LISTED = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class YearlyTime:
    """A minute of each year, in Japan time."""

    month: int
    day: int
    at: time


@dataclass(frozen=True, slots=True)
class PeriodPoint:
    """A day before or after the opening or closing of a period."""

    anchor: Literal["opens", "closes"]
    days: int


class StepRule(Protocol):
    """One letter of a campaign as the rules write it."""

    @property
    def id(self) -> str:
        """Its name, unique in the campaign."""

    @property
    def at(self) -> PeriodPoint:
        """Its day before it is moved."""

    @property
    def on_holiday(self) -> Literal["before", "after"]:
        """Where it moves from a day on which the office is closed."""

    @property
    def letter(self) -> str:
        """The letter's template."""


class CampaignRule(Protocol):
    """A campaign as the rules write it."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def opens(self) -> YearlyTime:
        """First minute of the period."""

    @property
    def closes(self) -> YearlyTime:
        """Last minute of the period; earlier in the year than `opens`: in the next year."""

    @property
    def facilities(self) -> Literal["due", "all"]:
        """Those whose certification ends near the close, or every certified one."""

    @property
    def within_days(self) -> int:
        """How near, in days."""

    @property
    def unless_state(self) -> Sequence[str]:
        """States of an application (申請状況) that need no letter."""

    @property
    def unless_answered(self) -> bool:
        """Whether an answer to an earlier letter of the same year ends the matter."""

    @property
    def late_days(self) -> int | None:
        """Days after which a letter that was missed makes no sense; None: see `lapsed`."""

    @property
    def send_at(self) -> time:
        """From this time of the day on letters leave."""

    @property
    def send_until(self) -> time:
        """At this time of the day they rest until the next working day."""

    @property
    def steps(self) -> Sequence[StepRule]:
        """Its letters."""


@dataclass(frozen=True, slots=True)
class Period:
    """One year's period. `year` is that of its opening, also where it runs over New Year."""

    year: int
    opens: datetime
    #: Last minute, inclusive; `closed` is when it is over.
    closes: datetime

    @property
    def closed(self) -> datetime:
        """The first moment after the period: 23:59 is a minute that still counts."""
        return self.closes + timedelta(minutes=1)

    def __contains__(self, at: datetime) -> bool:
        """Say whether the application screen is shown."""
        return self.opens <= at < self.closed


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step in one year."""

    step: StepRule
    #: Place among the year's steps in the order in which they fall due, from 0.
    order: int
    #: Its day by the rules, and the day it leaves, moved off holidays.
    nominal: date
    day: date
    due_at: datetime
    #: When the next step falls due; None: it is the last.
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Season:
    """A campaign in one year: its period and its dated steps, in order."""

    campaign: CampaignRule
    period: Period
    steps: tuple[DatedStep, ...]


def period_of(campaign: CampaignRule, year: int) -> Period:
    """Return the period that opens in `year`."""
    opens, closes = campaign.opens, campaign.closes
    over_new_year = (closes.month, closes.day, closes.at) < (opens.month, opens.day, opens.at)
    return Period(year, _moment(year, opens), _moment(year + over_new_year, closes))


def _moment(year: int, at: YearlyTime) -> datetime:
    return datetime.combine(date(year, at.month, at.day), at.at, JST)


def season_of(campaign: CampaignRule, year: int, calendar: OfficeCalendar) -> Season:
    """Return a campaign's year with every step on its day."""
    period = period_of(campaign, year)
    nominal = {step.id: _nominal_day(step, period) for step in campaign.steps}
    moved = {
        step.id: working_day(nominal[step.id], step.on_holiday, calendar) for step in campaign.steps
    }
    # Of two that were moved onto one day, the one that the rules name later stands.
    ordered = sorted(campaign.steps, key=lambda step: moved[step.id])
    due = [datetime.combine(moved[step.id], campaign.send_at, JST) for step in ordered]
    steps = tuple(
        DatedStep(step, order, nominal[step.id], moved[step.id], due[order], after)
        for order, (step, after) in enumerate(zip(ordered, [*due[1:], None], strict=True))
    )
    return Season(campaign, period, steps)


def _nominal_day(step: StepRule, period: Period) -> date:
    anchor = period.opens if step.at.anchor == "opens" else period.closes
    return anchor.date() + timedelta(days=step.at.days)


def seasons_near(
    campaign: CampaignRule, now: datetime, calendar: OfficeCalendar
) -> Iterator[Season]:
    """Yield the years of a campaign that have something to do or to list at `now`."""
    today = now.astimezone(JST).date()
    for year in (today.year - 1, today.year, today.year + 1):
        season = season_of(campaign, year, calendar)
        if any(is_current(step, now, season) for step in season.steps):
            yield season


def is_current(step: DatedStep, now: datetime, season: Season) -> bool:
    """Say whether a step has fallen due and is not history yet."""
    return step.due_at <= now < max(step.due_at, season.period.closed) + _LISTED
