"""What is sealed, what is counted, and the log as a chain: against the real database."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from helpdesk.desk import auditing, persons
from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.audit import Event
from helpdesk.domain.misses import Limits, Tally, scopes_over
from helpdesk.domain.registry import Facility
from helpdesk.store import audit, cases, facilities, mails, misses
from helpdesk.store.cases import NewCase
from helpdesk.store.database import Database, DatabaseError, Transaction
from helpdesk.store.later import Later
from helpdesk.store.mails import NewMail
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import case, facility
from helpdesk.store.sealing import seal_all
from helpdesk.store.vault import VaultError, key_of_stored, vault_of
from tests.bureau import RULES, _book
from tests.prepared import KEY

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(sealed_url: str) -> Database:
    return Database(sealed_url, KEY)


def a_case(tx: object, number: str = "2026-000001") -> int:
    fields = {"member_number": "123456", "birthdate": "1968-04-09", "request": "confirm_address"}
    new = NewCase(number, "open", "x@x.test", "", "", fields, (), "verified", None, (), None)
    return cases.insert_case(tx, new, NOW).id  # type: ignore[arg-type]


def test_birthdate_and_member_number_lie_sealed_and_are_read_again(database: Database) -> None:
    one = Facility("K1", "みほん病院", "core", "見本 太郎", member_number="0123-456")
    with database.begin() as tx:
        facilities.insert_facilities(tx, [one])
        case_id = a_case(tx)
        stored = tx.execute(select(facility.c.member_number, facility.c.member_index)).one()
        fields = tx.execute(select(case.c.fields)).scalar_one()
        # However it is written, it is found by its digest.
        assert stored.member_index == facilities.member_index(vault_of(tx), "123456")
    assert "456" not in stored.member_number
    assert key_of_stored(fields["birthdate"])
    with database.read() as tx:
        assert facilities.all_facilities(tx) == (one,)
        assert cases.case_by_id(tx, case_id).fields["birthdate"] == "1968-04-09"


def test_proofs_are_erased_when_the_case_closes(database: Database) -> None:
    with database.begin() as tx:
        case_id = a_case(tx)
        cases.set_state(tx, case_id, "closed", NOW)
        found = cases.case_by_id(tx, case_id)
    assert (found.fields["birthdate"], found.fields["member_number"]) == (None, None)
    assert found.verdict == "verified"


def test_keys_are_changed_and_the_old_ones_forgotten(database: Database) -> None:
    with database.begin() as tx:
        case_id = a_case(tx)
        before = vault_of(tx).current
    with database.begin() as tx:
        database.keyring.rotate(tx)
        assert seal_all(tx) == 1
        assert database.keyring.drop_old(tx) == 1
    with database.read() as tx:
        assert not vault_of(tx).knows(before)
        assert cases.case_by_id(tx, case_id).fields["birthdate"] == "1968-04-09"


def test_another_secret_key_opens_nothing(database: Database, sealed_url: str) -> None:
    stranger = Database(sealed_url, b"x" * 32)
    with pytest.raises(VaultError, match="another HELPDESK_SECRET_KEY"), stranger.read() as tx:
        vault_of(tx)


def test_keys_of_a_transaction_that_failed_are_forgotten(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as tx:
        database.keyring.rotate(tx)
        vault_of(tx)
        raise ZeroDivisionError
    with database.begin() as tx:
        case_id = a_case(tx)
    again = Database(database.url.render_as_string(hide_password=False), b"k" * 32)
    with again.read() as tx:
        assert cases.case_by_id(tx, case_id).fields["birthdate"] == "1968-04-09"


def noted(database: Database, count: int) -> None:
    for number in range(count):
        with database.begin() as tx:
            audit.note(tx, Event("mail_taken", "system", "mailbox", about={"mail": number}))
            audit.note(tx, Event("viewed", "sato", "command", None, {"action": number}))


def test_log_of_many_transactions_is_one_chain(database: Database) -> None:
    noted(database, 5)
    head, faults = auditing.verify(database)
    assert (head.number, faults) == (10, [])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor = 'other' WHERE id = 4", "entry 4"),
        ("DELETE FROM audit WHERE id = 4", "entries 4 to 4 are missing"),
        ("DELETE FROM audit WHERE id >= 9", "ends at entry 8"),
        ("UPDATE audit_head SET number = 9", "ends at entry 10"),
        ("UPDATE audit SET mail_id = NULL WHERE id = 3", "entry 3 was altered"),
        ("UPDATE audit SET letter_id = 7 WHERE id = 4", "entry 4 was altered"),
        ("UPDATE audit SET case_number = '2026-000001' WHERE id = 4", "entry 4 was altered"),
        ("UPDATE audit SET at = '2026-01-01 00:00:00' WHERE id = 4", "entry 4 was altered"),
    ],
)
def test_altered_or_missing_entry_is_found(database: Database, statement: str, said: str) -> None:
    noted(database, 5)
    with database.begin() as tx:
        unguard(database, tx)
        tx.execute(text(statement))
    _head, faults = auditing.verify(database)
    assert any(said in fault for fault in faults), faults


def unguard(database: Database, tx: Transaction) -> None:
    """Do as somebody who owns the database does."""
    if database.is_sqlite:
        tx.execute(text("DROP TRIGGER audit_no_update"))
        tx.execute(text("DROP TRIGGER audit_no_delete"))
    else:
        tx.execute(text("DROP TRIGGER audit_append_only ON audit"))


def test_end_that_is_cut_off_with_a_head_to_match_is_found(database: Database) -> None:
    noted(database, 5)
    with database.begin() as tx:
        unguard(database, tx)
        tx.execute(text("DELETE FROM audit WHERE id > 8"))
        tx.execute(
            text(
                "UPDATE audit_head SET number = 8, digest = (SELECT digest FROM audit WHERE id = 8)"
            )
        )
    head, faults = auditing.verify(database)
    assert head.number == 8
    assert any("head was not written by helpdesk" in fault for fault in faults), faults


def test_log_that_was_put_back_as_a_whole_is_found_by_a_noted_head(database: Database) -> None:
    noted(database, 3)
    with database.read() as tx:
        old = tx.execute(text("SELECT number, digest, seal FROM audit_head")).one()
    early = str(auditing.verify(database)[0])
    noted(database, 2)
    late = str(auditing.verify(database)[0])
    assert auditing.verify(database, early)[1] == []  # It may have grown.
    assert auditing.verify(database, late)[1] == []
    with database.begin() as tx:
        unguard(database, tx)
        tx.execute(text("DELETE FROM audit WHERE id > 6"))
        tx.execute(
            text("UPDATE audit_head SET number = :number, digest = :digest, seal = :seal"),
            dict(old._mapping),
        )
    assert auditing.verify(database)[1] == []  # From within it is whole.
    assert auditing.verify(database, early)[1] == []
    assert any("before entry 10" in one for one in auditing.verify(database, late)[1])
    another = f"6:{'0' * 64}"
    assert any("expected head" in one for one in auditing.verify(database, another)[1])
    for wrong in ("", "6", "x:y", f"-1:{'0' * 64}"):
        with pytest.raises(Refused, match="no head"):
            auditing.verify(database, wrong)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_database_itself_refuses_to_change_the_log(database: Database, statement: str) -> None:
    noted(database, 1)
    with pytest.raises(DatabaseError), database.begin() as tx:
        tx.execute(text(statement))


def test_wrong_answers_are_counted_by_their_windows(database: Database) -> None:
    limits = Limits(per_day=3, per_30_days=5, per_year=10, overall_per_hour=30)
    key = ("facility", "f" * 64)
    with database.begin() as tx:
        for age in (40, 40, 20, 20):
            later = Later(tx)
            misses.add(later, [key], NOW - timedelta(days=age))
            later.write()
    with database.begin() as tx:
        known = misses.tally(tx, NOW)
        assert scopes_over(known, [key], limits) == ()
        known.add([key])  # The fifth within a year, the third within thirty days.
        known.add([key])
        assert scopes_over(known, [key], limits) == ()
        known.add([key])
        assert scopes_over(known, [key], limits) == ("facility",)


def test_spray_over_many_members_is_over_the_limit_of_an_hour() -> None:
    """T02: one birthdate tried with everybody."""
    limits = Limits(per_day=3, per_30_days=5, per_year=10, overall_per_hour=30)
    known = Tally()
    for number in range(30):
        key = ("sender", f"{number:064}")
        assert scopes_over(known, [key], limits) == ()
        known.add([key])
    assert scopes_over(known, [("sender", "new")], limits) == ("overall",)


def test_no_byte_of_a_proof_is_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    database = Database(f"sqlite:///{file}", b"k" * 32)
    migrate(database)
    raw = "Subject: x\r\n\r\n生年月日 1968-04-09 会員番号 7654321\r\n".encode()
    with database.begin() as tx:
        a_case(tx)
        new = NewMail("INBOX", 1, 1, len(raw), NOW, raw, "f" * 64)
        (mail_id,) = mails.insert_mails(tx, [new], NOW)
    with database.read() as tx:
        assert mails.source_of(tx, mail_id) == raw
    database.close()
    stored = file.read_bytes()
    for proof in (b"1968-04-09", b"7654321", b"123456", "生年月日 ".encode()):
        assert proof not in stored


def test_log_and_cases_of_before_are_brought_in_line(database: Database) -> None:
    """An older database: its head gets its seal, and subjects lose what they repeat."""
    noted(database, 3)
    with database.begin() as tx:
        case_id = a_case(tx)
        tx.execute(
            text('UPDATE "case" SET subject = :subject, correspondent_name = :name'),
            {"subject": "アドレスについて（1968年4月9日生）", "name": "見本 太郎 123456"},
        )
        tx.execute(text("ALTER TABLE audit_head DROP COLUMN seal"))
        for column in ("member_index", "typed_index"):
            tx.execute(text(f"DROP INDEX IF EXISTS ix_case_{column}"))
            tx.execute(text(f'ALTER TABLE "case" DROP COLUMN {column}'))
        tx.execute(text("DROP TABLE registry_shift"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0015'"))
    migrate(database)
    assert auditing.verify(database)[1] == []
    with database.read() as tx:
        case = cases.case_by_id(tx, case_id)
    assert (case.subject, case.correspondent_name) == ("アドレスについて", "見本 太郎")


def test_quarantined_mail_is_erased_in_its_time_and_no_earlier(database: Database) -> None:
    desk = Desk(database, RULES, _book(RULES), b"k" * 32)
    raw = b"From: a@x.test\n\n1968"
    with database.begin() as tx:
        mails.insert_mails(tx, [NewMail("INBOX", 1, 1, len(raw), NOW, raw, "f" * 64)], NOW)
        (one,) = mails.undecided(tx, 1)
        assert mails.quarantine(tx, one.id, "no reader", NOW)
    kept = RULES.retention.quarantine.timedelta
    assert persons.purge(desk, NOW + kept - timedelta(days=1))["mails"] == 0
    with database.read() as tx:
        assert mails.source_of(tx, one.id) == raw
    assert persons.purge(desk, NOW + kept + timedelta(days=1))["mails"] == 1
    with database.read() as tx:
        assert mails.source_of(tx, one.id) is None


ROTATE = """
import sys
from helpdesk.desk import keys
from helpdesk.store.database import Database
print("begun", flush=True)
keys.rotate(Database(sys.argv[1], b"k" * 32), "test")
print("ended", flush=True)
"""


@pytest.mark.slow
def test_rotation_that_is_killed_in_the_middle_leaves_everything_readable(tmp_path: Path) -> None:
    """10,000 facilities; killed at several moments, then run to its end."""
    url = f"sqlite:///{tmp_path / 'helpdesk.db'}"
    database = Database(url, b"k" * 32)
    migrate(database)
    many = [
        Facility(
            f"K{n:05}",
            f"みほん{n}病院",
            "core",
            "見本 太郎",
            member_number=f"{n:06}",
            birthdate=date(1960, 1, 1),
        )
        for n in range(10_000)
    ]
    with database.begin() as tx:
        facilities.insert_facilities(tx, many)
        a_case(tx)
    database.close()
    finished = 0
    for wait_s in (0.0, 0.2, 0.5, 0.9, 60.0):
        child = subprocess.Popen([sys.executable, "-c", ROTATE, url], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child.stdout.close()
        finished += child.returncode == 0
        again = Database(url, b"k" * 32)
        with again.read() as tx:
            found = facilities.all_facilities(tx)
            assert {one.member_number for one in found} == {one.member_number for one in many}
            assert all(one.birthdate == date(1960, 1, 1) for one in found)
            current = vault_of(tx).current
            sealed = tx.execute(select(facility.c.birthdate)).scalars().all()
        # One key for all: never half under the old one and half under the new.
        assert {key_of_stored(one) for one in sealed} == {current}
        assert auditing.verify(again)[1] == []
        again.close()
    assert 1 <= finished < 5
