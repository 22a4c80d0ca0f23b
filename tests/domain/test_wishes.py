"""Field 4 in the words of many hands: wish and new address, row by row."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import Reading, read_request
from tests import mails

NEW = "new@mihon.example.jp"
#: What it is read as does not matter here, as long as it is read.
ANY = "*"
FORM = (
    "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n"
    "3）生年月日\n1968年4月9日\n4）対応希望内容\n{wish}\n\nよろしくお願いいたします。\n"
)


def read(wish: str) -> Reading:
    body = FORM.replace("{wish}", wish)
    return read_request(read_message(mails.mail(body, message_id="<a@x.test>")))


WISHES: list[tuple[str, str | None, str | None]] = [
    (
        "②新しいメールアドレス登録希望連絡\nnew@mihon.example.jp\n\n見本 太郎\ntaro@private.example.com",
        "change_address",
        NEW,
    ),
    (
        "①メールアドレスの確認希望連絡 ← こちらを希望します\n②新しいメールアドレス登録希望連絡",
        "confirm_address",
        None,
    ),
    (
        "①メールアドレスの確認希望連絡\n(②新しいメールアドレス登録希望連絡)は不要",
        "confirm_address",
        None,
    ),
    (
        "②。新しいメールアドレスはnew@mihon.example.jpです。なお、パスワードも不明です。",
        "change_address",
        NEW,
    ),
    ("①　パスワードも不明です", "confirm_address", None),
    ("登録アドレスの確認。パスワードも忘れました。", "confirm_address", None),
    ("パスワードを忘れたので教えてください。", "other", None),
    ("①の確認と②の登録をお願いします。new@mihon.example.jp", "both", NEW),
    ("①を確認のうえ、②を希望。new@mihon.example.jp", "both", NEW),
    ("まず①、その後②（new@mihon.example.jp）", "both", NEW),
    ("メールアドレスの確認、変更（new@mihon.example.jp）", "both", NEW),
    ("確認・変更の両方 new@mihon.example.jp", "both", NEW),
    ("メールアドレス変更", "change_address", None),
    ("変更希望", "change_address", None),
    ("アドレスを忘れたため確認希望", "confirm_address", None),
    ("新アドレス登録\nnew@mihon.example.jp", "change_address", NEW),
    ("②新しいメールアドレス登録希望連絡：new@mihon.example.jp", "change_address", NEW),
    ("②→new@mihon.example.jp", "change_address", NEW),
    ("② new＠mihon.example.jp", "change_address", NEW),
    ("② new@mihon．example．jp", "change_address", NEW),
    ("② n e w @ mihon.example.jp", "change_address", ANY),
    ("② new＠ｍｉｈｏｎ．ｅｘａｍｐｌｅ．ｊｐ（半角に直してください）", "change_address", NEW),
    (
        "②\n旧メールアドレス：old@mihon.example.jp\n新しいメールアドレス：new@mihon.example.jp",
        "change_address",
        NEW,
    ),
    ("②\n(旧)old@mihon.example.jp\n(新)new@mihon.example.jp", "change_address", NEW),
    ("②\n現：old@mihon.example.jp\n新：new@mihon.example.jp", "change_address", NEW),
    ("②\n前：old@mihon.example.jp\n後：new@mihon.example.jp", "change_address", NEW),
    ("②\n【旧】old@mihon.example.jp\n【新】new@mihon.example.jp", "change_address", NEW),
    ("②\nold@mihon.example.jp（旧）\nnew@mihon.example.jp（新）", "change_address", NEW),
    ("②\nold@mihon.example.jp⇒new@mihon.example.jp", "change_address", NEW),
    ("②\nold@mihon.example.jp\n↓\nnew@mihon.example.jp", "change_address", NEW),
    (
        "②\n登録中のアドレス old@mihon.example.jp を new@mihon.example.jp に変更",
        "change_address",
        NEW,
    ),
    (
        "②\nold@mihon.example.jpは使えなくなりましたので、new@mihon.example.jpへ変更をお願いします。",
        "change_address",
        NEW,
    ),
    (
        "②\n今のアドレス：old@mihon.example.jp\n新しいアドレス：new@mihon.example.jp",
        "change_address",
        NEW,
    ),
    ("② new@mihon.example.jp\n（再掲：new@mihon.example.jp）", "change_address", NEW),
    ("② a@mihon.example.jp または b@mihon.example.jp", "change_address", None),
    ("② new@mihon.example.jp、second@mihon.example.jp", "change_address", None),
    ("② new.@docomo.example.jp", "change_address", "new.@docomo.example.jp"),
    ("② new@mihon,example,jp", "change_address", None),
    ("② new@mihon。example。jp", "change_address", None),
    ("② new@mihon", "change_address", None),
    ("② new(at)mihon.example.jp", "change_address", None),
    ("② new★mihon.example.jp", "change_address", None),
    ("② メールアドレスは後日お知らせします", "change_address", None),
    ("② 新しいメールアドレス：未定", "change_address", None),
    (
        "○ ①メールアドレスの確認希望連絡\n× ②新しいメールアドレス登録希望連絡",
        "confirm_address",
        None,
    ),
    ("①○　②×", "confirm_address", None),
    ("①×　②○ new@mihon.example.jp", "change_address", NEW),
    ("①：希望する　②：希望しない", "confirm_address", None),
    ("①希望しない　②希望する new@mihon.example.jp", "change_address", NEW),
    (
        "（○）①メールアドレスの確認希望連絡　（　）②新しいメールアドレス登録希望連絡",
        "confirm_address",
        None,
    ),
    (
        "①メールアドレスの確認希望連絡　○　②新しいメールアドレス登録希望連絡",
        "confirm_address",
        None,
    ),
    (
        "①メールアドレスの確認希望連絡（○）　②新しいメールアドレス登録希望連絡（　）",
        "confirm_address",
        None,
    ),
    ("☐①　☒② new@mihon.example.jp", "change_address", NEW),
    ("【①】メールアドレスの確認希望連絡", "confirm_address", None),
    ("丸1", "confirm_address", None),
    ("(1)メールアドレスの確認希望連絡", "confirm_address", None),
    ("1.メールアドレスの確認希望連絡", "confirm_address", None),
    ("2.新しいメールアドレス登録希望連絡 new@mihon.example.jp", "change_address", NEW),
    ("1", "confirm_address", None),
    ("２", "change_address", None),
    ("①,②", ANY, ANY),
    ("一", ANY, None),
    ("メールアドレスの追加登録をお願いします。", "other", None),
    ("担当者変更", "other", None),
    ("責任者の変更をお願いします", "other", None),
    ("認定証の送付先変更", "other", None),
    ("登録アドレスの削除", "other", None),
    ("アカウントの統合をお願いしたい", "other", None),
    ("施設名の訂正をお願いします。", "other", None),
    ("なし", None, None),
    ("未定", None, None),
    ("特になし", None, None),
    ("　", None, None),
    ("ご担当者様にお任せします", "other", None),
    ("ログインできません", "other", None),
    ("お問い合わせ: 登録されているアドレスは何ですか", "confirm_address", None),
    ("登録メールアドレスの通知希望", "confirm_address", None),
    ("登録しているメールアドレスの開示をお願いします", "confirm_address", None),
    ("アドレス変更のお願い（new@mihon.example.jp）", "change_address", NEW),
    ("メールアドレスをnew@mihon.example.jpで登録してください", "change_address", NEW),
    ("new@mihon.example.jp", "change_address", NEW),
    ("代表アドレスを登録したい（new@mihon.example.jp）", "change_address", NEW),
    ("施設の代表アドレス new@mihon.example.jp への登録変更", "change_address", NEW),
]


@pytest.mark.parametrize(("wish", "request_", "address"), WISHES)
def test_wish_is_read(wish: str, request_: str | None, address: str | None) -> None:
    values = read(wish).values()
    for name, wanted in (("request", request_), ("new_address", address)):
        if wanted != ANY:
            assert values[name] == wanted, name
    assert values["facility_name"] == "みほん病院"
