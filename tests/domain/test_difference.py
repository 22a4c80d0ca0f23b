"""What is written beside what is known, character by character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.difference import compare_texts


def shown(pieces: tuple[object, ...]) -> str:
    marks = {"same": "{}", "variant": "<{}>", "only": "[{}]"}
    return "".join(marks[one.kind].format(one.text) for one in pieces)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "known", "left", "right"),
    [
        ("見本 太郎", "見本 太郎", "見本 太郎", "見本 太郎"),
        ("髙橋一郎", "高橋 一郎", "<髙>橋一郎", "<高>橋< >一郎"),  # a variant, and a blank
        ("１２３４５６", "123456", "<１２３４５６>", "<123456>"),  # widths
        ("123465", "123456", "12346[5]", "1234[5]6"),
        ("1968-04-09", "1968-04-19", "1968-04-[0]9", "1968-04-[1]9"),
        ("", "123", "", "[123]"),
    ],
)  # fmt: skip
def test_difference_is_seen_character_by_character(
    written: str, known: str, left: str, right: str
) -> None:
    ours, theirs = compare_texts(written, known)
    assert (shown(ours), shown(theirs)) == (left, right)


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_is_lost_or_added(written: str, known: str) -> None:
    ours, theirs = compare_texts(written, known)
    assert "".join(one.text for one in ours) == written
    assert "".join(one.text for one in theirs) == known
