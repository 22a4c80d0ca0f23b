"""The keys of mailbox_rules.yaml with their shipped values. Checked, frozen, no I/O."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from helpdesk.domain.calendar import JST, OfficeCalendar

_DURATION = re.compile(r"(?P<amount>\d{1,6})(?P<unit>s|m|h|d|bd)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z0-9-]{2,}"
)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
_STEP_AT = re.compile(r"(opens|closes)([+-]\d{1,3}d)?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Duration(BaseModel):
    """A length of time: `5s`, `10m`, `24h`, `14d`, or business days `5bd`."""

    model_config = ConfigDict(frozen=True)

    amount: int
    unit: str

    @property
    def timedelta(self) -> timedelta:
        """The length; business days need a calendar and raise ValueError."""
        if self.unit == "bd":
            raise ValueError("business days have no fixed length")
        return timedelta(**{_UNITS[self.unit]: self.amount})


def _duration(value: Any) -> Any:
    if isinstance(value, Duration | dict):
        return value
    found = _DURATION.fullmatch(str(value))
    if not found:
        raise ValueError("write a duration as 5s, 10m, 24h, 14d or 5bd (business days)")
    return Duration(amount=int(found["amount"]), unit=found["unit"])


def _fixed_duration(value: Any) -> Any:
    parsed = _duration(value)
    if isinstance(parsed, Duration) and parsed.unit == "bd":
        raise ValueError("business days cannot be used here; write 5s, 10m, 24h or 14d")
    return parsed


AnyDuration = Annotated[Duration, BeforeValidator(_duration)]
FixedDuration = Annotated[Duration, BeforeValidator(_fixed_duration)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Desk(_Part):
    """Who we are: what stands in From, in the signature and in the letters."""

    name: Text
    address: Text
    society: str = ""
    telephone: str = ""
    office_hours: str = ""
    signature: str = ""
    portal_url: str = ""
    reply_within: AnyDuration = Duration(amount=3, unit="bd")
    #: First and last day of each yearly closure: [["12-29", "01-03"]].
    closures: tuple[tuple[str, str], ...] = (("12-29", "01-03"),)

    @field_validator("address")
    @classmethod
    def _usable(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("write one mail address, as desk@society.example.jp")
        return value

    @field_validator("closures")
    @classmethod
    def _real_days(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        for day in (day for pair in value for day in pair):
            _month_day(day)
        return value

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, values: Any) -> Any:
        """Fill society and signature from what there is."""
        if not isinstance(values, dict) or not isinstance(values.get("name"), str):
            return values
        filled = dict(values)
        name = filled["name"].strip()
        if not filled.get("society"):
            filled["society"] = name.removesuffix("事務局").strip() or name
        if not filled.get("signature"):
            lines = (name, filled.get("address"), filled.get("telephone"))
            filled["signature"] = "\n".join(str(line) for line in lines if line)
        return filled

    @property
    def calendar(self) -> OfficeCalendar:
        """The days on which the office works."""
        pairs = tuple((_month_day(first), _month_day(last)) for first, last in self.closures)
        return OfficeCalendar(pairs)


def _month_day(value: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(value)
    if not found:
        raise ValueError("write a day of the year as 12-29")
    month, day = int(found[1]), int(found[2])
    date(2024, month, day)  # A leap year: 02-29 is a day, 02-30 raises.
    return month, day


class Folders(_Part):
    """Where handled mail is filed; `leave` leaves it where it lies."""

    handled: Text = "helpdesk/処理済み"
    attention: Text = "helpdesk/要対応"
    quarantine: Text = "helpdesk/隔離"
    sent: Text = "auto"

    @field_validator("handled", "attention", "quarantine", "sent")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a folder's name is one line of printable characters")
        return value


class MailboxRules(_Part):
    """What is taken from the mailbox and where it goes."""

    go_live: datetime | None = None
    ours: tuple[Text, ...] = (
        "施設マイページ",
        "マイページ",
        "更新申請",
        "認定施設",
        "基幹施設",
        "連携施設",
        "認定研修施設",
        "認定番号",
        "施設責任者",
        "在籍証明書",
    )
    folders: Folders = Folders()
    save_sent: Literal["append", "server"] = "append"
    poll: FixedDuration = Duration(amount=30, unit="s")
    max_size_bytes: int = Field(default=25_000_000, ge=10_000, le=100_000_000)

    @field_validator("go_live", mode="before")
    @classmethod
    def _date_too(cls, value: Any) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time())
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                raise ValueError("write a date as 2027-01-15 or 2027-01-15 09:00") from None
        return value

    @field_validator("go_live")
    @classmethod
    def _in_japan(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=JST) if value and value.tzinfo is None else value


class Limits(_Part):
    """How much may leave."""

    letters_per_address_per_day: int = Field(default=5, ge=1, le=100)
    letters_per_minute: int = Field(default=120, ge=1, le=100_000)
    letters_per_hour: int = Field(default=1500, ge=1, le=1_000_000)


class Outbox(_Part):
    """How often a letter is tried whose relay says 'later'."""

    # RFC 5321 4.5.4.1 asks for 30 minutes; greylisting lets pass after about five.
    retry_first: FixedDuration = Duration(amount=5, unit="m")
    retry_longest: FixedDuration = Duration(amount=1, unit="h")
    attempts: int = Field(default=80, ge=1, le=1000)


class Misses(_Part):
    """Wrong answers to the proof of identity before a person must look."""

    per_day: int = Field(default=3, ge=1)
    per_30_days: int = Field(default=5, ge=1)
    per_year: int = Field(default=10, ge=1)
    overall_per_hour: int = Field(default=30, ge=1)


class Identity(_Part):
    """How much proof is wanted, and how long things may take."""

    level: Literal["relaxed", "standard", "strict"] = "standard"
    misses: Misses = Misses()
    token_lifetime: AnyDuration = Duration(amount=5, unit="bd")
    cool_off: AnyDuration = Duration(amount=72, unit="h")
    approval_lifetime: AnyDuration = Duration(amount=7, unit="bd")
    freeze: AnyDuration = Duration(amount=30, unit="d")
    revert: AnyDuration = Duration(amount=14, unit="d")


class Step(_Part):
    """One letter of a campaign."""

    id: Text
    at: Text
    on_holiday: Literal["before", "after", "stay"] = "after"
    letter: Text

    @field_validator("at")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not _STEP_AT.fullmatch(value):
            raise ValueError("write opens, closes, closes-14d or closes+1d")
        return value


class Campaign(_Part):
    """A yearly period and its letters. Months, days and times are Japan's."""

    id: Text
    opens: Text
    closes: Text
    certification_ends_within: FixedDuration | None = None
    unless_state: tuple[Text, ...] = ()
    send_at: Text = "09:00"
    steps: tuple[Step, ...] = ()

    @field_validator("opens", "closes")
    @classmethod
    def _day_and_time(cls, value: str) -> str:
        day, _, clock = value.partition(" ")
        _month_day(day)
        if clock and not _CLOCK.fullmatch(clock):
            raise ValueError("write a day and a time as 02-28 23:59")
        return value

    @field_validator("send_at")
    @classmethod
    def _clock(cls, value: str) -> str:
        if not _CLOCK.fullmatch(value):
            raise ValueError("write a time of day as 09:00")
        return value


_RENEWAL = Campaign(
    id="renewal",
    opens="02-01 00:00",
    closes="02-28 23:59",
    certification_ends_within=Duration(amount=120, unit="d"),
    unless_state=("申請済", "承認"),
    steps=(
        Step(id="opens", at="opens", on_holiday="after", letter="renewal_opens"),
        Step(id="two_weeks", at="closes-14d", on_holiday="before", letter="renewal_reminder"),
        Step(id="last_days", at="closes-3d", on_holiday="before", letter="renewal_last_days"),
        Step(id="closed", at="closes+1d", on_holiday="after", letter="renewal_missed"),
    ),
)


class Rules(_Part):
    """The whole file."""

    desk: Desk
    mode: Literal["live", "shadow"] = "live"
    mailbox: MailboxRules = MailboxRules()
    limits: Limits = Limits()
    outbox: Outbox = Outbox()
    identity: Identity = Identity()
    campaigns: tuple[Campaign, ...] = (_RENEWAL,)
