"""A mail that kills its reader, and a letter that comes back."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests import mails
from tests.road.conftest import Office
from tests.servers.net import eventually

FIRST = mails.mail(mails.form(), message_id="<first@x.test>")


def test_mail_that_kills_its_reader_is_quarantined_and_no_other(office: Office) -> None:
    office.start(module="tests.road.rude")
    # The header makes it one for the child; the child dies on the Message-ID.
    packed = {"X-Note": "winmail.dat"}
    office.deliver(
        mails.mail(mails.form(), message_id="<kill@x.test>", sender="k@x.test", headers=packed)
    )
    office.deliver(FIRST)
    office.wait_for_letters(1)
    eventually(lambda: office.rows("quarantine", "list"), timeout_s=15, what="quarantined")
    (row,) = office.rows("quarantine", "list")
    assert row["reason"] == "the mail ended its reader"
    assert len(office.outbox()) == 1


def bounce_of(message_id: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@x.test\r\nTo: {mails.DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <bounce@x.test>\r\nAuto-Submitted: auto-replied\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.test\r\n\r\n"
        f"Final-Recipient: rfc822; {mails.HEAD}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: {mails.DESK}\r\nMessage-ID: {message_id}\r\n\r\nx\r\n--b--\r\n"
    ).encode()


def stored(office: Office, query: str) -> list[Any]:
    with sqlite3.connect(f"file:{office.folder}/var/helpdesk.db?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def test_bounce_reaches_the_letter_its_case_and_its_facility(office: Office) -> None:
    office.start()
    office.deliver(FIRST)
    (receipt,) = office.wait_for_letters(1)
    office.deliver(bounce_of(receipt.message["Message-ID"]))
    eventually(lambda: len(office.queue()) == 2, timeout_s=15, what="review of the bounce")
    review = next(row for row in office.queue() if row["kind"] == "review")
    (letter,) = office.outbox()
    assert review["case"] == letter["case"]
    assert review["facility"]
    assert stored(office, "SELECT last_error FROM letter") == [("came back (permanent)",)]
    ((kept,),) = stored(office, "SELECT value FROM state WHERE name = 'bounced:K0101'")
    assert '"permanent"' in kept
    assert len(office.outbox()) == 1
