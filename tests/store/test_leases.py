"""One process watches; another takes over when it dies, and the late one is harmless."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.desk import lease as desk_lease
from helpdesk.desk.lease import LEASE, Lease
from helpdesk.store.database import Database

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_second_process_stands_by_until_the_lease_lapses(database: Database) -> None:
    first, second = Lease(database, "x"), Lease(database, "x")
    assert first.acquire(NOW)
    assert not second.acquire(NOW + LEASE / 2)
    assert second.acquire(NOW + LEASE + timedelta(seconds=1))
    assert not first.renew(NOW + LEASE + timedelta(seconds=2))
    assert not first.is_held


def test_renewed_lease_does_not_lapse(database: Database) -> None:
    first, second = Lease(database, "x"), Lease(database, "x")
    first.acquire(NOW)
    assert first.renew(NOW + LEASE / 2)
    assert not second.acquire(NOW + LEASE + timedelta(seconds=1))


def test_released_lease_is_free_at_once(database: Database) -> None:
    first, second = Lease(database, "x"), Lease(database, "x")
    first.acquire(NOW)
    first.release(NOW)
    assert second.acquire(NOW + timedelta(seconds=1))


def test_lease_of_another_machine_of_the_same_name_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Lease(database, "x"), Lease(database, "x")
    with monkeypatch.context() as there:
        name = desk_lease._machine().partition("/")[0]
        there.setattr(desk_lease, "_machine", lambda: f"{name}/another-boot/pid:[1]")
        first.acquire(NOW)
    assert not second.acquire(NOW + LEASE / 2)
    assert second.acquire(NOW + LEASE + timedelta(seconds=1))


def test_lease_of_a_dead_process_of_this_machine_is_free_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, living = Lease(database, "x"), Lease(database, "x")
    real = desk_lease._myself()
    monkeypatch.setattr(desk_lease, "_myself", lambda: real.rpartition("|")[0] + "|1")
    dead.acquire(NOW)
    monkeypatch.undo()
    assert living.acquire(NOW + timedelta(seconds=1))


def test_of_many_that_come_at_once_one_gets_it(database: Database) -> None:
    contenders = [Lease(database, "x") for _ in range(6)]
    threads = [threading.Thread(target=one.acquire, args=(NOW,)) for one in contenders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.is_held for one in contenders) == 1
