"""Sentences that people write in answer to the letters of a change, good and bad."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.domain.change_answers import Heard, read_answer
from helpdesk.domain.change_words import says_agreed, says_received, says_stop

FROM_NEW = Heard(
    "confirming", token=True, token_good=True, notice=False, from_new=True, from_old=False, text=""
)
FROM_OLD = Heard(
    "cooling", token=False, token_good=False, notice=True, from_new=False, from_old=True, text=""
)
IN_WORDS = replace(FROM_OLD, notice=False)
TOKEN = "4mq7x-abcde-fghjk-mnpqr-stvwxy"

SIGNATURES = [
    (
        "-- \nみほん中央病院 緩和ケア科\n見本 太郎\n〒100-0001 東京都千代田区1-1\n"
        "TEL 03-1234-5678\nE-mail new@mihon.example.jp"
    ),
    (
        "━━━━━━━━━━━━\n医療法人見本会　みほん中央病院\n　緩和ケア科　部長　見本　太郎\n"
        "　電話：03-1234-5678（内線 123）\n　FAX：03-1234-5679\n━━━━━━━━━━━━"
    ),
    "iPhoneから送信",
    "Sent from my iPhone",
    "Outlook for iOS を入手",
    "見本 太郎\nみほん中央病院",
    "みほん中央病院 事務部\n例示 花子\nhttps://mihon.example.jp/",
    (
        "*************\n見本太郎（みほん たろう）\n市立みほん病院 医事課\n東京都みほん市本町1-2-3\n"
        "Tel: 03-1234-5678 / Fax: 03-1234-5679\nMail: new@mihon.example.jp\n*************"
    ),
    "Taro Mihon, MD\nMihon Central Hospital\nE-mail: new@mihon.example.jp",
    "担当：例示 花子\n代表電話 03-1234-5678",
]

RECEIVED = [
    "受信できました。ありがとうございます。",
    "問題なく受信できています。変更をお願いいたします。",
    "受信できることを確認いたしました。",
    "受信できることを確認しました。",
    "お手数をおかけしますが、よろしくお願いします。",
    "お手数をお掛けいたしますが、何卒よろしくお願い申し上げます。",
    "お世話になっております。\nみほん中央病院の見本です。\nメールを受信いたしました。",
    "いつもお世話になっております。みほん中央病院 緩和ケア科の見本と申します。確認いたしました。",
    "確かに受け取りました。よろしくお願いいたします。",
    "こちらのアドレスで受信できております。引き続きよろしくお願いいたします。",
    "ご連絡ありがとうございます。届いております。",
    "ご連絡いただき、誠にありがとうございます。受信を確認しました。",
    "メール、受信しました。",
    "メールを確認しました。お手続きのほど、よろしくお願いいたします。",
    "無事に届きました！よろしくお願いします！",
    "新しいアドレスで受信できました。",
    "このメールアドレスで問題ありません。",
    "こちらのアドレスで間違いございません。",
    "間違いなく受信しました。",
    "承知いたしました。変更をお願いいたします。",
    "了解です。",
    "はい、受信しております。",
    "そのまま返信いたします。",
    "返信いたします。",
    "返信が遅くなり申し訳ありません。受信できております。",
    "申し訳ございませんが、よろしくお願いいたします。",
    "お疲れ様です。受信確認しました。",
    "日本みほん医学会 事務局 御中\n\nお世話になっております。受信いたしました。",
    "ご担当者様\n\nいつもお世話になっております。\n確認できました。",
    "受領いたしました。取り急ぎご連絡まで。",
    "拝受いたしました。",
    "OKです",
    "Received. Thank you.",
    "受信できましたので、よろしくお願いいたします。",
    "アドレスの変更をよろしくお願いいたします。",
    "変更の手続きをお願いします。",
    "届いています。以上、よろしくお願いいたします。",
    "当方のメールアドレスで正常に受信できています。",
    f"受信しました。\n確認番号：{TOKEN}",
    f"{TOKEN}",
]

AGREED = [
    "同意します。\nお手数をおかけしますが、よろしくお願いいたします。",
    "当方で依頼したものです。よろしくお願いします。",
    "同意いたします。",
    "変更に同意します",
    "メールアドレスの変更に同意いたします。",
    "アドレス変更の件、同意します。",
    "この変更に同意いたしますので、よろしくお願いいたします。",
    "上記の変更について承諾いたします。",
    "お世話になっております。みほん中央病院の見本です。同意いたします。",
    (
        "お世話になっております。\nみほん中央病院 事務部の例示と申します。\n変更に同意いたします。\n"
        "どうぞよろしくお願いいたします。"
    ),
    "ご連絡ありがとうございます。変更に同意いたします。",
    "はい、同意します。",
    "はい。",
    "問題ありません。",
    "特に異議ございません。よろしくお願いいたします。",
    "変更で問題ありません。",
    "当院で依頼しました。同意します。",
    "当院から申請したものです。",
    "こちらで依頼した内容に相違ございません。",
    "私が依頼したものに間違いありません。よろしくお願いいたします。",
    "手続きを進めてください。",
    "変更を進めていただくようお願いいたします。",
    "はい、変更をお願いいたします。",
    "了承いたしました。",
    "承諾します。取り急ぎご返信まで。",
    "ご確認ありがとうございます。同意いたします。",
    "事務局 ご担当者様\n\n平素より大変お世話になっております。\n同意いたします。",
    f"同意します。\n確認番号：{TOKEN}",
    f"同意します\n{TOKEN}",
    "すみません。同意します。",
    "同意します。\n\n見本 太郎",
    "賛成です。",
]

NOT_PLAIN = [
    "こちらは病院ではございません。",
    "私は病院の者ではありません。",
    "関係ない病院からのメールです",
    "当クリニックの者は誰も申請しておらず困っています",
    "同意します。ただし当病院の院長の許可が必要です。",
    "はい。市民病院の見本医師は先月退職しました。",
    "了承しました。ただし病院長の確認後に進めてください。",
    "はい。みほん病院の担当が不在です。",
    "担当者に確認中です。",
    "はい、担当者は退職しております。",
    "同意します。ただ、来月からにしてください。",
    "同意しますが、院長の許可が必要です。",
    "受信しましたが、誰の依頼でしょうか。",
    "受信しました。これは何の変更ですか？",
    "受信できました。ところで、パスワードが分かりません。",
    "確認します。",
    "確認して改めてご連絡いたします。",
    "後ほど返信します。",
    "了解しました。院長に相談します。",
    "みほん病院は閉院しました。",
    "みほん病院の見本は異動しました。",
    "別の病院の山田です。",
    "元みほん病院の見本です。今は関係ございません。",
    "前任の見本です。",
    "みほん病院の担当外です。",
    "いいえ。",
    "どちら様でしょうか。",
    "見本太郎は当院に在籍していません。",
    "変更は結構です。",
    "大丈夫です。",
    "同意する前に電話をください。",
    "院長が同意します。",
    "同意すると思います。",
    "多分問題ありません。",
    "問題があります。",
    "受信しました。\n-- \n当院は本件と関係ありません",
    "確認しました。\n-----------\n院長の許可が必要です",
    "はい\n退職者\nTEL 03-1234-5678",
    "同意します。\n当院の電話は03-1234-5678です。折り返しください",
    "同意します。\n\n来月以降",
    "受信しました。\n\n通報済",
    "受信しました。\n\n本人 死亡",
    "受信しました。\n\n警察 通報",
    "はい\n元職員",
    "同意します。\n\nメール：次回から別アドレスへ",
    "病院の者に聞いてください。",
    "市民病院の職員は知りませんでした",
    "みほんセンターの運用はまだ決まっていないです",
    "お世話になっております。みほん病院の山田です。本件、社内で検討します。",
    "先週から見本先生と連絡が取れません。",
]

STOPS = [
    "変更の申請は却下してください",
    "これまでのアドレスを引き続き使います。変えないでください。",
    "今回の変更を取下げます。",
    "この件は白紙に戻してください。",
    "今回の件はなかったことにしてください。",
    "申請を受け付けないでください。",
    "変更はお断りします。",
    "断ります。",
    "そのままでお願いします。",
    "そのままにしておいてください。",
    "旧アドレスのままでお願いいたします。",
    "今までのアドレスを使います。",
    "現在のメールアドレスを今後も使用します。",
    "従来どおりでお願いします。",
    "アドレスは変更しないでください。",
    "変更しておりません。",
    "変更を見合わせてください。",
    "本件は保留にしてください。",
    "依頼は撤回します。",
    "依頼した者はおりません。",
    "申請しておりません。",
    "当院では誰も申請していません。",
    "変更は望んでいません。",
    "手続きを進めないでください。",
    "中止をお願いできますでしょうか。",
    "取り消してください。",
    "キャンセルでお願いします。",
    "全く身に覚えがありません。",
    "心当たりはございません。",
    "なりすましではないでしょうか。",
    "無効にしてください。",
    "変更を差し止めてください。",
    "変更のストップをお願いします。",
    "今のままで結構です。",
    "変えません。",
    "申請を破棄してください。",
    "こちらは関係ありません。",
    "困ります。",
    "人違いと思われます。",
    "少し待ってください。",
    "Please stop this change.",
    "We don't want this.",
]


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("text", ["", "受信しました。", "よろしくお願いいたします。"])
def test_answer_of_the_new_address_with_a_signature_confirms(text: str, signature: str) -> None:
    whole = f"{text}\n\n{signature}\n"
    assert read_answer(replace(FROM_NEW, text=whole)) == "confirmed"


@pytest.mark.parametrize("signature", SIGNATURES)
def test_agreement_with_a_signature_is_one(signature: str) -> None:
    assert read_answer(replace(FROM_OLD, text=f"同意します。\n\n{signature}\n")) == "agreed"
    assert not says_agreed(f"\n{signature}\n")


@pytest.mark.parametrize("text", RECEIVED)
def test_plain_receipt_confirms(text: str) -> None:
    assert says_received(text)
    assert read_answer(replace(FROM_NEW, text=text)) == "confirmed"


@pytest.mark.parametrize("text", AGREED)
def test_plain_agreement_counts(text: str) -> None:
    assert says_agreed(text)
    assert read_answer(replace(FROM_OLD, text=text)) == "agreed"
    assert read_answer(replace(FROM_NEW, text=text)) == "confirmed"


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_whatever_says_more_confirms_and_agrees_to_nothing(text: str) -> None:
    assert not says_received(text)
    assert not says_agreed(text)
    assert read_answer(replace(FROM_NEW, text=text)) in ("proof", "stopped")
    assert read_answer(replace(FROM_OLD, text=text)) in ("unclear", "stopped")
    assert read_answer(replace(IN_WORDS, text=text)) in ("unclear", "stopped")


@pytest.mark.parametrize("text", STOPS)
def test_stop_in_ordinary_words_is_heard(text: str) -> None:
    assert says_stop(text)
    for heard in (FROM_OLD, IN_WORDS, FROM_NEW):
        assert read_answer(replace(heard, text=text)) == "stopped"


@pytest.mark.parametrize("text", [*RECEIVED, *AGREED])
def test_yes_stops_nothing(text: str) -> None:
    assert not says_stop(text)


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        # The letter's Message-ID may be known to others: it stops, and agrees to nothing.
        ({"notice": False, "by_letter": True, "text": "同意します。"}, "unproven"),
        ({"notice": False, "by_letter": True, "text": "中止"}, "stopped"),
        ({"notice": False, "by_letter": True, "from_old": False, "text": "中止"}, "stopped"),
        ({"notice": False, "by_letter": True, "text": "誰の依頼ですか"}, "unclear"),
        # Our own server says that it comes from somebody else.
        ({"forged": True, "text": "同意します。"}, "unclear"),
        ({"forged": True, "text": "中止"}, "stopped"),
        ({"forged": True, "notice": False, "text": "誰の依頼ですか"}, None),
        # The subject speaks too.
        ({"subject_stops": True, "text": "よろしくお願いいたします。"}, "stopped"),
        ({"notice": False, "subject_stops": True, "text": "お世話になっております。"}, "stopped"),
        # While a change is on its way a person reads what the old address writes.
        ({"notice": False, "text": "先日の件、どうなりましたか。"}, "unclear"),
        ({"notice": False, "text": "ありがとうございます。", "thanks": True}, None),
        ({"notice": False, "text": "承知しました。"}, None),
        ({"notice": False, "text": "先日の件、どうなりましたか。", "state": "held"}, None),
    ],
)
def test_old_address_in_another_standing(changes: dict[str, object], meaning: str | None) -> None:
    assert read_answer(replace(FROM_OLD, **changes)) == meaning  # type: ignore[arg-type]


def test_new_address_that_is_forged_confirms_nothing() -> None:
    assert read_answer(replace(FROM_NEW, forged=True)) == "proof"
