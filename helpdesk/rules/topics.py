"""The sections `topics:` and `facts:` of mailbox_rules.yaml."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from helpdesk.domain.phrases import Phrase, read_phrase
from helpdesk.domain.topics import TOPICS, TopicBook
from helpdesk.rules.fields import Line, Name, WebAddress, Word

_Weight = Annotated[int, Field(ge=-20, le=20)]

#: Who answers a topic: the machine; a person; the machine only where the mail comes from
#: the registered address and its domain vouches for it, else a person.
Answer = Literal["automatic", "staff", "known_sender"]
TopicId = Literal[
    "password_reset",
    "login_page",
    "menu_not_shown",
    "narrow_screen_menu",
    "application_period",
    "application_steps",
    "apply_button_disabled",
    "sealed_documents",
    "responsible_physician",
    "data_correction",
    "completion_check",
    "core_requirements",
    "affiliate_requirements",
    "link_request",
    "facility_directory",
    "account_sharing",
    "address_request",
]
assert get_args(TopicId) == TOPICS  # noqa: S101 - the schema and the domain name the same ones


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_Section):
    """One topic: who answers it, and the phrases that speak for it."""

    answer: Answer
    #: A phrase and its weight; a negative one speaks against the topic.
    phrases: Annotated[dict[Line, _Weight], Field(min_length=1, max_length=200)]


class Topics(_Section):
    """What questions are about (質問の種類)."""

    #: A topic below this score, or nearer than `margin` to the next, is for a person.
    threshold: Annotated[int, Field(ge=1, le=100)]
    margin: Annotated[int, Field(ge=0, le=100)]
    words: Annotated[
        dict[Line, Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]],
        Field(max_length=200),
    ]
    #: Phrases that call for a person, whatever else is asked.
    human: Annotated[tuple[Line, ...], Field(max_length=300)]
    #: Phrases that announce one more question: a person's, unless the first was the form.
    another: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    #: Words of which one must stand there: thanks and reports ask nothing.
    asking: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    not_ours: Annotated[tuple[Word, ...], Field(max_length=300)]
    advertisement: Annotated[tuple[Word, ...], Field(max_length=300)]
    documents: Annotated[tuple[Word, ...], Field(min_length=1, max_length=50)]
    kinds: dict[TopicId, Topic]

    @field_validator("human", "another")
    @classmethod
    def _human_phrases_are_readable(
        cls, given: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        for text in given:
            read_phrase(text, 1, info.data.get("words", {}))
        return given

    @field_validator("kinds")
    @classmethod
    def _phrases_are_readable(
        cls, given: dict[TopicId, Topic], info: ValidationInfo
    ) -> dict[TopicId, Topic]:
        for topic, rule in given.items():
            for text, weight in rule.phrases.items():
                try:
                    read_phrase(text, weight, info.data.get("words", {}))
                except ValueError as error:
                    raise ValueError(f"{topic}: {error}") from None
        return given

    @model_validator(mode="after")
    def _compiles(self) -> Topics:
        # Built here, so that a rules file is compiled once and not at the first mail.
        _ = self.book
        return self

    @cached_property
    def book(self) -> TopicBook:
        """The section compiled for reading mails."""
        return TopicBook(
            words=self.words,
            phrases={topic: self._phrases(rule) for topic, rule in self.kinds.items()},
            human=tuple(read_phrase(text, 1, self.words) for text in self.human),
            another=tuple(read_phrase(text, 1, self.words) for text in self.another),
            asking=self.asking,
            not_ours=self.not_ours,
            advertisement=self.advertisement,
            documents=self.documents,
            threshold=self.threshold,
            margin=self.margin,
        )

    def _phrases(self, rule: Topic) -> tuple[Phrase, ...]:
        return tuple(read_phrase(text, weight, self.words) for text, weight in rule.phrases.items())

    def answer_of(self, topic: str) -> Answer:
        """Return who answers a topic; one that the file leaves out is a person's."""
        for name, rule in self.kinds.items():
            if name == topic:
                return rule.answer
        return "staff"


class Links(_Section):
    """Pages that letters point to, beside the log-in page (desk.portal_url)."""

    #: The list of core facilities, affiliates and training facilities (名簿).
    directory: WebAddress


class Requirements(_Section):
    """What a facility must have to be renewed, one sentence each."""

    core: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    affiliate: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class YearlyFacts(_Section):
    """What changes from year to year; letters take it from here and nowhere else."""

    #: Id of the campaign whose opens and closes are the renewal period (更新申請期間).
    period: Name
    links: Links
    requirements: Requirements


def with_shipped(given: Any, shipped: dict[str, Any]) -> Any:
    """Return a file's tree, with what it leaves out of these two sections as shipped.

    A file may change one topic and keep the others, so they are joined key by key.
    """
    if not isinstance(given, dict):
        return given
    merged = dict(given)
    for section in ("topics", "facts"):
        merged[section] = (
            _joined(given[section], shipped[section]) if section in given else (shipped[section])
        )
    return merged


def _joined(given: Any, shipped: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(shipped, dict):
        return given
    joined = {**shipped, **given}
    for key in ("kinds", "words", "links", "requirements"):
        if key in given and isinstance(given[key], dict) and key in shipped:
            joined[key] = {**shipped[key], **given[key]}
    return joined
