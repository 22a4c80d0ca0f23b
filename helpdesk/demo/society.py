"""A made-up society: its certified facilities, and a dozen mails of one morning.

People, hospitals and addresses are invented; addresses end in example.jp.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.message import EmailMessage

DESK = "desk@society.example.jp"

HEADER = (
    "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス,"
    "基幹施設認定番号,申請状況,認定開始日,認定終了日,代表電話"
)
_FACILITIES = """
K0101,医療法人みほん会みほん中央病院,基幹施設,見本 太郎,ミホン タロウ,100101,1968-04-09,kanwa@chuo.example.jp,,未申請,2022-04-01,2027-03-31,03-0000-0101
K0102,学校法人れいじ大学附属病院,基幹施設,例示 花子,レイジ ハナコ,100102,1971-11-03,pcu@reiji.example.jp,,申請済,2022-04-01,2027-03-31,03-0000-0102
K0103,社会福祉法人あおば会あおば病院,基幹施設,青葉 茂,アオバ シゲル,100103,1965-02-28,info@aoba.example.jp,,入力中,2024-04-01,2029-03-31,03-0000-0103
K0104,国立病院機構わかば医療センター,基幹施設,若葉 緑,ワカバ ミドリ,100104,1974-07-21,wakaba@wakaba.example.jp,,未申請,2022-04-01,2027-03-31,03-0000-0104
R0201,みほん東病院,連携施設,東 一郎,アズマ イチロウ,100201,1969-01-07,east@higashi.example.jp,K0101,未申請,2022-04-01,2027-03-31,03-0000-0201
R0202,みほん西クリニック,連携施設,西 京子,ニシ キョウコ,100202,1980-09-15,west@nishi.example.jp,K0101,未申請,2023-04-01,2028-03-31,03-0000-0202
R0203,佐藤病院,連携施設,佐藤 健,サトウ ケン,100203,1962-05-05,sato@sato1.example.jp,K0102,入力中,2022-04-01,2027-03-31,03-0000-0203
R0204,佐藤病院,連携施設,佐藤 明,サトウ アキラ,100204,1967-08-30,sato@sato2.example.jp,K0103,未申請,2022-04-01,2027-03-31,03-0000-0204
R0205,髙﨑記念病院,連携施設,髙﨑 誠,タカサキ マコト,100205,1959-12-01,makoto@takasaki.example.jp,K0104,未申請,2022-04-01,2027-03-31,03-0000-0205
R0206,ひかり診療所,連携施設,光 さくら,ヒカリ サクラ,100206,1983-03-03,,K0104,未申請,2025-04-01,2030-03-31,
R0207,みなと総合病院,連携施設,港 真一,ミナト シンイチ,100207,1970-10-10,minato@minato.example.jp,K0102,未申請,2022-04-01,2027-03-31,03-0000-0207
R0208,やまなみ病院,連携施設,山波 豊,ヤマナミ ユタカ,100208,1964-06-18,yutaka@yamanami.example.jp,K0103,承認,2022-04-01,2027-03-31,03-0000-0208
"""


def registry_csv() -> str:
    """Return the registry as the portal would export it."""
    return HEADER + _FACILITIES


@dataclass(frozen=True, slots=True)
class DemoMail:
    """One mail of the morning, and what should become of it."""

    label: str
    sender: str
    raw: bytes
    disposition: str
    #: Envelope sender; '' for machines.
    envelope: str


SUBJECT = "施設マイページ：メールアドレスについて"


def form(facility: str, physician: str, identity: str, wish: str) -> str:
    """Return the form of the guide, filled in."""
    return (
        "事務局 ご担当者様\n\nお世話になっております。下記のとおりご連絡いたします。\n\n"
        f"1）認定施設名（可能なら認定番号）\n{facility}\n2）施設責任者氏名\n{physician}\n"
        f"3）施設責任者会員番号または生年月日（本人確認用）\n{identity}\n"
        f"4）対応希望内容\n{wish}\n\nよろしくお願いいたします。\n"
    )


CONFIRM = "①メールアドレスの確認希望連絡"


def letter(
    sender: str,
    name: str,
    subject: str,
    body: str,
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return a mail in UTF-8."""
    made = EmailMessage()
    made["From"] = f"{name} <{sender}>" if name else sender
    made["To"] = DESK
    made["Subject"] = subject
    local = sender.partition("@")[0].strip("<>") or "x"
    made["Message-ID"] = (
        f"<{base64.b32encode(body.encode())[:12].decode().lower()}.{local}@example.jp>"
    )
    for key, value in (headers or {}).items():
        made[key] = value
    made.set_content(body, cte="base64")
    return made.as_bytes()


def outlook_letter(sender: str, body: str) -> bytes:
    """Return a mail in ISO-2022-JP with ①, 髙 and 﨑 as Outlook sends them."""
    subject = base64.b64encode(_jis(SUBJECT)).decode()
    head = (
        f"From: {sender}\r\nTo: {DESK}\r\nSubject: =?iso-2022-jp?B?{subject}?=\r\n"
        f"Message-ID: <outlook.1@takasaki.example.jp>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: text/plain; charset="iso-2022-jp"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'
    )
    return head.encode() + _jis(body).replace(b"\n", b"\r\n")


def _jis(text: str) -> bytes:
    """Encode by way of cp932, because no codec knows Microsoft's rows in ISO-2022-JP."""
    out, double = b"", False
    for char in text:
        octets = char.encode("cp932")
        if len(octets) == 2:
            lead, trail = octets
            row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2
            if trail >= 0x9F:
                pair = bytes([row + 0x22, trail - 0x7E])
            else:
                pair = bytes([row + 0x21, trail - 0x1F - (trail > 0x7F)])
            out, double = out + (b"" if double else b"\x1b$B") + pair, True
        else:
            out, double = out + (b"\x1b(B" if double else b"") + octets, False
    return out + (b"\x1b(B" if double else b"")


def morning() -> list[DemoMail]:
    """Return the mails that are sent first; two more answer what comes back."""
    taro, reiji, east = (
        "taro@chuo.example.jp",
        "hanako@reiji.example.jp",
        "higashi@higashi.example.jp",
    )
    change = "②新しいメールアドレス登録希望連絡\n新しいメールアドレス：kanwa-new@aoba.example.jp"
    confirm = form("みほん中央病院（K0101）", "見本 太郎", "昭和43年4月9日", CONFIRM)
    wrong = form("みなと総合病院", "港 真一", "1970年10月11日", CONFIRM)
    lacking = form("みほん東病院（R0201）", "東 一郎", "", CONFIRM)
    asking = form("学校法人れいじ大学附属病院", "例示 花子", "会員番号 100102", "①でお願いします")
    outlook = form("髙﨑記念病院（R0205）", "髙﨑 誠", "S34.12.1", "①")
    aoba = form("あおば病院（K0103）", "青葉 茂", "100103", change)
    dsn = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.jp\nTo: desk@society.example.jp\n"
        "Subject: Undelivered Mail Returned to Sender\nMessage-ID: <dsn.1@mx.example.jp>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;"
        ' boundary="b"\n\n--b\n\nThe mail could not be delivered.\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.jp\n\n"
        "Final-Recipient: rfc822; gone@example.jp\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    return [
        DemoMail("確認の依頼（正しい）  a request, right", taro, letter(taro, "見本 太郎", SUBJECT, confirm), "request", taro),
        DemoMail("確認の依頼（会員番号）  by member number", reiji, letter(reiji, "例示 花子", SUBJECT, asking), "request", reiji),
        DemoMail("変更の依頼  a change of address", "shigeru@aoba.example.jp", letter("shigeru@aoba.example.jp", "青葉 茂", SUBJECT, aoba), "request", "shigeru@aoba.example.jp"),
        DemoMail("Outlookから（ISO-2022-JP、①髙﨑）", "makoto@takasaki.example.jp", outlook_letter("makoto@takasaki.example.jp", outlook), "request", "makoto@takasaki.example.jp"),
        DemoMail("生年月日が一日違う  one day off", "x@unknown.example.jp", letter("x@unknown.example.jp", "", SUBJECT, wrong), "request", "x@unknown.example.jp"),
        DemoMail("会員番号も生年月日もない  a field missing", east, letter(east, "東 一郎", SUBJECT, lacking), "request", east),
        DemoMail("質問  a question", "jimu@nishi.example.jp", letter("jimu@nishi.example.jp", "西クリニック 事務", "申請期間について", "更新申請の期間を教えてください。"), "question", "jimu@nishi.example.jp"),
        DemoMail("年会費の件  about fees", "kaikei@chuo.example.jp", letter("kaikei@chuo.example.jp", "会計係", "年会費の請求書について", "年会費の請求書を再発行してください。"), "other", "kaikei@chuo.example.jp"),
        DemoMail("不在の自動返信  an auto-reply", "auto@yamanami.example.jp", letter("auto@yamanami.example.jp", "", "自動返信: 出張中", "出張中です。", {"Auto-Submitted": "auto-replied"}), "auto_reply", ""),
        DemoMail("配信不能の通知  a bounce", "MAILER-DAEMON@mx.example.jp", dsn.encode(), "bounce", ""),
    ]  # fmt: skip


def thanks(receipt_subject: str, receipt_id: str) -> DemoMail:
    """Return the thank-you that answers the first receipt."""
    sender = "taro@chuo.example.jp"
    body = "ありがとうございました。\nよろしくお願いいたします。\n"
    raw = letter(sender, "見本 太郎", f"Re: {receipt_subject}", body, {"In-Reply-To": receipt_id})
    return DemoMail("お礼  a thank-you", sender, raw, "reply", sender)


def missing_answer(question_subject: str, question_id: str) -> DemoMail:
    """Return the answer that gives the missing field."""
    sender = "higashi@higashi.example.jp"
    headers = {"In-Reply-To": question_id, "References": question_id}
    raw = letter(sender, "東 一郎", f"Re: {question_subject}", "会員番号：100201\n", headers)
    return DemoMail("足りない項目の返信  the missing field", sender, raw, "reply", sender)
