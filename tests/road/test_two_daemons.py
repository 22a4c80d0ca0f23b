"""Two daemons on one mailbox and one database: one watches, both send, nothing is done twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from helpdesk.sender import LANES
from helpdesk.store import letters
from tests import mails
from tests.outgoing import new_letter
from tests.servers.net import eventually
from tests.servers.postgres import Postgres

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


def test_both_send(shared: Office) -> None:
    shared.sink.react("DOT", delay_s=0.05)  # The one that is first cannot have done it all.
    shared.start()
    shared.start()
    desk = shared.desk()
    with desk.database.begin() as tx:
        for number in range(120):
            letters.insert_letter(tx, new_letter(f"many{number}"), datetime.now(UTC))
    desk.database.close()
    eventually(
        lambda: shared.letter_states() == {"sent": 120}, timeout_s=60, what="all letters sent"
    )
    assert len(shared.look("SELECT DISTINCT worker FROM letter")) == 2
    assert len(shared.sink.letters) == 120


@pytest.mark.parametrize(
    "point", ["inside_decision", "after_filing", "after_claim", "before_data", "after_250"]
)
def test_kill_at_a_step_on_postgresql_loses_and_doubles_nothing(
    office: Office, postgres: Postgres, point: str
) -> None:
    office.env["HELPDESK_DATABASE_URL"] = postgres.new_database()
    office.open()
    send(office, range(8))
    own = dict(office.env)
    office.env |= {"KILL_POINT": point, "KILL_AFTER": "0"}
    doomed = office.start(module="tests.road.killable", wait=False)
    office.env = own
    assert doomed.wait() == -signal.SIGKILL, "the point was never passed"
    second = office.start()
    eventually(
        lambda: (
            office.letter_states().total() == 8
            and office.letter_states().keys() <= {"sent", "unknown"}
        ),
        timeout_s=60,
        what="all letters ended",
    )
    eventually(lambda: not office.inbox(), timeout_s=20, what="all filed")
    second.stop()
    rows = office.outbox()
    arrived = Counter(letter.message_id for letter in office.sink.letters)
    assert len(rows) == 8
    assert all(times == 1 for times in arrived.values())
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    unknown = {row["message_id"] for row in rows if row["state"] == "unknown"}
    assert sent <= set(arrived) <= sent | unknown
    assert len(unknown) <= LANES
    assert office.look("SELECT count(*) FROM mail WHERE disposition = 'request'") == [(8,)]
    assert len(office.queue()) == 8


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
