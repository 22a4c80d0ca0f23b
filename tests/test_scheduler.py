"""The scheduler only wakes: the jobs are the desk's, and a jumping clock is told of."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpdesk import scheduler
from helpdesk.scheduler import JOBS, Scheduler, clock_jumped
from helpdesk.store.facts import write_fact
from tests.bureau import Bureau
from tests.prepared import prepare


@pytest.mark.parametrize(
    ("wall", "steady", "jumped"),
    [
        (5.0, 5.0, False),
        (65.0, 5.0, False),
        (3605.0, 5.0, True),  # an hour ahead
        (-595.0, 5.0, True),  # ten minutes back
        (259_205.0, 5.0, True),  # asleep for three days: the count stood still
        (259_205.0, 259_205.0, False),
    ],
)
def test_clock_that_moves_by_more_than_time_has_jumped(
    wall: float, steady: float, jumped: bool
) -> None:
    assert clock_jumped(wall, steady) is jumped


def test_every_job_is_called_with_a_time_and_one_that_fails_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: dict[str, datetime] = {}
    all_called = threading.Event()
    again = threading.Event()

    def job(name: str) -> Any:
        def work(_desk: Any, now: datetime) -> int:
            if name in called:
                again.set()
            called[name] = now
            if len(called) == 3:
                all_called.set()
            if name == "bad":
                raise ValueError("a fault of ours")
            return 1

        return work

    jobs: Mapping[str, Any] = {name: job(name) for name in ("bad", "one", "two")}
    monkeypatch.setattr(scheduler, "JOBS", jobs)
    woken: list[int] = []
    waker = Scheduler(lambda: None, lambda: woken.append(1))  # type: ignore[arg-type,return-value]
    waker.start()
    try:
        assert all_called.wait(20)
        waker.wake()
        assert again.wait(20)
    finally:
        waker.stop()
    assert all(now.tzinfo is not None for now in called.values())
    assert len(woken) >= 2


def test_what_was_erased_leaves_the_log_of_the_database_by_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/helpdesk.db"
    prepare(url)
    bureau = Bureau(url, tmp_path)
    with bureau.database.begin() as tx:
        write_fact(tx, "secret", "x")
    assert (tmp_path / "helpdesk.db-wal").stat().st_size > 0
    JOBS["old_pages"](bureau.desk, datetime.now(UTC))
    assert (tmp_path / "helpdesk.db-wal").stat().st_size == 0
    bureau.database.close()
