"""Approvals, disclosure, changes and what leaves the building, on a real database."""

from __future__ import annotations

import csv
import hmac
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk import (
    approvals,
    auditing,
    awaiting,
    change_acts,
    changing,
    entering,
    officer,
    persons,
    portal,
    queue,
    registry_import,
)
from helpdesk.desk import change_turn as turn
from helpdesk.desk.context import Refused
from helpdesk.desk.entering import Entered
from helpdesk.domain.approval import SHOWN_DIGITS, facts_hash
from helpdesk.domain.change import FOR_TIME
from helpdesk.hook import Webhook
from helpdesk.rules import Duration
from helpdesk.store import actions, cases, changes, facilities, portal_changes, staff
from tests.bureau import Bureau, at

SATO, SUZUKI, KATO = "sato", "suzuki", "kato"
NOW = at(2026, 11, 24, 10)
OLD, NEW = "old@mihon.example.jp", "new@mihon.example.jp"

HEADER = "認定番号,施設名,施設種別,責任者氏名,会員番号,生年月日,メールアドレス,代表電話\n"
ROW = "K0101,みほん病院,基幹施設,見本 太郎,123456,1968-04-09,old@mihon.example.jp,03-1234-5678\n"
EAST = "R0102,みほん東病院,連携施設,例示 花子,234567,1975-01-02,east@mihon.example.jp,\n"


class Office:
    """A bureau with two approvers, one facility, and requests entered by a third person."""

    def __init__(self, bureau: Bureau, folder: Path, **identity: Any) -> None:
        self.bureau, self.folder = bureau, folder
        changed = bureau.rules.identity.model_copy(update=identity)
        bureau.rules = bureau.rules.model_copy(update={"identity": changed})
        bureau.restart()
        with bureau.database.begin() as tx:
            for name, role in ((SUZUKI, "approver"), (KATO, "operator"), ("boss", "admin")):
                staff.insert_staff(tx, name, role, "x", NOW)
        self.import_()

    @property
    def desk(self) -> Any:
        return self.bureau.desk

    def import_(self, text: str = ROW + EAST) -> None:
        file = self.folder / "portal.csv"
        file.write_text(HEADER + text, encoding="utf-8")
        registry_import.import_registry(
            self.bureau.database, file, now=NOW, dry_run=False, by="test", desk=self.desk
        )

    def enter(self, kind: str = "change_address", identity: str = "123456", **more: Any) -> int:
        more.setdefault("by", KATO)
        more.setdefault("new_address", NEW if kind == "change_address" else None)
        by = more.pop("by")
        entered = Entered(kind, "K0101", "見本 太郎", identity, answer_to="z@x.test", **more)
        return entering.enter(self.desk, entered, by, NOW)

    def action(self, action_id: int) -> Any:
        with self.bureau.database.read() as tx:
            return actions.action_by_id(tx, action_id)

    def confirm(self, action_id: int, now: datetime = NOW) -> None:
        with self.bureau.database.begin() as tx:
            changing.confirm(self.desk, tx, action_id, "answer", now)

    def to_portal(self, action_id: int) -> None:
        approvals.approve(self.desk, action_id, SATO, NOW)
        self.confirm(action_id)
        change_acts.call_back(self.desk, action_id, SATO, NOW)
        assert self.action(action_id).state == "portal"

    def facts(self, action_id: int) -> str:
        return facts_hash(self.action(action_id).facts)[:SHOWN_DIGITS]

    def address(self) -> str:
        with self.bureau.database.read() as tx:
            return facilities.address_of(tx, "K0101")

    def letters(self) -> list[tuple[str, str]]:
        return [(one.letter, one.recipient) for one in self.bureau.outbox()]


@pytest.fixture
def open_office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Callable[..., Office]:
    return lambda **identity: Office(make_bureau(), tmp_path, **identity)


def test_who_entered_it_may_not_approve(open_office: Callable[..., Office]) -> None:
    office = open_office()
    number = office.enter(by=SATO)
    with pytest.raises(Refused, match="entered by the same person"):
        approvals.approve(office.desk, number, SATO, NOW)
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"


def test_strict_wants_two_people_and_tells_nobody_else(open_office: Callable[..., Office]) -> None:
    office = open_office(level="strict")
    number = office.enter("confirm_address")
    with pytest.raises(Refused, match="never tells"):
        approvals.approve(office.desk, number, SATO, NOW, to="sender")
    assert approvals.approve(office.desk, number, SATO, NOW) == "waiting"
    with pytest.raises(Refused, match="has approved it already"):
        approvals.approve(office.desk, number, SATO, NOW)
    assert office.letters() == []
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "done"
    assert sorted(office.letters()) == [
        ("address_at_registered", OLD),
        ("address_hint", "z@x.test"),
    ]
    bodies = [office.bureau.body(one.id) for one in office.bureau.outbox()]
    assert not any("***" in body for body in bodies)


def test_first_approval_ends_after_its_business_days(open_office: Callable[..., Office]) -> None:
    office = open_office(level="strict", approval_lifetime=Duration(7, "bd"))
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    turn.follow_up(office.desk, NOW + timedelta(days=7))
    assert office.action(number).state == "waiting"
    turn.follow_up(office.desk, NOW + timedelta(days=12))
    assert office.action(number).state == "expired"
    # It is in the queue, and needs two people anew.
    assert approvals.approve(office.desk, number, SATO, NOW) == "expired"
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"


def test_one_approver_alone_needs_a_call_back_and_an_officer(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(level="strict", officer="officer@society.example.jp")
    with office.bureau.database.begin() as tx:
        tx.exec_driver_sql("DELETE FROM staff WHERE name IN ('suzuki', 'boss')")
    number = office.enter("confirm_address")
    with pytest.raises(Refused, match="代表電話"):
        approvals.approve(office.desk, number, SATO, NOW)
    assert change_acts.call_back(office.desk, number, SATO, NOW) == "03-1234-5678"
    assert approvals.approve(office.desk, number, SATO, NOW) == "done"
    assert ("address_at_registered", OLD) in office.letters()  # the notice
    assert officer.write_list(office.desk, at(2026, 12, 1, 9)) == 1
    assert officer.write_list(office.desk, at(2026, 12, 1, 10)) == 0
    (letter,) = office.bureau.outbox("officer_list")
    assert letter.recipient == "officer@society.example.jp"
    assert "アドレスの確認 sato" in office.bureau.body(letter.id)


def test_registry_that_moves_refuses_the_approval_and_says_what_moved(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    office.import_(ROW.replace("03-1234-5678", "03-9999-9999") + EAST)
    with pytest.raises(Refused, match="代表電話"):
        approvals.approve(office.desk, number, SATO, NOW)
    with pytest.raises(Refused, match="approve it with --facts"):  # Again, unseen.
        approvals.approve(office.desk, number, SATO, NOW)
    shown = office.facts(number)
    assert approvals.approve(office.desk, number, SATO, NOW, shown=shown) == "confirming"


def test_facts_that_were_shown_elsewhere_are_compared_too(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    with pytest.raises(Refused, match="not those that were shown"):
        approvals.approve(office.desk, number, SATO, NOW, shown="0" * 12)
    assert approvals.approve(office.desk, number, SATO, NOW, shown="") == "confirming"


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_who(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    for _ in range(5):
        number = office.enter("confirm_address")
        said: list[str] = []

        def decide(name: str, number: int = number, said: list[str] = said) -> None:
            try:
                said.append(approvals.approve(office.desk, number, name, NOW))
            except Refused as error:
                said.append(str(error))

        people = [threading.Thread(target=decide, args=(name,)) for name in (SATO, SUZUKI)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        winner = office.action(number).decided_by
        assert sorted(said)[1] == "done" or sorted(said)[0] == "done"
        assert any(f"decided by {winner}" in text for text in said)
        with office.bureau.database.begin() as tx:
            tx.exec_driver_sql("DELETE FROM letter_source")
            tx.exec_driver_sql("DELETE FROM letter")


def test_cooling_is_by_level_and_its_end_by_the_clock(open_office: Callable[..., Office]) -> None:
    office = open_office(cool_off=Duration(72, "h"))
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    office.confirm(number)
    with office.bureau.database.read() as tx:
        change = changes.change_of(tx, number)
    assert change is not None
    assert (change.state, change.waits_for) == ("cooling", FOR_TIME)
    office.bureau.send(NOW)
    turn.follow_up(office.desk, NOW + timedelta(hours=71))
    assert office.action(number).state == "cooling"
    turn.follow_up(office.desk, NOW + timedelta(hours=73))
    assert office.action(number).state == "portal"


def test_wait_for_a_change_of_physician_ends_with_the_import_that_shows_it(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    entered = Entered("confirm_address", "K0101", "見本 次郎", "777777", answer_to="z@x.test")
    number = entering.enter(office.desk, entered, KATO, NOW)
    assert office.action(number).verdict == "mismatch"
    assert awaiting.ask(office.desk, number, SATO, NOW) == "held"
    (letter,) = office.bureau.outbox("identity_unconfirmed")
    body = office.bureau.body(letter.id)
    assert "当学会の認定取得者" in body
    assert "交代された場合は" in body
    office.import_()
    assert office.action(number).state == "held"
    office.import_(ROW.replace("見本 太郎", "見本 次郎").replace("123456", "777777") + EAST)
    found = office.action(number)
    assert (found.state, found.verdict, found.marks) == ("waiting", "verified", ())
    assert approvals.approve(office.desk, number, SATO, NOW) == "done"


def test_nothing_is_decided_beside_an_answer_from_outlook_without_a_word(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    change = office.enter()
    wrong = Entered("confirm_address", "K0101", "見本 次郎", "777777", answer_to="z@x.test")
    unsure = entering.enter(office.desk, wrong, KATO, NOW)
    with office.bureau.database.begin() as tx:
        for number in (change, unsure):
            cases.note_outside_answer(tx, office.action(number).case_id, NOW)
    for decide in (
        lambda: approvals.approve(office.desk, change, SATO, NOW),
        lambda: approvals.reject(office.desk, change, SATO, "x", NOW),
        lambda: awaiting.ask(office.desk, unsure, SATO, NOW),
    ):
        with pytest.raises(Refused, match="--anyway"):
            decide()
    assert awaiting.ask(office.desk, unsure, SATO, NOW, anyway=True) == "held"
    assert approvals.approve(office.desk, change, SATO, NOW, anyway=True) != "waiting"


def test_change_is_undone_within_its_time_only(open_office: Callable[..., Office]) -> None:
    office = open_office()
    number = office.enter()
    office.to_portal(number)
    change_acts.reflect(office.desk, number, SATO, NOW)
    assert office.address() == NEW
    late = NOW + timedelta(days=15)
    with pytest.raises(Refused, match="could be undone until"):
        change_acts.revert(office.desk, number, SATO, "電話で", late)
    change_acts.revert(office.desk, number, SATO, "電話で", NOW + timedelta(days=13))
    assert office.address() == OLD
    text = portal.export(office.desk, SATO, NOW)
    assert "取り消し" in text
    change_acts.reflect(office.desk, number, SATO, NOW)
    assert "取り消し" not in portal.export(office.desk, SATO, NOW)


def test_export_shows_what_waits_and_no_formula(open_office: Callable[..., Office]) -> None:
    office = open_office()
    office.import_(ROW.replace("みほん病院", "＝SUM(A1)病院") + EAST)
    number = office.enter(new_address="=cmd@mihon.example.jp")
    office.to_portal(number)
    rows = list(csv.reader(io.StringIO(portal.export(office.desk, SATO, NOW))))
    assert rows[1][4:7] == ["'＝SUM(A1)病院", OLD, "'=cmd@mihon.example.jp"]
    assert rows[1][9] == "未"
    change_acts.reflect(office.desk, number, SATO, NOW)
    assert len(list(csv.reader(io.StringIO(portal.export(office.desk, SATO, NOW))))) == 1
    assert "済" in portal.export(office.desk, SATO, NOW, every=True)


class _Portal(BaseHTTPRequestHandler):
    calls: list[dict[str, Any]]
    answers: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.calls.append({"body": body, **{k.lower(): v for k, v in self.headers.items()}})
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def portal_server() -> Iterator[tuple[str, type[_Portal]]]:
    handler = type("Handler", (_Portal,), {"calls": [], "answers": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_webhook_is_signed_tried_again_and_finishes_the_change(
    open_office: Callable[..., Office], portal_server: tuple[str, type[_Portal]]
) -> None:
    office = open_office()
    url, server = portal_server
    secret = b"s" * 32
    office.bureau.desk = replace(office.desk, webhook=Webhook(url, secret))
    server.answers += [503, 202 - 2]
    number = office.enter()
    office.to_portal(number)
    assert portal.deliver_due(office.desk, NOW) == 1
    assert office.action(number).state == "portal"
    assert portal.deliver_due(office.desk, NOW) == 0  # not before its time
    assert portal.deliver_due(office.desk, NOW + timedelta(hours=1)) == 1
    assert office.action(number).state == "done"
    assert office.address() == NEW
    first, second = server.calls
    assert first["idempotency-key"] == second["idempotency-key"]
    moment, given = second["helpdesk-signature"].removeprefix("t=").split(",v1=")
    right = hmac.new(secret, f"{moment}.".encode() + second["body"], "sha256").hexdigest()
    assert given == right
    assert json.loads(second["body"])["address_after"] == NEW
    assert portal.deliver_due(office.desk, NOW + timedelta(hours=2)) == 0


@pytest.mark.parametrize(("answer", "state"), [(202, "accepted"), (400, "failed"), (302, "failed")])
def test_webhook_that_is_not_acknowledged_leaves_the_change_waiting(
    open_office: Callable[..., Office],
    portal_server: tuple[str, type[_Portal]],
    answer: int,
    state: str,
) -> None:
    office = open_office()
    url, server = portal_server
    office.bureau.desk = replace(office.desk, webhook=Webhook(url, b"s" * 32))
    server.answers.append(answer)
    number = office.enter()
    office.to_portal(number)
    portal.deliver_due(office.desk, NOW)
    assert office.action(number).state == "portal"
    with office.bureau.database.read() as tx:
        assert tx.exec_driver_sql("SELECT hook FROM portal_change").scalar() == state


@pytest.mark.parametrize("answers", [[202], [503], []])
def test_webhook_tells_of_a_stop_after_it_told_of_the_change(
    open_office: Callable[..., Office],
    portal_server: tuple[str, type[_Portal]],
    answers: list[int],
) -> None:
    office = open_office()
    url, server = portal_server
    office.bureau.desk = replace(office.desk, webhook=Webhook(url, b"s" * 32))
    number = office.enter()
    office.to_portal(number)
    server.answers += answers
    if answers:
        assert portal.deliver_due(office.desk, NOW) == 1
    change_acts.hold(office.desk, number, SATO, "電話", NOW)
    later = NOW + timedelta(hours=1)
    assert portal.deliver_due(office.desk, later) == (1 if answers else 0)
    if not answers:
        return  # The portal has never heard of it.
    told, taken_back = (json.loads(call["body"]) for call in server.calls)
    assert (told["type"], told["address_after"]) == ("address_change", NEW)
    assert (taken_back["type"], taken_back["address_after"]) == ("address_withdraw", OLD)
    assert taken_back["id"] > told["id"]
    first, second = (call["idempotency-key"] for call in server.calls)
    assert first != second
    with office.bureau.database.read() as tx:
        assert [one.state for one in portal_changes.of_action(tx, number)] == [
            "withdrawn",
            "reflected",
        ]
    # Made after all: the portal is told so once more.
    for name in (SATO, SUZUKI):
        approvals.approve(office.desk, number, name, NOW)
    office.confirm(number)
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert portal.deliver_due(office.desk, later) == 1
    assert office.address() == NEW


def test_person_is_exported_and_erased_from_closed_cases(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter("confirm_address")
    rows = persons.export(office.desk, SATO, address="z@x.test", member_number=None)
    assert rows[0]["fields"]["member_number"] == "123456"
    by_member = persons.export(office.desk, SATO, address=None, member_number="0123456")
    assert {row["record"] for row in by_member} >= {"facility", "case"}
    with pytest.raises(Refused, match="only an admin"):
        persons.erase(office.desk, SATO, address="z@x.test", member_number=None)
    with pytest.raises(Refused, match="not closed yet"):
        persons.erase(office.desk, "boss", address="z@x.test", member_number=None)
    approvals.approve(office.desk, number, SATO, NOW)
    assert persons.erase(office.desk, "boss", address="z@x.test", member_number=None).cases == 1
    # What had not left by then never does.
    assert {one.state for one in office.bureau.outbox("address_hint")} == {"cancelled"}
    assert office.bureau.send(NOW) == 1  # The letter to the registered address.
    assert persons.export(office.desk, SATO, address="z@x.test", member_number=None) == []
    head, faults = auditing.verify(office.bureau.database)
    assert head.number > 5
    assert faults == []


def test_retention_erases_each_kind_in_its_time(open_office: Callable[..., Office]) -> None:
    office = open_office()
    number = office.enter("confirm_address")
    approvals.approve(office.desk, number, SATO, NOW)
    office.bureau.send(NOW)
    early = persons.purge(office.desk, NOW + timedelta(days=364), dry_run=True)
    assert early == {"cases": 0, "mails": 0, "letters": 0}
    later = NOW + timedelta(days=1100)
    assert persons.purge(office.desk, later, dry_run=True)["cases"] == 1
    counts = persons.purge(office.desk, later)
    assert (counts["cases"], counts["letters"] > 0) == (1, True)
    with office.bureau.database.read() as tx:
        case = cases.case_by_id(tx, office.action(number).case_id)
    assert (case.correspondent, case.fields) == ("", {})


def test_whole_way_of_a_change_on_both_databases(
    make_bureau: Callable[..., Bureau], tables_url: str, tmp_path: Path
) -> None:
    office = Office(make_bureau(tables_url), tmp_path)
    number = office.enter()
    office.to_portal(number)
    assert change_acts.reflect(office.desk, number, SATO, NOW) == "done"
    assert office.address() == NEW
    assert [name for name, _to in office.letters()] == [
        "change_confirm",
        "change_notice",
        "change_done_new",
        "change_done_old",
    ]
    persons.purge(office.desk, NOW + timedelta(days=1100))
    assert auditing.verify(office.bureau.database)[1] == []


def test_relaxed_lets_the_approver_choose_with_a_reason(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(level="relaxed")
    number = office.enter("confirm_address")
    with pytest.raises(Refused, match="give a reason"):
        approvals.approve(office.desk, number, SATO, NOW, to="sender")
    approvals.approve(office.desk, number, SATO, NOW, to="sender", reason="声でわかりました")
    assert ("address_told", "z@x.test") in office.letters()
    change = office.enter()
    approvals.approve(office.desk, change, SATO, NOW)
    office.confirm(change)
    assert office.action(change).state == "portal"  # no wait at this level
    assert ("change_notice", OLD) in office.letters()  # and told all the same


def test_address_that_was_just_changed_is_told_by_two_people_only(
    open_office: Callable[..., Office],
) -> None:
    """T49: change the address, then at once ask for the registered one."""
    office = open_office()
    number = office.enter()
    office.to_portal(number)
    change_acts.reflect(office.desk, number, SATO, NOW)
    asked = office.enter("confirm_address")
    assert approvals.approve(office.desk, asked, SATO, NOW) == "waiting"
    assert approvals.approve(office.desk, asked, SUZUKI, NOW) == "done"
    later = office.enter("confirm_address", identity="1968年4月9日")
    after = NOW + timedelta(days=31)
    assert approvals.approve(office.desk, later, SATO, after) == "done"


def test_show_says_what_the_wait_means_near_the_end_of_a_period(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    now = at(2027, 2, 26, 10)
    approvals.approve(office.desk, number, SATO, now)
    office.confirm(number, now)
    lines = dict(queue.about(office.desk, queue.shown(office.bureau.database, number), now).lines())
    assert "2027年3月1日（月）10:00 まで" in str(lines["待ち"])
    assert "更新申請の締切は 2027年2月28日" in str(lines["待ち"])
    assert "代表電話" in str(lines["待ち"])


def test_letter_that_the_relay_refused_holds_its_own_round_only(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    office.bureau.send(NOW, "failed", "550 5.1.1 unknown")
    turn.follow_up(office.desk, NOW)
    assert office.action(number).state == "held"
    assert "届きませんでした" in office.action(number).note
    assert approvals.approve(office.desk, number, SATO, NOW) == "confirming"
    turn.follow_up(office.desk, NOW)
    assert office.action(number).state == "confirming"
    office.confirm(number)
    assert office.action(number).state == "cooling"
    office.bureau.send(NOW, "failed", "550 5.1.1 unknown")
    turn.follow_up(office.desk, NOW)
    with office.bureau.database.read() as tx:
        change = changes.change_of(tx, number)
    assert change is not None
    assert (change.state, change.waits_for) == ("cooling", "call_back")


def test_proof_that_was_erased_holds_for_the_same_person_only(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter("confirm_address")
    with office.bureau.database.begin() as tx:
        cases.set_state(tx, office.action(number).case_id, "closed", NOW)
    office.import_(ROW.replace("03-1234", "03-9999") + EAST)
    with pytest.raises(Refused, match="verified"):
        approvals.approve(office.desk, number, SATO, NOW)
    assert office.action(number).verdict == "verified"
    office.import_(ROW.replace("見本 太郎", "見本 次郎") + EAST)
    with pytest.raises(Refused, match="施設責任者"):
        approvals.approve(office.desk, number, SATO, NOW)
    with pytest.raises(Refused, match="ambiguous"):
        approvals.approve(office.desk, number, SATO, NOW)


def test_rejected_on_its_way_it_never_reaches_the_portal(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    office.to_portal(number)
    assert "変更" in portal.export(office.desk, SATO, NOW).splitlines()[1]
    approvals.reject(office.desk, number, SUZUKI, "別人でした", NOW)
    _head, withdrawn = portal.export(office.desk, SATO, NOW).splitlines()
    assert "変更の取り下げ" in withdrawn
    assert change_acts.reflect(office.desk, number, SATO, NOW) == "withdrawn"
    assert len(portal.export(office.desk, SATO, NOW).splitlines()) == 1
    with pytest.raises(Refused, match="rejected already, decided by suzuki"):
        change_acts.reflect(office.desk, number, SATO, NOW)
    assert office.address() == OLD


def test_stop_by_telephone_is_an_exception_for_whoever_goes_on(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    number = office.enter()
    office.to_portal(number)
    assert change_acts.hold(office.desk, number, SATO, "旧担当者から電話", NOW) == "held"
    assert "sato：旧担当者から電話" in office.action(number).note
    assert approvals.approve(office.desk, number, SATO, NOW) == "held"
    # Everything begins anew: the new address is asked once more, the call is made once more.
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"
    office.confirm(number)
    assert office.action(number).state == "cooling"
