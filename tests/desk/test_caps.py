"""The caps of a rental host's relay: so many letters a minute and an hour, for all workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from helpdesk.desk import outbox
from helpdesk.desk.context import Desk
from helpdesk.desk.outbox import Begin, Ended, Outcome
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import shipped_folder
from helpdesk.store import cases, delivery, holding, letters
from helpdesk.store.cases import NewCase
from helpdesk.store.database import Database, Transaction
from helpdesk.store.delivery import ClaimedLetter
from helpdesk.store.schema import letter
from tests.outgoing import new_letter

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def desk(tables_url: str, tmp_path: Path) -> Iterator[Desk]:
    file = tmp_path / "mailbox_rules.yaml"
    file.write_text(
        "desk: {name: みほん, address: desk@society.example.jp}\n"
        "limits: {letters_per_minute: 3, letters_per_hour: 5}\n",
        encoding="utf-8",
    )
    database = Database(tables_url)
    rules = load_rules(file)
    book = LetterBook.load(Path(shipped_folder()) / "templates", rules)
    with database.begin() as tx:
        for number in range(10):
            letters.insert_letter(tx, new_letter(f"receipt:{number}"), NOW)
    yield Desk(database=database, rules=rules, letters=book, key=b"k" * 32)
    database.close()


def open_case(tx: Transaction) -> int:
    new = NewCase(
        number="2026-000001",
        state="open",
        correspondent="a@x.test",
        correspondent_name="",
        subject="照会",
        fields={},
        missing=(),
        verdict=None,
        certification_number=None,
        thread=(),
        related_case_id=None,
    )
    return cases.insert_case(tx, new, NOW - HOUR).id


def send(desk: Desk, claimed: list[ClaimedLetter], at: datetime) -> None:
    assert all(outbox.write_down(desk, [Begin(one) for one in claimed], at))
    assert all(outbox.write_down(desk, [Ended(one, Outcome("sent"), at) for one in claimed], at))


def test_no_more_leave_in_a_minute_and_an_hour_than_the_rules_say(desk: Desk) -> None:
    first = outbox.claim_due(desk, "a", NOW)
    send(desk, first, NOW)
    assert len(first) == 3
    assert outbox.claim_due(desk, "a", NOW + MINUTE / 2) == []
    second = outbox.claim_due(desk, "a", NOW + MINUTE)
    send(desk, second, NOW + MINUTE)
    assert len(second) == 2  # Five an hour.
    assert outbox.claim_due(desk, "a", NOW + 3 * MINUTE) == []
    assert len(outbox.claim_due(desk, "a", NOW + HOUR)) == 3


def test_what_another_worker_has_in_hand_counts(desk: Desk) -> None:
    assert len(outbox.claim_due(desk, "a", NOW)) == 3
    assert outbox.claim_due(desk, "b", NOW) == []


def test_workers_that_claim_at_once_stay_within_the_caps_together(desk: Desk) -> None:
    together = threading.Barrier(4)

    def claim(worker: str) -> int:
        together.wait()
        return len(outbox.claim_due(desk, worker, NOW))

    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            assert sum(pool.map(claim, "abcd")) == 3
            with desk.database.begin() as tx:
                tx.execute(update(letter).values(state="queued", lease_until=None))


def test_claims_of_a_dead_worker_hold_up_nobody(desk: Desk) -> None:
    outbox.claim_due(desk, "a", NOW)
    later = NOW + outbox.LEASE + timedelta(seconds=1)
    assert len(outbox.claim_due(desk, "b", later)) == 3


def test_copies_wait_for_letters_that_are_leaving_but_not_for_long(desk: Desk) -> None:
    def copies(seconds: float) -> int | None:
        found = outbox.copies_to_file(desk.database, 10, NOW + timedelta(seconds=seconds))
        return None if found is None else len(found)

    assert copies(0) == 0
    first, second, third = outbox.claim_due(desk, "a", NOW)
    send(desk, [first], NOW)
    assert copies(1) is None  # Two are on their way, and somebody waits for them.
    with desk.database.begin() as tx:
        delivery.extend_leases(tx, "a", NOW + HOUR)
    assert copies(29) is None
    assert copies(30) == 1  # However long the others take.
    send(desk, [second, third], NOW + timedelta(seconds=5))
    assert copies(6) == 3  # Caps that hold the next ones back hold up no copy.


def test_copies_do_not_wait_for_who_has_died(desk: Desk) -> None:
    first, *_ = outbox.claim_due(desk, "a", NOW)
    send(desk, [first], NOW + timedelta(seconds=8))
    assert outbox.copies_to_file(desk.database, 10, NOW + timedelta(seconds=9)) is None
    found = outbox.copies_to_file(desk.database, 10, NOW + timedelta(seconds=11))
    assert [one.letter_id for one in found or ()] == [first.id]


def test_what_is_held_is_taken_from_the_worker_that_has_claimed_it(desk: Desk) -> None:
    claimed = outbox.claim_due(desk, "a", NOW)
    with desk.database.begin() as tx:
        case_id = open_case(tx)
        tx.execute(update(letter).where(letter.c.id == claimed[0].id).values(case_id=case_id))
        assert holding.hold_letters_of(tx, case_id, "staff answered") == 1
    assert outbox.write_down(desk, [Begin(one) for one in claimed], NOW) == [False, True, True]
    outbox.give_back(desk.database, claimed[:1])
    states = {one.id: one.state for one in outbox.listed(desk.database)}
    assert states[claimed[0].id] == "held"


def test_what_was_leaving_when_staff_answered_is_held_where_it_comes_back(desk: Desk) -> None:
    first, second, third = outbox.claim_due(desk, "a", NOW)
    outbox.write_down(desk, [Begin(first), Begin(second), Begin(third)], NOW)
    with desk.database.begin() as tx:
        case_id = open_case(tx)
        mine = update(letter).where(letter.c.id.in_([first.id, second.id]))
        tx.execute(mine.values(case_id=case_id))
        assert holding.hold_letters_of(tx, case_id, "staff answered") == 0
        cases.note_outside_answer(tx, case_id, NOW)
    later = Outcome("deferred", "450 later", NOW + MINUTE)
    ends = [Ended(first, Outcome("sent"), NOW), Ended(second, later, NOW), Ended(third, later, NOW)]
    assert outbox.write_down(desk, ends, NOW) == [True, True, True]
    states = {one.id: one.state for one in outbox.listed(desk.database)}
    assert [states[one.id] for one in (first, second, third)] == ["sent", "held", "deferred"]


def test_what_a_person_let_go_after_the_answer_stays_on_its_way(desk: Desk) -> None:
    (mine, *_) = outbox.claim_due(desk, "a", NOW)
    with desk.database.begin() as tx:
        case_id = open_case(tx)
        tx.execute(update(letter).where(letter.c.id == mine.id).values(case_id=case_id))
        holding.hold_letters_of(tx, case_id, "staff answered")
        cases.note_outside_answer(tx, case_id, NOW)
    outbox.retry(desk.database, mine.id, NOW + MINUTE, "operator", "command")
    with desk.database.begin() as tx:
        tx.execute(update(letter).where(letter.c.id != mine.id).values(state="sent", sent_at=NOW))
    (again,) = outbox.claim_due(desk, "a", NOW + 2 * HOUR)
    outbox.write_down(desk, [Begin(again)], NOW + 2 * HOUR)
    put_off = Outcome("deferred", "450 later", NOW + 3 * HOUR)
    outbox.write_down(desk, [Ended(again, put_off, NOW + 2 * HOUR)], NOW + 2 * HOUR)
    assert {one.id: one.state for one in outbox.listed(desk.database)}[mine.id] == "deferred"
