"""Words of our letters that come back without marks are nobody's own."""

from __future__ import annotations

import pytest

from helpdesk.domain.change_words import says_received, says_stop
from helpdesk.domain.our_words import without_our_words

LETTER = """ご担当者 様

施設マイページのメールアドレスを、このメールの宛先の
アドレスに変更するご依頼を承りました。
このメールに、そのままご返信ください。

　確認番号：4mq7x-abcde-fghjk-mnpqr-stvwxy

ご依頼にお心当たりのない場合は、本文に「中止」とご記入のうえ
ご返信ください。変更は行いません。

日本みほん医学会 事務局
"""


def folded(text: str, width: int) -> str:
    flat = "".join(text.split("\n"))
    return "\n".join(flat[at : at + width] for at in range(0, len(flat), width))


@pytest.mark.parametrize(
    "repeated",
    [LETTER, folded(LETTER, 19), LETTER.replace("\n", "\n> "), LETTER.replace("\n", "\r\n")],
    ids=["as it is", "folded", "some marks", "line ends"],
)
@pytest.mark.parametrize(("own", "stops"), [("確認しました。", False), ("中止", True), ("", False)])
def test_letter_that_is_repeated_says_nothing(repeated: str, own: str, stops: bool) -> None:
    left = without_our_words(f"{own}\n\n{repeated}", LETTER)
    assert says_stop(left) is stops
    assert says_received(left) is not stops


@pytest.mark.parametrize(
    "text",
    [
        "中止してください。",
        "変更は行いません。中止です。",
        "ご依頼にお心当たりのない場合は、本文に「中止」とご記入のうえ",  # taken up, not quoted
    ],
)
def test_what_repeats_no_letter_stays(text: str) -> None:
    assert without_our_words(text, LETTER) == text
    assert says_stop(text)


def test_line_of_the_letter_that_somebody_writes_as_well_is_theirs() -> None:
    line = "ご依頼にお心当たりのない場合は、本文に「中止」とご記入のうえ"
    assert says_stop(without_our_words(f"{line}\n{LETTER}", LETTER))
