"""What mailbox_rules.yaml may say of deadlines: campaigns, corrections, links, the digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from helpdesk.rules.fields import (
    ApplicationState,
    BusinessDays,
    Closure,
    DayOfPeriod,
    Days,
    EachYear,
    Line,
    MailAddress,
    Name,
    TimeOfDay,
)
from helpdesk.rules.values import Duration, PeriodPoint, YearlyTime


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Section):
    """One letter of a campaign and its day."""

    id: Name
    at: DayOfPeriod
    on_holiday: Literal["before", "after"]
    letter: Name


class Campaign(_Section):
    """A yearly period (更新申請期間) and its reminders."""

    id: Name
    opens: EachYear
    closes: EachYear
    #: due: whose certification ends near the close; all: every certified facility.
    facilities: Literal["due", "all"] = "due"
    certification_ends_within: Days = Duration(120, "d")
    unless_state: tuple[ApplicationState, ...] = ("申請済", "承認")
    #: Whoever answered one of its letters gets no further one that year.
    unless_answered: bool = False
    #: A letter that is later than this is left out; None: it leaves as long as it makes sense.
    late_at_most: Days | None = None
    #: Nothing of it leaves; what falls due meanwhile waits.
    paused: bool = False
    send_at: TimeOfDay = dt.time(9, 0)
    send_until: TimeOfDay = dt.time(18, 0)
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _step_ids_differ(self) -> Campaign:
        require_different(step.id for step in self.steps)
        return self

    @model_validator(mode="after")
    def _hours_are_a_stretch(self) -> Campaign:
        if self.send_until <= self.send_at:
            raise ValueError("send_until must be later in the day than send_at")
        return self

    @property
    def within_days(self) -> int:
        """`certification_ends_within` in days."""
        return self.certification_ends_within.amount

    @property
    def late_days(self) -> int | None:
        """`late_at_most` in days."""
        return self.late_at_most.amount if self.late_at_most else None


class CorrectionRules(_Section):
    """Correction requests (データ修正依頼)."""

    #: Business days that an applicant has.
    due_within: BusinessDays = Duration(7, "bd")
    #: Business days before the due date on which is reminded for the first time.
    remind_before: BusinessDays = Duration(2, "bd")
    #: Business days between two reminders once the due date is over.
    remind_every: BusinessDays = Duration(5, "bd")
    remind_at_most: Annotated[int, Field(ge=0, le=50)] = 12
    #: Days outside the period on which the application screen is shown for corrections.
    reopens: Annotated[tuple[Closure, ...], Field(max_length=5)] = ()
    #: Common points: staff name them by their keys.
    points: Annotated[dict[Name, Line], Field(max_length=100)] = Field(
        default_factory=lambda: {
            "seal": "「申請書・在籍証明書」に施設の公印がありません。公印を押した書類を PDF にして"
            "アップロードしてください。",
            "form": "「申請書・在籍証明書」が指定の書式ではありません。システム内の書式で作成して"
            "ください。",
            "physician": "「施設責任者」の欄には、当学会の認定取得者を記入してください"
            "（施設としての責任者とは異なります）。",
            "summary": "「2.概要書」に未記入の項目があります。すべての項目を入力してください。",
            "core": "連携先の基幹施設が登録されていません。登録をお願いします。",
        }
    )


class LinkRules(_Section):
    """Link requests (連携依頼) to core facilities."""

    #: Whether the portal writes the first notice itself; then only reminders are ours.
    portal_sends_first: bool = False
    remind_after: Annotated[tuple[Days, ...], Field(max_length=10)] = (
        Duration(7, "d"),
        Duration(14, "d"),
    )
    #: Then a person takes over.
    human_after: Days = Duration(21, "d")
    #: A column of the export that says what the core facility decided, where there is one.
    column: Line = "連携状況"
    accepted: tuple[Line, ...] = ("承諾", "承諾済", "連携済")
    declined: tuple[Line, ...] = ("辞退", "拒否")

    @model_validator(mode="after")
    def _days_grow(self) -> LinkRules:
        days = [one.amount for one in (*self.remind_after, self.human_after)]
        if days != sorted(set(days)):
            raise ValueError("the days must grow: remind_after first, then human_after")
        return self


class DigestRules(_Section):
    """The secretariat's morning letter."""

    at: TimeOfDay = dt.time(8, 30)
    #: None: the desk's own address.
    to: MailAddress | None = None


class Deadlines(_Section):
    """What letters about deadlines have in common."""

    #: Hours in which letters about corrections and links leave, on working days.
    send_at: TimeOfDay = dt.time(9, 0)
    send_until: TimeOfDay = dt.time(18, 0)
    #: With an older import reminders wait and staff are told.
    registry_max_age: BusinessDays = Duration(2, "bd")
    corrections: CorrectionRules = CorrectionRules()
    links: LinkRules = LinkRules()
    digest: DigestRules = DigestRules()

    @model_validator(mode="after")
    def _hours_are_a_stretch(self) -> Deadlines:
        if self.send_until <= self.send_at:
            raise ValueError("send_until must be later in the day than send_at")
        return self


def require_different(ids: Iterable[str]) -> None:
    """Raise ValueError where an id is used twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"the id {one} is used twice; each needs one of its own")
        seen.add(one)


def shipped_campaigns() -> tuple[Campaign, ...]:
    """Return the campaigns of the shipped file: renewal, and the check of addresses."""

    def steps(*rows: tuple[str, PeriodPoint, str, str]) -> tuple[Step, ...]:
        names = ("id", "at", "on_holiday", "letter")
        made: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
        return tuple(Step.model_construct(**one) for one in made)

    return (
        Campaign.model_construct(
            id="renewal",
            opens=YearlyTime(2, 1, dt.time(0, 0)),
            closes=YearlyTime(2, 28, dt.time(23, 59)),
            steps=steps(
                ("opens", PeriodPoint("opens", 0), "after", "renewal_opens"),
                ("two_weeks", PeriodPoint("closes", -14), "before", "renewal_reminder"),
                ("last_days", PeriodPoint("closes", -3), "before", "renewal_last_days"),
                ("closed", PeriodPoint("closes", 1), "after", "renewal_missed"),
            ),
        ),
        Campaign.model_construct(
            id="address_check",
            opens=YearlyTime(11, 1, dt.time(0, 0)),
            closes=YearlyTime(11, 30, dt.time(23, 59)),
            facilities="all",
            unless_state=(),
            unless_answered=True,
            late_at_most=Duration(4, "d"),
            steps=steps(
                ("ask", PeriodPoint("opens", 0), "after", "address_check"),
                ("again", PeriodPoint("closes", -10), "before", "address_check"),
            ),
        ),
    )
