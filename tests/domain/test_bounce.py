"""Letters that came back: address, for good or not, and which letter, in every dress."""

from __future__ import annotations

import base64

import pytest

from helpdesk.domain.bounce import Bounce
from helpdesk.domain.disposition import Scope, sort_message
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from tests import mails

OURS = "<helpdesk.2026-000123.0123456789ab.0123456789abcdef@society.example.jp>"
FAILED = "nobody@docomo.ne.jp"
LETTER = (
    f"From: {mails.DESK}\r\nTo: {FAILED}\r\nSubject: x\r\nMessage-ID: {OURS}\r\n\r\n本文".encode()
)


def report(*fields: str, original: bytes = LETTER, kind: str = "message/rfc822") -> bytes:
    status = "Reporting-MTA: dns; x.test\r\n\r\n" + "\r\n".join(fields)
    return (
        b"From: MAILER-DAEMON@x.test\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + status.encode() + b"\r\n\r\n"
        b"--b\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + original + b"\r\n--b--\r\n"
    )  # fmt: skip


def japanese(sender: str, subject: str, text: str, *, null_path: bool = True) -> bytes:
    shown = base64.b64encode(mails.jis(subject)).decode()
    path = "Return-Path: <>\r\n" if null_path else ""
    head = f"{path}From: {sender}\r\nTo: {mails.DESK}\r\nSubject: =?iso-2022-jp?B?{shown}?=\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    return head.encode() + mails.jis(text)


ORIGINAL = f"\n\n----- 元のメッセージ -----\nFrom: {mails.DESK}\nMessage-ID: {OURS}\nSubject: x\n"

CASES = {
    "report": (report(f"Final-Recipient: rfc822; {FAILED}", "Action: failed", "Status: 5.1.1"), Bounce(FAILED, True, OURS)),
    "report of a full mailbox": (report(f"Final-Recipient: rfc822;<{FAILED}>", "Action: delayed", "Status: 4.2.2"), Bounce(FAILED, False, OURS)),
    "report with headers alone": (
        report(f"Original-Recipient: rfc822;{FAILED}", "Action: failed", "Status: 5.7.1 (refused)", kind="text/rfc822-headers"),
        Bounce(FAILED, True, OURS),
    ),
    "report that says little": (report("Action: failed"), Bounce(None, True, OURS)),
    "docomo": (
        japanese("mailer-daemon@docomo.ne.jp", "送信できませんでした", f"次のあて先へのメールは送信できませんでした。\n{FAILED}\nあて先が存在しません。{ORIGINAL}"),
        Bounce(FAILED, True, OURS),
    ),
    "au": (
        japanese("Postmaster@ezweb.ne.jp", "Mail System Error - Returned Mail", f"次のあて先へのメールはエラーのため送信できませんでした。\n\n<{FAILED}>: メールボックスの容量が一杯です。{ORIGINAL}"),
        Bounce(FAILED, False, OURS),
    ),
    "SoftBank": (
        japanese("MAILER-DAEMON@softbank.ne.jp", "配信エラー通知", f"送信先: {FAILED}\n宛先が見つかりません (550 5.1.1){ORIGINAL}"),
        Bounce(FAILED, True, OURS),
    ),
    "provider without a null path": (
        japanese("postmaster@provider.example.jp", "メール配信不能のお知らせ", f"以下の宛先へのメールを配送できませんでした。\n{FAILED}\nユーザが存在しません。{ORIGINAL}", null_path=False),
        Bounce(FAILED, True, OURS),
    ),
    "qmail": (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.test\r\nTo: {mails.DESK}\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at x.test.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<{FAILED}>:\r\nSorry, no mailbox here by that name.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nMessage-ID: {OURS}\r\n".encode(),
        Bounce(FAILED, True, OURS),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bounce_is_known_with_address_permanence_and_letter(name: str) -> None:
    raw, expected = CASES[name]
    message = read_message(raw)
    assert message.bounce == expected
    scope = Scope(frozenset({mails.DESK}), ("施設マイページ",))
    assert (
        sort_message(message, read_request(message), scope, answers_us=True).disposition == "bounce"
    )


def test_report_of_success_is_no_bounce() -> None:
    message = read_message(
        report(f"Final-Recipient: rfc822; {FAILED}", "Action: delivered", "Status: 2.0.0")
    )
    assert message.bounce is None
    found = sort_message(message, read_request(message), Scope(frozenset(), ()), answers_us=True)
    assert found.disposition == "auto_reply"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: 送信エラーについて", "送信できませんでした。アドレスが存在しませんと言われます。"),
        (
            "メールが届きません",
            "事務局からのメールが届きませんでした。施設マイページのアドレスを確認してください。",
        ),
        ("FW: Undelivered Mail Returned to Sender", "このようなメールが返ってきました。"),
        ("施設マイページについて", "パスワード再設定のメールが送信できません。"),
    ],
)
def test_a_person_who_writes_about_bounces_is_no_bounce(subject: str, body: str) -> None:
    assert read_message(mails.mail(body, message_id="<a@x.test>", subject=subject)).bounce is None
