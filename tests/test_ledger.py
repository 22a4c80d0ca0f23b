"""What lanes write down together: one commit, in order, and whose letter it still is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from helpdesk.desk import outbox
from helpdesk.desk.outbox import Begin, Ended, Outcome
from helpdesk.ledger import Ledger
from helpdesk.store import audit, delivery, letters
from helpdesk.store.database import Database, DatabaseBusy, patience
from helpdesk.store.delivery import ClaimedLetter
from tests.bureau import RULES, Bureau
from tests.outgoing import new_letter

SENT = Outcome("sent")


@pytest.fixture
def bureau(tables_url: str, tmp_path: Path) -> Iterator[Bureau]:
    limits = RULES.limits.model_copy(update={"letters_per_minute": 50, "letters_per_hour": 50})
    bureau = Bureau(tables_url, tmp_path, RULES.model_copy(update={"limits": limits}))
    with bureau.database.begin() as tx:
        for number in range(8):
            letters.insert_letter(tx, new_letter(f"receipt:{number}"), now())
    yield bureau
    bureau.database.close()


def now() -> datetime:
    return datetime.now(UTC)


def ended(letter: ClaimedLetter, outcome: Outcome = SENT) -> Ended:
    return Ended(letter, outcome, now())


def states(bureau: Bureau) -> list[str]:
    return [one.state for one in bureau.outbox()]


@contextmanager
def commits(database: Database) -> Iterator[list[int]]:
    """Give a list that grows with each commit of a writer or reader."""
    seen: list[int] = []

    def count(_connection: Any) -> None:
        seen.append(1)

    event.listen(database.engine, "commit", count)
    yield seen
    event.remove(database.engine, "commit", count)


def run(lanes: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(lanes, 20))


def test_end_and_beginnings_of_all_lanes_are_one_commit(bureau: Bureau) -> None:
    claimed = outbox.claim_due(bureau.desk, "one", now())

    async def lanes() -> None:
        ledger = Ledger(bureau.desk, 2, asyncio.Event())
        with commits(bureau.database) as seen:
            begun = [ledger.write(Begin(claimed[0])), ledger.write(Begin(claimed[1]))]
            assert await asyncio.gather(*begun) == [True, True]
            assert len(seen) == 1
            end = ledger.write(ended(claimed[0]))
            begun = [ledger.write(Begin(claimed[2])), ledger.write(Begin(claimed[3]))]
            assert await asyncio.gather(end, *begun) == [True, True, True]
            assert len(seen) == 2

    run(lanes())
    assert states(bureau)[:4] == ["sent", "handing_over", "handing_over", "handing_over"]


def test_nothing_waits_long_for_a_lane_that_does_not_come(bureau: Bureau) -> None:
    first, second, *_ = outbox.claim_due(bureau.desk, "one", now())

    async def lanes() -> None:
        ledger = Ledger(bureau.desk, 8, asyncio.Event())
        assert await ledger.write(Begin(first))
        assert await ledger.write(ended(first))
        for _ in range(8):
            ledger.leave()
        assert await ledger.write(Begin(second))

    started = time.monotonic()
    run(lanes())
    assert time.monotonic() - started < 5
    assert states(bureau)[:2] == ["sent", "handing_over"]


def test_lane_that_leaves_lets_the_others_go_on(bureau: Bureau) -> None:
    first, *_ = outbox.claim_due(bureau.desk, "one", now())

    async def lanes() -> None:
        ledger = Ledger(bureau.desk, 2, asyncio.Event())
        begun = ledger.write(Begin(first))
        ledger.leave()
        assert await begun

    run(lanes())


def test_one_commit_tells_the_letters_that_are_ours_from_those_that_are_not(
    bureau: Bureau,
) -> None:
    at = now()
    claimed = outbox.claim_due(bureau.desk, "one", at)
    done, lost, other, fresh = claimed[:4]
    assert outbox.write_down(bureau.desk, [Begin(done), Begin(other)], at) == [True, True]
    with bureau.database.begin() as tx:
        delivery.release_claim(tx, lost)
    (taken,) = outbox.claim_due(bureau.desk, "two", at)
    assert taken.id == lost.id
    failed = Outcome("failed", "550 no")
    entries = [ended(done), Begin(lost), ended(other, failed), ended(lost, failed), Begin(fresh)]
    assert outbox.write_down(bureau.desk, entries, at) == [True, False, True, False, True]
    assert states(bureau)[:4] == ["sent", "sending", "failed", "handing_over"]
    assert outbox.write_down(bureau.desk, [Begin(taken)], at) == [True]


def test_each_end_is_one_entry_of_the_audit_log(bureau: Bureau) -> None:
    at = now()
    claimed = outbox.claim_due(bureau.desk, "one", at)
    outbox.write_down(bureau.desk, [Begin(one) for one in claimed], at)
    deferred = Outcome("deferred", "450 later", at + timedelta(minutes=5))
    first, second, third, *_ = claimed
    doubt = Outcome("unknown", outbox.IN_DOUBT)
    outbox.write_down(bureau.desk, [ended(first), ended(second, deferred), ended(third, doubt)], at)
    with bureau.database.read() as tx:
        noted = [one.event.about for one in audit.entries(tx) if one.event.event == "letter_ended"]
    assert noted == [
        {"letter": first.id, "state": "sent"},
        {"letter": third.id, "state": "unknown"},
    ]


def test_while_the_database_is_busy_nothing_begins_and_no_end_is_forgotten(
    bureau: Bureau,
) -> None:
    first, second, third, *_ = outbox.claim_due(bureau.desk, "one", now())
    assert outbox.write_down(bureau.desk, [Begin(first)], now()) == [True]
    other = Database(bureau.url)

    async def lanes() -> None:
        ledger = Ledger(bureau.desk, 1, asyncio.Event())
        with other.begin() as tx:
            delivery.extend_leases(tx, "one", now() + outbox.LEASE)  # Its rows are locked now.
            end, begin = ledger.write(ended(first)), ledger.write(Begin(second))
            with pytest.raises(DatabaseBusy):
                await begin
            assert not end.done()
        # What comes now is behind the end, whenever that is tried again.
        assert await ledger.write(Begin(third))
        assert end.done()
        assert end.result()

    with patience(0.2):
        run(lanes())
    other.close()
    assert states(bureau)[:3] == ["sent", "sending", "handing_over"]


def test_who_stops_is_told_that_an_end_was_not_written(bureau: Bureau) -> None:
    first, *_ = outbox.claim_due(bureau.desk, "one", now())
    assert outbox.write_down(bureau.desk, [Begin(first)], now()) == [True]
    other = Database(bureau.url)

    async def lanes() -> None:
        stopping = asyncio.Event()
        stopping.set()
        ledger = Ledger(bureau.desk, 0, stopping)
        with other.begin() as tx:
            delivery.extend_leases(tx, "one", now() + outbox.LEASE)
            with pytest.raises(DatabaseBusy):
                await ledger.write(ended(first))

    with patience(0.2):
        run(lanes())
    other.close()
    assert states(bureau)[0] == "handing_over"


def test_what_a_lane_no_longer_means_to_begin_is_not_in_doubt(bureau: Bureau) -> None:
    first, second, *_ = outbox.claim_due(bureau.desk, "one", now())

    async def lanes() -> None:
        ledger = Ledger(bureau.desk, 3, asyncio.Event())
        given_up = asyncio.ensure_future(_begin(ledger, first))
        await asyncio.sleep(0)
        begun = ledger.write(Begin(second))
        given_up.cancel()
        assert await begun

    run(lanes())
    assert states(bureau)[:2] == ["sending", "handing_over"]


async def _begin(ledger: Ledger, letter: ClaimedLetter) -> bool:
    return await ledger.write(Begin(letter))
