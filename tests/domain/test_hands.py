"""Whole mails in many hands: layouts, tables, prose, quotations and signatures."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import Reading, read_request
from helpdesk.domain.written_by import read_written_by
from tests import mails

PLAIN: dict[str, str | None] = {
    "facility_name": "みほん病院",
    "certification_number": None,
    "responsible_physician": "見本太郎",
    "member_number": None,
    "birthdate": "1968-04-09",
    "request": "confirm_address",
    "new_address": None,
}


def read(body: str, html: bool = False) -> Reading:
    if not html:
        return read_request(read_message(mails.mail(body, message_id="<a@x.test>")))
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mails.HEAD, mails.DESK, mails.SUBJECT
    letter.set_content(body, subtype="html")
    return read_request(read_message(letter.as_bytes()))


#: Body, whether it is HTML, and what differs from PLAIN.
HANDS: dict[str, tuple[str, bool, dict[str, str | None]]] = {
    "html table": (
        "<table border=1><tr><th>認定施設名</th><td>みほん病院</td></tr><tr><th>施設責任者氏名</th><td>見本 太郎</td></tr><tr><th>会員番号または生年月日</th><td>1968/4/9</td></tr><tr><th>対応希望内容</th><td>①</td></tr></table>",
        True,
        {},
    ),
    "html table 2": (
        "<html><body><p>お世話になっております。</p><table><tr><td>1）認定施設名（可能なら認定番号）</td><td>みほん病院</td></tr><tr><td>2）施設責任者氏名</td><td>見本 太郎</td></tr><tr><td>3）施設責任者会員番号または生年月日（本人確認用）</td><td>1968年4月9日</td></tr><tr><td>4）対応希望内容</td><td>②新しいメールアドレス登録希望連絡<br>new@mihon.example.jp</td></tr></table><p>よろしくお願いいたします。</p></body></html>",
        True,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "html list": (
        "<ol><li>みほん病院</li><li>見本 太郎</li><li>1968年4月9日</li><li>①</li></ol>",
        True,
        {},
    ),
    "html divs": (
        "<div>1）認定施設名：みほん病院</div><div>2）施設責任者氏名：<b>見本 太郎</b></div><div>3）生年月日：1968年4月9日</div><div>4）対応希望内容：② <a href='mailto:new@mihon.example.jp'>new@mihon.example.jp</a></div>",
        True,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "header table": (
        "認定施設名\t施設責任者氏名\t生年月日\t対応希望内容\nみほん病院\t見本 太郎\t1968年4月9日\t①\n",
        False,
        {},
    ),
    "pipe header table": (
        "| 認定施設名 | 施設責任者氏名 | 生年月日 | 対応希望内容 |\n|---|---|---|---|\n| みほん病院 | 見本 太郎 | 1968年4月9日 | ① |\n",
        False,
        {},
    ),
    "html header table": (
        "<table><tr><th>認定施設名</th><th>施設責任者氏名</th><th>生年月日</th><th>対応希望内容</th></tr><tr><td>みほん病院</td><td>見本 太郎</td><td>1968年4月9日</td><td>①</td></tr></table>",
        True,
        {},
    ),
    "pipe no edges": (
        "認定施設名 | みほん病院\n施設責任者氏名 | 見本 太郎\n生年月日 | 1968年4月9日\n対応希望内容 | ①\n",
        False,
        {},
    ),
    "box": (
        "┌──────┬──────┐\n│認定施設名│みほん病院│\n├──────┼──────┤\n│施設責任者氏名│見本 太郎│\n│生年月日│1968年4月9日│\n│対応希望内容│①│\n└──────┴──────┘\n",
        False,
        {},
    ),
    "csv": (
        "認定施設名,みほん病院\n施設責任者氏名,見本 太郎\n生年月日,1968/4/9\n対応希望内容,①\n",
        False,
        {},
    ),
    "dots leaders": (
        "認定施設名……みほん病院\n施設責任者氏名……見本 太郎\n生年月日……1968年4月9日\n対応希望内容……①\n",
        False,
        {},
    ),
    "double label": (
        "1）認定施設名：みほん病院\n   認定番号：K0101\n2）施設責任者氏名：見本 太郎\n3）会員番号：123456\n   生年月日：昭和43年4月9日\n4）対応希望内容：①\n",
        False,
        {"certification_number": "K0101", "member_number": "123456"},
    ),
    "two answers one field": (
        "1）認定施設名（可能なら認定番号）\nみほん病院\u3000K0101\n2）施設責任者氏名\n見本 太郎\n3）施設責任者会員番号または生年月日（本人確認用）\n123456（昭和43年4月9日生）\n4）対応希望内容\n①\n",
        False,
        {"certification_number": "K0101", "member_number": "123456"},
    ),
    "wa particle labels": (
        "1）認定施設名は みほん病院 です。\n2）施設責任者氏名は 見本 太郎 です。\n3）生年月日は 1968年4月9日 です。\n4）対応希望内容は ① です。\n",
        False,
        {},
    ),
    "labels wa no number": (
        "認定施設名は、みほん病院です。\n施設責任者は、見本太郎です。\n生年月日は、昭和43年4月9日です。\n希望内容は、①メールアドレスの確認です。\n",
        False,
        {},
    ),
    "one line commas": (
        "施設名：みほん病院、責任者：見本太郎、生年月日：1968年4月9日、希望内容：①",
        False,
        {},
    ),
    "one line numbers alone": (
        "1）みほん病院\u3000 2）見本太郎\u3000 3）1968年4月9日\u3000 4）①",
        False,
        {},
    ),
    "one line no separators": (
        "1）認定施設名 みほん病院 2）施設責任者氏名 見本太郎 3）生年月日 1968/4/9 4）対応希望内容 ①",
        False,
        {},
    ),
    "one line brackets": (
        "【施設名】みほん病院【責任者】見本太郎【生年月日】1968.4.9【希望内容】①",
        False,
        {},
    ),
    "prose 1": (
        "みほん病院の見本太郎（施設責任者）です。生年月日は昭和43年4月9日です。施設マイページに登録しているメールアドレスがわからなくなってしまいました。教えていただけますでしょうか。",
        False,
        {},
    ),
    "prose 2": (
        "お世話になっております。\n\nみほん病院\u3000緩和ケア科の見本太郎です。\n施設マイページのメールアドレスを変更したくご連絡いたしました。\n認定番号はK0101、私の会員番号は123456です。\n新しいアドレスはnew@mihon.example.jpでお願いします。\n",
        False,
        {
            "certification_number": "K0101",
            "member_number": "123456",
            "birthdate": None,
            "request": "change_address",
            "new_address": "new@mihon.example.jp",
        },
    ),
    "prose 3": (
        "認定施設であるみほん病院で施設責任者をしております見本太郎と申します（会員番号123456）。登録メールアドレスの確認をお願いしたく存じます。",
        False,
        {"member_number": "123456", "birthdate": None},
    ),
    "prose 4": (
        "私、みほん病院の施設責任者、見本太郎（昭和43年4月9日生まれ）と申します。現在登録されているメールアドレスをお知らせください。",
        False,
        {},
    ),
    "prose 5": (
        "みほん病院（認定番号K0101）、責任者 見本太郎、会員番号 123456 です。アドレスを new@mihon.example.jp へ変更希望です。",
        False,
        {
            "certification_number": "K0101",
            "member_number": "123456",
            "birthdate": None,
            "request": "change_address",
            "new_address": "new@mihon.example.jp",
        },
    ),
    "prose clerk": (
        "みほん病院 総務課の例示花子と申します。\n当院の施設責任者である見本太郎医師（会員番号：123456）に代わりご連絡いたします。\n登録メールアドレスを new@mihon.example.jp に変更していただけますようお願いいたします。",
        False,
        {
            "member_number": "123456",
            "birthdate": None,
            "request": "change_address",
            "new_address": "new@mihon.example.jp",
        },
    ),
    "prose 6": (
        "施設名はみほん病院、責任者は見本太郎、会員番号は123456です。メールアドレスの確認を希望します。",
        False,
        {"member_number": "123456", "birthdate": None},
    ),
    "prose eng date": (
        "みほん病院の見本太郎と申します。生年月日は April 9, 1968 です。登録しているアドレスを教えてください。",
        False,
        {},
    ),
    "prose both": (
        "みほん病院の施設責任者の見本太郎です。会員番号123456、生年月日1968年4月9日です。現在の登録アドレスを教えていただくとともに、new@mihon.example.jp への変更をお願いします。",
        False,
        {"member_number": "123456", "request": "both", "new_address": "new@mihon.example.jp"},
    ),
    "notes left": (
        "1）認定施設名（可能なら認定番号）\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）施設責任者会員番号または生年月日（本人確認用）\n1968年4月9日\n4）対応希望内容\n\n ①メールアドレスの確認希望連絡\n（施設の代表アドレスなどもご登録いただけます）\n\n※原則、メールアドレスに関するお問い合わせは 責任者ご本人からご連絡をお願いします。\n※こちらで作成されたアカウント情報(メールアドレス・パスワード）は、\n貴施設の業務関係者内で共有していただいて結構ですので、大切に保管してください。\n",
        False,
        {},
    ),
    "whole guide pasted": (
        "------------------------------------------\n件名：施設マイページ：メールアドレスについて\n\n1）認定施設名（可能なら認定番号）\u3000みほん病院\n2）施設責任者氏名\u3000見本 太郎\n3）施設責任者会員番号または生年月日（本人確認用）\u30001968年4月9日\n4）対応希望内容\n\n ①メールアドレスの確認希望連絡 または ②新しいメールアドレス登録希望連絡 など\n（施設の代表アドレスなどもご登録いただけます）\n\n※原則、メールアドレスに関するお問い合わせは 責任者ご本人からご連絡をお願いします。\n",
        False,
        {"request": None},
    ),
    "whole guide pasted chosen": (
        "2）メールアドレスが不明、または別のアドレスに変更希望の場合\n下記情報を学会事務局あてにご連絡ください。\n\n1）認定施設名（可能なら認定番号）\u3000みほん病院\n2）施設責任者氏名\u3000見本 太郎\n3）施設責任者会員番号または生年月日（本人確認用）\u30001968年4月9日\n4）対応希望内容\n\n ①メールアドレスの確認希望連絡 または ②新しいメールアドレス登録希望連絡 など\n\u3000→ ①でお願いします。\n",
        False,
        {},
    ),
    "older gmail": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\n2026年11月1日(日) 10:00 別人 二郎 <b@x.test>:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig gmail": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\n2026年11月1日(日) 10:00 別人 二郎 <b@x.test>:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older outlook ja": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\n差出人: 別人 二郎 <b@x.test>\n送信日時: 2026年11月1日 10:00\n宛先: desk@society.example.jp\n件名: 施設マイページ\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig outlook ja": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\n差出人: 別人 二郎 <b@x.test>\n送信日時: 2026年11月1日 10:00\n宛先: desk@society.example.jp\n件名: 施設マイページ\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older outlook": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\n-----Original Message-----\nFrom: b\nSent: x\nTo: d\nSubject: s\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig outlook": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\n-----Original Message-----\nFrom: b\nSent: x\nTo: d\nSubject: s\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older iphone": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\niPhoneから送信\n\n2026/11/01 10:00、別人 二郎 <b@x.test>のメール:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig iphone": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\niPhoneから送信\n\n2026/11/01 10:00、別人 二郎 <b@x.test>のメール:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older yahoo": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\n----- 元のメッセージ -----\n差出人: 別人\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig yahoo": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\n----- 元のメッセージ -----\n差出人: 別人\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older fwd": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\n---------- Forwarded message ---------\nFrom: 別人 <b@x.test>\nDate: 2026年11月1日(日) 10:00\nSubject: a\nTo: <d@x.test>\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig fwd": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\n---------- Forwarded message ---------\nFrom: 別人 <b@x.test>\nDate: 2026年11月1日(日) 10:00\nSubject: a\nTo: <d@x.test>\n\n1）認定施設名\nべつの病院（K9999）\n2）施設責任者氏名\n別人 二郎\n3）会員番号\n999999\n4）対応希望内容\n② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older thunderbird": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\nOn 2026/11/01 10:00, 別人 二郎 wrote:\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig thunderbird": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\nOn 2026/11/01 10:00, 別人 二郎 wrote:\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older becky": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n\nOn Sun, 1 Nov 2026 10:00:00 +0900\n別人 二郎 <b@x.test> wrote:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "older sig becky": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nよろしくお願いいたします。\n\n-- \n例示 花子\n\n\nOn Sun, 1 Nov 2026 10:00:00 +0900\n別人 二郎 <b@x.test> wrote:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "blank + older": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n\n4）対応希望内容\n①\n\n\n2026年11月1日(日) 10:00 別人 二郎 <b@x.test>:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {"birthdate": None},
    ),
    "prose + older": (
        "みほん病院の施設責任者の見本太郎です。生年月日は1968年4月9日です。登録メールアドレスの確認をお願いします。\n\n2026年11月1日(日) 10:00 別人 二郎 <b@x.test>:\n\n> 1）認定施設名\n> べつの病院（K9999）\n> 2）施設責任者氏名\n> 別人 二郎\n> 3）会員番号\n> 999999\n> 4）対応希望内容\n> ② betsu@other.example.jp\n",
        False,
        {},
    ),
    "inter own below quoted labels": (
        "以下に記入しました。\n\n2026年11月1日(日) 10:00 事務局 <desk@society.example.jp>:\n> 1）認定施設名（可能なら認定番号）\nみほん病院\n> 2）施設責任者氏名\n見本 太郎\n> 3）施設責任者会員番号または生年月日（本人確認用）\n1968年4月9日\n> 4）対応希望内容\n①\n",
        False,
        {},
    ),
    "inter same line": (
        "以下に記入しました。\n\n2026年11月1日(日) 10:00 事務局 <desk@society.example.jp>:\n> 1）認定施設名（可能なら認定番号） みほん病院\n> 2）施設責任者氏名 見本 太郎\n> 3）施設責任者会員番号または生年月日（本人確認用） 1968年4月9日\n> 4）対応希望内容 ①\n",
        False,
        {},
    ),
    "inter indented arrows": (
        "記入します。\n\n2026年11月1日(日) 10:00 事務局 <desk@society.example.jp>:\n> 1）認定施設名（可能なら認定番号）\n→ みほん病院\n> 2）施設責任者氏名\n→ 見本 太郎\n> 3）施設責任者会員番号または生年月日（本人確認用）\n→ 1968年4月9日\n> 4）対応希望内容\n→ ①\n",
        False,
        {},
    ),
    "inter with options left": (
        "記入します。\n\n2026年11月1日(日) 10:00 事務局 <desk@society.example.jp>:\n> 1）認定施設名（可能なら認定番号）\nみほん病院\n> 2）施設責任者氏名\n見本 太郎\n> 3）施設責任者会員番号または生年月日（本人確認用）\n1968年4月9日\n> 4）対応希望内容\n>\n>  ①メールアドレスの確認希望連絡 または ②新しいメールアドレス登録希望連絡 など\n①です\n",
        False,
        {},
    ),
    "outlook no prefix inside": (
        "記入しました。\n\n差出人: 事務局 <desk@society.example.jp>\n送信日時: 2026年11月1日 10:00\n宛先: a\n件名: b\n\n1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n",
        False,
        {},
    ),
    "html-less double quote": (
        "> > 1）認定施設名\n> > みほん病院\n> > 2）施設責任者氏名\n> > 見本 太郎\n> > 3）生年月日\n> > 1968年4月9日\n> > 4）対応希望内容\n> > ①\n",
        False,
        {},
    ),
    "greeting blank": (
        "みほん病院の見本太郎です。\n\n1）認定施設名：\n2）施設責任者氏名：\n3）生年月日：1968年4月9日\n4）対応希望内容：①\n",
        False,
        {"facility_name": None, "responsible_physician": None},
    ),
    "signature after blank last": (
        "1）認定施設名：みほん病院\n2）施設責任者氏名：見本 太郎\n3）生年月日：1968年4月9日\n4）対応希望内容：\n\n見本 太郎\nみほん病院\n",
        False,
        {"request": None},
    ),
    "sig after blank last 2": (
        "認定施設名\nみほん病院\n\n施設責任者氏名\n見本 太郎\n\n生年月日\n1968年4月9日\n\n対応希望内容\n\n\n--\n見本 太郎\nみほん病院 緩和ケア内科\nTEL 03-1234-5678\nE-mail: s@x.test\n",
        False,
        {"request": None},
    ),
    "sig no ruler with mail": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\n\nよろしくお願いします。\n\n見本 太郎\nみほん病院\ntaro@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": None},
    ),
    "sig mail directly": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n② new@mihon.example.jp\n\n見本 太郎\ntaro@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "sig 2": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\nnew@mihon.example.jp\n\n=====================\nみほん病院 緩和ケア内科\n見本 太郎\nMail: taro@mihon.example.jp\n=====================\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "sig 3": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\nnew@mihon.example.jp\n以上\n\n□□□□□□□□□□□□\n例示 花子（医事課）\n会員番号のお問い合わせ先 03-1234-5678\nhanako@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "address above": (
        "メールアドレスを new@mihon.example.jp に変更したく、下記の通りご連絡いたします。\n\n1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "address after": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\n\n新しいメールアドレスは下記の通りです。\nnew@mihon.example.jp\n\nよろしくお願いいたします。\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "5 extra": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n②\n5）新しいメールアドレス\nnew@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "extra fields": (
        "施設名：みほん病院\n診療科：緩和ケア内科\n責任者：見本 太郎\n役職：部長\n生年月日：1968年4月9日\n電話番号：03-1234-5678\nメールアドレス：taro@mihon.example.jp\n希望内容：①\n備考：特になし\n",
        False,
        {},
    ),
    "extra fields change": (
        "施設名：みほん病院\n責任者：見本 太郎\n生年月日：1968年4月9日\n現在のメールアドレス：old@mihon.example.jp\n新しいメールアドレス：new@mihon.example.jp\n希望内容：②\n担当者：例示花子\n連絡先：hanako@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "no wish label but new addr": (
        "施設名：みほん病院\n責任者：見本 太郎\n生年月日：1968年4月9日\n旧アドレス：old@mihon.example.jp\n新アドレス：new@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "numbers w/o labels": (
        "お世話になります。\n\n1) みほん病院\n2) 見本太郎\n3) 1968年4月9日\n4) ②\u3000new@mihon.example.jp\n\nよろしくお願いします。\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "numbers same as circled": (
        "①みほん病院\n②見本太郎\n③1968年4月9日\n④メールアドレスの確認\n",
        False,
        {},
    ),
    "kanji numbers": (
        "一、認定施設名\u3000みほん病院\n二、施設責任者氏名\u3000見本太郎\n三、生年月日\u30001968年4月9日\n四、対応希望内容\u3000①\n",
        False,
        {},
    ),
    "Q style": (
        "Q1. 認定施設名：みほん病院\nQ2. 施設責任者氏名：見本太郎\nQ3. 生年月日：1968年4月9日\nQ4. 対応希望内容：①\n",
        False,
        {},
    ),
    "(1) indent": (
        "\u3000\u3000（１）認定施設名\u3000\u3000：\u3000みほん病院\n\u3000\u3000（２）施設責任者氏名：\u3000見本太郎\n\u3000\u3000（３）生年月日\u3000\u3000\u3000：\u3000１９６８年４月９日\n\u3000\u3000（４）対応希望内容\u3000：\u3000①\n",
        False,
        {},
    ),
    "colon next line": (
        "認定施設名：\n\u3000みほん病院\n施設責任者氏名：\n\u3000見本太郎\n生年月日：\n\u30001968年4月9日\n対応希望内容：\n\u3000①\n",
        False,
        {},
    ),
    "dash sep": (
        "認定施設名 - みほん病院\n施設責任者氏名 - 見本太郎\n生年月日 - 1968年4月9日\n対応希望内容 - ①\n",
        False,
        {},
    ),
    "dash2": (
        "認定施設名―みほん病院\n施設責任者氏名―見本太郎\n生年月日―1968年4月9日\n対応希望内容―①\n",
        False,
        {},
    ),
    "slash": (
        "認定施設名／みほん病院\n施設責任者氏名／見本太郎\n生年月日／1968年4月9日\n対応希望内容／①\n",
        False,
        {},
    ),
    "brackets value": (
        "認定施設名【みほん病院】\n施設責任者氏名【見本太郎】\n生年月日【1968年4月9日】\n対応希望内容【①】\n",
        False,
        {},
    ),
    "brackets value2": (
        "認定施設名（みほん病院）\n施設責任者氏名（見本太郎）\n生年月日（1968年4月9日）\n対応希望内容（①）\n",
        False,
        {},
    ),
    "kakko label": (
        "《施設名》みほん病院\n《責任者》見本太郎\n《生年月日》1968年4月9日\n《希望内容》①\n",
        False,
        {},
    ),
    "question inside": (
        "1）認定施設名\nみほん病院\n2）施設責任者氏名\n見本 太郎\n3）生年月日\n1968年4月9日\n4）対応希望内容\n①\n\nまた、パスワードも不明です。教えてください。\n",
        False,
        {},
    ),
    "mail label halfwidth kana": (
        "施設名：みほん病院\n責任者：見本太郎\n生年月日：1968年4月9日\n希望内容：②\n新しいﾒｰﾙｱﾄﾞﾚｽ：new@mihon.example.jp\n",
        False,
        {"request": "change_address", "new_address": "new@mihon.example.jp"},
    ),
    "member blank birth given": (
        "施設名：みほん病院\n責任者：見本太郎\n会員番号：\n生年月日：1968年4月9日\n希望内容：①\n",
        False,
        {},
    ),
    "cert blank": (
        "施設名：みほん病院\n認定番号：\n責任者：見本太郎\n生年月日：1968年4月9日\n希望内容：①\n",
        False,
        {},
    ),
    "cert fumei": (
        "施設名：みほん病院\n認定番号：不明\n責任者：見本太郎\n会員番号：不明\n生年月日：1968年4月9日\n希望内容：①\n",
        False,
        {},
    ),
}


@pytest.mark.parametrize("hand", HANDS)
def test_mail_is_read(hand: str) -> None:
    body, html, differs = HANDS[hand]
    reading = read(body, html)
    values = reading.values()
    values["responsible_physician"] = (values["responsible_physician"] or "").replace(" ", "")
    assert values["responsible_physician"] == ({**PLAIN, **differs}["responsible_physician"] or "")
    assert {**values, "responsible_physician": None} == {
        **PLAIN,
        **differs,
        "responsible_physician": None,
    }
    assert reading.is_request


HOSTILE = {
    "labels": "施設名：みほん病院\n" * 8000,
    "labels on one line": ("施設名：みほん病院 責任者：見本太郎 " * 60 + "\n") * 80,
    "sentences": "みほん病院の見本太郎です。会員番号は123456です。" * 5000,
    "one word": "会員番号は123456" + "病院" * 90_000,
    "blanks": "会員番号は123456\n" + "法人 " * 60_000,
    "addresses": "会員番号は123456 メールアドレス変更\n" + "a@a." * 45_000,
    "dots": "4）対応希望内容\n②" + "a.a," * 45_000,
    "digits": "3）会員番号または生年月日\n" + "1-" * 90_000,
    "dates": "3）生年月日\n" + "昭和43年4月" * 20_000,
    "brackets": "2）施設責任者氏名\n" + "（" * 90_000,
    "titles": "2）施設責任者氏名\n" + "先生" * 90_000,
    "marks": "4）対応希望内容\n" + "□ ① " * 50_000,
    "wishes": "4）対応希望内容\n" + "確認と" * 60_000 + "変更",
    "proxies": "に代わり" * 50_000,
    "bars": "| 施設名 | 責任者 | 会員番号 | 希望 |\n" * 5000,
    "joined labels": "会員番号または" * 20_000,
    "dots of a leader": "施設名……" + "…" * 100_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_ends_in_a_reading(kind: str) -> None:
    message = read_message(mails.mail(HOSTILE[kind], message_id="<a@x.test>"))
    reading = read_request(message)
    assert len(reading.values()) == len(PLAIN)
    assert read_written_by(message, reading).kind in ("self", "proxy", "unknown")
