"""What the mailbox tells of new mail, and when: against a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from helpdesk.config import ImapUrl
from helpdesk.mail.mailbox import Mailbox, _sent_of
from helpdesk.mail.mailbox_errors import MailboxSaidNo
from tests import mails
from tests.servers.dovecot import PASSWORD, Dovecot

# Far longer than Dovecot takes to tell, far shorter than the longest wait.
_SOON_S = 20.0
_LONGEST_S = 60.0

# Dovecot gathers news for half a second before it tells an idle client.
_TOLD_AFTER_S = 1.0


@pytest.fixture
def mailbox(dovecot: Dovecot, user: str) -> Iterator[Mailbox]:
    url = ImapUrl("127.0.0.1", dovecot.imap_port, user, PASSWORD, "INBOX", tls=False)
    opened = Mailbox.connect(url)
    opened.select("INBOX")
    yield opened
    opened.close()


def seconds_of_waiting(mailbox: Mailbox) -> float:
    wake, waker = socket.socketpair()
    wake.setblocking(False)
    with wake, waker:
        began = time.monotonic()
        mailbox.wait(_LONGEST_S, wake)
        return time.monotonic() - began


COMMANDS: dict[str, Callable[[Mailbox], object]] = {
    "idle": lambda mailbox: None,
    "status of another folder": lambda mailbox: mailbox.next_uid_of("Sent"),
    "a copy filed": lambda mailbox: mailbox.append_sent(
        "Sent", [(b"Subject: x\r\n\r\nx\r\n", datetime.now(UTC))]
    ),
    "a look into another folder": lambda mailbox: mailbox.holds("Sent", ["<a@x.test>"], "INBOX"),
    "mails of another folder": lambda mailbox: mailbox.read_without("Sent", "X-Own", 1, "INBOX"),
    "sizes": lambda mailbox: mailbox.envelopes([1]),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_news_of_mail_told_with_another_answer_ends_the_wait(
    mailbox: Mailbox, dovecot: Dovecot, user: str, command: str
) -> None:
    assert mailbox.uids_from(1) == []
    dovecot.deliver(mails.mail("x", message_id="<n1@mihon.example.jp>"), user)
    time.sleep(_TOLD_AFTER_S)
    COMMANDS[command](mailbox)
    assert seconds_of_waiting(mailbox) < _SOON_S
    assert mailbox.uids_from(1) == [1]


def test_mail_that_came_since_the_last_answer_is_found_by_the_search(
    mailbox: Mailbox, dovecot: Dovecot, user: str
) -> None:
    assert mailbox.uids_from(1) == []
    dovecot.deliver(mails.mail("x", message_id="<n2@mihon.example.jp>"), user)
    time.sleep(_TOLD_AFTER_S)
    assert mailbox.uids_from(1) == [1]


def test_nothing_new_is_no_news(mailbox: Mailbox, dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(mails.mail("x", message_id="<n3@mihon.example.jp>"), user)
    time.sleep(_TOLD_AFTER_S)
    assert mailbox.uids_from(1) == [1]
    mailbox.holds("Sent", ["<a@x.test>"], "INBOX")
    assert mailbox.uids_from(2) == []
    mailbox.holds("Sent", ["<a@x.test>"], "INBOX")
    wake, waker = socket.socketpair()
    wake.setblocking(False)
    with wake, waker:
        began = time.monotonic()
        mailbox.wait(2.0, wake)
        assert time.monotonic() - began >= 2.0


def test_mails_of_another_folder_come_in_pieces_and_none_is_passed_over(
    mailbox: Mailbox, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.mail.mailbox._PEEKED_AT_ONCE", 2)
    with dovecot.client(user) as client:
        client.create_folder("Elsewhere")
        for number in range(5):
            client.append("Elsewhere", f"Subject: {number}\r\n\r\nx\r\n".encode())
        client.append("Elsewhere", b"X-Own: 1\r\nSubject: own\r\n\r\nx\r\n")
    heard: list[bytes] = []
    lowest: int | None = 1
    while lowest is not None:
        found, lowest = mailbox.read_without("Elsewhere", "X-Own", lowest, "INBOX")
        heard += found
    assert [one.split(b"\r\n")[0] for one in heard] == [b"Subject: %d" % n for n in range(5)]


def test_folder_that_cannot_be_opened_leaves_the_mailbox_open(mailbox: Mailbox) -> None:
    with pytest.raises(MailboxSaidNo):
        mailbox.read_without("Nowhere", "X-Own", 1, "INBOX")
    assert mailbox.uids_from(1) == []


@pytest.mark.parametrize("mark", [b"\\Sent", b"\\sent", b"\\SENT"])
def test_mark_of_the_sent_folder_counts_in_any_case_and_before_its_name(mark: bytes) -> None:
    listed = [
        ((b"\\HasNoChildren",), b"/", "INBOX"),
        ((), b"/", "Sent"),
        ((b"\\HasNoChildren", mark), b"/", "出したもの"),
    ]
    assert _sent_of(listed) == "出したもの"
