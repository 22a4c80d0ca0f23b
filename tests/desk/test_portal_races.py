"""The webhook while people act: what a call says late counts for what it spoke of, and no more.

The portal is a real HTTP server; what happens during a call is done by it before it answers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk import approvals, change_acts, changing, portal, queue
from helpdesk.hook import Webhook
from helpdesk.store import audit, changes, portal_changes
from tests.bureau import Bureau
from tests.desk.test_identity import NEW, NOW, OLD, SATO, SUZUKI, Office

LATER = NOW + timedelta(hours=1)
FASTER = "マイページ側は変更を受け取りました"


class Portal:
    """The other side: what it was told, in order, and what happens during its calls."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.answers: list[int] = []
        self.during: list[Callable[[], object]] = []
        self.failed: list[BaseException] = []

    def take(self, body: bytes, key: str) -> int:
        content = json.loads(body)
        self.told.append((content["type"], content["address_after"], key))
        answer = self.answers.pop(0) if self.answers else 200
        if self.during:
            try:
                self.during.pop(0)()
            except BaseException as error:  # noqa: BLE001 - the test says so, not a log
                self.failed.append(error)
        return answer


@pytest.fixture
def server() -> Iterator[tuple[str, Portal]]:
    other = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(other.take(body, self.headers["Idempotency-Key"]))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/hook", other
    http.shutdown()
    http.server_close()
    thread.join()
    assert other.failed == []


@pytest.fixture
def office(
    make_bureau: Callable[..., Bureau], tmp_path: Path, server: tuple[str, Portal]
) -> Office:
    office = Office(make_bureau(), tmp_path)
    office.bureau.desk = replace(office.desk, webhook=Webhook(server[0], b"s" * 32))
    return office


@pytest.fixture
def other(server: tuple[str, Portal]) -> Portal:
    return server[1]


def acknowledged(office: Office) -> int:
    with office.bureau.database.read() as tx:
        return sum(one.event.event == "portal_acknowledged" for one in audit.entries(tx))


def test_stop_during_the_call_is_told_after_it_and_both_notes_stand(
    office: Office, other: Portal
) -> None:
    number = office.enter()
    office.to_portal(number)

    def stop() -> None:
        change_acts.hold(office.desk, number, SATO, "電話", NOW)
        # Another daemon says nothing of it while the change itself is on its way.
        assert portal.deliver_due(office.desk, NOW) == 0

    other.during.append(stop)
    portal.deliver_due(office.desk, NOW)
    found = office.action(number)
    assert (found.state, office.address()) == ("held", OLD)
    assert FASTER in found.note
    assert "電話" in found.note
    assert portal.deliver_due(office.desk, LATER) == 1
    assert [one[:2] for one in other.told] == [("address_change", NEW), ("address_withdraw", OLD)]


def test_call_that_fails_after_a_stop_is_not_made_again(office: Office, other: Portal) -> None:
    number = office.enter()
    office.to_portal(number)
    other.answers.append(503)
    other.during.append(lambda: change_acts.hold(office.desk, number, SATO, "電話", NOW))
    portal.deliver_due(office.desk, NOW)
    assert portal.deliver_due(office.desk, LATER) == 1
    assert [one[0] for one in other.told] == ["address_change", "address_withdraw"]
    with office.bureau.database.read() as tx:
        assert not portal_changes.anything_due(tx, NOW + timedelta(days=9))


def test_late_acknowledgement_of_what_was_stopped_puts_no_later_round_in_force(
    office: Office, other: Portal
) -> None:
    number = office.enter()
    office.to_portal(number)

    def begin_anew() -> None:
        change_acts.hold(office.desk, number, SATO, "電話", NOW)
        for name in (SATO, SUZUKI):
            approvals.approve(office.desk, number, name, NOW)
        office.confirm(number)
        change_acts.call_back(office.desk, number, SATO, NOW)
        assert office.action(number).state == "portal"

    other.during.append(begin_anew)
    portal.deliver_due(office.desk, NOW)
    assert (office.action(number).state, office.address()) == ("portal", OLD)
    portal.deliver_due(office.desk, LATER)
    assert (office.action(number).state, office.address()) == ("done", NEW)
    assert len({key for _type, _address, key in other.told}) == 2


def test_clerk_who_was_faster_than_the_acknowledgement_reads_nothing_of_a_stop(
    office: Office, other: Portal
) -> None:
    number = office.enter()
    office.to_portal(number)
    other.during.append(lambda: change_acts.reflect(office.desk, number, SATO, NOW))
    portal.deliver_due(office.desk, NOW)
    assert (office.action(number).state, office.address()) == ("done", NEW)
    assert FASTER not in office.action(number).note
    assert office.letters().count(("change_done_new", NEW)) == 1


def test_undone_during_the_call_stays_undone(office: Office, other: Portal) -> None:
    number = office.enter()
    office.to_portal(number)

    def undo() -> None:
        change_acts.reflect(office.desk, number, SATO, NOW)
        change_acts.revert(office.desk, number, SATO, "電話で", NOW)
        assert portal.deliver_due(office.desk, NOW) == 0

    other.during.append(undo)
    portal.deliver_due(office.desk, NOW)
    assert (office.action(number).state, office.address()) == ("reverted", OLD)
    portal.deliver_due(office.desk, LATER)
    assert other.told[-1][:2] == ("address_revert", OLD)
    with office.bureau.database.read() as tx:
        states = [one.state for one in portal_changes.of_action(tx, number)]
    assert states == ["reflected", "reflected"]


def test_two_daemons_that_tell_the_same_count_once(office: Office, other: Portal) -> None:
    number = office.enter()
    office.to_portal(number)
    after_its_lease = NOW + timedelta(seconds=61)
    other.during.append(lambda: portal.deliver_due(office.desk, after_its_lease))
    portal.deliver_due(office.desk, NOW)
    assert len(other.told) == 2
    assert other.told[0] == other.told[1]  # the idempotency key too
    assert acknowledged(office) == 1
    assert (office.action(number).state, FASTER in office.action(number).note) == ("done", False)


def test_failure_of_a_call_that_another_daemon_made_well_changes_nothing(
    office: Office, other: Portal
) -> None:
    number = office.enter()
    office.to_portal(number)
    other.answers += [503, 200]
    other.during.append(lambda: portal.deliver_due(office.desk, NOW + timedelta(seconds=61)))
    portal.deliver_due(office.desk, NOW)
    with office.bureau.database.read() as tx:
        (row,) = portal_changes.of_action(tx, number)
    assert (row.hook, row.state, row.last_error) == ("acknowledged", "reflected", None)


# Letters that come back once the change is with the portal.


def test_letter_to_the_new_address_that_comes_back_takes_the_change_off_the_list(
    office: Office,
) -> None:
    number = office.enter()
    office.to_portal(number)
    portal.export(office.desk, SATO, NOW)
    with office.bureau.database.begin() as tx:
        assert changing.advance(office.desk, tx, number, "new_failed", NOW) == "held"
    assert "新しいアドレスにメールが届きませんでした" in office.action(number).note
    assert "変更の取り下げ" in portal.export(office.desk, SATO, NOW)


def test_notice_that_comes_back_after_a_call_is_seen_in_case_list_and_export(
    office: Office,
) -> None:
    number = office.enter()
    office.to_portal(number)
    with office.bureau.database.begin() as tx:
        change = changes.change_of(tx, number)
        assert change is not None
        changing.old_failed(office.desk, tx, change, NOW)
    assert office.action(number).state == "portal"  # Somebody was spoken with.
    about = queue.about(office.desk, queue.shown(office.bureau.database, number), NOW)
    said = "旧アドレスへのお知らせが届きませんでした"
    assert ("注意", said) in about.lines()
    assert said in portal.export(office.desk, SATO, NOW)
