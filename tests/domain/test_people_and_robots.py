"""No robot is taken for a person, and no person for a robot."""

from __future__ import annotations

import base64

import pytest

from helpdesk.domain.disposition import Scope, Sorting, sort_message
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from tests import mails

SCOPE = Scope(frozenset({mails.DESK}), ("施設マイページ", "更新申請"))


def sort(raw: bytes, *, answers_us: bool = False) -> Sorting:
    message = read_message(raw)
    return sort_message(message, read_request(message), SCOPE, answers_us=answers_us)


def form_mail(
    head: str = "", sender: str = mails.HEAD, subject: str = mails.SUBJECT, body: str = ""
) -> bytes:
    shown = base64.b64encode(subject.encode()).decode()
    text = body or mails.form()
    return (
        f"{head}From: {sender}\r\nTo: {mails.DESK}\r\nSubject: =?utf-8?B?{shown}?=\r\nMessage-ID: <a@x.test>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    ).encode()


PEOPLE = {
    "Exchange": form_mail("X-Auto-Response-Suppress: All\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n"),
    "Exchange, suppressing out-of-office alone": form_mail("X-Auto-Response-Suppress: OOF, AutoReply\r\n"),
    "Auto-Submitted: no": form_mail("Auto-Submitted: no\r\n"),
    "Auto-Submitted: no with a comment": form_mail("Auto-Submitted: (a person) no\r\n"),
    "docomo": form_mail(sender="taro..mihon.@docomo.ne.jp"),
    "docomo, quoted": form_mail(sender='"taro..mihon."@docomo.ne.jp'),
    "au": form_mail(sender=".taro-.-mihon@ezweb.ne.jp"),
    "SoftBank": form_mail(sender="taro__mihon@i.softbank.jp"),
    "a name with a comma": form_mail(sender="Mihon, Taro <taro@mihon.example.jp>"),
    "a filter that found no spam": form_mail("X-Spam-Flag: NO\r\nX-Spam-Status: No, score=-1.0\r\n"),
    "first class": form_mail("Precedence: first-class\r\n"),
    "another's loop": form_mail("X-Loop: ml@mihon.example.jp\r\n"),
    "a return path": form_mail("Return-Path: <taro@mihon.example.jp>\r\n"),
    "importance": form_mail("Importance: high\r\nX-Priority: 1\r\nDisposition-Notification-To: taro@mihon.example.jp\r\n"),
    "absence as a reason": form_mail(subject="前任者不在のためメールアドレス変更のお願い"),
    "a word of automatic things": form_mail(subject="自動車運転外来の施設マイページ変更依頼"),
}  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_people_are_not_taken_for_robots(who: str) -> None:
    assert sort(PEOPLE[who]).disposition == "request"


ROBOTS = {
    "auto-replied": form_mail("Auto-Submitted: auto-replied\r\n"),
    "auto-notified, commented": form_mail("Auto-Submitted: (mail) auto-notified; x=y\r\n"),
    "a second header": form_mail("Auto-Submitted: no\r\nAuto-Submitted: auto-generated\r\n"),
    "null path": form_mail("Return-Path: <>\r\n"),
    "daemon's path": form_mail("Return-Path: <MAILER-DAEMON@x.test>\r\n"),
    "daemon without an address": form_mail(sender="MAILER-DAEMON (Mail Delivery System)"),
    "list": form_mail("List-Id: <a.x.test>\r\n"),
    "list, Japanese": form_mail("X-ML-Name: shisetsu\r\n"),
    "junk": form_mail("Precedence: Junk\r\n"),
    "spam": form_mail("X-Spam-Status: Yes, score=9.1 required=5\r\n"),
    "vacation": form_mail("X-Autoreply: yes\r\n"),
    "autoresponder's path": form_mail("Delivered-To: Autoresponder\r\n"),
    "our own loop": form_mail(f"X-Loop: {mails.DESK}\r\n"),
    "our own letter": form_mail("X-Helpdesk-Letter: receipt\r\n"),
    "address that nobody reads": form_mail(sender="no-reply@system.example.jp"),
    "subject": form_mail(subject="【自動返信】施設マイページ：メールアドレスについて"),
    "subject behind Re:": form_mail(subject="Re: 自動応答: 施設マイページ"),
    "subject in English": form_mail(subject="Automatic reply: 施設マイページ"),
    "absence": form_mail(subject="不在のお知らせ", body="施設マイページの件、12月1日まで不在です。"),
    "receipt of reading": form_mail(subject="開封済み: 施設マイページ"),
    "text that says so": form_mail(subject="施設マイページの件", body=f"※このメールは自動送信されています。\n{mails.form()}"),
    "text of a sender alone": form_mail(body=f"{mails.form()}\n本メールは送信専用アドレスから送信しています。"),
}  # fmt: skip


@pytest.mark.parametrize("answers_us", [False, True])
@pytest.mark.parametrize("which", ROBOTS)
def test_robots_are_not_taken_for_people(which: str, answers_us: bool) -> None:
    found = sort(ROBOTS[which], answers_us=answers_us)
    assert found.disposition not in ("request", "question", "reply")


def test_absence_that_answers_our_letter_without_any_mark_is_for_a_person() -> None:
    raw = form_mail(
        subject="Re: 受付", body="ただいま休暇をいただいております。12月1日に戻ります。"
    )
    assert sort(raw, answers_us=True).disposition == "unclear"


@pytest.mark.parametrize(
    ("part", "disposition"),
    [
        ("message/disposition-notification", "auto_reply"),
        ("message/feedback-report", "bulk"),
        ("message/delivery-status", "bounce"),
    ],
)
def test_reports_are_known_by_their_parts_where_the_type_says_nothing(
    part: str, disposition: str
) -> None:
    raw = (
        f"From: a@x.test\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{mails.form()}\r\n"
        f"--b\r\nContent-Type: {part}\r\n\r\nAction: failed\r\n\r\n--b--\r\n"
    ).encode()
    assert sort(raw).disposition == disposition
