"""What speaks for a change, whose word it is, and until when it counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk.desk import (
    approvals,
    auditing,
    change_acts,
    hand_reading,
    officer,
    own_records,
    queue,
)
from helpdesk.desk import change_turn as turn
from helpdesk.desk.context import FactsMoved, Refused
from helpdesk.domain.change import FOR_OTHER
from helpdesk.rules import Duration
from helpdesk.store import actions, cases, changes, staff
from helpdesk.store import approvals as given
from helpdesk.store.database import DatabaseBusy
from tests.bureau import Bureau
from tests.desk.test_identity import (
    EAST,
    KATO,
    NEW,
    NOW,
    OLD,
    ROW,
    SATO,
    SUZUKI,
    Office,
)

BOSS = "boss"
FIELDS = {
    "facility_name": "みほん病院",
    "certification_number": "K0101",
    "responsible_physician": "見本 太郎",
    "member_number": "123456",
    "birthdate": "",
    "request": "change_address",
    "new_address": "other@mihon.example.jp",
}


@pytest.fixture
def open_office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Callable[..., Office]:
    return lambda **identity: Office(make_bureau(), tmp_path, **identity)


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()


def approve(office: Office, number: int, by: str = SATO, **more: Any) -> str:
    return approvals.approve(office.desk, number, by, NOW, **more)


def change_of(office: Office, number: int) -> Any:
    with office.bureau.database.read() as tx:
        return changes.change_of(tx, number)


def correct(office: Office, number: int, by: str, **fields: str) -> None:
    case = office.action(number).case_number
    hand_reading.correct_fields(office.desk, case, by, {**FIELDS, **fields}, NOW)


# Who put the fields right


def test_who_put_fields_right_may_not_approve_what_rests_on_them(office: Office) -> None:
    number = office.enter()
    correct(office, number, SATO)
    shown = office.facts(number)
    with pytest.raises(Refused, match="put right by their hand"):
        approve(office, number, SATO, shown=shown)
    assert approve(office, number, SUZUKI, shown=shown) == "confirming"


def test_correction_that_changed_nothing_is_nobody_s_hand(office: Office) -> None:
    number = office.enter()
    correct(office, number, SATO, facility_name="", new_address=NEW)
    assert approve(office, number, SATO) == "confirming"


def test_facts_that_somebody_put_right_are_looked_at_before_they_are_approved(
    office: Office,
) -> None:
    number = office.enter()
    correct(office, number, SATO)
    with pytest.raises(FactsMoved, match="--facts"):
        approve(office, number, SUZUKI)
    # Somebody else's look, and one at other facts, are nobody's.
    case = office.action(number).case_number
    auditing.note_view(office.bureau.database, number, case, SATO, office.facts(number))
    auditing.note_view(office.bureau.database, number, case, SUZUKI, "0" * 12)
    for shown in (None, "", "0" * 12, office.facts(number)[:3]):
        with pytest.raises(FactsMoved):
            approve(office, number, SUZUKI, shown=shown)
    auditing.note_view(office.bureau.database, number, case, SUZUKI, office.facts(number))
    assert approve(office, number, SUZUKI) == "confirming"


@pytest.mark.parametrize("mark", ["over_misses", "stopped"])
def test_mark_stays_with_what_a_correction_makes_of_a_request(office: Office, mark: str) -> None:
    number = office.enter("confirm_address")
    with office.bureau.database.begin() as tx:
        actions.annotate(tx, number, marks=(mark,))
    correct(office, number, SATO)
    with office.bureau.database.read() as tx:
        case = cases.case_by_number(tx, office.action(number).case_number)
        assert case is not None
        *_, after = actions.actions_of_case(tx, case.id)
    assert after.id != number
    assert after.kind == "change_address"
    assert after.marks == (mark,)
    assert approve(office, after.id, SUZUKI) == "waiting"  # an exception: two people


@pytest.mark.parametrize("by", [SATO, KATO])
def test_database_itself_refuses_an_approval_of_one_s_own_hand(
    make_bureau: Callable[..., Bureau], tables_url: str, tmp_path: Path, by: str
) -> None:
    office = Office(make_bureau(tables_url), tmp_path)
    number = office.enter(by=KATO)
    correct(office, number, SATO)
    insert = text(
        'INSERT INTO approval (action_id, "by", entered_by, at, facts_hash, alone)'
        " VALUES (:action, :by, '', '2026-01-01', 'x', :alone)"
    )
    with pytest.raises(DatabaseBusy) as caught, office.bureau.database.begin() as tx:
        tx.execute(insert, {"action": number, "by": by, "alone": False})
    assert "may not approve" in str(caught.value.__cause__)
    with office.bureau.database.begin() as tx:  # A call-back stands for the second person.
        tx.execute(insert, {"action": number, "by": by, "alone": True})
        tx.execute(insert, {"action": number, "by": SUZUKI, "alone": False})


# Whose word counts as a proof


def test_who_entered_it_proves_nothing_about_it(office: Office) -> None:
    number = office.enter(by=SATO)
    with pytest.raises(Refused, match="somebody else must speak"):
        change_acts.call_back(office.desk, number, SATO, NOW)
    approve(office, number, SUZUKI)
    with office.bureau.database.begin() as tx:
        change = changes.change_of(tx, number)
        assert change is not None
        changes.update_change(tx, change, proof_from="other@x.test")
    with pytest.raises(Refused, match="somebody else must take the proof"):
        change_acts.confirm(office.desk, number, SATO, NOW)
    change_acts.confirm(office.desk, number, SUZUKI, NOW)
    change_acts.call_back(office.desk, number, SUZUKI, NOW)
    with pytest.raises(Refused, match="somebody else must say that the portal"):
        change_acts.reflect(office.desk, number, SATO, NOW)
    assert change_acts.reflect(office.desk, number, SUZUKI, NOW) == "done"


def test_only_person_does_all_of_it_with_a_call_back_and_an_officer(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(officer="officer@society.example.jp")
    with office.bureau.database.begin() as tx:
        for name in (SUZUKI, "boss"):
            staff.change_account(tx, name, disabled_at=NOW)
    number = office.enter(by=SATO)
    with pytest.raises(Refused, match="speak with the facility"):
        approve(office, number)
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert approve(office, number) == "confirming"
    with office.bureau.database.read() as tx:
        assert [one.alone for one in given.every(tx, number)] == [True]
    office.confirm(number)
    assert change_acts.reflect(office.desk, number, SATO, NOW) == "done"
    assert officer.write_list(office.desk, NOW + timedelta(days=8)) == 1


def test_nobody_decides_about_their_own_record(office: Office) -> None:
    database = office.bureau.database
    assert own_records.keep(database, SATO, "12-3456", [], "test") == 1
    assert own_records.keep(database, SUZUKI, "", ["Z@x.test"], "test") == 1  # who asked
    assert own_records.keep(database, KATO, "999999", ["nobody@x.test"], "test") == 2
    number = office.enter(by=KATO)
    for name in (SATO, SUZUKI):
        with pytest.raises(Refused, match="your own record"):
            approve(office, number, name)
        with pytest.raises(Refused, match="your own record"):
            change_acts.call_back(office.desk, number, name, NOW)
    assert approve(office, number, BOSS) == "confirming"
    told = office.enter("confirm_address")
    with pytest.raises(Refused, match="your own record"):
        approve(office, told, SATO)
    with pytest.raises(Refused, match="no user of that name"):
        own_records.keep(database, "nobody", "1", [], "test")
    with database.read() as tx:
        stored = str(tx.exec_driver_sql("SELECT * FROM staff_record").all())
    assert "123456" not in stored
    assert "x.test" not in stored


# What a call-back is about


def test_call_back_speaks_of_the_facility_and_number_that_were_called(office: Office) -> None:
    number = office.enter()
    change_acts.call_back(office.desk, number, SATO, NOW)
    office.import_(ROW.replace("03-1234-5678", "03-9999-9999") + EAST)
    with pytest.raises(FactsMoved, match="代表電話"):
        approve(office, number)
    approve(office, number, shown=office.facts(number))
    office.confirm(number)
    assert office.action(number).state == "cooling"  # nobody was called at that number


def test_call_back_about_facts_that_moved_is_not_recorded(office: Office) -> None:
    number = office.enter()
    office.import_(ROW.replace("03-1234-5678", "03-9999-9999") + EAST)
    with pytest.raises(FactsMoved, match="代表電話"):
        change_acts.call_back(office.desk, number, SATO, NOW)
    assert office.action(number).called_back_at is None
    assert change_acts.call_back(office.desk, number, SATO, NOW) == "03-9999-9999"


def test_call_back_ends_with_a_correction(office: Office) -> None:
    number = office.enter("confirm_address")
    change_acts.call_back(office.desk, number, SATO, NOW)
    correct(
        office, number, BOSS, request="confirm_address", new_address="",
        member_number="", birthdate="1968-04-09",
    )  # fmt: skip
    about = queue.about(office.desk, queue.shown(office.bureau.database, number), NOW)
    assert not about.called_back


# A stop


def test_after_a_stop_everything_begins_anew(office: Office) -> None:
    number = office.enter()
    office.to_portal(number)
    with office.bureau.database.begin() as tx:
        change = changes.change_of(tx, number)
        assert change is not None
        changes.update_change(tx, change, old_agreed_at=NOW, asked_from_old=True)
    change_acts.hold(office.desk, number, SATO, "電話", NOW)
    approve(office, number, SATO)
    assert approve(office, number, SUZUKI) == "confirming"
    office.confirm(number)
    change = change_of(office, number)
    assert (change.state, change.old_agreed_at, change.asked_from_old) == ("cooling", None, False)
    names = [name for name, _to in office.letters()]
    assert names.count("change_confirm") == names.count("change_notice") == 2
    assert office.action(number).called_back_at is not None  # on file, and worth nothing
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert office.action(number).state == "portal"


def test_change_that_goes_on_for_another_facility_speaks_of_that_one(office: Office) -> None:
    number = office.enter()
    approve(office, number)
    # The physician and their number have moved to another facility of the same name.
    office.import_(
        ROW.replace("見本 太郎", "別人 次郎").replace("123456", "777777")
        + ROW.replace("K0101", "K0202").replace("old@", "second@")
    )
    office.confirm(number)
    found = office.action(number)
    assert found.state == "waiting"
    if found.verdict == "verified":
        approve(office, number, shown=office.facts(number))
        assert change_of(office, number).certification_number == found.certification_number


# Two changes at once


def test_second_change_of_a_facility_is_an_exception_and_waits_for_the_first(
    office: Office,
) -> None:
    first = office.enter()
    approve(office, first)
    second = office.enter(new_address="second@mihon.example.jp")
    about = queue.about(office.desk, queue.shown(office.bureau.database, second), NOW)
    assert about.others == (office.action(first).case_number,)
    assert "other_change" in about.marks
    assert office.action(first).case_number in str(about.lines())
    assert approve(office, second, SATO) == "waiting"
    assert approve(office, second, SUZUKI) == "confirming"
    office.confirm(second)
    change_acts.call_back(office.desk, second, SATO, NOW)
    change = change_of(office, second)
    assert (change.state, change.waits_for) == ("cooling", FOR_OTHER)
    assert turn.follow_up(office.desk, NOW) == 0  # looked at, and nothing to tell of
    assert office.action(second).state == "cooling"
    office.confirm(first)
    change_acts.call_back(office.desk, first, SATO, NOW)
    assert office.action(first).state == "portal"
    turn.follow_up(office.desk, NOW)
    assert office.action(second).state == "cooling"
    change_acts.reflect(office.desk, first, SATO, NOW)
    turn.follow_up(office.desk, NOW)
    # The address is not the one that the second approval spoke of.
    assert office.action(second).state == "waiting"
    about = queue.about(office.desk, queue.shown(office.bureau.database, second), NOW)
    assert "frozen" in about.marks


def test_second_change_goes_on_where_the_first_one_ends(office: Office) -> None:
    first = office.enter()
    approve(office, first)
    second = office.enter(new_address="second@mihon.example.jp")
    approve(office, second, SATO)
    approve(office, second, SUZUKI)
    office.confirm(second)
    change_acts.call_back(office.desk, second, SATO, NOW)
    approvals.reject(office.desk, first, SATO, "書き間違い", NOW)
    turn.follow_up(office.desk, NOW)
    assert office.action(second).state == "portal"


# The portal's list


def test_what_the_portal_does_not_reflect_comes_back_into_the_queue(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(approval_lifetime=Duration(7, "bd"))
    number = office.enter()
    office.to_portal(number)
    about = queue.about(office.desk, queue.shown(office.bureau.database, number), NOW)
    assert "マイページへの反映を待っています" in about.wait
    turn.follow_up(office.desk, NOW + timedelta(days=7))
    assert office.action(number).state == "portal"
    later: datetime = NOW + timedelta(days=12)
    turn.follow_up(office.desk, later)
    found = office.action(number)
    assert found.state == "expired"
    assert "反映が記録されませんでした" in found.note
    assert office.address() == OLD
    assert approve(office, number) == "confirming"


def test_import_that_shows_the_change_leaves_nothing_to_decide(office: Office) -> None:
    number = office.enter()
    office.to_portal(number)
    office.import_(ROW.replace(OLD, NEW) + EAST)
    assert change_acts.reflect(office.desk, number, SATO, NOW) == "done"
    assert office.address() == NEW


# Two people at once


@pytest.mark.parametrize("kind", ["approve", "reject"])
def test_of_two_at_once_one_wins_and_the_other_is_told_who_a_hundred_times(
    make_bureau: Callable[..., Bureau], tables_url: str, tmp_path: Path, kind: str
) -> None:
    office = Office(make_bureau(tables_url), tmp_path)
    numbers = [office.enter("confirm_address") for _ in range(50)]
    together = Barrier(2)

    def decide(name: str) -> list[str]:
        said = []
        for number in numbers:
            together.wait()
            try:
                if kind == "reject" and name == SUZUKI:
                    said.append(approvals.reject(office.desk, number, name, "x", NOW))
                else:
                    said.append(approve(office, number, name))
            except Refused as error:
                said.append(str(error))
        return said

    with ThreadPoolExecutor(2) as pool:
        sato, suzuki = pool.map(decide, (SATO, SUZUKI))
    for number, *said in zip(numbers, sato, suzuki, strict=True):
        found = office.action(number)
        winner, loser = said if found.decided_by == SATO else reversed(said)
        assert winner == found.state
        assert winner in ("done", "rejected")
        assert f"is {found.state} already, decided by {found.decided_by}" in loser


def test_registry_that_moves_at_the_same_moment_is_never_approved_unseen(
    make_bureau: Callable[..., Bureau], tables_url: str, tmp_path: Path
) -> None:
    office = Office(make_bureau(tables_url), tmp_path)
    numbers = [office.enter("confirm_address") for _ in range(25)]
    together = Barrier(2)
    refused: list[str] = []
    addresses = [f"a{at}@mihon.example.jp" for at in range(len(numbers))]

    def move() -> None:
        for one in addresses:
            together.wait()
            office.import_(ROW.replace(OLD, one) + EAST)

    def decide() -> list[tuple[str, str]]:
        said = []
        for number in numbers:
            shown = office.facts(number)
            told = office.address()
            together.wait()
            try:
                approve(office, number, shown=shown)
                said.append((number, told))
            except Refused as error:
                refused.append(str(error))
        return said

    with ThreadPoolExecutor(2) as pool:
        moving, deciding = pool.submit(move), pool.submit(decide)
        moving.result()
        approved = deciding.result()
    told = {one.case_number: one.recipient for one in office.bureau.outbox("address_at_registered")}
    assert all("登録アドレス" in one for one in refused)
    for number, address in approved:
        known = told.get(office.action(number).case_number)
        assert known in (None, address)  # the one that stood there when it was shown
