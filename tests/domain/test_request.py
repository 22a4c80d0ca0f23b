"""The form in many hands, each row with the reason why it stands here."""

from __future__ import annotations

from typing import Any

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import Reading, read_request
from tests import mails

ADDRESS = "new@mihon.example.jp"


def read(body: str, subject: str = mails.SUBJECT) -> Reading:
    return read_request(read_message(mails.mail(body, message_id="<a@x.test>", subject=subject)))


WHOLE = {
    "facility_name": "みほん病院",
    "certification_number": "K0101",
    "responsible_physician": "見本 太郎",
    "member_number": None,
    "birthdate": "1968-04-09",
    "request": "confirm_address",
    "new_address": None,
}
HANDS = {
    "as printed": mails.form("みほん病院（K0101）"),
    "full-width numbers, same line": (
        "１）認定施設名　みほん病院（認定番号：K0101）\n２）施設責任者氏名　見本 太郎\n"
        "３）施設責任者会員番号または生年月日　昭和43年4月9日\n４）対応希望内容　①\n"
    ),
    "no numbers, colons": "施設名：みほん病院 K0101\n責任者：見本 太郎\n生年月日：S43.4.9\n希望内容：①\n",
    "brackets": "【認定施設名】みほん病院（K0101）\n【施設責任者氏名】見本　太郎 先生\n【生年月日】1968/4/9\n【対応希望内容】①\n",
    "bullets": "・施設名：みほん病院\n・認定番号：K0101\n・責任者氏名：見本 太郎\n・生年月日：19680409\n・希望内容：確認\n",
    "tabs": "認定施設名\tみほん病院（K0101）\n施設責任者氏名\t見本 太郎\n生年月日\t1968.4.9\n対応希望内容\t①\n",
    "empty line between": "1）認定施設名\n\nみほん病院（K0101）\n\n2）施設責任者氏名\n\n見本 太郎\n\n3）生年月日\n\n1968年4月9日\n\n4）対応希望内容\n\n①メールアドレスの確認希望連絡\n",
    "other order": "4）対応希望内容：①\n3）生年月日：1968年4月9日\n2）施設責任者氏名：見本 太郎\n1）認定施設名：みほん病院（K0101）\n",
    "one line": "1）認定施設名：みほん病院（K0101） 2）施設責任者氏名：見本 太郎 3）生年月日：1968年4月9日 4）対応希望内容：①\n",
    "notes left in": "1）認定施設名（可能なら認定番号）\nみほん病院（K0101）\n2）施設責任者氏名\n見本 太郎（本人）\n3）施設責任者会員番号または生年月日（本人確認用）\n1968年4月9日\n4）対応希望内容\n①メールアドレスの確認希望連絡\n（施設の代表アドレスなどもご登録いただけます）\n※原則、責任者ご本人からご連絡をお願いします。\n",
    "department and reading": "施設名：みほん病院（K0101）\n責任者：緩和ケア内科 部長 見本 太郎（ミホン タロウ）\n生年月日：1968-04-09\n希望内容：登録アドレスを教えてください\n",
    "signature of somebody else": mails.form("みほん病院（K0101）")
    + "\n-- \nみほん病院 医事課\n例示 花子\nTEL 03-0000-0000\nother@mihon.example.jp\n",
}


@pytest.mark.parametrize("hand", HANDS)
def test_form_is_read_in_every_hand(hand: str) -> None:
    reading = read(HANDS[hand])
    assert reading.values() == WHOLE
    assert (reading.missing, reading.is_request) == ((), True)


def test_each_value_keeps_its_place_in_the_text() -> None:
    message = read_message(mails.mail(mails.form("みほん病院（K0101）"), message_id="<a@x.test>"))
    reading = read_request(message)
    for name in ("facility_name", "certification_number", "responsible_physician"):
        found = getattr(reading, name)
        assert message.body[found.start : found.end] == found.value
    assert reading.birthdate is not None
    assert message.body[reading.birthdate.start : reading.birthdate.end] == "1968年4月9日"


WISHES: list[tuple[str, str | None, str | None]] = [
    ("①", "confirm_address", None),
    ("1", "confirm_address", None),
    ("（１）を希望します", "confirm_address", None),
    ("①メールアドレスの確認希望連絡", "confirm_address", None),
    ("登録しているメールアドレスが分かりません。", "confirm_address", None),
    (f"② {ADDRESS}", "change_address", ADDRESS),
    (f"2\n{ADDRESS}", "change_address", ADDRESS),
    (f"新しいメールアドレスの登録を希望します。\n{ADDRESS}", "change_address", ADDRESS),
    (
        f"メールアドレスを{ADDRESS}に変更してください。ご確認をお願いします。",
        "change_address",
        ADDRESS,
    ),
    ("②\nｎｅｗ＠ｍｉｈｏｎ．ｅｘａｍｐｌｅ．ｊｐ", "change_address", ADDRESS),  # full-width
    ("②\nnew @ mihon.example.jp", "change_address", ADDRESS),  # spaced
    (f"②\nmailto:{ADDRESS}", "change_address", ADDRESS),
    (f"②\n旧：old@mihon.example.jp\n新：{ADDRESS}", "change_address", ADDRESS),
    (f"②\nold@mihon.example.jp → {ADDRESS}", "change_address", ADDRESS),
    (f"②\n{ADDRESS}\n{ADDRESS}", "change_address", ADDRESS),  # given twice
    ("②\nnew@mihon,example.jp", "change_address", None),  # a comma is not repaired
    ("②\nnew,kanwa@mihon.example.jp", "change_address", None),  # nor one before the @
    ("②\nold@x.example.jp,new@x.example.jpへ変更", "change_address", None),  # a comma between two
    ("②\nnew@", "change_address", None),
    ("②", "change_address", None),
    (f"①と② {ADDRESS}", "both", ADDRESS),
    (f"両方お願いします {ADDRESS}", "both", ADDRESS),
    (
        f"○②新しいメールアドレス登録希望連絡\n　①メールアドレスの確認希望連絡\n{ADDRESS}",
        "change_address",
        ADDRESS,
    ),
    ("①メールアドレスの確認希望連絡 または ②新しいメールアドレス登録希望連絡 など", None, None),
    ("", None, None),
    ("アカウントの削除をお願いします", "other", None),
    ("担当者の追加をお願いします", "other", None),
]


@pytest.mark.parametrize(("wish", "request_", "address"), WISHES)
def test_wish(wish: str, request_: str | None, address: str | None) -> None:
    values = read(mails.form(wish=wish)).values()
    assert (values["request"], values["new_address"]) == (request_, address)


@pytest.mark.parametrize(
    ("identity", "member", "birthdate"),
    [
        ("123456", "123456", None),
        ("会員番号：１２３４５６", "123456", None),
        ("No.123-456", "123456", None),
        ("012345", "012345", None),
        ("会員番号 123456、生年月日 1968年4月9日", "123456", "1968-04-09"),
        ("123456 / S43.4.9", "123456", "1968-04-09"),
        ("昭和65年1月1日", None, None),
        ("52.11.26", None, None),
        ("", None, None),
        ("不明", None, None),
    ],
)
def test_identity(identity: str, member: str | None, birthdate: str | None) -> None:
    values = read(mails.form(identity=identity)).values()
    assert (values["member_number"], values["birthdate"]) == (member, birthdate)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"facility": ""}, "facility"),
        ({"physician": ""}, "responsible_physician"),
        ({"identity": ""}, "identity"),
        ({"wish": ""}, "request"),
        ({"wish": "②"}, "new_address"),
    ],
)
def test_labelled_field_left_blank_is_missing_whatever_else_is_said(
    change: dict[str, Any], missing: str
) -> None:
    body = "みほん中央病院の見本太郎です。\n\n" + mails.form(**change)
    assert read(body).missing == (missing,)


def test_request_in_prose_needs_a_proof_beside_the_wish() -> None:
    body = (
        "みほん病院の施設責任者の見本太郎と申します。会員番号は123456です。\n"
        "登録しているメールアドレスを確認したいので教えてください。\n"
    )
    reading = read(body, subject="お願い")
    assert reading.is_request
    assert reading.values()["member_number"] == "123456"
    assert reading.values()["facility_name"] == "みほん病院"
    assert reading.values()["responsible_physician"] == "見本太郎"
    assert not read("メールアドレスを変えたいのですが。", subject="お願い").is_request


def test_form_filled_in_inside_the_quotation_is_found() -> None:
    quoted = "".join(f"> {line}\n" for line in mails.form().splitlines())
    reading = read(f"記入しました。\n\n2026年11月1日(日) 10:00 事務局 <d@x.test>:\n{quoted}")
    assert reading.is_request
    assert reading.missing == ()


def test_older_form_of_somebody_else_below_is_not_read() -> None:
    older = mails.form("べつの病院（K0999）", "別人 二郎", "会員番号 999999")
    quoted = "".join(f"> {line}\n" for line in older.splitlines())
    reading = read(f"{mails.form('みほん病院（K0101）')}\n\n{quoted}")
    assert reading.values() == WHOLE


def test_our_own_form_read_back_empty_asks_for_nothing_new() -> None:
    ours = (
        "> 1）認定施設名（可能なら認定番号）：みほん病院\n> 2）施設責任者氏名：見本 太郎\n"
        "> 3）施設責任者会員番号または生年月日（本人確認用）：\n> 4）対応希望内容：①\n"
    )
    reading = read(f"会員番号：123456\n\n{ours}")
    assert reading.values()["member_number"] == "123456"
    assert reading.values()["facility_name"] is None
