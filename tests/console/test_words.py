"""What is written on the pages: every value has its word, in both languages."""

from __future__ import annotations

import re

import pytest

from helpdesk.console.words import LABELS, words_of
from helpdesk.desk import texts

_KANA = re.compile(r"[぀-ヿ]")


@pytest.mark.parametrize("name", texts.NAMES)
def test_every_letter_has_a_name_in_both_languages(name: str) -> None:
    japanese = words_of("ja").label("letter", name)
    english = words_of("en").label("letter", name)
    assert re.search(r"[぀-ヿ一-鿿]", japanese), f"{name} is called {japanese}"
    assert english != japanese, f"{japanese} has no English in the catalogue"
    assert not _KANA.search(english)
    assert english != name


def test_no_two_letters_are_called_the_same() -> None:
    for language in ("ja", "en"):
        called = [words_of(language).label("letter", name) for name in texts.NAMES]
        assert len(set(called)) == len(called)


@pytest.mark.parametrize("group", LABELS)
def test_every_label_has_its_english(group: str) -> None:
    for key, english in words_of("en").labels(group):
        assert not _KANA.search(english), f"{group} {key}: {english}"
