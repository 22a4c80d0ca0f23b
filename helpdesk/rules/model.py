"""What mailbox_rules.yaml may say, with the shipped values as defaults."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from helpdesk.domain.calendar import MonthDay, OfficeCalendar
from helpdesk.domain.form_words import FormWords, LabelWords, OptionWords
from helpdesk.domain.labels import Form as FormPatterns
from helpdesk.domain.labels import compiled_form
from helpdesk.domain.machines import Scope
from helpdesk.domain.understanding import Knowledge
from helpdesk.rules.deadlines import Campaign, Deadlines, require_different, shipped_campaigns
from helpdesk.rules.fields import (
    AnyDuration,
    Block,
    BusinessDays,
    Closure,
    Count,
    Domain,
    Folder,
    Line,
    MailAddress,
    MailSize,
    Moment,
    OptionalLine,
    WallDuration,
    WebAddress,
    Word,
    no_text_is_none,
)
from helpdesk.rules.topics import Topics, YearlyFacts
from helpdesk.rules.values import Duration

_RULE = "─" * 20


class Section(BaseModel):
    """A mapping of the file: nothing unknown in it, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Desk(Section):
    """The secretariat (事務局) as letters show it."""

    name: Line
    address: MailAddress
    #: The society (学会名) as in 【…】 of a subject; the name without 事務局 where not given.
    society: Annotated[Line, Field(max_length=60)] = ""
    telephone: OptionalLine = None
    office_hours: OptionalLine = None
    closures: Annotated[tuple[Closure, ...], Field(max_length=20)] = (((12, 29), (1, 3)),)
    portal_url: WebAddress = None
    #: Business days within which an answer is promised.
    reply_within: BusinessDays = Duration(3, "bd")
    own_signature: Annotated[Block, Field(alias="signature")] = None

    @model_validator(mode="before")
    @classmethod
    def _society_from_name(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            return given
        if given.get("society"):
            return given
        name = " ".join(given["name"].split())
        return {**given, "society": name.removesuffix("事務局").strip() or name}

    @model_validator(mode="after")
    def _office_is_open_sometimes(self) -> Desk:
        try:
            OfficeCalendar(self.closures)
        except ValueError as error:
            raise ValueError(f"{error}; the office must be open for half of it") from None
        return self

    @cached_property
    def calendar(self) -> OfficeCalendar:
        """The days on which the secretariat works."""
        return OfficeCalendar(self.closures)

    @cached_property
    def signature(self) -> str:
        """The block below each letter: the file's own, or one made of the rest."""
        if self.own_signature is not None:
            return self.own_signature
        lines = [_RULE, self.name, f"メール：{self.address}"]
        if self.telephone:
            hours = f"（受付時間 {self.office_hours}）" if self.office_hours else ""
            lines.append(f"電話：{self.telephone}{hours}")
        lines.append("休業日：土曜・日曜・祝日" + "".join(_in_words(self.closures)))
        return "\n".join([*lines, _RULE])


def _in_words(closures: Iterable[tuple[MonthDay, MonthDay]]) -> Iterable[str]:
    for (month, day), last in closures:
        until = f"～{last[0]}月{last[1]}日" if last != (month, day) else ""
        yield f"、{month}月{day}日{until}"


class Folders(Section):
    """Where mail is filed on the server; 'leave' leaves it where it lies."""

    handled: Folder = "helpdesk/処理済み"
    attention: Folder = "helpdesk/要対応"
    quarantine: Folder = "helpdesk/隔離"
    #: 'auto': the folder that the server itself marks as Sent.
    sent: Folder = "auto"


class Mailbox(Section):
    """What is taken from the mailbox, and where it goes."""

    #: Aware; None: the daemon's first start.
    go_live: Moment = None
    #: Words that make a mail ours. They must not occur in mail about fees, congresses
    #: or the journal: what is ours gets an answer and is moved.
    ours: Annotated[tuple[Word, ...], Field(min_length=1, max_length=200)] = (
        "施設マイページ",
        "更新申請",
        "認定施設",
        "施設認定",
        "認定研修施設",
        "基幹施設",
        "連携施設",
        "連携申請",
        "認定番号",
        "施設責任者",
        "公印書類",
        "申請書・在籍証明書",
    )
    folders: Folders = Folders()
    save_sent: Literal["append", "server"] = "append"
    max_size_bytes: Annotated[MailSize, Field(alias="max_size")] = 25 * 1024**2
    #: Name by which our own mail server signs Authentication-Results (RFC 8601); None:
    #: no such header is believed.
    authserv_id: OptionalLine = None
    #: How often the mailbox is asked although nothing was announced.
    poll: WallDuration = Duration(60, "s")
    #: Some servers drop a silent connection after ten minutes (RFC 2177: at most 29).
    idle_renewal: WallDuration = Duration(9, "m")


#: A label or title of the form; one character alone is a label only before a colon.
FormWord = Annotated[Line, Field(max_length=40)]
WordList = Annotated[tuple[FormWord, ...], Field(max_length=100)]
_WORDS = FormWords()


class FormLabels(Section):
    """How the fields of the form are called (施設名, 責任者 …), without number or brackets."""

    facility: WordList = _WORDS.labels.facility
    certification: WordList = _WORDS.labels.certification
    physician: WordList = _WORDS.labels.physician
    member: WordList = _WORDS.labels.member
    birth: WordList = _WORDS.labels.birth
    identity: WordList = _WORDS.labels.identity
    request: WordList = _WORDS.labels.request
    new_address: WordList = _WORDS.labels.new_address
    old_address: WordList = _WORDS.labels.old_address
    address: WordList = _WORDS.labels.address
    other: WordList = _WORDS.labels.other


class FormOptions(Section):
    """The two options of field 4 in words, without ① and ②."""

    confirm: WordList = _WORDS.options.confirm
    change: WordList = _WORDS.options.change


class Form(Section):
    """The words by which the form is read."""

    labels: FormLabels = FormLabels()
    options: FormOptions = FormOptions()
    subjects: WordList = _WORDS.subjects
    titles: WordList = _WORDS.titles

    @model_validator(mode="after")
    def _labels_differ(self) -> Form:
        known: dict[str, str] = {}
        for kind in FormLabels.model_fields:
            for word in getattr(self.labels, kind):
                first = known.setdefault(word, kind)
                if first != kind:
                    raise ValueError(f"the label {word} stands under {first} and under {kind}")
        return self

    @cached_property
    def patterns(self) -> FormPatterns:
        """The patterns made of the words, once."""
        return compiled_form(
            FormWords(
                labels=LabelWords(**dict(self.labels)),
                options=OptionWords(**dict(self.options)),
                subjects=self.subjects,
                titles=self.titles,
            )
        )


class Limits(Section):
    """How many letters may leave."""

    letters_per_address_per_day: Annotated[int, Field(ge=1, le=100)] = 5
    #: Automatic letters in an hour beyond which a sender whose domain does not vouch for the
    #: mail (mailbox.authserv_id) gets none: a flood of forged mails is not answered.
    unauthenticated_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 300
    letters_per_minute: Count = 120
    letters_per_hour: Count = 1500


class Outbox(Section):
    """How a letter is tried again after a temporary refusal."""

    attempts: Annotated[int, Field(ge=1, le=100)] = 12
    #: Greylisting (RFC 6647) lets a second try pass after about five minutes.
    retry_first: WallDuration = Duration(5, "m")
    #: The wait doubles until it is this long.
    retry_longest: WallDuration = Duration(4, "h")


class Misses(Section):
    """How often identity may fail to be confirmed before only people decide."""

    per_day: Count = 3
    per_30_days: Count = 5
    per_year: Count = 10
    overall_per_hour: Count = 30


class Identity(Section):
    """How sure we must be of who asks."""

    level: Literal["relaxed", "standard", "strict"] = "standard"
    misses: Misses = Misses()
    token_lifetime: AnyDuration = Duration(5, "bd")
    cool_off: WallDuration = Duration(72, "h")
    approval_lifetime: AnyDuration = Duration(7, "bd")
    freeze: WallDuration = Duration(30, "d")
    revert: WallDuration = Duration(14, "d")
    #: Who gets the monthly list of what one person decided alone; None: nobody is named.
    officer: Annotated[MailAddress | None, BeforeValidator(no_text_is_none)] = None
    #: Domains that are nobody's own, beside those of domain/mail_domains.py.
    public_domains: Annotated[tuple[Domain, ...], Field(max_length=2000)] = ()


class Retention(Section):
    """How long what is kept stays, counted from the end of its matter."""

    #: The bytes of mails, from the day their case was closed.
    mails: WallDuration = Duration(365, "d")
    #: The text of our letters, from the day they left.
    letters: WallDuration = Duration(365, "d")
    #: Who wrote and what a request said, from the day the case was closed.
    cases: WallDuration = Duration(1095, "d")
    #: Wrong answers about who somebody is; the limits look back a year.
    misses: WallDuration = Duration(366, "d")


class Rules(Section):
    """The whole file."""

    mode: Literal["live", "shadow"] = "live"
    desk: Desk
    mailbox: Mailbox = Mailbox()
    form: Form = Form()
    limits: Limits = Limits()
    outbox: Outbox = Outbox()
    identity: Identity = Identity()
    retention: Retention = Retention()
    campaigns: Annotated[tuple[Campaign, ...], Field(max_length=20)] = Field(
        default_factory=shipped_campaigns
    )
    deadlines: Deadlines = Deadlines()
    #: Read from the shipped file where a file leaves them out (see load_rules).
    facts: YearlyFacts
    topics: Topics

    @cached_property
    def knowledge(self) -> Knowledge:
        """What reading a mail needs to know of these rules."""
        scope = Scope(
            frozenset({self.desk.address.lower()}), tuple(self.mailbox.ours), self.topics.book
        )
        return Knowledge(self.form.patterns, scope, self.mailbox.authserv_id)

    @model_validator(mode="after")
    def _period_is_a_campaign(self) -> Rules:
        ids = [campaign.id for campaign in self.campaigns]
        if ids and self.facts.period not in ids:
            raise ValueError(
                f"facts.period names {self.facts.period}, but campaigns has: {', '.join(ids)}"
            )
        return self

    @model_validator(mode="after")
    def _campaign_ids_differ(self) -> Rules:
        require_different(campaign.id for campaign in self.campaigns)
        return self
