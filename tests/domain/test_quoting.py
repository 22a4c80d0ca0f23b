"""What the person wrote, apart from quotation and signature, in the clients of Japan."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from tests import mails

OWN = "会員番号は123456です。"
OLD = "元の文です。"

CLIENTS = {
    "angle brackets": f"{OWN}\n\n> {OLD}\n",
    "Gmail": f"{OWN}\n\n2026年11月1日(日) 10:00 見本 <desk@society.example.jp>:\n\n> {OLD}\n",
    "Gmail wrapped": f"{OWN}\n\n2026年11月1日(日) 10:00 日本みほん医学会\n<desk@society.example.jp>:\n> {OLD}\n",
    "Outlook": f"{OWN}\n\n差出人: 見本 <a@x.test>\n送信日時: 2026年11月1日 10:00\n宛先: b@x.test\n件名: x\n\n{OLD}\n",
    "Outlook old": f"{OWN}\n\n-----Original Message-----\nFrom: a\nSent: x\n\n{OLD}\n",
    "Outlook English": f"{OWN}\n\nFrom: A <a@x.test>\nSent: Sunday, November 1, 2026\nTo: b\nSubject: x\n\n{OLD}\n",
    "iPhone": f"{OWN}\n\niPhoneから送信\n\n2026/11/01 10:00、見本 <a@x.test>のメール:\n\n> {OLD}\n",
    "Apple English": f"{OWN}\n\nOn Nov 1, 2026, at 10:00, A <a@x.test> wrote:\n\n> {OLD}\n",
    "Yahoo": f"{OWN}\n\n----- 元のメッセージ -----\n{OLD}\n",
    "Thunderbird": f"{OWN}\n\nOn 2026/11/01 10:00, desk wrote:\n> {OLD}\n",
    "Becky!": f"{OWN}\n\n見本さんは書きました:\n> {OLD}\n",
    "answer below": f"2026年11月1日(日) 10:00 見本 <a@x.test>:\n> {OLD}\n\n{OWN}\n",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_own_words_are_told_from_the_quotation(client: str) -> None:
    message = read_message(mails.mail(CLIENTS[client], message_id="<a@x.test>"))
    assert OWN in message.text
    assert OLD not in message.text
    assert OLD in message.quoted


@pytest.mark.parametrize(
    "signature",
    [
        "-- \n見本 太郎\nみほん病院",
        "━━━━━━━━━━\nみほん病院\n見本 太郎\n〒100-0000 東京都\nTEL 03-0000-0000\n━━━━━━━━━━",
        "*****************\nみほん病院 医事課\n電話：03-0000-0000\n*****************",
        "みほん病院 医事課\n例示 花子\nTEL：03-0000-0000",
    ],
)
def test_signature_is_set_apart(signature: str) -> None:
    message = read_message(mails.mail(f"{OWN}\n\n{signature}\n", message_id="<a@x.test>"))
    assert message.text.strip() == OWN
    assert "みほん病院" in message.signature


def test_form_between_rulers_is_no_signature() -> None:
    body = f"お願いします。\n------------\n{mails.form()}------------\n"
    message = read_message(mails.mail(body, message_id="<a@x.test>"))
    assert "みほん中央病院" in message.text


def test_everything_is_never_cut() -> None:
    message = read_message(mails.mail("TEL 03-0000-0000\n〒100-0000\n", message_id="<a@x.test>"))
    assert message.text.strip()
