"""What is written on the pages: every value has its word, in both languages."""

from __future__ import annotations

import re

import pytest

from helpdesk.console.labels import LABELS
from helpdesk.console.words import words_of
from helpdesk.desk import texts
from helpdesk.desk.import_effects import WORDS as EFFECTS
from helpdesk.domain.approval import MARKS
from helpdesk.domain.campaign import SKIPS
from helpdesk.domain.links import TROUBLES

_KANA = re.compile(r"[぀-ヿ]")
_JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


@pytest.mark.parametrize("name", texts.NAMES)
def test_every_letter_has_a_name_in_both_languages(name: str) -> None:
    japanese = words_of("ja").label("letter", name)
    english = words_of("en").label("letter", name)
    assert _JAPANESE.search(japanese), f"{name} is called {japanese}"
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


@pytest.mark.parametrize("text", [*MARKS.values(), *SKIPS.values(), *TROUBLES.values(), *EFFECTS.values()])  # fmt: skip
def test_what_the_desk_says_in_japanese_has_its_english(text: str) -> None:
    assert words_of("ja").note(text) == text
    assert not _JAPANESE.search(words_of("en").note(text)), words_of("en").note(text)


@pytest.mark.parametrize(
    ("note", "japanese", "english"),
    [
        (
            "新しいアドレスあての確認番号が、別のアドレス（x@x.example.jp）から届きました。受け取った証拠と認める場合は helpdesk queue confirm 3 です。",
            "受信の証拠と認める",
            "The token sent to the new address came back from another one (x@x.example.jp).",
        ),
        (
            "代表電話での確認の記録（helpdesk queue call-back）を待っています（2027年2月1日（月）10:00 まで）。",
            "代表電話での確認の記録を待っています",
            "Waiting for a call-back to be noted (until",
        ),
        ("baba が登録しました。内容を読み取れませんでした。ご確認ください。", "baba", "Entered by baba. It could not"),
        (f"連携依頼：{TROUBLES['no_answer']}。", "連携依頼", "Link request: The core facility has not"),
    ],
)  # fmt: skip
def test_notes_name_buttons_and_no_commands(note: str, japanese: str, english: str) -> None:
    for language, words in (("ja", japanese), ("en", english)):
        shown = words_of(language).note(note)
        assert words in shown
        assert "helpdesk " not in shown
