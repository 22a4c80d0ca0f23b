"""The daemon and its calendar: a reminder leaves by itself, once, and its answer comes home."""

from __future__ import annotations

import json
import signal
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest

from helpdesk.domain.calendar import JST
from helpdesk.sender import LANES
from tests.road.conftest import REGISTRY, Office
from tests.road.killable import CALENDAR_POINTS
from tests.servers.net import eventually


def renewal_of_today(**keys: Any) -> dict[str, Any]:
    """Return a campaign whose one letter is due now on any day of the year, holidays too."""
    today = datetime.now(JST).date()
    opened = today - timedelta(days=10)
    return {
        "id": "renewal",
        "opens": f"{opened:%m-%d} 00:00",
        # The last day: a letter leaves today even where the office is closed.
        "closes": f"{today:%m-%d} 23:59",
        "send_at": "00:00",
        "send_until": "23:59",
        "steps": [
            {"id": "now", "at": "opens", "on_holiday": "before", "letter": "renewal_reminder"}
        ],
        **keys,
    }


@pytest.fixture
def calm_office(office: Office) -> Office:
    office.write_rules(campaigns=[renewal_of_today()])
    return office


def reminders_of(office: Office) -> list[dict[str, Any]]:
    return [one for one in office.outbox() if one["letter"] == "renewal_reminder"]


def test_reminder_leaves_once_over_restarts_and_is_answered(calm_office: Office) -> None:
    office = calm_office
    daemon = office.start()
    letters = office.wait_for_letters(2)
    assert {one.recipients[0] for one in letters} == {
        "old@mihon.example.jp",
        "east@mihon.example.jp",
    }
    mail = letters[0].message
    (part,) = mail.iter_attachments()
    assert icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    daemon.kill()
    office.start()
    sender = letters[0].recipients[0]
    office.deliver(
        f"From: {sender}\r\nTo: desk@society.example.jp\r\nSubject: Re: {mail['Message-ID']}\r\n"
        f"Message-ID: <answer@mihon.example.jp>\r\nIn-Reply-To: {mail['Message-ID']}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n来週申請します。\r\n".encode()
    )
    eventually(lambda: len(office.queue()) == 1, timeout_s=20, what="the answer in the queue")
    case = next(one["case"] for one in reminders_of(office) if one["to"] == sender)
    assert office.queue()[0]["case"] == case
    assert len(reminders_of(office)) == 2


@pytest.mark.parametrize("point", CALENDAR_POINTS)
@pytest.mark.parametrize("passed", [0, 7])
def test_each_reminder_leaves_once_whenever_the_daemon_is_killed(
    calm_office: Office, point: str, passed: int
) -> None:
    office, count = calm_office, 30
    lines = [
        f"K{n:04d},みほん第{n}病院,基幹施設,見本 太郎,,,,f{n}@mihon.example.jp"
        for n in range(count)
    ]
    file = office.folder / "registry.csv"
    file.write_text("\n".join([REGISTRY.splitlines()[0], *lines]), encoding="utf-8")
    office.run("registry", "import", str(file))
    office.env |= {"KILL_POINT": point, "KILL_AFTER": str(passed)}
    doomed = office.start(module="tests.road.killable", wait=False)

    def settled() -> bool:
        found = reminders_of(office)
        return len(found) == count and all(one["state"] in ("sent", "unknown") for one in found)

    eventually(lambda: not doomed.is_running() or settled(), timeout_s=20, what="the kill")
    doomed.kill()
    if passed == 0:
        assert doomed.wait() == -signal.SIGKILL, "the point was never passed"
    office.start()
    eventually(settled, timeout_s=40, what="all settled")
    arrived = Counter(letter.recipients[0] for letter in office.sink.letters)
    assert set(arrived.values()) == {1}
    sent = {one["to"] for one in reminders_of(office) if one["state"] == "sent"}
    doubtful = {one["to"] for one in reminders_of(office)} - sent
    assert sent <= set(arrived) <= sent | doubtful
    assert len(doubtful) <= LANES  # one a connection, and only where it died behind the dot


def test_commands_speak_of_the_same_things(office: Office) -> None:
    rules = json.loads(office.rules.read_text(encoding="utf-8"))
    del rules["campaigns"]  # The shipped ones.
    office.rules.write_text(json.dumps(rules), encoding="utf-8")
    lines = office.run(
        "rehearse", "--from", "2027-02-01", "--to", "2027-02-01", "--json"
    ).splitlines()
    found = [json.loads(line) for line in lines]
    assert [set(one) for one in found] == [
        {"at", "kind", "campaign", "step", "facility", "to", "letter", "skipped"}
    ] * len(found)
    opened = [one for one in found if one["kind"] == "reminder"]
    assert opened[0] == {
        "at": "2027-02-01T09:00:00+09:00",
        "kind": "reminder",
        "campaign": "renewal",
        "step": "opens",
        "facility": "K0101",
        "to": "old@mihon.example.jp",
        "letter": "renewal_opens",
        "skipped": None,
    }
    assert office.outbox() == []
    asked = office.run(
        "correction", "new", "K0101", "--item", "常勤医の人数", "--point", "seal", "--as", "sato", "--reopens", "2030-01-10",
    )  # fmt: skip
    assert "old@mihon.example.jp に依頼しました" in asked
    (one,) = office.rows("correction", "list")
    assert (one["facility"], one["state"], len(one["items"])) == ("K0101", "asked", 2)
    office.run("correction", "close", "1", "--as", "sato", "--reason", "電話で解決")
    assert office.rows("correction", "list") == []
    assert "no link request 7" in office.run("link", "confirm", "7", "--as", "sato", status=1)
    assert office.rows("link", "list") == []
    assert "電話・郵送の連絡先一覧" in office.run("contact", "list", "--print")
    assert office.run("rehearse", "--from", "2027-02-02", "--to", "2027-02-01", status=2)
