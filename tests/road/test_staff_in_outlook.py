"""Staff answer by their own mail program: nobody gets two contradicting answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office


def staff_mail(
    to: str, *, subject: str, answers: str | None = None, at: datetime | None = None
) -> bytes:
    raw = mails.mail(
        "事務局の佐藤です。お電話の件、承知しました。",
        message_id="<staff-1@society.example.jp>",
        sender=mails.DESK,
        name="事務局 佐藤",
        subject=subject,
        to=to,
        headers={"In-Reply-To": answers} if answers else {},
    )
    written = format_datetime(at or datetime.now(UTC)).encode()
    return raw.replace(b"Date: Tue, 24 Nov 2026 10:00:00 +0900", b"Date: " + written)


@pytest.fixture
def waiting(office: Office) -> Office:
    """Return an office whose case waits and whose receipt cannot leave yet."""
    office.write_rules(outbox__retry_first="1h", outbox__retry_longest="1h")
    office.sink.react("RCPT", "450 later")
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    eventually(
        lambda: office.letter_states() == {"deferred": 1},
        timeout_s=10,
        what="deferred",
    )
    return office


@pytest.mark.parametrize(
    ("subject", "answers"),
    [("Re: なんでも", "<q1@mihon.example.jp>"), (f"RE: {mails.SUBJECT}", None)],
    ids=["by references", "by correspondent and subject"],
)
def test_answer_in_sent_joins_its_case_and_holds_its_letters(
    waiting: Office, subject: str, answers: str | None
) -> None:
    waiting.dovecot.append(
        staff_mail(mails.HEAD, subject=subject, answers=answers), waiting.user, "Sent"
    )
    eventually(lambda: waiting.outbox()[0]["state"] == "held", timeout_s=15, what="held")
    assert waiting.queue()[0]["answered_in_outlook_at"] is not None
    assert "Outlookで返信済" in waiting.run("queue", "list")
    said = waiting.run("queue", "approve", "1", "--as", CLERK, status=1)
    assert "--anyway" in said
    waiting.sink.calm()
    waiting.run("queue", "approve", "1", "--as", CLERK, "--anyway")
    waiting.wait_for_letters(2)
    (letter,) = waiting.sink.letters_to(mails.HEAD)
    assert letter.message["X-Helpdesk-Letter"] == "address_hint"


@pytest.fixture
def away(office: Office) -> Office:
    """Return an office whose daemon ran once and has stopped."""
    office.start()
    eventually(
        lambda: office.look("SELECT 1 FROM state WHERE name LIKE 'sent_seen:%'"),
        timeout_s=15,
        what="the first look into Sent",
    )
    office.stop()
    return office


@pytest.mark.parametrize(
    ("subject", "answers"),
    [("Re: なんでも", "<q1@mihon.example.jp>"), (f"RE: {mails.SUBJECT}", None)],
    ids=["by references", "by correspondent and subject"],
)
def test_what_staff_answered_while_nobody_watched_is_answered_by_nobody_else(
    away: Office, subject: str, answers: str | None
) -> None:
    away.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    soon = datetime.now(UTC) + timedelta(minutes=5)
    answer = staff_mail(mails.HEAD, subject=subject, answers=answers, at=soon)
    away.dovecot.append(answer, away.user, "Sent")
    away.deliver(mails.mail(mails.form(), message_id="<q2@east.test>", sender="h@east.test"))
    away.start()
    away.wait_for_letters(1)  # The other one's receipt.
    states = dict(away.look("SELECT recipient, state FROM letter"))
    assert states[mails.HEAD] == "held"
    assert [letter.recipients for letter in away.sink.letters] == [("h@east.test",)]
    assert away.queue()[0]["answered_in_outlook_at"] is not None


def test_answer_to_another_mail_of_a_known_case_is_known_before_that_mail_is_decided(
    office: Office,
) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    office.wait_for_letters(1)
    eventually(lambda: office.folder_of("Sent"), timeout_s=10, what="the copy")
    office.stop()
    office.deliver(mails.mail(mails.form(), message_id="<q2@mihon.example.jp>"))
    answer = staff_mail(mails.HEAD, subject="Re: x", answers="<q2@mihon.example.jp>")
    office.dovecot.append(
        answer.replace(b"In-Reply-To:", b"References: <q1@mihon.example.jp>\nIn-Reply-To:"),
        office.user,
        "Sent",
    )
    office.start()
    eventually(
        lambda: office.look("SELECT count(*) FROM mail WHERE disposition IS NOT NULL") == [(2,)],
        timeout_s=15,
        what="the second mail decided",
    )
    time.sleep(1)
    assert len(office.sink.letters) == 1
    assert office.letter_states() == {"sent": 1, "held": 1}


def test_letter_that_waited_while_nobody_watched_is_held_before_it_leaves(waiting: Office) -> None:
    eventually(
        lambda: waiting.look("SELECT 1 FROM state WHERE name LIKE 'sent_seen:%'"),
        timeout_s=15,
        what="the first look into Sent",
    )
    waiting.stop()
    answer = staff_mail(mails.HEAD, subject="Re: x", answers="<q1@mihon.example.jp>")
    waiting.dovecot.append(answer, waiting.user, "Sent")
    waiting.sink.calm()
    waiting.run("outbox", "retry", "1")
    waiting.start()
    eventually(lambda: waiting.outbox()[0]["state"] == "held", timeout_s=15, what="held")
    assert not waiting.sink.letters


def test_what_staff_wrote_before_a_mail_of_the_same_subject_is_no_answer_to_it(
    away: Office,
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    before = staff_mail(mails.HEAD, subject=f"RE: {mails.SUBJECT}", at=yesterday)
    away.dovecot.append(before, away.user, "Sent")
    away.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    away.start()
    away.wait_for_letters(1)
    assert away.sink.letters[0].recipients == (mails.HEAD,)


def test_what_a_colleague_answered_is_known_when_a_case_is_opened(office: Office) -> None:
    office.write_rules(mailbox__poll="10m")
    address = office.start().base_url
    office.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    office.wait_for_letters(1)
    eventually(lambda: office.folder_of("Sent"), timeout_s=10, what="the copy, and then rest")
    time.sleep(1)
    answer = staff_mail(mails.HEAD, subject="Re: x", answers="<q1@mihon.example.jp>")
    office.dovecot.append(answer, office.user, "Sent")
    time.sleep(1)
    (case,) = office.queue()
    assert case["answered_in_outlook_at"] is None  # The next look is minutes away.
    with httpx2.Client(base_url=address, headers={"Origin": address}) as browser:
        browser.post("/login", data={"name": CLERK, "password": "correct horse battery"})
        assert browser.get(f"/cases/{case['case']}").status_code == 200
    eventually(lambda: office.queue()[0]["answered_in_outlook_at"], timeout_s=5, what="known")


def test_copy_of_a_staff_answer_in_the_mailbox_counts_as_well(waiting: Office) -> None:
    waiting.deliver(staff_mail(mails.HEAD, subject="Re: x", answers="<q1@mihon.example.jp>"))
    eventually(lambda: waiting.outbox()[0]["state"] == "held", timeout_s=15, what="held")
    assert len(waiting.queue()) == 1
    assert len(waiting.inbox()) == 1  # It is not ours to move.


def test_mail_that_only_says_it_is_from_the_desk_holds_nothing(office: Office) -> None:
    office.write_rules(
        outbox__retry_first="1h", outbox__retry_longest="1h", mailbox__authserv_id="mx.example.jp"
    )
    office.sink.react("RCPT", "450 later")
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<q1@mihon.example.jp>"))
    eventually(lambda: office.letter_states() == {"deferred": 1}, timeout_s=10, what="deferred")
    forged = staff_mail(mails.HEAD, subject="Re: x", answers="<q1@mihon.example.jp>")
    vouched = forged.replace(b"<staff-1@", b"<staff-2@")
    office.deliver(doubted(forged, "spf=fail smtp.mailfrom=x.test; dkim=none"))
    office.deliver(mails.mail(mails.form(), message_id="<q2@east.test>", sender="h@east.test"))
    eventually(lambda: len(office.outbox()) == 2, timeout_s=15, what="a later mail decided")
    assert office.letter_states() == {"deferred": 2}
    office.deliver(doubted(vouched, "spf=pass smtp.mailfrom=desk@society.example.jp"))
    eventually(lambda: office.outbox()[0]["state"] == "held", timeout_s=15, what="held")


def doubted(raw: bytes, results: str) -> bytes:
    """Return a mail with what the mailbox's server wrote on top."""
    return f"Authentication-Results: mx.example.jp; {results}\r\n".encode() + raw


def test_mail_to_a_colleague_about_the_case_holds_nothing(waiting: Office) -> None:
    about = staff_mail("boss@society.example.jp", subject="Fw: x", answers="<q1@mihon.example.jp>")
    waiting.dovecot.append(about, waiting.user, "Sent")
    other = mails.mail(mails.form(), message_id="<q2@east.test>", sender="h@east.test")
    waiting.deliver(other)
    eventually(lambda: len(waiting.outbox()) == 2, timeout_s=15, what="a later round")
    assert waiting.outbox()[0]["state"] == "deferred"


def test_our_own_copies_in_sent_hold_nothing(office: Office) -> None:
    office.start()
    for number in range(3):
        raw = mails.mail(mails.form(), message_id=f"<q{number}@x.test>", sender=f"h{number}@x.test")
        office.deliver(raw)
    office.wait_for_letters(3)
    eventually(lambda: len(office.folder_of("Sent")) == 3, timeout_s=15, what="copies")
    office.run("queue", "approve", "1", "--as", CLERK)
    office.wait_for_letters(4)
    assert all(row["answered_in_outlook_at"] is None for row in office.queue())
