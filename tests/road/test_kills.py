"""SIGKILL at each step and at random; the invariants are counted from outside.

I1: each mail has one row and one end. I2: no letter arrives twice. I3: each letter ends
where somebody sees it.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from helpdesk.sender import LANES
from helpdesk.store import letters
from helpdesk.store.letters import NewLetter
from tests import mails
from tests.servers.net import eventually

from .conftest import Office
from .killable import POINTS

MAILS = 6


def send(office: Office, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        body = mails.form(identity=f"会員番号 {700000 + number}")
        raw = mails.mail(body, message_id=f"<k{number}@x.test>", sender=f"h{number}@x.test")
        office.deliver(raw)


def arrived(office: Office) -> Counter[str]:
    return Counter(letter.message_id for letter in office.sink.letters)


def settled(office: Office, count: int) -> bool:
    """Say whether all mails are decided, all letters ended, and the inbox is empty."""
    states = office.letter_states()
    ended = states.keys() <= {"sent", "unknown", "failed"}
    return states.total() == count and ended and not office.inbox()


def check_invariants(office: Office, count: int) -> None:
    rows = office.outbox()
    assert len(rows) == count  # I1 and I2: one receipt a mail
    counts = arrived(office)
    assert all(times == 1 for times in counts.values()), counts  # I2
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    unknown = {row["message_id"] for row in rows if row["state"] == "unknown"}
    assert sent <= set(counts)
    assert set(counts) <= sent | unknown  # I3: what is in doubt is shown
    assert len(unknown) <= 1
    assert len(office.queue()) == count
    with sqlite3.connect(office.folder / "var/helpdesk.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT disposition, count(*) FROM mail GROUP BY 1").fetchall()
        assert rows == [("request", count)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("passed", [0, 3])
def test_nothing_is_lost_and_nothing_doubled_by_a_kill_at(
    office: Office, point: str, passed: int
) -> None:
    send(office, MAILS)
    office.env |= {"KILL_POINT": point, "KILL_AFTER": str(passed)}
    doomed = office.start(module="tests.road.killable", wait=False)
    eventually(
        lambda: not doomed.is_running() or settled(office, MAILS), timeout_s=15, what="the kill"
    )
    doomed.kill()
    if passed == 0:
        assert doomed.wait() == -signal.SIGKILL, "the point was never passed"
    daemon = office.start()
    eventually(lambda: settled(office, MAILS), timeout_s=40, what="all settled")
    eventually(
        lambda: len(office.folder_of("Sent")) >= len(arrived(office)) - 1,
        timeout_s=10,
        what="copies",
    )
    daemon.stop()
    check_invariants(office, MAILS)
    copies = Counter(
        raw.split(b"Message-ID: ")[1].split(b"\r\n")[0] for raw in office.folder_of("Sent")
    )
    assert all(times == 1 for times in copies.values())


@pytest.mark.parametrize("passed", [0, 5])
@pytest.mark.parametrize(
    "point", ["after_rcpt", "before_written_down", "after_written_down", "before_data", "after_250"]
)
def test_kill_while_many_are_due_leaves_at_most_one_a_lane_in_doubt(
    office: Office, point: str, passed: int
) -> None:
    count = 60
    desk = office.desk()
    with desk.database.begin() as tx:
        for number in range(count):
            letters.insert_letter(tx, receipt(number), datetime.now(UTC))
    desk.database.close()
    office.env |= {"KILL_POINT": point, "KILL_AFTER": str(passed)}
    doomed = office.start(module="tests.road.killable", wait=False)
    assert doomed.wait() == -signal.SIGKILL, "the point was never passed"
    office.start()
    eventually(lambda: settled(office, count), timeout_s=40, what="all settled")
    rows = office.outbox()
    counts = arrived(office)
    assert all(times == 1 for times in counts.values()), counts
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    unknown = {row["message_id"] for row in rows if row["state"] == "unknown"}
    assert len(sent) + len(unknown) == count
    assert sent <= set(counts) <= sent | unknown
    assert len(unknown) <= LANES


def receipt(number: int) -> NewLetter:
    message_id = f"<many{number}@x.test>"
    return NewLetter(
        purpose_key=f"receipt:many{number}",
        case_id=None,
        letter="receipt",
        recipient=f"h{number}@x.test",
        message_id=message_id,
        source=f"Message-ID: {message_id}\r\nSubject: x\r\n\r\nx\r\n".encode(),
        automatic=True,
        priority=0,
        state="queued",
    )


def replay(office: Office) -> bool:
    """Have what was set aside tried again; False: that settles nothing yet.

    Three kills while one mail is decided look like a mail that kills.
    """
    for one in office.rows("quarantine", "list"):
        office.run("quarantine", "replay", str(one["id"]))
    return False


@pytest.mark.slow
def test_random_kills_lose_and_double_nothing(office: Office) -> None:
    chance = random.Random(20261124)  # The same moments each time, as far as clocks allow.
    send(office, 20)
    for turn in range(8):
        daemon = office.start(wait=False)
        send(office, 5, start=20 + 5 * turn)
        time.sleep(chance.uniform(0.4, 1.6))
        daemon.kill()
    daemon = office.start()
    eventually(lambda: settled(office, 60) or replay(office), timeout_s=60, what="all settled")
    daemon.stop()
    rows = office.outbox()
    assert len(rows) == 60
    counts = arrived(office)
    assert all(times == 1 for times in counts.values())
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    unknown = {row["message_id"] for row in rows if row["state"] == "unknown"}
    assert sent <= set(counts) <= sent | unknown
    assert sent
    assert office.rows("quarantine", "list") == []
