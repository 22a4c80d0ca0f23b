"""Phrases of the rules, found in what a person wrote.

A phrase is one or more parts joined by ` + `; a part is a word or the name of a group of
words in 〈 〉. A phrase stands in a text where all its parts stand in one sentence; parts
in neighbouring sentences count less, and so does a part that is only nearly there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from helpdesk.domain.japanese import fold, to_katakana

# Characters: a question has 30 to 500; what comes after 3,000 is no question any more.
MAX_QUESTION = 3_000

#: Sentences of a body, and characters of a subject, that are looked at.
MAX_SENTENCES = 100
MAX_SUBJECT = 300

# Shorter words differ from each other by one letter: 申請ボタン, 送信ボタン.
_FUZZY_LENGTH = 5
# Percent: one letter wrong, missing or too many in a word of five or six.
_FUZZY_LIKENESS = 85.0
_FUZZY_WORTH = 0.8
_NEAR_WORTH = 0.7

_HIRAGANA = re.compile(r"[ぁ-ん]")
_GROUP = re.compile(r"〈[^〈〉]+〉")

# Polite and plain negations are one word, so that a phrase names only the plain one.
_SAME = (
    (re.compile(r"アリマセン|ゴザイマセン|ナカッタ"), "ナイ"),
    (re.compile(r"マセンデシタ|マセン(?!カ(?!ッ))"), "ナイ"),
    (re.compile(r"ナク(?=ナ|テ|、|困)"), "ナイ"),
    (re.compile(r"(?<=[キケセレメエラ])ズ(?=、|ニ|困|$)"), "ナイ"),
    (re.compile(r"出来"), "デキ"),
    (re.compile(r"下サイ"), "クダサイ"),
)

# A quotation inside a sentence: what a page or the guide says, not what is asked. What
# is shorter is the name of a button.
_CITED = re.compile(r"[「『“\"][^「」『』“”\"\n]{14,300}[」』”\"]")
# Who somebody is says nothing about what they ask.
_INTRODUCTION = re.compile(
    r"^\s*(?:いつも|大変|平素)?[^。？?]{0,24}お世話になって"
    r"|^[^。？?]{0,40}と申します。?\s*$"
    r"|^[^。、？?]{0,25}(?:病院|センター|クリニック|医院|大学|事務|担当|[課科部室])"
    r"[^。、？?]{0,10}(?:です|でございます)。\s*$"
)
_SENTENCE_END = re.compile(
    r"(?<=[。．？?！!])|\n\s*\n"
    r"|\n(?=[\s　]*(?:[・●■◆○※-]|[(（]?\d{1,2}[)）.．、]|[①-⑳]))"
)


# 動きません and 動かない: the vowel before the negation differs.
_BEFORE_NEGATION = re.compile(r"[キギシチビミリイ](?=ナイ)")
_TO_A = dict(zip("キギシチビミリイ", "カガサタバマラワ", strict=True))


def plain(text: str) -> str:
    """Return text as phrases are compared: folded, kana made one, negations made one."""
    folded = to_katakana(fold(text))
    for pattern, word in _SAME:
        folded = pattern.sub(word, folded)
    return _BEFORE_NEGATION.sub(lambda match: _TO_A[match[0]], folded)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wrote, as sentences for comparison; the first one is the subject."""

    sentences: tuple[str, ...]

    @classmethod
    def of(cls, subject: str, text: str) -> Question:
        """Take a subject and a text apart; long citations are left out."""
        own = _CITED.sub("「」", text[:MAX_QUESTION])
        # Mail programs break lines anywhere, so a line's end is no sentence's end.
        own_words = (one for one in _SENTENCE_END.split(own) if not _INTRODUCTION.search(one))
        parts = [plain(part) for part in own_words]
        said = [part for part in parts if len(part) > 1][:MAX_SENTENCES]
        return cls((plain(subject[:MAX_SUBJECT]), *said))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a word or group stands: sentence numbers, and whether only nearly."""

    at: frozenset[int]
    fuzzy: bool


_NOWHERE = Found(frozenset(), False)


class Finder:
    """Looks for parts of phrases in one question, each only once."""

    def __init__(self, question: Question, words: Mapping[str, Sequence[str]]) -> None:
        """`words` are the groups by name, as the rules write them."""
        self._sentences = question.sentences
        # Most words stand nowhere: one look at the whole text says so.
        self._whole = "\n".join(question.sentences)
        self._words = words
        self._known: dict[str, Found] = {}

    def worth(self, phrase: Phrase) -> tuple[float, frozenset[int]]:
        """Return 0 to 1 of a phrase's weight, and the sentences that hold it whole."""
        found = []
        for part in phrase.parts:
            found.append(self._find(part))
            if not found[-1].at:
                return 0.0, frozenset()
        worth = _FUZZY_WORTH if any(one.fuzzy for one in found) else 1.0
        whole = frozenset.intersection(*(one.at for one in found))
        if whole:
            return worth, whole
        near = any(
            all(one.at & {0, at - 1, at, at + 1} for one in found)
            for at in range(len(self._sentences))
        )
        return (worth * _NEAR_WORTH if near else 0.0), frozenset()

    def _find(self, part: str) -> Found:
        known = self._known.get(part)
        if known is None:
            known = self._known[part] = self._searched(part)
        return known

    def _searched(self, part: str) -> Found:
        named = part[0] == "〈"
        words, long_ones = _compared(tuple(self._words[part[1:-1]]) if named else (part,))
        present = [word for word in words if word in self._whole]
        if present:
            return Found(self._sentences_with(present, str.__contains__), False)
        nearly = [word for word in long_ones if _is_nearly_in(self._whole, word)]
        if nearly:
            return Found(self._sentences_with(nearly, _is_nearly_in), True)
        return _NOWHERE

    def _sentences_with(
        self, words: Sequence[str], holds: Callable[[str, str], bool]
    ) -> frozenset[int]:
        return frozenset(
            number
            for number, sentence in enumerate(self._sentences)
            if any(holds(sentence, word) for word in words)
        )


@lru_cache(maxsize=5_000)
def plain_word(word: str) -> str:
    """Return a word of the rules as it is compared."""
    return plain(word)


@lru_cache(maxsize=5_000)
def _compared(alternatives: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return words as they are compared, and those of them that may be misspelt."""
    misspelt = tuple(plain_word(word) for word in alternatives if _may_be_misspelt(word))
    return tuple(plain_word(word) for word in alternatives), misspelt


def _may_be_misspelt(word: str) -> bool:
    # Where hiragana stand, one letter turns a sentence round: 表示される, 表示されない.
    return len(word) >= _FUZZY_LENGTH and not _HIRAGANA.search(word)


def _is_nearly_in(sentence: str, word: str) -> bool:
    if len(sentence) < len(word) - 1:
        return False
    return fuzz.partial_ratio(word, sentence, score_cutoff=_FUZZY_LIKENESS) > 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the rules: its text, its parts, and its weight."""

    text: str
    parts: tuple[str, ...]
    weight: int


def read_phrase(text: str, weight: int, groups: Iterable[str]) -> Phrase:
    """Return a phrase as the rules write it. Raises ValueError for an unknown group."""
    parts = tuple(part.strip() for part in re.split(r"\s\+\s", text))
    known = set(groups)
    for part in parts:
        if not part:
            raise ValueError(f"{text!r} has an empty part; write words with ' + ' between them")
        named = "〈" in part or "〉" in part
        if named and (not _GROUP.fullmatch(part) or part[1:-1] not in known):
            raise ValueError(
                f"{part} in {text!r} is no group; words: in this section has "
                + ", ".join(f"〈{name}〉" for name in sorted(known))
            )
    return Phrase(text, parts, weight)
