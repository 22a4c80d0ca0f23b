"""Mails that answer a notice, bounces of one, and our own letters coming back."""

from __future__ import annotations

from datetime import datetime

import pytest

from helpdesk.desk import handling, intake, links, queue, unreachable
from helpdesk.store.mails import NewMail
from tests.bureau import Bureau, at, row

ASKED = at(2026, 11, 2, 9, 0)


def deliver(bureau: Bureau, raw: str, now: datetime, uid: int = 1) -> None:
    """Take one mail in and decide it."""
    octets = raw.encode()
    new = NewMail(
        mailbox="INBOX", uidvalidity=1, uid=uid, received_at=now, size_bytes=len(octets),
        sha256=intake.sha256_of(octets), raw=octets,
    )  # fmt: skip
    intake.take_in(bureau.database, bureau.rules, [new], now)
    while handling.handle_waiting(bureau.desk, now):
        pass


def answer(to: str, sender: str, text: str) -> str:
    return (
        f"From: {sender}\nTo: desk@society.example.jp\nSubject: Re: x\nMessage-ID: <a1@x.example.jp>\n"
        f"In-Reply-To: {to}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def bounce(message_id: str, address: str, status: str) -> str:
    return f"""From: MAILER-DAEMON@relay.example.jp
To: desk@society.example.jp
Subject: Undelivered Mail Returned to Sender
Message-ID: <b{status}@relay.example.jp>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

failed
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.jp

Final-Recipient: rfc822; {address}
Action: {"failed" if status[0] == "5" else "delayed"}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
"""


@pytest.fixture
def asked(bureau: Bureau) -> Bureau:
    """Return a bureau that has asked two facilities whether its mail arrives."""
    bureau.import_([row("K0101"), row("K0102")], at(2026, 10, 30, 9, 0))
    bureau.day(ASKED)
    assert len(bureau.outbox("address_check")) == 2
    return bureau


def test_plain_answer_to_the_address_check_needs_nobody(asked: Bureau) -> None:
    first = asked.outbox("address_check")[0]
    deliver(
        asked, answer(first.message_id, first.recipient, "受信しました。"), at(2026, 11, 4, 9, 0)
    )
    assert not queue.listed(asked.database, undecided_only=True)
    assert not asked.outbox("receipt_inquiry")
    asked.import_([row("K0101"), row("K0102")], at(2026, 11, 19, 9, 0))
    asked.day(at(2026, 11, 20, 9, 0))
    assert [one.recipient for one in asked.outbox("address_check")][2:] == [
        "k0102@mihon.example.jp"
    ]


def test_answer_that_says_more_is_a_persons(asked: Bureau) -> None:
    first = asked.outbox("address_check")[0]
    text = "担当者が交代しました。新しい連絡先をお知らせします。"
    deliver(asked, answer(first.message_id, first.recipient, text), at(2026, 11, 4, 9, 0))
    (action,) = queue.listed(asked.database, undecided_only=True)
    assert action.case_number == first.case_number
    assert action.note == "メールアドレスの確認への返信です。ご確認ください。"
    assert len(asked.outbox("receipt_inquiry")) == 1


def test_permanent_bounce_of_our_letter_makes_a_task_and_spares_the_address(asked: Bureau) -> None:
    first = asked.outbox("address_check")[0]
    deliver(
        asked, bounce(first.message_id, "other@evil.example.com", "5.1.1"), at(2026, 11, 2, 9, 5)
    )
    (task,) = unreachable.listed(asked.database, open_only=True)
    assert (task.certification_number, task.reason) == ("K0101", "unreachable")
    assert not queue.listed(asked.database, undecided_only=True)  # the task is enough
    asked.import_([row("K0101"), row("K0102")], at(2026, 11, 19, 9, 0))
    asked.day(at(2026, 11, 20, 9, 0))
    assert [one.recipient for one in asked.outbox("address_check")][2:] == [
        "k0102@mihon.example.jp"
    ]


@pytest.mark.parametrize(
    ("message_id", "status", "why"),
    [
        (None, "4.2.2", "the relay still tries"),
        (
            "<helpdesk.2026-000001.0123456789ab.0123456789abcdef@society.example.jp>",
            "5.1.1",
            "forged",
        ),
        ("<x@elsewhere.example.com>", "5.1.1", "no letter of ours"),
    ],
)
def test_other_bounces_mark_nothing(
    asked: Bureau, message_id: str | None, status: str, why: str
) -> None:
    first = asked.outbox("address_check")[0]
    deliver(asked, bounce(message_id or first.message_id, first.recipient, status), ASKED)
    assert not unreachable.listed(asked.database, open_only=True), why


def test_clerk_who_reached_them_lets_mail_go_there_again(asked: Bureau) -> None:
    first = asked.outbox("address_check")[0]
    deliver(asked, bounce(first.message_id, first.recipient, "5.1.1"), at(2026, 11, 2, 9, 5))
    (task,) = unreachable.listed(asked.database, open_only=True)
    unreachable.done(asked.database, task.id, "sato", at(2026, 11, 5, 9, 0), reachable=True)
    asked.import_([row("K0101"), row("K0102")], at(2026, 11, 19, 9, 0))
    asked.day(at(2026, 11, 20, 9, 0))
    assert len(asked.outbox("address_check")) == 4


def test_answer_of_a_core_facility_joins_its_link(bureau: Bureau) -> None:
    applied = row("R0102", 基幹施設認定番号="K0101", 申請状況="申請済", 認定開始日="2027-04-01")
    bureau.import_([row("K0101"), applied], at(2027, 3, 10, 9, 0))
    bureau.import_([row("K0101"), {**applied, "申請状況": "承認"}], at(2027, 3, 20, 9, 0))
    bureau.day(at(2027, 4, 1, 9, 0))
    (notice,) = bureau.outbox("link_request")
    now = at(2027, 4, 2, 9, 0)
    deliver(bureau, answer(notice.message_id, "k0101@mihon.example.jp", "承諾いたします。"), now)
    (one,) = links.listed(bureau.database, open_only=True)
    assert one.state == "accepting"
    (action,) = queue.listed(bureau.database, undecided_only=True)
    assert action.note.startswith(
        "連携依頼（回答：承諾、helpdesk link confirm で確定）への返信です。"
    )
    # A stranger who knows the mark proves nothing.
    deliver(bureau, answer(notice.message_id, "x@evil.example.com", "承諾しません。"), now, uid=2)
    assert links.listed(bureau.database, open_only=True)[0].state == "accepting"


def test_digest_that_comes_into_our_own_mailbox_is_left_lying(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 9, 0))
    bureau.turn(at(2027, 2, 1, 8, 30))
    (digest,) = bureau.outbox("digest")
    deliver(bureau, bureau.mail(digest.id).as_string(), at(2027, 2, 1, 8, 31))
    from sqlalchemy import select

    from helpdesk.store.schema import mail, place

    with bureau.database.read() as tx:
        found = tx.execute(select(mail.c.disposition, place.c.filing).join(place)).one()
    assert (found.disposition, found.filing) == ("auto_reply", "left")
