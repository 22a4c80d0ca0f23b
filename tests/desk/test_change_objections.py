"""Who could have objected to a change, and who may decide when few are there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk import approvals, change_acts, hand_reading, own_records, persons
from helpdesk.desk import change_turn as turn
from helpdesk.desk.context import Refused
from helpdesk.domain.change import FOR_CALL_BACK, FOR_TIME
from helpdesk.store import changes, contacts, staff
from tests.bureau import Bureau
from tests.desk.test_identity import EAST, KATO, NEW, NOW, OLD, ROW, SATO, SUZUKI, Office

LATER = NOW + timedelta(days=4)


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    return Office(make_bureau(), tmp_path, officer="officer@society.example.jp")


def cooling(office: Office) -> int:
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    office.confirm(number)
    assert office.action(number).state == "cooling"
    return number


def waits(office: Office, number: int) -> tuple[str, str | None]:
    with office.bureau.database.read() as tx:
        change = changes.change_of(tx, number)
    assert change is not None
    return change.state, change.waits_for


def run_sql(office: Office, statement: str) -> None:
    with office.bureau.database.begin() as tx:
        tx.exec_driver_sql(statement)


# Cooling


def test_cooling_runs_from_when_the_notice_left(office: Office) -> None:
    number = cooling(office)
    turn.follow_up(office.desk, LATER)
    assert waits(office, number) == ("cooling", FOR_TIME)  # It is in the outbox still.
    office.bureau.send(LATER)
    turn.follow_up(office.desk, LATER + timedelta(hours=71))
    assert waits(office, number) == ("cooling", FOR_TIME)
    turn.follow_up(office.desk, LATER + timedelta(hours=73))
    assert office.action(number).state == "portal"


def test_old_address_that_became_unreachable_makes_a_call_necessary(office: Office) -> None:
    number = cooling(office)
    office.bureau.send(NOW)
    with office.bureau.database.begin() as tx:
        contacts.mark_unreachable(tx, OLD, "bounced", NOW)  # another letter did not arrive
    turn.follow_up(office.desk, LATER)
    assert waits(office, number) == ("cooling", FOR_CALL_BACK)
    assert "旧アドレスにメールが届きませんでした。" in office.action(number).note
    change_acts.call_back(office.desk, number, SATO, LATER)
    assert office.action(number).state == "portal"


def test_notice_that_was_dropped_makes_a_call_necessary(office: Office) -> None:
    number = cooling(office)
    run_sql(office, "UPDATE letter SET state = 'cancelled' WHERE letter = 'change_notice'")
    turn.follow_up(office.desk, LATER)
    assert waits(office, number) == ("cooling", FOR_CALL_BACK)


@pytest.mark.parametrize(
    ("old", "counts"), [(OLD, True), ("mihon@aqua.ocn.ne.jp", False), ("info@jcho.go.jp", False)]
)
def test_request_from_a_shared_domain_does_not_end_the_wait(
    office: Office, old: str, counts: bool
) -> None:
    office.import_(ROW.replace(OLD, old) + EAST)
    run_sql(office, "DELETE FROM registry_shift")  # As if that was long ago.
    number = office.enter()
    run_sql(office, f"UPDATE \"case\" SET correspondent = '{old}'")
    run_sql(office, "UPDATE action SET authenticated = true, facts = '{}'")
    with pytest.raises(Refused, match="once more"):  # Shown as it is now.
        approvals.approve(office.desk, number, SATO, NOW)
    approvals.approve(office.desk, number, SATO, NOW, shown=office.facts(number))
    office.confirm(number)
    assert office.action(number).state == ("portal" if counts else "cooling")


# Few deciders


def exception(office: Office, **more: Any) -> int:
    number = office.enter(**more)
    run_sql(office, f"UPDATE action SET marks = '[\"over_misses\"]' WHERE id = {number}")
    return number


def retire(office: Office, *names: str) -> None:
    for name in names:
        run_sql(office, f"UPDATE staff SET disabled_at = '2026-01-01' WHERE name = '{name}'")


def test_whose_own_record_it_is_counts_as_nobody_who_could_decide(office: Office) -> None:
    retire(office, "boss")
    own_records.keep(office.bureau.database, SUZUKI, "123456", [], "boss")
    number = exception(office)
    with pytest.raises(Refused, match="one approver only"):
        approvals.approve(office.desk, number, SATO, NOW)
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert approvals.approve(office.desk, number, SATO, NOW) == "confirming"


def test_who_entered_it_may_where_the_only_other_ones_record_it_is(office: Office) -> None:
    retire(office, "boss")
    own_records.keep(office.bureau.database, SUZUKI, "123456", [], "boss")
    number = office.enter(by=SATO)
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert approvals.approve(office.desk, number, SATO, NOW) == "confirming"
    with pytest.raises(Refused, match="your own record"):
        approvals.approve(office.desk, office.enter(by=KATO), SUZUKI, NOW)


@pytest.mark.parametrize("change", ["disabled_at = '2026-01-01'", "role = 'operator'"])
def test_first_approval_counts_only_while_its_person_may_decide(
    office: Office, change: str
) -> None:
    number = exception(office)
    assert approvals.approve(office.desk, number, SATO, NOW) == "waiting"
    run_sql(office, f"UPDATE staff SET {change} WHERE name = 'sato'")
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "waiting"
    assert approvals.approve(office.desk, number, "boss", NOW) == "confirming"


def done(office: Office, at: datetime = NOW) -> int:
    number = office.enter()
    office.to_portal(number)
    change_acts.reflect(office.desk, number, SATO, at)
    assert office.address() == NEW
    return number


def test_nobody_undoes_a_change_of_their_own_record(office: Office) -> None:
    number = done(office)
    own_records.keep(office.bureau.database, SUZUKI, "123456", [], "boss")
    with pytest.raises(Refused, match="your own record"):
        change_acts.revert(office.desk, number, SUZUKI, "x", NOW)
    assert change_acts.revert(office.desk, number, SATO, "x", NOW) == "reverted"
    with pytest.raises(Refused, match="your own record"):
        change_acts.reflect(office.desk, number, SUZUKI, NOW)
    assert change_acts.reflect(office.desk, number, SATO, NOW) == "reverted"


# Erasure


@pytest.mark.parametrize("address", [OLD, NEW.upper()])
def test_addresses_of_a_change_are_not_erased_while_it_needs_them(
    office: Office, address: str
) -> None:
    def erase(now: datetime) -> int:
        return persons.erase(
            office.desk, "boss", address=address, member_number=None, now=now
        ).cases

    number = office.enter()
    with pytest.raises(Refused, match="undecided, on their way"):
        erase(NOW)
    office.to_portal(number)
    office.bureau.send(NOW)
    with pytest.raises(Refused, match="undecided, on their way"):
        erase(NOW)
    change_acts.reflect(office.desk, number, SATO, NOW)
    office.bureau.send(NOW)
    with pytest.raises(Refused, match="may still be undone"):
        erase(NOW + timedelta(days=13))
    erase(NOW + timedelta(days=15))


def test_case_stays_its_members_when_another_one_follows(office: Office) -> None:
    number = office.enter("confirm_address")
    approvals.reject(office.desk, number, SATO, "x", NOW)
    office.bureau.send(NOW)
    office.import_(ROW.replace("見本 太郎,123456,1968-04-09", "後任 次郎,999999,1970-02-02") + EAST)
    for member, found in (("999999", 0), ("123456", 1)):
        erased = persons.erase(office.desk, "boss", address=None, member_number=member, now=NOW)
        assert erased.cases == found


def test_case_that_was_never_verified_is_found_by_the_number_that_was_typed(
    office: Office,
) -> None:
    wrong = office.enter("confirm_address", identity="777777")
    by_birthdate = office.enter("confirm_address", identity="1968年4月9日")
    nobody = office.enter("confirm_address", identity="1999年9月9日")
    for number in (wrong, by_birthdate, nobody):
        approvals.reject(office.desk, number, SATO, "x", NOW)
    office.bureau.send(NOW)
    office.import_(ROW.replace("見本 太郎,123456,1968-04-09", "後任 次郎,999999,1970-02-02") + EAST)
    run_sql(office, f"UPDATE \"case\" SET certification_number = 'K0101' WHERE id >= {nobody}")

    def erase(member: str) -> persons.Erased:
        return persons.erase(office.desk, "boss", address=None, member_number=member, now=NOW)

    exported = persons.export(office.desk, SATO, address=None, member_number="999999")
    assert [one["record"] for one in exported] == ["facility", "case_to_look_at"]
    theirs = erase("999999")  # Whose facility it is today, and was not then.
    assert (theirs.cases, theirs.unsure) == (0, (office.action(nobody).case_number,))
    assert erase("0777777").cases == 1
    assert erase("123456").cases == 1
    assert erase("777777").cases + erase("123456").cases == 0


def test_who_entered_a_request_decides_nothing_that_follows_from_it(office: Office) -> None:
    number = office.enter("confirm_address", by=SUZUKI)
    case_number = office.action(number).case_number
    fields = {
        "certification_number": "K0101",
        "responsible_physician": "見本 太郎",
        "member_number": "123456",
        "request": "change_address",
        "new_address": NEW,
    }
    with office.bureau.database.begin() as tx:
        staff.insert_staff(tx, "mori", "approver", "x", NOW)
    hand_reading.correct_fields(office.desk, case_number, "mori", fields, NOW)
    follows = number + 1
    assert office.action(follows).kind == "change_address"
    for act in (approvals.approve, change_acts.call_back):
        with pytest.raises(Refused, match="entered by the same person"):
            act(office.desk, follows, SUZUKI, NOW)
    assert approvals.approve(office.desk, follows, SATO, NOW) == "confirming"


def test_who_entered_a_request_tells_no_address_after_it_was_not_received(office: Office) -> None:
    number = office.enter("confirm_address", by=SUZUKI)
    approvals.approve(office.desk, number, SATO, NOW)
    assert ("address_hint", "z@x.test") in office.letters()
    run_sql(
        office,
        "INSERT INTO action (purpose_key, case_id, kind, state, verdict, certification_number,"
        " facility_version, evidence, note, created_at, marks, facts, authenticated, turn,"
        " facts_moved) SELECT 'follows', case_id, kind, 'waiting', verdict, certification_number,"
        " facility_version, evidence, '', created_at, '[\"not_received\"]', facts, authenticated,"
        " turn, facts_moved FROM action",
    )
    for act in (change_acts.call_back, approvals.approve):
        with pytest.raises(Refused, match="entered by the same person"):
            act(office.desk, number + 1, SUZUKI, NOW)
    change_acts.call_back(office.desk, number + 1, SATO, NOW)
