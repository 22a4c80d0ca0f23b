"""One writer at a time at an SQLite file, and a log in which nothing is kept."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from helpdesk.store import facts
from helpdesk.store.database import Database, DatabaseBusy, DatabaseError, patience
from helpdesk.store.migrate import migrate
from helpdesk.store.turns import Turns

_SECRET = "昭和43年4月9日"

_WRITER = """
import sys, time
from helpdesk.store import facts
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

database = Database(sys.argv[1])
migrate(database)
for number in range(int(sys.argv[3])):
    with database.begin() as tx:
        so_far = facts.read_fact(tx, "sum") or 0
        time.sleep(0.001)
        facts.write_fact(tx, "sum", so_far + 1)
database.close()
"""

_HOLDER = """
import sys, time
from helpdesk.store.database import Database

with Database(sys.argv[1]).begin():
    print("mine", flush=True)
    time.sleep(60)
"""


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


@contextmanager
def held(url: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the turn."""
    holder = run(_HOLDER, url)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        yield holder
    finally:
        holder.kill()
        holder.wait()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/x.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    migrate(made)
    yield made
    made.close()


def test_processes_that_begin_and_write_at_once_take_turns(url: str) -> None:
    writers = [run(_WRITER, url, number, 40) for number in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    with closing(Database(url)) as database, database.read() as tx:
        assert facts.read_fact(tx, "sum") == 160
        assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_turn_of_a_process_that_is_killed_is_free_at_once(url: str, database: Database) -> None:
    with held(url) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        began = time.monotonic()
        with database.begin() as tx:
            facts.write_fact(tx, "a", 1)
        assert time.monotonic() - began < 5


def test_who_cannot_wait_is_told_and_keeps_nobody_waiting(url: str, database: Database) -> None:
    with held(url):
        began = time.monotonic()
        with pytest.raises(DatabaseBusy), patience(0.3), database.begin():
            pass
        assert 0.2 < time.monotonic() - began < 5
        with database.read() as tx:  # Reading waits for nobody.
            assert facts.read_fact(tx, "a") is None
    with database.begin() as tx:
        facts.write_fact(tx, "a", 1)


def test_turn_goes_to_who_waited_longest_and_not_to_who_had_it_last() -> None:
    turns, order = Turns(None), list[str]()

    def write(name: str) -> None:
        turns.take(20.0, hurried=False)
        order.append(name)
        turns.give_back()

    turns.take(20.0, hurried=False)
    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
        time.sleep(0.1)  # It waits by now.
    with pytest.raises(TimeoutError):
        turns.take(0.05, hurried=True)  # Who has gone is handed nothing.
    turns.give_back()
    write("d")
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c", "d"]


def test_fault_in_a_transaction_is_its_own_and_gives_the_turn_back(database: Database) -> None:
    with pytest.raises(TimeoutError, match="of the network"), database.begin():
        raise TimeoutError("of the network")
    with database.begin() as tx:
        facts.write_fact(tx, "a", 1)


def test_files_beside_the_database_are_for_their_owner_alone(tmp_path: Path, url: str) -> None:
    old_mask = os.umask(0)
    try:
        with closing(Database(url)) as database:
            migrate(database)
            beside = sorted(path.name for path in tmp_path.iterdir())
            rights = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(old_mask)
    assert beside == ["x.db", "x.db-shm", "x.db-turn", "x.db-wal"]
    assert set(rights.values()) == {0o600}


def test_folder_in_which_no_turn_can_be_taken_is_one_sentence(tmp_path: Path, url: str) -> None:
    (tmp_path / "x.db-turn").mkdir()
    with (
        closing(Database(url)) as database,
        pytest.raises(DatabaseError, match="check its owner"),
        database.begin(),
    ):
        pass


def on_disk(folder: Path, secret: str) -> list[str]:
    """Return the files in which a text can be read."""
    return sorted(p.name for p in folder.iterdir() if secret.encode() in p.read_bytes())


def test_nothing_erased_stays_in_the_log(tmp_path: Path, database: Database) -> None:
    for number in range(3):
        with database.begin() as tx:
            facts.write_fact(tx, f"a{number}", {"text": "x" * 3000})
    with database.begin() as tx:
        tx.execute(text("CREATE TABLE secret (words TEXT)"))
        tx.execute(text("INSERT INTO secret VALUES (:words)"), {"words": _SECRET})
    with database.begin() as tx:
        tx.execute(text("DELETE FROM secret"))
    assert on_disk(tmp_path, _SECRET) == ["x.db-wal"]
    database.forget_old_pages()
    assert on_disk(tmp_path, _SECRET) == []


def test_log_that_somebody_still_reads_is_not_called_empty(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.store.database._READERS_S", 0.2)
    with database.begin() as tx:
        tx.execute(text("CREATE TABLE secret (words TEXT)"))
        tx.execute(text("INSERT INTO secret VALUES (:words)"), {"words": _SECRET})
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM secret")).scalar() == 1
        with database.begin() as tx:
            tx.execute(text("DELETE FROM secret"))
        with pytest.raises(DatabaseBusy, match="others are reading"):
            database.forget_old_pages()
    database.forget_old_pages()
    assert on_disk(tmp_path, _SECRET) == []
    with database.begin() as tx:  # The patience of others is as it was.
        assert tx.execute(text("PRAGMA busy_timeout")).scalar() == 30_000


def test_file_with_a_rollback_journal_becomes_one_with_a_log(tmp_path: Path, url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as before:
        before.execute("PRAGMA journal_mode=PERSIST")
        before.execute("CREATE TABLE old (words TEXT)")
        before.execute("INSERT INTO old VALUES (?)", (_SECRET,))
        before.commit()
        before.execute("UPDATE old SET words = 'another'")
        before.commit()
    assert on_disk(tmp_path, _SECRET) == ["x.db-journal"]
    with closing(Database(url)) as database:
        migrate(database)
        with database.read() as tx:
            assert tx.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert tx.execute(text("SELECT words FROM old")).scalar() == "another"
    assert on_disk(tmp_path, _SECRET) == []
    assert not (tmp_path / "x.db-journal").exists()


def test_file_by_another_name_has_the_same_turns(
    tmp_path: Path, url: str, database: Database
) -> None:
    (tmp_path / "alias.db").symlink_to(tmp_path / "x.db")
    with (
        held(f"sqlite:///{tmp_path}/alias.db"),
        pytest.raises(DatabaseBusy),
        patience(0.3),
        database.begin(),
    ):
        pass


def test_turns_that_were_tidied_away_are_taken_anew(
    tmp_path: Path, url: str, database: Database
) -> None:
    (tmp_path / "x.db-turn").unlink()
    with held(url), pytest.raises(DatabaseBusy), patience(0.3), database.begin():
        pass
    with database.begin() as tx:
        facts.write_fact(tx, "a", 1)


def test_turn_that_root_takes_first_belongs_to_whom_the_database_belongs(
    tmp_path: Path, database: Database
) -> None:
    (tmp_path / "x.db-turn").unlink()
    if os.geteuid() == 0:  # Nobody else can give a file away, or need.
        os.chown(tmp_path / "x.db", 1234, 1235)
    owner = (tmp_path / "x.db").stat()
    with closing(Database(f"sqlite:///{tmp_path}/x.db")) as again, again.begin():
        found = (tmp_path / "x.db-turn").stat()
    assert (found.st_uid, found.st_gid) == (owner.st_uid, owner.st_gid)


def test_uri_of_sqlite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="takes a path"):
        Database(f"sqlite:///file:{tmp_path}/x.db?uri=true")
    assert list(tmp_path.iterdir()) == []


def test_who_ends_does_not_wait_for_who_still_writes(url: str) -> None:
    database = Database(url)
    with database.begin():
        began = time.monotonic()
        thread = threading.Thread(target=database.close)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert time.monotonic() - began < 5
