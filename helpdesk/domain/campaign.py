"""Campaigns (案内・督促): on which day each letter of a yearly period leaves, and to whom.

Pure: the rules, one facility and `now` come in, a day or a decision goes out. All dates
are Japan's. Source: the guide, 更新申請期間 2月1日 0:00 ～ 2月28日 23:59; FAULTS F67 to F71.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

from helpdesk.domain.calendar import JST, OfficeCalendar
from helpdesk.domain.registry import Facility

_DAY = timedelta(days=1)

# A letter that follows the close («we have no application from you») helps for two
# weeks; later it only frightens.
_AFTER_CLOSE = timedelta(days=14)

# What was missed longer ago than this is history, not something to be listed.
_LISTED = timedelta(days=45)

# No office is closed for longer: a day is moved at most so far.
_FARTHEST_MOVE = 40


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


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a facility when a step falls due, beyond its row."""

    #: The address has bounced permanently, or is no address at all.
    unreachable: bool = False
    #: It answered a letter of this campaign and year.
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of one step for one facility: sent, or skipped for a reason."""

    #: None: the letter is written. Else a word of SKIPS.
    skipped: str | None = None

    @property
    def wants_contact(self) -> bool:
        """Whether a person must telephone or write by post instead (電話・郵送)."""
        return self.skipped in ("no_address", "unreachable")


#: Reasons for which somebody gets no letter, in the words of staff.
SKIPS = {
    "applied": "申請済のため",
    "not_due": "今回の更新の対象でないため",
    "no_address": "メールアドレスの登録がないため（電話・郵送の連絡先一覧へ）",
    "unreachable": "メールが届かないアドレスのため（電話・郵送の連絡先一覧へ）",
    "answered": "ご回答をいただいているため",
    "superseded": "後の案内の日を過ぎていたため",
    "period_over": "申請期間が終わっていたため",
    "too_late": "送る日から日が経ちすぎたため",
    "withdrawn": "名簿から外れたため",
}


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


def working_day(day: date, direction: Literal["before", "after"], calendar: OfficeCalendar) -> date:
    """Return the day itself, or the nearest working day before or after it.

    Source: FAULTS F70; no law moves these days, the society's rules say where they go.
    """
    step = _DAY if direction == "after" else -_DAY
    for _ in range(_FARTHEST_MOVE):
        if calendar.is_business_day(day):
            break
        day += step
    return day


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


def rule_for(
    season: Season, step: DatedStep, facility: Facility, standing: Standing, now: datetime
) -> Ruling:
    """Return whether one facility still gets a step that has fallen due."""
    campaign = season.campaign
    if facility.application_state in campaign.unless_state:
        return Ruling("applied")
    if not is_concerned(season, facility):
        return Ruling("not_due")
    if campaign.unless_answered and standing.answered:
        return Ruling("answered")
    if (late := lapsed(season, step, now)) is not None:
        return Ruling(late)
    if not facility.address:
        return Ruling("no_address")
    if standing.unreachable:
        return Ruling("unreachable")
    return Ruling()


def lapsed(season: Season, step: DatedStep, now: datetime) -> str | None:
    """Return why a step that fell due makes no sense any more (for anybody), or None."""
    if step.next_at is not None and step.next_at <= now:
        return "superseded"  # Nobody gets three reminders in a morning.
    late_days = season.campaign.late_days
    if late_days is not None and now >= step.due_at + timedelta(days=late_days):
        return "too_late"
    before_close = step.nominal <= season.period.closes.date()
    if before_close and now >= season.period.closed:
        return "period_over"
    if not before_close and now >= step.due_at + _AFTER_CLOSE:
        return "too_late"
    return None


def is_concerned(season: Season, facility: Facility) -> bool:
    """Say whether a campaign is about this facility in this year.

    `due`: its certification ends within so many days of the close, on either side: one
    that ended a year ago is certified no more, one that runs on renews another year. No
    end on file counts as due. `all`: whatever has not ended.
    """
    until = facility.certified_until
    if until is None:
        return True
    close = season.period.closes.date()
    if season.campaign.facilities == "all":
        return until >= season.period.opens.date()
    return abs((until - close).days) <= season.campaign.within_days


def leaves_at(
    now: datetime, opens: time, closes: time, calendar: OfficeCalendar, deadline: datetime | None
) -> datetime:
    """Return when a letter that is ready at `now` may leave: now, or the next office hour.

    Where no office hour is left before `deadline`, a closed day is better than none.
    """
    at = _next_window(now, opens, closes, calendar)
    if deadline is None or now >= deadline or at < deadline:
        return at
    any_day = _next_window(now, opens, closes, None)
    return any_day if any_day < deadline else at


def _next_window(
    now: datetime, opens: time, closes: time, calendar: OfficeCalendar | None
) -> datetime:
    local = now.astimezone(JST)
    day = local.date()
    for _ in range(_FARTHEST_MOVE):
        if calendar is None or calendar.is_business_day(day):
            start = datetime.combine(day, opens, JST)
            if local < start:
                return start
            if day == local.date() and local < datetime.combine(day, closes, JST):
                return local
        day += _DAY
    return local


def sense_ends(season: Season, step: DatedStep) -> datetime | None:
    """Return the moment before which a step should leave even on a closed day, or None."""
    return season.period.closed if step.nominal <= season.period.closes.date() else None


def is_stale(imported_on: date | None, today: date, oldest: int, calendar: OfficeCalendar) -> bool:
    """Say whether the registry's import is older than `oldest` business days."""
    if imported_on is None:
        return True
    return today > calendar.add_business_days(imported_on, oldest)


def open_items(facility: Facility) -> tuple[str, ...]:
    """Return what the registry says is still missing (申請書, 概要書, 公印書類), no more.

    A column that the registry does not have claims nothing.
    """
    columns = (
        ("申請書", facility.application_form),
        ("概要書", facility.summary_form),
        ("公印書類", facility.sealed_documents),
    )
    return tuple(name for name, there in columns if there is False)
