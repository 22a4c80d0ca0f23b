"""The daemon itself over a year: up on the days that matter, killed, down in between.

The clock is libfaketime's (Debian: libfaketime); scripts/setup installs it.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.desk.registry_import import import_registry
from helpdesk.domain.calendar import JST
from tests.bureau import HEADER, row
from tests.road.conftest import Office
from tests.servers.needs import missing
from tests.servers.net import eventually

pytestmark = pytest.mark.slow


def library() -> Path:
    """Return the library that moves the clock, or skip or fail the test."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    return found or missing(
        "libfaketime is not installed (Debian: libfaketime); `make test` installs what is missing."
    )


#: Hour and day on which the daemon is up for a while, the zone of its machine, and the
#: letters to facilities that have left by then.
DAYS = [
    ((2027, 2, 1, 9), "America/New_York", 1),
    ((2027, 2, 13, 9), "Asia/Tokyo", 1),  # The reminder of Friday was missed: on Monday.
    ((2027, 2, 15, 9), "Pacific/Apia", 2),
    ((2027, 3, 2, 9), "Asia/Tokyo", 3),  # The last days were missed, and are over.
    ((2027, 4, 1, 9), "America/New_York", 4),
    ((2027, 4, 17, 12), "Asia/Tokyo", 4),  # A Saturday.
    ((2027, 4, 19, 9), "Asia/Tokyo", 5),  # Two reminders of a link were missed: one is written.
    ((2027, 11, 1, 9), "Pacific/Apia", 9),
]  # fmt: skip

LINES = [
    row("K0101"),
    row("K0102", 申請状況="申請済"),
    row("K0103", メールアドレス=""),
    row("K0105", 認定終了日="2031-03-31"),
    row("R0201", 基幹施設認定番号="K0101", 申請状況="承認", 認定開始日="2027-04-01"),
]


def set_clock(office: Office, at: datetime, zone: str) -> None:
    """Let the daemon begin at a time, on a machine of this zone."""
    office.env |= {
        "LD_PRELOAD": str(library()),
        "FAKETIME": f"{(at - datetime.now(JST)).total_seconds():+.0f}",
        "FAKETIME_CACHE_DURATION": "0",  # A fork follows its own FAKETIME from the next second on.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": zone,
    }


def import_(office: Office, at: datetime) -> None:
    """Take the portal's export of a day in: the affiliate is approved in March."""
    path = office.folder / "registry.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        for line in LINES:
            early = at.month < 3 and line["申請状況"] == "承認"
            writer.writerow({**line, "申請状況": "申請済"} if early else line)
    desk = office.desk()
    import_registry(desk.database, path, now=at, dry_run=False, by="test", desk=desk)
    desk.database.close()


def arrived_at(office: Office) -> Counter[tuple[str, str]]:
    """Count what the relay took for facilities: letter and recipient."""
    return Counter(
        (str(letter.message["X-Helpdesk-Letter"]), letter.recipients[0].partition("@")[0])
        for letter in office.sink.letters
        if letter.recipients[0].endswith("@mihon.example.jp")
    )


def ended(office: Office, *states: str) -> Counter[tuple[str, str]]:
    """Count the letters to facilities in these states."""
    found = office.look("SELECT letter, recipient, state FROM letter WHERE case_id IS NOT NULL")
    return Counter((name, to.partition("@")[0]) for name, to, state in found if state in states)


@pytest.mark.timeout(300)
def test_daemon_writes_each_letter_of_a_year_once(office: Office) -> None:
    text = office.rules.read_text(encoding="utf-8").replace('"campaigns": [], ', "")
    office.rules.write_text(text, encoding="utf-8")  # The shipped ones.
    for number, (parts, zone, count) in enumerate(DAYS):
        at = datetime(*parts, 0, 30, tzinfo=JST)
        import_(office, at - timedelta(hours=1))
        set_clock(office, at, zone)
        daemon = office.start()
        if number % 2:  # SIGKILL, and up again on a machine of Japan.
            daemon.kill()
            set_clock(office, at + timedelta(minutes=1), "Asia/Tokyo")
            daemon = office.start()

        def all_sent(wanted: int = count) -> bool:
            return ended(office, "sent", "unknown").total() >= wanted

        eventually(all_sent, timeout_s=30, what=f"{count} letters by {at}")
        daemon.kill()
    # What was killed between DATA and the answer is in doubt, and a person's.
    arrived = arrived_at(office)
    assert ended(office, "sent") <= arrived <= ended(office, "sent", "unknown")
    assert ended(office, "sent", "unknown") == {
        ("renewal_opens", "k0101"): 1,
        ("renewal_reminder", "k0101"): 1,
        ("renewal_missed", "k0101"): 1,
        ("link_request", "k0101"): 1,
        ("link_reminder", "k0101"): 1,
        ("address_check", "k0101"): 1,
        ("address_check", "k0102"): 1,
        ("address_check", "k0105"): 1,
        ("address_check", "r0201"): 1,
    }
