"""A registry file is one person's act: what it changes is seen, and decided by two (T30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.desk import approvals, change_acts, changing, queue, registry_import
from helpdesk.desk.context import Refused
from helpdesk.domain.audit import in_words
from helpdesk.store import audit, changes
from tests.bureau import Bureau
from tests.desk.test_identity import EAST, HEADER, KATO, NOW, OLD, ROW, SATO, SUZUKI, Office

FORGED = "attacker@forged.example.jp"


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    return Office(make_bureau(), tmp_path)


def test_change_from_an_address_that_an_import_brought_wants_two_people(office: Office) -> None:
    office.import_(ROW.replace(OLD, FORGED) + EAST)
    number = office.enter()
    assert approvals.approve(office.desk, number, SATO, NOW) == "waiting"
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"
    office.confirm(number)
    with office.bureau.database.begin() as tx:
        change = changes.change_of(tx, number)
        assert change is not None
        changes.update_change(tx, change, old_agreed_at=NOW)
        changing.advance(office.desk, tx, number, "released", NOW)
    assert office.action(number).state == "cooling"  # Whose word it is nobody knows.


def test_after_the_freeze_an_imported_address_is_like_any_other(office: Office) -> None:
    office.import_(ROW.replace(OLD, FORGED) + EAST)
    later = NOW + timedelta(days=31)
    assert approvals.approve(office.desk, office.enter(), SATO, later) == "confirming"


def test_imported_address_of_the_member_is_told_after_a_call_only(office: Office) -> None:
    columns = HEADER.strip() + ",会員登録メールアドレス\n"
    file = office.folder / "members.csv"
    for address in ("mine@mihon.example.jp", FORGED):
        file.write_text(f"{columns}{ROW.strip()},{address}\n", encoding="utf-8")
        registry_import.import_registry(
            office.bureau.database, file, now=NOW, dry_run=False, by="test", desk=office.desk
        )
    number = office.enter("confirm_address")
    with pytest.raises(Refused, match="an import changed the 会員登録メールアドレス"):
        approvals.approve(office.desk, number, SATO, NOW, to="member")
    change_acts.call_back(office.desk, number, SATO, NOW)
    assert approvals.approve(office.desk, number, SATO, NOW, to="member") == "done"
    assert ("address_told", FORGED) in office.letters()


def test_facility_that_was_left_out_once_comes_back_marked(office: Office) -> None:
    office.import_(EAST)
    office.import_(ROW.replace(OLD, FORGED) + EAST)
    assert approvals.approve(office.desk, office.enter(), SATO, NOW) == "waiting"


def test_change_of_physician_by_import_is_shown_and_needs_one_person(office: Office) -> None:
    office.import_(ROW.replace("1968-04-09", "1999-09-09") + EAST)
    number = office.enter("confirm_address")
    about = queue.about(office.desk, queue.shown(office.bureau.database, number), NOW)
    rows = [f"{title} {value}" for title, value in about.lines()]
    assert any("本人確認の項目が、最近の取込で変わった" in one for one in rows)
    assert any("11月24日" in one and "（test）：生年月日" in one for one in rows)
    assert not any("1999" in one for one in rows)
    assert approvals.approve(office.desk, number, SATO, NOW) == "done"


def test_first_import_and_another_way_of_writing_mark_nothing(office: Office) -> None:
    office.import_(ROW.replace(OLD, OLD.upper()).replace("03-1234-5678", "03(1234)5678") + EAST)
    number = office.enter("confirm_address")
    assert approvals.approve(office.desk, number, SATO, NOW) == "done"


def test_import_says_how_many_and_whose_and_the_log_has_the_counts(office: Office) -> None:
    file = office.folder / "next.csv"
    text = ROW.replace(OLD, FORGED) + EAST.replace("例示 花子", "例示 葉子")
    file.write_text(HEADER + text, encoding="utf-8")
    for dry_run in (True, False):
        report = str(
            registry_import.import_registry(
                office.bureau.database,
                file,
                now=NOW,
                dry_run=dry_run,
                by=SUZUKI,
                desk=office.desk,
                vouched=True,
            )
        )
        assert "変わる施設 1 件 / 責任者・本人確認の項目が変わる施設 1 件" in report
        assert "▲ K0101 メールアドレス" in report
        assert "▲ R0102 責任者氏名" in report
        assert FORGED not in report
    with office.bureau.database.read() as tx:
        entry = [one.event for one in audit.entries(tx) if one.event.event == "imported"][-1]
    assert entry.actor == SUZUKI
    assert "登録アドレス・電話番号の変更 1 件、責任者の変更 1 件" in in_words(entry)


def test_who_vouches_for_an_import_may_decide(office: Office) -> None:
    file = office.folder / "next.csv"
    file.write_text(HEADER + ROW.replace(OLD, FORGED) + EAST, encoding="utf-8")
    for name in (KATO, "nobody"):
        with pytest.raises(Refused):
            registry_import.import_registry(
                office.bureau.database,
                file,
                now=NOW,
                dry_run=False,
                by=name,
                desk=office.desk,
                vouched=True,
            )
    assert office.address() == OLD
