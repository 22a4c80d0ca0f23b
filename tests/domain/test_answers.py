"""Short answers to our letters: clear ones are read, all others are a person's."""

from __future__ import annotations

import pytest

from helpdesk.domain.answers import confirms_arrival, read_link_answer

QUOTED = "\n> 　（　）承諾します\n> 　（　）承諾しません\n"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("連携を承諾します。", "accepted"),
        ("承諾いたします。よろしくお願いいたします。", "accepted"),
        ("本件、了承いたしました。", "accepted"),
        ("お受けいたします", "accepted"),
        ("承諾しません。", "declined"),
        ("申し訳ございませんが、今回は辞退いたします。", "declined"),
        ("体制が整わず、承諾できません。", "declined"),
        ("お引き受けについて確認したいことがあります。", None),
        ("承諾しますが、来年度は辞退します。", None),
        ("承諾した場合の手続きは？", None),
        ("条件が整えば承諾します。ただし人員の確保が条件です。", None),
        ("", None),
        ("届きました。", None),
    ],
)
def test_link_answers(text: str, answer: str | None) -> None:
    assert read_link_answer(text, text + QUOTED) == answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("> 　（○）承諾します\n> 　（　）承諾しません", "accepted"),
        ("> （　）承諾します\n> （○）承諾しません", "declined"),
        ("（レ）承諾します", "accepted"),
        ("（○）承諾します\n（○）承諾しません", None),
    ],
)
def test_box_ticked_inside_our_quoted_letter_counts(body: str, answer: str | None) -> None:
    assert read_link_answer("", body) == answer


@pytest.mark.parametrize(
    ("text", "confirms"),
    [
        ("受信しました。", True),
        ("メールが届いております。", True),
        ("確認しました。変更はありません。今後ともよろしくお願いいたします。", True),
        ("変更ございません。", True),
        ("", True),
        ("担当者が交代しましたので、変更をお願いします。", False),
        ("届きましたが、新しいアドレスに変えたいです。", False),
        ("受信しました。更新申請はいつからでしょうか。", False),
        ("このアドレスは来月廃止します。", False),
        ("new@hospital.example.jp でお願いします", False),
        ("受信しました。" + "長文" * 100, False),
    ],
)
def test_answers_to_the_address_check(text: str, confirms: bool) -> None:
    assert confirms_arrival(text) is confirms
