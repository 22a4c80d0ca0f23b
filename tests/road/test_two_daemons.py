"""Two daemons on one mailbox and one database: one watches, both send, nothing is done twice."""

from __future__ import annotations

import signal
import time
from collections import Counter

import pytest

from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office


@pytest.fixture
def shared(office: Office, database_url: str) -> Office:
    """Return an office on the database of the test's kind."""
    office.env["HELPDESK_DATABASE_URL"] = database_url
    office.open()
    return office


def send(office: Office, numbers: range) -> None:
    for number in numbers:
        body = mails.form(identity=f"会員番号 {800000 + number}")
        raw = mails.mail(body, message_id=f"<t{number}@x.test>", sender=f"h{number}@x.test")
        office.deliver(raw)


def check(office: Office, count: int) -> None:
    eventually(
        lambda: office.letter_states() == {"sent": count},
        timeout_s=60,
        what=f"{count} letters sent",
    )
    arrived = Counter(letter.message_id for letter in office.sink.letters)
    assert len(arrived) == count
    assert all(times == 1 for times in arrived.values())
    assert len(office.queue()) == count


def test_two_daemons_do_no_work_twice(shared: Office) -> None:
    first, second = shared.start(), shared.start()
    assert "stands by" in str(second.healthz())
    send(shared, range(40))
    check(shared, 40)
    first.stop()
    eventually(lambda: "stands by" not in str(second.healthz()), timeout_s=20, what="takes over")
    send(shared, range(40, 44))
    check(shared, 44)
    second.stop()


def test_daemon_that_slept_past_its_lease_does_no_harm(shared: Office) -> None:
    first, second = shared.start(), shared.start()
    send(shared, range(5))
    check(shared, 5)
    first.signal(signal.SIGSTOP)
    send(shared, range(5, 10))
    # The sleeping process lives, so its lease must lapse.
    eventually(lambda: "stands by" not in str(second.healthz()), timeout_s=30, what="takes over")
    check(shared, 10)
    first.signal(signal.SIGCONT)
    send(shared, range(10, 15))
    check(shared, 15)
    time.sleep(1)
    assert len(shared.sink.letters) == 15


def test_kill_of_the_watching_daemon_hands_the_mailbox_on(shared: Office) -> None:
    first, second = shared.start(), shared.start()
    send(shared, range(20))
    first.kill()
    check(shared, 20)
    shared.run("queue", "approve", str(shared.queue()[0]["id"]), "--as", CLERK, status=1)
    second.stop()
