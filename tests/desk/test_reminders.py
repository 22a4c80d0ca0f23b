"""Reminders: once, and only if still due; when they leave it is looked at again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from helpdesk.desk import deadlines, unreachable
from helpdesk.store import reminders
from helpdesk.store.database import DatabaseBusy
from helpdesk.store.schema import reminder
from tests.bureau import Bureau, at, row

OPENS = at(2027, 2, 1, 9, 0)
TWO_WEEKS = at(2027, 2, 12, 9, 0)


def rows_of(bureau: Bureau) -> list[tuple[str, str, str | None]]:
    with bureau.database.read() as tx:
        query = select(reminder.c.certification_number, reminder.c.step, reminder.c.skipped)
        return [(one[0], one[1], one[2]) for one in tx.execute(query.order_by(reminder.c.id))]


def states(bureau: Bureau, letter: str) -> list[str]:
    return [one.state for one in bureau.outbox(letter)]


def test_opening_letter_says_what_the_registry_holds(bureau: Bureau) -> None:
    bureau.import_([row("K0101", 申請書="済", 概要書="", 公印書類="")], at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    (letter,) = bureau.outbox("renewal_opens")
    assert letter.recipient == "k0101@mihon.example.jp"
    mail = bureau.mail(letter.id)
    assert mail["Subject"].startswith(
        "認定施設の更新申請の受付について 【日本みほん医学会】［受付番号 2027-"
    )
    body = bureau.body(letter.id)
    assert body.startswith("みほんK0101病院　見本 太郎 先生")
    for words in (
        "申請期間：2027年2月1日（月）0:00 から",
        "2027年2月28日（日）23:59 まで",
        "申請状況：未申請",
        "まだ登録を確認できていないもの：概要書、公印書類",
        "2027年1月29日（金）時点の状況です。\r\n行き違いの節はご容赦ください。",
        "https://mypage.society.example.jp/login",
        "※このメールは自動送信です。このままご返信いただけます。",
    ):
        assert words in body, words
    (part,) = mail.iter_attachments()
    (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert event.decoded("dtstart") == at(2027, 2, 28, 23, 59)


def test_registry_without_columns_lets_nothing_be_claimed(bureau: Bureau) -> None:
    lines = [row("K0101", 申請状況="")]
    for column in ("申請書", "概要書", "公印書類"):
        for line in lines:
            line.pop(column, None)
    import csv

    path = bureau.folder / "few.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    from helpdesk.desk import registry_import

    registry_import.import_registry(
        bureau.database, path, now=at(2027, 2, 26, 9, 0), dry_run=False, by="t", desk=bureau.desk
    )
    bureau.day(at(2027, 3, 1, 9, 0))
    (letter,) = bureau.outbox("renewal_missed")
    body = bureau.body(letter.id)
    assert "申請がお済みでない場合は" in body
    for claim in ("確認できておりません", "申請状況", "まだ登録を確認できていないもの"):
        assert claim not in body


def test_letters_of_a_year_are_one_thread_and_one_calendar_entry(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    bureau.import_([row("K0101")], at(2027, 2, 10, 15, 0))
    bureau.day(TWO_WEEKS)
    first, second = (bureau.mail(one.id) for one in bureau.outbox() if one.letter != "digest")
    assert second["In-Reply-To"] == first["Message-ID"]
    assert {one.case_number for one in bureau.outbox() if one.letter != "digest"} == {"2027-000001"}
    events = [
        icalendar.Calendar.from_ical(next(mail.iter_attachments()).get_payload(decode=True)).walk(
            "VEVENT"
        )[0]
        for mail in (first, second)
    ]
    assert events[0]["uid"] == events[1]["uid"]
    assert [one["sequence"] for one in events] == [0, 1]


def test_nothing_happens_twice_however_often_and_whenever_it_is_woken(bureau: Bureau) -> None:
    bureau.import_([row("K0101"), row("K0102")], at(2027, 1, 29, 15, 0))
    for jump in (0, 1, -3600, -86_400, 7200, 60, -600):
        bureau.day(OPENS + timedelta(seconds=jump))
        bureau.restart()
    assert Counter(one.letter for one in bureau.outbox("renewal_opens")) == {"renewal_opens": 2}


def test_days_of_downtime_make_one_letter_and_a_list(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 2, 26, 8, 0))
    bureau.day(at(2027, 2, 26, 9, 30))
    assert [one.letter for one in bureau.outbox() if one.letter != "digest"] == [
        "renewal_last_days"
    ]
    assert rows_of(bureau) == [
        ("K0101", "opens", "superseded"),
        ("K0101", "two_weeks", "superseded"),
        ("K0101", "last_days", None),
    ]


def test_who_applied_after_the_letter_was_written_does_not_get_it(bureau: Bureau) -> None:
    bureau.import_([row("K0101"), row("K0102"), row("K0103")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    bureau.import_([row("K0101", 申請状況="申請済"), row("K0103")], at(2027, 2, 1, 9, 1))
    assert bureau.send(at(2027, 2, 1, 9, 2)) == 1
    assert states(bureau, "renewal_opens") == ["cancelled", "cancelled", "sent"]
    assert rows_of(bureau) == [
        ("K0101", "opens", "applied"),
        ("K0102", "opens", "withdrawn"),
        ("K0103", "opens", None),
    ]


def test_last_look_needs_no_import_to_tell_it(bureau: Bureau) -> None:
    """The registry may move by other ways than an import; the claim looks itself."""
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    from sqlalchemy import update

    from helpdesk.store.schema import facility

    with bureau.database.begin() as tx:
        tx.execute(update(facility).values(application_state="申請済"))
    assert bureau.send(OPENS) == 0
    assert states(bureau, "renewal_opens") == ["cancelled"]


def test_letter_follows_an_address_that_moved_before_it_left(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    bureau.import_([row("K0101", メールアドレス="new@mihon.example.jp")], at(2027, 2, 1, 9, 1))
    assert bureau.send(at(2027, 2, 1, 9, 2)) == 0
    bureau.day(at(2027, 2, 1, 9, 3))
    assert [(one.recipient, one.state) for one in bureau.outbox("renewal_opens")] == [
        ("k0101@mihon.example.jp", "cancelled"),
        ("new@mihon.example.jp", "sent"),
    ]


def test_letter_that_was_put_off_does_not_leave_at_night(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(at(2027, 2, 1, 17, 59))
    assert bureau.send(at(2027, 2, 1, 18, 1)) == 0
    assert bureau.send(at(2027, 2, 2, 8, 59)) == 0
    assert bureau.send(at(2027, 2, 2, 9, 0)) == 1


def test_reminders_wait_for_an_import_and_staff_are_told_once(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 27, 15, 0))
    for minute in range(3):
        bureau.day(at(2027, 2, 1, 9, minute))
    assert not bureau.outbox("renewal_opens")
    (alert,) = bureau.outbox("registry_stale")
    assert alert.recipient == bureau.rules.desk.address
    assert "2027年1月27日（水）" in bureau.body(alert.id)
    bureau.import_([row("K0101")], at(2027, 2, 1, 10, 0))
    bureau.day(at(2027, 2, 1, 10, 1))
    assert states(bureau, "renewal_opens") == ["sent"]


def test_letter_that_waits_in_the_outbox_grows_stale_too(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 28, 15, 0))
    bureau.turn(OPENS)
    assert bureau.send(at(2027, 2, 2, 9, 0)) == 0
    bureau.import_([row("K0101")], at(2027, 2, 2, 9, 5))
    assert bureau.send(at(2027, 2, 2, 9, 10)) == 1


def test_pause_holds_everything_back(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    paused = [one.model_copy(update={"paused": True}) for one in bureau.rules.campaigns]
    live = bureau.rules
    bureau.rules = live.model_copy(update={"campaigns": tuple(paused)})
    bureau.restart()
    assert bureau.send(at(2027, 2, 1, 9, 1)) == 0
    bureau.rules = live
    bureau.restart()
    assert bureau.send(at(2027, 2, 1, 9, 15)) == 1


def test_shadow_mode_writes_and_sends_nothing(bureau: Bureau) -> None:
    bureau.rules = bureau.rules.model_copy(update={"mode": "shadow"})
    bureau.restart()
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    assert states(bureau, "renewal_opens") == ["held"]


def test_reminders_use_up_no_receipts(bureau: Bureau) -> None:
    """Five facilities at one address get five letters, and may still be answered that day."""
    from helpdesk.store.letters import automatic_letters_to

    lines = [row(f"K010{n}", メールアドレス="group@mihon.example.jp") for n in range(6)]
    bureau.import_(lines, at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    assert len(bureau.outbox("renewal_opens")) == 6
    with bureau.database.read() as tx:
        since = OPENS - timedelta(days=1)
        assert automatic_letters_to(tx, "group@mihon.example.jp", since) == 0


def test_missing_address_is_a_line_on_the_list_until_an_import_brings_one(bureau: Bureau) -> None:
    bureau.import_(
        [row("K0101", メールアドレス="", 代表電話="03-1111-2222")], at(2027, 1, 29, 15, 0)
    )
    bureau.day(OPENS)
    (task,) = unreachable.listed(bureau.database, open_only=True)
    assert (task.certification_number, task.reason, task.main_phone) == (
        "K0101",
        "no_address",
        "03-1111-2222",
    )
    assert task.due_on == at(2027, 2, 28).date()
    report = bureau.import_([row("K0101")], at(2027, 2, 10, 15, 0))
    assert "K0101 電話・郵送の連絡を終了します（新しいアドレスが登録されました）" in str(report)
    assert not unreachable.listed(bureau.database, open_only=True)
    bureau.day(TWO_WEEKS)
    assert states(bureau, "renewal_reminder") == ["sent"]


def test_mailbox_that_the_relay_does_not_know_is_telephoned(bureau: Bureau) -> None:
    bureau.import_([row("K0101"), row("K0102")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    assert bureau.send(OPENS, "failed", "550 5.1.1 no such user") == 2
    bureau.turn(at(2027, 2, 1, 9, 1))
    found = unreachable.listed(bureau.database, open_only=True)
    assert {one.certification_number for one in found} == {"K0101", "K0102"}
    bureau.import_([row("K0101"), row("K0102")], at(2027, 2, 10, 15, 0))
    bureau.day(TWO_WEEKS)
    assert not bureau.outbox("renewal_reminder")
    assert ("K0101", "two_weeks", "unreachable") in rows_of(bureau)


def test_refusal_of_us_says_nothing_about_the_address(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    bureau.send(OPENS, "failed", "554 5.7.1 blocked by policy")
    bureau.turn(at(2027, 2, 1, 9, 1))
    assert not unreachable.listed(bureau.database, open_only=True)


def test_two_daemons_at_once_write_each_letter_once(
    make_bureau: Callable[..., Bureau], tables_url: str
) -> None:
    first = make_bureau(tables_url)
    first.import_([row(f"K{n:04d}") for n in range(120)], at(2027, 1, 29, 15, 0))
    second = make_bureau(tables_url)
    ended: list[str] = []

    def work(one: Bureau) -> None:
        for _ in range(5):  # What was in the way of each other is tried again, as by the scheduler.
            try:
                deadlines.turn(one.desk, OPENS)
            except DatabaseBusy:
                continue
            ended.append("well")
            return

    threads = [threading.Thread(target=work, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == ["well", "well"]
    found = Counter(one.recipient for one in first.outbox("renewal_opens"))
    assert len(found) == 120
    assert set(found.values()) == {1}


def test_nothing_is_half_done_when_the_process_dies_between_facilities(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.import_([row(f"K{n:04d}") for n in range(120)], at(2027, 1, 29, 15, 0))
    real: Any = reminders.set_letter
    left = [77]

    def dies(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise SystemExit
        real(*arguments)

    monkeypatch.setattr(reminders, "set_letter", dies)
    with pytest.raises(SystemExit):
        bureau.turn(OPENS)
    monkeypatch.undo()
    assert len(bureau.outbox("renewal_opens")) == 50  # the first batch is committed whole
    bureau.restart()
    bureau.day(OPENS + timedelta(minutes=1))
    found = Counter(one.recipient for one in bureau.outbox("renewal_opens"))
    assert (len(found), set(found.values())) == (120, {1})


def test_facility_that_joins_in_the_middle_gets_what_still_makes_sense(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    bureau.import_([row("K0101"), row("K0102")], at(2027, 2, 3, 15, 0))
    bureau.day(at(2027, 2, 3, 15, 1))
    assert [one.recipient for one in bureau.outbox("renewal_opens")] == [
        "k0101@mihon.example.jp",
        "k0102@mihon.example.jp",
    ]


def test_every_step_of_a_season_to_those_who_have_not_applied(bureau: Bureau) -> None:
    lines = {number: row(number) for number in ("K0101", "K0102", "K0103")}
    moves: dict[datetime, str] = {
        at(2027, 1, 29, 15, 0): "",
        at(2027, 2, 10, 15, 0): "K0101",
        at(2027, 2, 24, 15, 0): "K0102",
        at(2027, 2, 28, 15, 0): "",
    }
    for now, applied in moves.items():
        if applied:
            lines[applied]["申請状況"] = "申請済"
        bureau.import_(list(lines.values()), now)
        for hours in range(18, 24 * 14, 1):
            moment = now + timedelta(hours=hours)
            if any(now < later <= moment for later in moves):
                break
            bureau.day(moment)
    found = Counter((one.letter, one.recipient[:5]) for one in bureau.outbox() if one.case_number)
    assert found == {
        ("renewal_opens", "k0101"): 1,
        ("renewal_opens", "k0102"): 1,
        ("renewal_opens", "k0103"): 1,
        ("renewal_reminder", "k0102"): 1,
        ("renewal_reminder", "k0103"): 1,
        ("renewal_last_days", "k0103"): 1,
        ("renewal_missed", "k0103"): 1,
    }


def test_printable_list_has_the_postal_address_where_the_export_has_it(bureau: Bureau) -> None:
    import csv

    from helpdesk.cli import contact
    from helpdesk.desk import registry_import

    line = row("K0101", メールアドレス="", 代表電話="03-1111-2222")
    line |= {"郵便番号": "100-0001", "住所": "見本県みほん市1-2-3"}
    path = bureau.folder / "post.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(line))
        writer.writeheader()
        writer.writerow(line)
    registry_import.import_registry(
        bureau.database, path, now=at(2027, 2, 1, 8, 0), dry_run=False, by="t", desk=bureau.desk
    )
    bureau.day(OPENS)
    paper = contact._paper(unreachable.listed(bureau.database, open_only=True))
    assert "電話：03-1111-2222" in paper
    assert "住所：100-0001　見本県みほん市1-2-3" in paper
