"""What people answer to the letters of a change, and tokens."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from helpdesk.domain.change_answers import Heard, read_answer
from helpdesk.domain.change_words import says_agreed, says_received, says_stop
from helpdesk.domain.token import find_tokens, spell_token, token_digest

FROM_NEW = Heard(
    "confirming", token=True, token_good=True, notice=False, from_new=True, from_old=False, text=""
)
FROM_OLD = Heard(
    "cooling", token=False, token_good=False, notice=True, from_new=False, from_old=True, text=""
)
KEY = b"k" * 32


@pytest.mark.parametrize(
    "text",
    [
        "中止",
        "中止してください。",
        "この変更を止めてください",
        "心当たりがありません。",
        "身に覚えがございません。至急ご連絡ください。",
        "そのような依頼はしておりません",
        "変更しないでください",
        "同意しません",
        "同意いたしかねます",
        "アドレスが間違っています",
        "STOP",
    ],
)
def test_word_of_stopping_stops(text: str) -> None:
    assert says_stop(text)
    assert not says_agreed(text)
    assert read_answer(replace(FROM_OLD, text=text)) == "stopped"
    assert read_answer(replace(FROM_NEW, text=text)) == "stopped"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "確認しました。",
        "受信いたしました。間違いございません。よろしくお願いいたします。",
        "お世話になっております。こちらのアドレスで相違ありません。",
        "返信いたします。",
    ],
)
def test_answer_of_the_new_address_confirms(text: str) -> None:
    assert read_answer(replace(FROM_NEW, text=text)) == "confirmed"


@pytest.mark.parametrize(
    ("text", "of_new"),
    [
        ("引き続き使用できますので", "proof"),  # more than a plain yes: a person looks
        ("こちらのアドレスは今後も利用可能です。", "proof"),
        ("このまま、これまでのアドレスを使います。", "stopped"),
        ("旧アドレスも引き続き使用できますので、変更は中止してください。", "stopped"),
    ],
)
def test_words_of_keeping_stop_from_the_old_address_alone(text: str, of_new: str) -> None:
    assert read_answer(replace(FROM_OLD, text=text)) == "stopped"
    assert read_answer(replace(FROM_NEW, text=text)) == of_new


@pytest.mark.parametrize("by_letter", [True, False])
def test_agreement_without_the_number_is_shown(by_letter: bool) -> None:
    said = replace(FROM_OLD, text="同意します。", notice=False, by_letter=by_letter)
    assert read_answer(said) == "unproven"
    assert read_answer(replace(said, forged=True)) != "unproven"


@pytest.mark.parametrize("text", ["同意します", "同意いたします。", "問題ありません。承諾します"])
def test_plain_agreement_of_the_old_address_counts(text: str) -> None:
    assert read_answer(replace(FROM_OLD, text=text)) == "agreed"


@pytest.mark.parametrize(
    "text",
    [
        "同意しますが、条件があります。ただし来月から",
        "同意してよいのでしょうか？",
        "誰の依頼ですか",
        "",
    ],
)
def test_what_is_not_plain_holds_the_change_for_a_person(text: str) -> None:
    assert read_answer(replace(FROM_OLD, text=text)) == "unclear"


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"from_new": False}, "proof"),  # forwarded: shown to the approver
        ({"token_good": False}, "outdated"),
        ({"state": "cooling"}, "noted"),  # answered twice
        ({"state": "held"}, "outdated"),
        ({"state": "rejected"}, None),
        ({"token": False}, None),
    ],
)
def test_token_in_another_standing(changes: dict[str, object], meaning: str | None) -> None:
    assert read_answer(replace(FROM_NEW, **changes)) == meaning  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        # Without the letter's own number From proves nothing: agreeing costs, stopping does not.
        ({"notice": False, "text": "同意します"}, "unproven"),
        ({"notice": False, "text": "中止"}, "stopped"),
        ({"from_old": False, "text": "同意します"}, "unclear"),
        ({"from_old": False, "text": "中止"}, "stopped"),
        ({"text": "ありがとうございます", "thanks": True}, "noted"),
        ({"state": "done", "text": "心当たりがありません"}, "late"),
        ({"state": "done", "text": "了解しました"}, None),
        ({"state": "over", "text": "中止"}, None),
    ],
)
def test_old_address_in_another_standing(changes: dict[str, object], meaning: str | None) -> None:
    assert read_answer(replace(FROM_OLD, **changes)) == meaning  # type: ignore[arg-type]


def test_token_survives_quoting_width_case_and_a_broken_line() -> None:
    token = spell_token(bytes(range(16)))
    assert len(token.replace("-", "")) == 26
    broken = token[:12] + "\n> " + token[12:]
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in token)
    for text in (f"確認番号 {token}］", f"> {token.upper()}", broken, wide):
        found = find_tokens(text)
        assert len(found) == 1, text
        assert token_digest(KEY, found[0]) == token_digest(KEY, token)


def test_each_token_is_its_own_and_nothing_else_is_one() -> None:
    first, second = spell_token(bytes(16)), spell_token(b"\x01" + bytes(15))
    assert token_digest(KEY, first) != token_digest(KEY, second)
    for text in ("", "確認番号", first[:-1], first + "0", "2026-000123", "0" * 26, " "):
        assert find_tokens(text) == ()


def test_many_tokens_in_one_mail_cost_five_looks_at_most() -> None:
    text = "\n".join(spell_token(number.to_bytes(16)) for number in range(1, 500))
    assert len(find_tokens(text)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "同意しかねます。",
        "同意していません",
        "同意しておりません。",
        "同意しない",
        "同意したつもりはありません。",
        "承諾しません",
        "承諾しかねます",
        "同意します。ただ、変更はまだ待ってください。",
        "反対です。同意します、とは言えません。",
    ],
)
def test_a_no_is_never_an_agreement(text: str) -> None:
    assert not says_agreed(text)


@pytest.mark.parametrize(
    "text",
    [
        "同意します",
        "同意いたします。よろしくお願いいたします。",
        "お世話になっております。\nみほん病院の見本です。\n変更に同意します。",
        "問題ありません。",
        "はい、変更をお願いいたします。",
    ],
)
def test_a_plain_yes_is_one(text: str) -> None:
    assert says_agreed(text)


@pytest.mark.parametrize(
    "text",
    [
        "心当たりのないメールです。",
        "身に覚えのない変更です",
        "依頼をしたことはありません。",
        "人違いです",
        "もう送らないでください",
        "やめてください。",
        "変更は不要です",
        "登録しないでください。",
        "申し込んでいません",
        "We did not ask for this.",
        "ただいま不在にしております。戻り次第ご連絡いたします。",
        "受信できました。ところで申請の締切はいつですか",
        "断固 反対",
    ],
)
def test_the_new_address_confirms_by_a_plain_answer_alone(text: str) -> None:
    assert not says_received(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "確認しました。",
        "受信できました。よろしくお願いいたします。",
        "届いております",
        "承知いたしました。",
        "お世話になっております。\nメールを確認いたしました。\n見本 太郎",
        "はい",
        "OK",
    ],
)
def test_plain_answers_confirm(text: str) -> None:
    assert says_received(text)


def test_a_token_is_found_whatever_hyphens_it_is_written_with() -> None:
    token = spell_token(bytes(range(16)))
    folding = [
        char
        for char in map(chr, range(0x110000))
        if unicodedata.normalize("NFKC", char) in ("-", "‐", "−", "–")
    ]
    assert {"-", "－", "﹣", "‑"} <= set(folding)
    for char in folding:
        assert find_tokens(token.replace("-", char)) == find_tokens(token) != ()
