"""The outbox: one letter a purpose, leases, fencing tokens, and what stays in doubt."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from helpdesk.store import delivery, letters
from helpdesk.store.database import Database, patience
from helpdesk.store.delivery import ClaimedLetter
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import letter
from tests.outgoing import new_letter
from tests.servers.postgres import Postgres

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LEASE = timedelta(seconds=10)


def put(database: Database, purpose: str, *, priority: int = 10, state: str = "queued") -> bool:
    new = new_letter(purpose, priority=priority, state=state)
    with database.begin() as tx:
        return letters.insert_letter(tx, new, NOW) is not None


def claim(
    database: Database, worker: str, now: datetime = NOW, limit: int = 10
) -> list[ClaimedLetter]:
    with database.begin() as tx:
        return delivery.claim(tx, worker, now, now + LEASE, limit)


def states(database: Database) -> list[str]:
    with database.read() as tx:
        return [row.state for row in letters.outbox(tx)]


def test_purpose_gets_one_letter(database: Database) -> None:
    assert put(database, "a")
    assert not put(database, "a")
    assert len(states(database)) == 1


def test_receipts_go_before_everything_else(database: Database) -> None:
    put(database, "result")
    put(database, "receipt", priority=0)
    (first,) = claim(database, "w", limit=1)
    assert first.id == 2


def test_order_is_the_same_whatever_state_a_letter_waits_in(database: Database) -> None:
    for purpose in "abcde":
        put(database, purpose)
    put(database, "receipt", priority=0)
    claimed = claim(database, "w")
    minutes = dict(zip([one.id for one in claimed], (5, 4, 3, 2, 1, 0), strict=True))
    with database.begin() as tx:  # The receipt stays with a worker that dies.
        for one in claimed[1:4]:
            until = NOW + timedelta(minutes=minutes[one.id])
            delivery.mark_not_sent(tx, one, "deferred", "450", until)
        for one in claimed[4:]:
            delivery.postpone_claimed(tx, one, NOW + timedelta(minutes=minutes[one.id]))
    later = NOW + timedelta(minutes=6)
    due = [one.id for one in claimed[:1] + claimed[:0:-1]]
    assert [one.id for one in claim(database, "w", later, limit=4)] == due[:4]
    assert [one.id for one in claim(database, "w", later, limit=4)] == due[4:]


def test_receipts_are_claimed_more_at_once_than_what_they_go_before(database: Database) -> None:
    for number in range(4):
        put(database, f"result:{number}")
        put(database, f"receipt:{number}", priority=0)
    with database.begin() as tx:
        until = NOW + LEASE
        first = delivery.claim(tx, "w", NOW, until, 2, 3)
        second = delivery.claim(tx, "w", NOW, until, 2, 3)
        third = delivery.claim(tx, "w", NOW, until, 2, 3)
    assert [one.id for one in first] == [2, 4, 6]
    assert [one.id for one in second] == [8, 1]
    assert [one.id for one in third] == [3, 5]


def test_letter_is_claimed_with_its_own_bytes(database: Database) -> None:
    with database.begin() as tx:
        for number in range(5):
            new = replace(new_letter(f"p{number}"), source=f"letter {number}".encode())
            letters.insert_letter(tx, new, NOW - timedelta(minutes=number))
    claimed = claim(database, "w")
    assert [one.source for one in claimed] == [b"letter %d" % n for n in (4, 3, 2, 1, 0)]


def test_claimed_letter_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    put(database, "a")
    (first,) = claim(database, "one")
    assert claim(database, "two") == []
    later = NOW + LEASE + timedelta(seconds=1)
    (second,) = claim(database, "two", later)
    assert second.fence == first.fence + 1


def test_sign_of_life_keeps_the_lease(database: Database) -> None:
    put(database, "a")
    claim(database, "one")
    later = NOW + LEASE + timedelta(seconds=1)
    with database.begin() as tx:
        delivery.extend_leases(tx, "one", later + LEASE)
    assert claim(database, "two", later) == []


def test_sign_of_life_does_not_wait_for_what_is_being_written_down(postgres: Postgres) -> None:
    first = Database(postgres.new_database())
    migrate(first)
    second = Database(first.url.render_as_string(hide_password=False))
    put(first, "a")
    put(first, "b")
    a, b = claim(first, "one")
    later = NOW + LEASE + timedelta(seconds=1)
    with first.begin() as tx:
        delivery.begin_handing_over(tx, [b], later + LEASE)
        with patience(2), second.begin() as other:
            delivery.extend_leases(other, "one", later + LEASE)
        # The other way round it would have been a deadlock.
        delivery.begin_handing_over(tx, [a], later + LEASE)
    assert claim(second, "two", later) == []
    first.close()
    second.close()


def test_worker_that_lost_its_lease_can_change_nothing(database: Database) -> None:
    put(database, "a")
    (old,) = claim(database, "one")
    (new,) = claim(database, "two", NOW + LEASE * 2)
    with database.begin() as tx:
        assert not delivery.begin_handing_over(tx, [old], NOW + LEASE * 3)
        assert not delivery.mark_sent(tx, [(old, NOW)], keep_copy=True)
        assert not delivery.mark_not_sent(tx, old, "failed", "x")
        delivery.release_claim(tx, old)
        assert delivery.begin_handing_over(tx, [new], NOW + LEASE * 3)
    assert states(database) == ["handing_over"]


def test_lease_lost_by_one_of_several_is_lost_by_that_one_alone(database: Database) -> None:
    for purpose in "abc":
        put(database, purpose)
    (lost, *_), kept = claim(database, "one", limit=1), claim(database, "one")
    later = NOW + LEASE + timedelta(seconds=1)
    with database.begin() as tx:
        tx.execute(update(letter).where(letter.c.id != lost.id).values(lease_until=later + LEASE))
    assert [one.id for one in claim(database, "two", later)] == [lost.id]
    ours = {one.id for one in kept}
    with database.begin() as tx:
        assert delivery.begin_handing_over(tx, [lost, *kept], later + LEASE) == ours
    assert states(database) == ["sending", "handing_over", "handing_over"]
    with database.begin() as tx:
        sent = [(one, later) for one in (lost, *kept)]
        assert delivery.mark_sent(tx, sent, keep_copy=False) == ours
    assert states(database) == ["sending", "sent", "sent"]


def test_letter_that_comes_to_the_same_state_under_a_newer_token_is_not_ours(
    database: Database,
) -> None:
    put(database, "a")
    (old,) = claim(database, "one")
    (new,) = claim(database, "one", NOW + LEASE * 2)
    with database.begin() as tx:
        assert delivery.begin_handing_over(tx, [new], NOW + LEASE * 3) == {new.id}
        assert delivery.begin_handing_over(tx, [old], NOW + LEASE * 3) == set()
        assert delivery.mark_sent(tx, [(new, NOW)], keep_copy=False) == {new.id}
        assert delivery.mark_sent(tx, [(old, NOW)], keep_copy=False) == set()


def test_only_what_was_being_handed_over_is_in_doubt(database: Database) -> None:
    put(database, "claimed")
    put(database, "handed")
    _, handed = claim(database, "one")
    with database.begin() as tx:
        delivery.begin_handing_over(tx, [handed], NOW + LEASE)
        assert delivery.doubt_abandoned(tx, NOW) == 0
        assert delivery.doubt_abandoned(tx, NOW + LEASE * 2) == 1
    assert states(database) == ["sending", "unknown"]
    assert [one.id for one in claim(database, "two", NOW + LEASE * 2)] == [1]


def test_late_answer_of_the_same_worker_resolves_its_doubt(database: Database) -> None:
    put(database, "a")
    (one,) = claim(database, "one")
    with database.begin() as tx:
        delivery.begin_handing_over(tx, [one], NOW + LEASE)
        delivery.doubt_abandoned(tx, NOW + LEASE * 2)
        assert delivery.mark_sent(tx, [(one, NOW + LEASE * 2)], keep_copy=True)
    assert states(database) == ["sent"]


def test_letter_being_handed_over_is_never_given_back(database: Database) -> None:
    put(database, "a")
    (one,) = claim(database, "one")
    with database.begin() as tx:
        delivery.begin_handing_over(tx, [one], NOW + LEASE)
        delivery.release_claim(tx, one)
    assert states(database) == ["handing_over"]


def test_deferred_letter_waits_for_its_time(database: Database) -> None:
    put(database, "a")
    (one,) = claim(database, "one")
    with database.begin() as tx:
        delivery.mark_not_sent(tx, one, "deferred", "450", NOW + timedelta(minutes=5))
    assert claim(database, "one", NOW + timedelta(minutes=4)) == []
    (again,) = claim(database, "one", NOW + timedelta(minutes=5))
    assert again.attempts == 1


def test_held_letter_leaves_only_when_a_person_says_so(database: Database) -> None:
    put(database, "a", state="held")
    assert claim(database, "one") == []
    with database.begin() as tx:
        assert letters.retry(tx, 1, NOW) == "held"
    assert len(claim(database, "one")) == 1


def test_sent_letter_cannot_be_retried(database: Database) -> None:
    put(database, "a")
    (one,) = claim(database, "one")
    with database.begin() as tx:
        delivery.begin_handing_over(tx, [one], NOW + LEASE)
        delivery.mark_sent(tx, [(one, NOW)], keep_copy=False)
        assert letters.retry(tx, 1, NOW) is None


def test_three_workers_at_once_never_hold_the_same_letter(database: Database) -> None:
    for number in range(60):
        put(database, f"p{number}")
    held: list[int] = []

    def work(name: str) -> None:
        while claimed := claim(database, name, limit=3):
            held.extend(one.id for one in claimed)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held) == list(range(1, 61))


def test_copies_are_filed_once_and_doubtful_ones_are_known(database: Database) -> None:
    put(database, "a")
    (one,) = claim(database, "one")
    with database.begin() as tx:
        delivery.begin_handing_over(tx, [one], NOW + LEASE)
        delivery.mark_sent(tx, [(one, NOW)], keep_copy=True)
        assert [copy.doubtful for copy in delivery.copies_to_file(tx, 10)] == [False]
        delivery.mark_copies(tx, [one.id], "saving")
        assert [copy.doubtful for copy in delivery.copies_to_file(tx, 10)] == [True]
        delivery.mark_copies(tx, [one.id], "saved")
        assert delivery.copies_to_file(tx, 10) == []
