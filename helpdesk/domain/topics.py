"""Which question of the guide a mail asks (質問の種類), and how sure that is.

A topic's score is the sum of the weights of its phrases. It is believed where it is
high enough and far enough from the next, where nothing calls for a person, and where
no other sentence asks something else; what is not believed is for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.domain.phrases import Finder, Phrase, Question, plain, plain_word

#: The topics of DESIGN section 6: questions that the guide answers.
TOPICS = (
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
)


#: Reason for a person: a topic's words stand there, and no word that asks.
NOTHING_ASKED = "nothing is asked"

#: The letter that answers sealed applications sent by mail.
DOCUMENTS_LETTER = "documents_by_mail"

#: The letter that a person writes freely, and what stands for it where a topic is named.
FREE_LETTER = "answer_free"
FREE = "free"


def topic_letter(topic: str) -> str:
    """Return the name of the letter that answers a topic."""
    return f"topic_{topic}"


@dataclass(frozen=True, slots=True)
class TopicReading:
    """What a text asks, with the grounds."""

    #: The topic with the highest score; None: no phrase of any topic stands there.
    best: str | None
    score: float = 0.0
    #: Distance to the next topic's score.
    margin: float = 0.0
    #: Phrases of the rules that gave the score; no words of the sender.
    phrases: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    #: Why a person must answer, in the rules' words; () where none must.
    human: tuple[str, ...] = ()
    #: Words that speak of the society's other business, and of advertisement or press.
    not_ours: tuple[str, ...] = ()
    advertisement: tuple[str, ...] = ()
    #: The score is over the threshold: the mail is about the portal.
    strong: bool = False
    #: May be taken for `best`.
    sure: bool = False


def _stands_there(finder: Finder, phrase: Phrase) -> bool:
    """Say whether a phrase stands in one sentence as it is written."""
    worth, whole = finder.worth(phrase)
    return worth == 1.0 and bool(whole)


@dataclass(frozen=True, slots=True)
class TopicBook:
    """The rules about topics, compiled once."""

    words: Mapping[str, Sequence[str]]
    phrases: Mapping[str, tuple[Phrase, ...]]
    human: tuple[Phrase, ...]
    #: Phrases that announce one more question.
    another: tuple[Phrase, ...]
    #: Words of which one must stand in a question: thanks and reports ask nothing.
    asking: tuple[str, ...]
    not_ours: tuple[str, ...]
    advertisement: tuple[str, ...]
    #: Words of the sealed documents (公印書類) in a text or an attachment's name.
    documents: tuple[str, ...]
    threshold: float
    margin: float

    def read(
        self, subject: str, text: str, *, beside_form: frozenset[str] | None = None
    ) -> TopicReading:
        """Return what a mail asks; `text` is what the person wrote, without quotations.

        `beside_form`: topics that the form beside the text answers. The form was the
        first question then, and the text may announce one more.
        """
        leave_out = beside_form or frozenset()
        question = Question.of(subject, text)
        finder = Finder(question, self.words)
        scores, given, asked = self._scores(finder, len(question.sentences), leave_out)
        ranked = sorted(scores, key=lambda topic: (-scores[topic], topic))
        whole = "\n".join(question.sentences)
        not_ours = tuple(word for word in self.not_ours if plain_word(word) in whole)
        advertisement = tuple(word for word in self.advertisement if plain_word(word) in whole)
        for_people = self.human if beside_form is not None else (*self.human, *self.another)
        human = [phrase.text for phrase in for_people if _stands_there(finder, phrase)]
        if not ranked:
            return TopicReading(
                None, human=tuple(human), not_ours=not_ours, advertisement=advertisement
            )
        best = ranked[0]
        if not any(plain_word(word) in whole for word in self.asking):
            human.append(NOTHING_ASKED)
        if len(asked) > 1:
            human.append("several questions: " + ", ".join(sorted(asked)))
        margin = scores[best] - (scores[ranked[1]] if len(ranked) > 1 else 0.0)
        strong = scores[best] >= self.threshold
        return TopicReading(
            best=best,
            score=round(scores[best], 1),
            margin=round(margin, 1),
            phrases=tuple(given[best]),
            scores={topic: round(scores[topic], 1) for topic in ranked},
            human=tuple(human),
            not_ours=not_ours,
            advertisement=advertisement,
            strong=strong,
            sure=strong and margin >= self.margin and not human and not not_ours,
        )

    def _scores(
        self, finder: Finder, sentences: int, leave_out: frozenset[str]
    ) -> tuple[dict[str, float], dict[str, list[str]], set[str]]:
        """Return the score of each topic, the phrases behind it, and what sentences ask."""
        scores: dict[str, float] = {}
        given: dict[str, list[str]] = {}
        by_sentence: list[dict[str, float]] = [{} for _ in range(sentences)]
        for topic, phrases in self.phrases.items():
            if topic in leave_out:
                continue
            for phrase in phrases:
                worth, whole = finder.worth(phrase)
                if not worth:
                    continue
                scores[topic] = scores.get(topic, 0.0) + worth * phrase.weight
                given.setdefault(topic, []).append(phrase.text)
                for number in whole:
                    here = by_sentence[number]
                    here[topic] = here.get(topic, 0.0) + worth * phrase.weight
        asked = {
            max(here, key=lambda topic, here=here: here[topic])  # type: ignore[misc]
            for here in by_sentence
            if here and max(here.values()) >= self.threshold
        }
        return {topic: score for topic, score in scores.items() if score > 0}, given, asked

    def speaks_of_documents(self, text: str) -> bool:
        """Say whether a text or file name speaks of the sealed documents."""
        return any(plain_word(word) in plain(text[:2_000]) for word in self.documents)
