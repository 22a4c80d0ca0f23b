"""Stops that come wrapped, late or a second time: none is overlooked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk import approvals, change_acts, handling, intake
from helpdesk.desk import change_turn as turn
from helpdesk.store import changes
from helpdesk.store.changes import Change
from helpdesk.store.mails import NewMail
from tests import mails
from tests.bureau import Bureau
from tests.desk.test_identity import NEW, NOW, OLD, SATO, SUZUKI, Office

STOP = "この変更には心当たりがありません。中止してください。"


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    return Office(make_bureau(), tmp_path, officer="officer@society.example.jp")


def cooling(office: Office) -> int:
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    office.confirm(number)
    office.bureau.send(NOW)
    assert office.action(number).state == "cooling"
    return number


_uid = [1000]


def arrive(
    office: Office,
    body: str,
    *,
    sender: str = OLD,
    subject: str = "ご連絡",
    to: str = mails.DESK,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Let one mail come in and be decided."""
    _uid[0] += 1
    raw = mails.mail(
        body,
        message_id=f"<stop{_uid[0]}@x.test>",
        sender=sender,
        subject=subject,
        to=to,
        headers=headers,
    )
    desk = office.desk
    new = NewMail("INBOX", 1, _uid[0], len(raw), NOW, raw, intake.sha256_of(raw))
    assert intake.take_in(desk.database, desk.rules, [new], NOW) == 1
    while handling.handle_waiting(desk, NOW):
        pass


def notice(office: Office) -> Any:
    """Return the letter to the old address."""
    (one,) = [one for one in office.bureau.outbox("change_notice")]
    return office.bureau.mail(one.id)


def change(office: Office, number: int) -> Change:
    with office.bureau.database.read() as tx:
        found = changes.change_of(tx, number)
    assert found is not None
    return found


def desk_address(office: Office) -> str:
    return str(office.desk.rules.desk.address)


# What is held already, and what nobody has approved yet


def test_stop_after_unclear_words_makes_it_an_exception(office: Office) -> None:
    number = cooling(office)
    arrive(office, "これは何のことでしょうか。")
    assert office.action(number).marks == ("unclear_answer",)
    arrive(office, STOP)
    held = office.action(number)
    assert (held.state, held.marks) == ("held", ("unclear_answer", "stopped"))
    assert "担当者の確認が必要な内容" in held.note, "why it was held first is lost"
    assert "変更を止めるお申し出がありました。" in held.note
    assert change(office, number).stopped_at is not None
    # One person alone lifts no stop.
    assert approvals.approve(office.desk, number, SATO, NOW) == "held"
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"


def test_stop_by_telephone_of_what_is_held_for_another_reason_is_kept(office: Office) -> None:
    number = cooling(office)
    arrive(office, "これは何のことでしょうか。")
    change_acts.hold(office.desk, number, SATO, "電話で中止のお申し出", NOW)
    held = office.action(number)
    assert (held.state, held.marks) == ("held", ("unclear_answer", "stopped"))
    assert "電話で中止のお申し出" in held.note


def test_stop_of_a_request_whose_first_approval_ended_holds_it(office: Office) -> None:
    number = office.enter()
    with office.bureau.database.begin() as tx:
        tx.exec_driver_sql("UPDATE action SET marks = '[\"over_misses\"]'")
    assert approvals.approve(office.desk, number, SATO, NOW) == "waiting"
    turn.follow_up(office.desk, NOW + timedelta(days=30))
    assert office.action(number).state == "expired"
    arrive(office, STOP)
    held = office.action(number)
    assert held.state == "held"
    assert "stopped" in held.marks


def test_request_that_its_address_stopped_before_its_approval_cools(office: Office) -> None:
    number = office.enter()
    with office.bureau.database.begin() as tx:  # As it came from the old address itself.
        tx.exec_driver_sql(f"UPDATE \"case\" SET correspondent = '{OLD}'")
        tx.exec_driver_sql("UPDATE action SET authenticated = 1, entered_by = NULL")
    arrive(office, STOP)
    assert office.action(number).state == "held"
    approvals.approve(office.desk, number, SATO, NOW, shown=office.facts(number))
    approvals.approve(office.desk, number, SUZUKI, NOW, shown=office.facts(number))
    office.confirm(number)
    assert office.action(number).state == "cooling"
