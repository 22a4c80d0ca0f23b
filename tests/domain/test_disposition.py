"""Who must not be answered, what is ours, and what is left alone."""

from __future__ import annotations

import pytest

from helpdesk.domain.disposition import Scope, Sorting, sort_message
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from tests import mails

SCOPE = Scope(frozenset({mails.DESK}), ("施設マイページ", "更新申請", "認定施設"))


def sort(raw: bytes, *, answers_us: bool = False) -> Sorting:
    message = read_message(raw)
    return sort_message(message, read_request(message), SCOPE, answers_us=answers_us)


def with_headers(**headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return mails.mail(mails.form(), message_id="<a@x.test>", headers=named)


@pytest.mark.parametrize(
    ("headers", "disposition"),
    [
        ({}, "request"),
        ({"Auto_Submitted": "no"}, "request"),  # RFC 3834: a person
        ({"X_Auto_Response_Suppress": "All"}, "request"),  # Exchange writes it for people
        ({"Return_Path": "<taro@mihon.example.jp>"}, "request"),
        ({"X_Spam_Flag": "NO"}, "request"),
        ({"X_Loop": "other@x.test"}, "request"),
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated; owner-email=a@x.test"}, "auto_reply"),
        ({"Return_Path": "<>"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"X_Loop": mails.DESK}, "auto_reply"),
        ({"X_Helpdesk_Letter": "receipt"}, "auto_reply"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<a.x.test>"}, "bulk"),
        ({"List_Unsubscribe": "<mailto:a@x.test>"}, "bulk"),
        ({"X_Spam_Flag": "YES"}, "bulk"),
        ({"X_Spam_Status": "Yes, score=9"}, "bulk"),
        ({"X_Failed_Recipients": "a@x.test"}, "bounce"),
    ],
)
def test_machines_are_known_by_their_headers_and_people_are_not(
    headers: dict[str, str], disposition: str
) -> None:
    found = sort(with_headers(**headers))
    assert found.disposition == disposition
    assert found.ours is (disposition == "request")


@pytest.mark.parametrize(
    ("sender", "disposition"),
    [(mails.DESK, "auto_reply"), ("MAILER-DAEMON@x.test", "auto_reply"), ("a@x.test", "request")],
)
def test_own_mail_and_daemons_are_known_by_their_sender(sender: str, disposition: str) -> None:
    assert (
        sort(mails.mail(mails.form(), message_id="<a@x.test>", sender=sender)).disposition
        == disposition
    )


def test_our_own_message_id_coming_back_is_our_own_mail() -> None:
    own = "<helpdesk.2026-000123.0123456789ab.0123456789abcdef@society.example.jp>"
    assert sort(mails.mail("x", message_id=own)).reasons == ("own_mail",)


@pytest.mark.parametrize(
    "subject", ["自動返信: 施設マイページ", "不在のお知らせ", "Out of Office: x"]
)
def test_out_of_office_by_subject_goes_to_a_person_without_a_receipt(subject: str) -> None:
    raw = mails.mail("施設マイページの件、不在です。", message_id="<a@x.test>", subject=subject)
    found = sort(raw)
    assert (found.disposition, found.topic) == ("unclear", "human")
    assert found.reasons == ("automatic_by_subject",)


@pytest.mark.parametrize(
    ("subject", "body", "disposition"),
    [
        ("年会費について", "会費の請求書をお願いします。", "other"),
        ("第30回学術集会のご案内", "演題を募集します。", "other"),
        ("お見積り", "複合機のご提案です。", "other"),
        ("施設マイページについて", "ログインできません。", "unclear"),
        ("お尋ね", "更新申請の期間を教えてください。", "unclear"),
    ],
)
def test_ours_and_not_ours_are_told_apart(subject: str, body: str, disposition: str) -> None:
    found = sort(mails.mail(body, message_id="<a@x.test>", subject=subject))
    assert (found.disposition, found.ours) == (disposition, disposition != "other")
    assert found.topic == ("human" if disposition == "unclear" else None)


def test_words_in_the_quotation_alone_do_not_make_a_mail_ours() -> None:
    body = "会費の件です。\n\n> 施設マイページをご確認ください。\n"
    assert (
        sort(mails.mail(body, message_id="<a@x.test>", subject="Re: 会費")).disposition == "other"
    )


def test_desk_in_cc_alone_is_left_alone() -> None:
    raw = mails.mail(
        mails.form(), message_id="<a@x.test>", to="b@x.test", headers={"Cc": mails.DESK}
    )
    assert (sort(raw).disposition, sort(raw).reasons) == ("other", ("cc_only",))
    both = mails.mail(mails.form(), message_id="<a@x.test>", headers={"Cc": mails.DESK})
    assert sort(both).disposition == "request"


def test_request_without_one_plain_sender_is_for_a_person() -> None:
    raw = mails.mail(mails.form(), message_id="<a@x.test>")
    doubled = b"From: other@x.test\n" + raw
    assert sort(doubled).disposition == "unclear"


@pytest.mark.parametrize(
    ("body", "thanks"),
    [
        ("ありがとうございました。", True),
        ("お世話になっております。\n承知しました。\n今後ともよろしくお願いいたします。", True),
        ("ご連絡ありがとうございます。助かりました。", True),
        ("ありがとうございます。ところで期間はいつまででしょうか。", False),
        ("ありがとうございます。パスワードも教えてください。", False),
        ("ありがとうございます？", False),
        ("届いていません。", False),
        ("会員番号：123456", False),
        ("", False),
    ],
)
def test_pure_thanks_are_told_from_thanks_with_a_wish(body: str, thanks: bool) -> None:
    found = sort(mails.mail(body, message_id="<a@x.test>", subject="Re: x"), answers_us=True)
    assert (found.disposition, found.thanks) == ("reply", thanks)


def test_auto_reply_to_our_letter_is_ours_to_file_but_not_to_answer() -> None:
    found = sort(with_headers(Auto_Submitted="auto-replied"), answers_us=True)
    assert (found.disposition, found.ours) == ("auto_reply", True)


def test_read_receipt_is_a_machines() -> None:
    raw = (
        b"From: a@x.test\r\nSubject: read\r\nContent-Type: multipart/report;"
        b" report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\nread\r\n--b--\r\n"
    )
    assert sort(raw).reasons == ("read_receipt",)
