"""What the console asks of the store, on both databases."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.desk import (
    approvals,
    audit_view,
    casework,
    facility_view,
    handling,
    outbox,
    queue,
    reports,
    search,
    sessions,
    users,
)
from helpdesk.desk.preview import foresee
from helpdesk.desk.registry_import import import_registry
from helpdesk.store import mails as stored_mails
from helpdesk.store.database import Database
from helpdesk.store.mails import NewMail
from helpdesk.store.queue_view import QueueFilter
from tests import mails
from tests.bureau import Bureau

REGISTRY = "認定番号,施設名,施設種別,責任者氏名,生年月日,メールアドレス\nK0101,みほん中央病院,基幹施設,見本 太郎,1968-04-09,old@mihon.example.jp\n"


def test_console_asks_the_same_of_both_databases(database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    desk = Bureau(database.url.render_as_string(hide_password=False), tmp_path).desk
    users.add_user(desk.database, "baba", "approver", "correct horse battery", now, by="test")
    file = tmp_path / "registry.csv"
    file.write_text(REGISTRY, encoding="utf-8")
    import_registry(desk.database, file, now=now, dry_run=False, by="baba", desk=desk)
    raw = mails.mail(mails.form(), message_id="<x@x.test>")
    with desk.database.begin() as tx:
        new = NewMail("INBOX", 1, 1, len(raw), now, raw, hashlib.sha256(raw).hexdigest())
        stored_mails.insert_mails(tx, [new], now)
    handling.handle_waiting(desk, now)

    (row,) = queue.waiting(desk, QueueFilter(), now, page=1, size=10).rows
    number, action = row.row.case_number, row.row.action_id
    foreseen = foresee(desk, row.row.case_id, lambda d: approvals.approve(d, action, "baba", now))
    assert [one.name for one in foreseen.letters] == [
        "address_at_registered",
        "address_hint",
    ]
    assert len(outbox.listed(desk.database)) == 1, "nothing of it stayed"
    casework.set_work(
        desk.database, number, "baba", now, handler="baba", hold="sender", resume_on=None
    )
    assert queue.waiting(desk, QueueFilter(), now, page=1, size=10).on_hold == 1
    assert queue.waiting(desk, QueueFilter(when="hold"), now, page=1, size=10).rows
    assert casework.look_at(desk.database, number, "baba", now) == []
    assert search.catch_up(desk, now) == 0  # A new case is in the search already.
    assert search.find(desk, "ミホン 中央", "", page=1, size=5).cases[0].number == number
    approvals.approve(desk, action, "baba", now)
    year = reports.year_of_work(desk.database, reports.this_year(now), now)
    assert sum(year.mails["request"]) == 1
    assert sum(year.times) == 1
    assert sum(year.decisions["confirm_address"]) == 1
    assert (sum(year.letters[True]), sum(year.letters[False])) == (1, 2)
    assert facility_view.view(desk, "K0101").history
    assert audit_view.traces(desk.database, now - timedelta(hours=1), now + timedelta(hours=1))
    found = sessions.log_in(
        desk.database, "baba", "correct horse battery", "", now, address="x", agent="y"
    )
    assert sessions.session_of(desk.database, found.token, now, used=True)
    desk.database.close()
