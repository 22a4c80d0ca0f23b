"""Campaigns (案内・督促): who still gets a step that has fallen due, and why others do not.

Pure: a season, one facility and `now` come in, a decision goes out (FAULTS F67 to F71).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.domain.calendar import OfficeCalendar
from helpdesk.domain.registry import Facility
from helpdesk.domain.season import DatedStep, Season

# A letter that follows the close («we have no application from you») helps for two
# weeks; later it only frightens.
_AFTER_CLOSE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a facility when a step falls due, beyond its row."""

    #: The address has bounced permanently, or is no address at all.
    unreachable: bool = False
    #: It answered a letter of this campaign and year.
    answered: bool = False
    #: Staff stopped its letters of this campaign and year.
    stopped: bool = False


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
    "stopped": "担当者が案内を止めたため（辞退のお申し出など）",
    "superseded": "後の案内の日を過ぎていたため",
    "period_over": "申請期間が終わっていたため",
    "too_late": "送る日から日が経ちすぎたため",
    "withdrawn": "名簿から外れたため",
    "rules_changed": "この案内が設定から除かれたため",
}


def rule_for(
    season: Season, step: DatedStep, facility: Facility, standing: Standing, now: datetime
) -> Ruling:
    """Return whether one facility still gets a step that has fallen due."""
    campaign = season.campaign
    if facility.application_state in campaign.unless_state:
        return Ruling("applied")
    if not is_concerned(season, facility):
        return Ruling("not_due")
    if standing.stopped:
        return Ruling("stopped")
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
