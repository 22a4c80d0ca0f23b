"""The kinds of values in mailbox_rules.yaml, each with its check and its words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.calendar import MonthDay
from helpdesk.rules import values
from helpdesk.rules.values import Duration, PeriodPoint, YearlyTime

# Mail of 100 MB would be held in memory several times over while it is read.
_LARGEST_MAIL = 100 * 1024**2
_SMALLEST_MAIL = 64 * 1024


def _reads(read: Callable[[str], Any]) -> PlainValidator:
    """Return a validator that reads the text of one value."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be a single value" if value is not None else "has no value")
        return read(value)

    return PlainValidator(check)


def _plain(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text):
        raise ValueError("must be one line, without control characters")
    return text


def _block(text: str) -> str:
    lines = text.strip("\n").split("\n")
    if len(lines) > 20:
        raise ValueError("must not be longer than 20 lines")
    return "\n".join(_plain(line.rstrip()) for line in lines)


def _mail_address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError(
            f"{values.shown(text)} is no mail address; write it alone and in half-width"
            " letters, such as desk@society.example.jp"
        )
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", text):
        raise ValueError(f"{values.shown(text)} is no web address; write https://…")
    return text


def _word(text: str) -> str:
    if len(text) < 2:
        raise ValueError(
            f"{values.shown(text)}: one letter stands in almost every mail; write more"
        )
    return text


def _folder(text: str) -> str:
    if re.search(r"[*%\\\"]|^/|/$|//", text):
        raise ValueError(
            f"{values.shown(text)} is no folder; write names with / between them,"
            ' without * % \\ " and without / at either end'
        )
    return text


def _domain(text: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}", text.lower()):
        raise ValueError(f"{values.shown(text)} is no domain; write it as example.co.jp")
    return text.lower()


def _mail_size(text: str) -> int:
    size = values.read_size(text)
    if not _SMALLEST_MAIL <= size <= _LARGEST_MAIL:
        raise ValueError("must lie between 64kB and 100MB")
    return size


def _moment_or_none(value: Any) -> dt.datetime | None:
    if value is None or isinstance(value, str):
        return values.read_moment(value) if value is not None else None
    raise ValueError("must be a single date")


def no_text_is_none(value: Any) -> Any:
    """Take a blank for nothing."""
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[
    str,
    Field(min_length=1, max_length=200),
    BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value),
    AfterValidator(_plain),
]
OptionalLine = Annotated[Line | None, BeforeValidator(no_text_is_none)]
Word = Annotated[Line, AfterValidator(_word)]
Folder = Annotated[Line, AfterValidator(_folder)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Count = Annotated[int, Field(ge=1, le=100_000)]
AnyDuration = Annotated[Duration, _reads(values.read_duration)]
WallDuration = Annotated[Duration, _reads(values.read_wall_duration)]
BusinessDays = Annotated[Duration, _reads(values.read_business_days)]
Days = Annotated[Duration, _reads(values.read_days)]
Closure = Annotated[tuple[MonthDay, MonthDay], _reads(values.read_closure)]
ApplicationState = Literal["未申請", "入力中", "申請済", "修正依頼中", "承認", "不合格"]
Domain = Annotated[Line, AfterValidator(_domain)]
MailAddress = Annotated[Line, AfterValidator(_mail_address)]
WebAddress = Annotated[
    Annotated[Line, AfterValidator(_url)] | None, BeforeValidator(no_text_is_none)
]
Block = Annotated[
    Annotated[str, Field(max_length=1000), AfterValidator(_block)] | None,
    BeforeValidator(no_text_is_none),
]
Moment = Annotated[dt.datetime | None, PlainValidator(_moment_or_none)]
MailSize = Annotated[int, _reads(_mail_size)]
DayOfPeriod = Annotated[PeriodPoint, _reads(values.read_period_point)]
EachYear = Annotated[YearlyTime, _reads(values.read_yearly_time)]
TimeOfDay = Annotated[dt.time, _reads(values.read_time)]
