"""The limits of the parts on this machine, one process each way, nothing else running."""

from __future__ import annotations

import smtplib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import traffic
from benchmarks.stage import Stage
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request

_BATCH = 50


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how many a second: the best of three runs, because others only slow it down."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return count / best


def parse_rate(raws: list[bytes]) -> float:
    """Mails a second from bytes to the fields of the form."""
    return rate(len(raws), lambda: [read_request(read_message(raw)) for raw in raws])


def commit_rate(raws: list[bytes], at_once: int) -> float:
    """Mails a second into SQLite with FULL, so many a transaction."""

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
            db = _database(Path(folder))
            for start in range(0, len(raws), at_once):
                _insert(db, raws[start : start + at_once])
            db.close()

    return rate(len(raws), work)


def bare_rate(raws: list[bytes]) -> float:
    """Mails a second through the bare pipeline of one process: parse, one FULL commit a mail.

    What it leaves out: fetching, filing, the registry, the letter, and sending it.
    """

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
            db = _database(Path(folder))
            for raw in raws:
                read_request(read_message(raw))
                _insert(db, [raw])
            db.close()

    return rate(len(raws), work)


def _database(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, raw BLOB)")
    return db


def _insert(db: sqlite3.Connection, raws: list[bytes]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO mail (raw) VALUES (?)", [(raw,) for raw in raws])
    db.execute("COMMIT")


def fetch_rate(stage: Stage, count: int) -> float:
    """Mails a second out of Dovecot, fifty a FETCH."""
    stage.dovecot.deliver_many(traffic.requests(count, "fetch"), stage.user)
    with stage.dovecot.client(stage.user) as client:
        client.select_folder("INBOX", readonly=True)
        uids = client.search()

        def work() -> None:
            for start in range(0, len(uids), _BATCH):
                client.fetch(uids[start : start + _BATCH], ["BODY.PEEK[]"])

        return rate(len(uids), work)


def smtp_rate(stage: Stage, raws: list[bytes]) -> float:
    """Letters a second into the relay over one connection that is reused."""

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", stage.sink.port) as smtp:
            for raw in raws:
                smtp.sendmail("desk@society.example.jp", ["a@h1.example.jp"], raw)

    return rate(len(raws), work)
