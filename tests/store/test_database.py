"""The database itself: rights, migrations, transactions, and errors in our words."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from helpdesk.store import facts
from helpdesk.store.database import Database, DatabaseError
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import metadata


def test_migrations_make_exactly_the_tables_of_the_schema(database: Database) -> None:
    with database.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database)


def test_two_processes_that_migrate_at_once_do_it_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    failures: list[Exception] = []

    def run(one: Database) -> None:
        try:
            migrate(one)
        except Exception as error:  # noqa: BLE001 - any failure fails the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_database_of_a_newer_helpdesk_is_refused(database: Database) -> None:
    with database.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer helpdesk"):
        migrate(database)


def test_file_and_new_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/new/deep/x.db")
    migrate(made)
    assert stat.S_IMODE((tmp_path / "new/deep/x.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new/deep").stat().st_mode) == 0o700


def test_rights_of_an_older_file_are_tightened(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch(mode=0o644)
    Database(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writes_are_synchronous_and_erased_bytes_are_overwritten(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.read() as tx:
        assert tx.execute(text("PRAGMA synchronous")).scalar() == 2
        assert tx.execute(text("PRAGMA secure_delete")).scalar() == 1
        mode = tx.execute(text("PRAGMA journal_mode")).scalar()
    assert mode == "wal"


def test_transaction_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as tx:
        facts.write_fact(tx, "a", 1)
        raise ZeroDivisionError
    with database.read() as tx:
        assert facts.read_fact(tx, "a") is None


def test_time_without_a_zone_is_refused_and_comes_back_aware(database: Database) -> None:
    from sqlalchemy import insert, select
    from sqlalchemy.exc import StatementError

    from helpdesk.store.schema import staff

    row = {"name": "a", "role": "admin", "password_hash": "x"}
    with pytest.raises(StatementError), database.begin() as tx:
        tx.execute(insert(staff).values(**row, created_at=datetime(2026, 1, 1)))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with database.begin() as tx:
        tx.execute(insert(staff).values(**row, created_at=at))
        assert tx.execute(select(staff.c.created_at)).scalar_one() == at


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y"])
def test_url_of_no_database_is_one_sentence(url: str) -> None:
    with pytest.raises(DatabaseError, match="HELPDESK_DATABASE_URL"):
        Database(url)


def test_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(DatabaseError, match="damaged"):
        migrate(Database(f"sqlite:///{path}"))


def test_case_numbers_are_drawn_once_each_and_by_year(database: Database) -> None:
    def draw(year: int) -> str:
        with database.begin() as tx:
            return facts.next_case_number(tx, year)

    drawn: list[str] = []
    threads = [
        threading.Thread(target=lambda: drawn.extend(draw(2026) for _ in range(10)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == [f"2026-{number:06d}" for number in range(1, 41)]
    assert draw(2027) == "2027-000001"
