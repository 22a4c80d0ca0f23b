"""The change of an address, end to end: real mail, waits of seconds, stops and late answers."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from helpdesk.desk import approvals, change_acts, registry_import
from helpdesk.desk.context import Refused
from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office

OLD, NEW, HEAD = "old@mihon.example.jp", "new@mihon.example.jp", mails.HEAD
MX = "mx.society.example.jp"
OURS = {"Authentication-Results": f"{MX}; dmarc=pass header.from=mihon.example.jp"}
TOKEN = re.compile(r"確認番号\s*(?P<token>[0-9a-z-]{30})")

REGISTRY = (
    "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス,代表電話\n"
    "K0101,医療法人見本会みほん中央病院,基幹施設,見本 太郎,ミホン タロウ,123456,1968-04-09,"
    "old@mihon.example.jp,03-1234-5678\n"
    "R0102,みほん東病院,連携施設,例示 花子,レイジ ハナコ,234567,1975-01-02,,\n"
)


def prepare(office: Office, **rules: Any) -> None:
    """Put rules with short waits in force, and a registry with a telephone."""
    rules = {
        "mailbox__authserv_id": MX,
        "identity__token_lifetime": "1h",
        "identity__cool_off": "1h",
        **rules,
    }
    office.write_rules(**rules)
    import_registry(office)


def import_registry(office: Office, text: str = REGISTRY) -> None:
    file = office.folder / "registry2.csv"
    file.write_text(text, encoding="utf-8")
    desk = office.desk()
    registry_import.import_registry(
        desk.database, file, now=datetime.now(UTC), dry_run=False, by="test", desk=desk
    )


def ask_for_change(office: Office, sender: str = HEAD, **more: Any) -> None:
    body = mails.form(wish=mails.CHANGE)
    office.deliver(mails.mail(body, message_id="<c1@mihon.example.jp>", sender=sender, **more))
    office.wait_for_letters(1)


def look_up(office: Office, query: str) -> list[Any]:
    """Read the database itself: a command for every look would take all the time."""
    with closing(sqlite3.connect(office.folder / "var/helpdesk.db", timeout=10)) as database:
        return database.execute(query).fetchall()


def state(office: Office, number: int = 1) -> str:
    ((found,),) = look_up(office, f"SELECT state FROM action WHERE id = {number}")
    return str(found)


def address(office: Office) -> str:
    query = "SELECT address FROM facility WHERE certification_number = 'K0101'"
    return str(look_up(office, query)[0][0])


def actions(office: Office) -> int:
    return len(look_up(office, "SELECT id FROM action"))


def until(office: Office, wanted: str, timeout_s: float = 12) -> None:
    eventually(lambda: state(office) == wanted, timeout_s=timeout_s, what=wanted)


def letter(office: Office, name: str) -> Any:
    """Wait for the newest letter of this name."""

    def look() -> Any:
        found = [x for x in office.sink.letters if x.message["X-Helpdesk-Letter"] == name]
        return found[-1] if found else None

    return eventually(look, timeout_s=12, what=name)


_sent = 0


def answer(office: Office, asked: Any, body: str, sender: str, **more: Any) -> None:
    """Answer a letter as a mail program does."""
    global _sent  # noqa: PLW0603 - each mail needs a Message-ID of its own
    _sent += 1
    more.setdefault("subject", f"Re: {asked.message['Subject']}")
    more.setdefault("headers", {"In-Reply-To": asked.message_id})
    office.deliver(mails.mail(body, message_id=f"<r{_sent}@x.test>", sender=sender, **more))


def approve(office: Office, number: int = 1, by: str = CLERK) -> str:
    """Approve in this process; returns the state, or why it was refused."""
    try:
        return approvals.approve(office.desk(), number, by, datetime.now(UTC))
    except Refused as error:
        return str(error)


def test_honest_facility_is_done_in_two_mails_and_one_click(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office, sender=OLD, headers=OURS)
    approve(office)
    asked = letter(office, "change_confirm")
    assert asked.message["To"] == NEW
    assert OLD not in asked.content.decode()
    answer(office, asked, "", NEW)
    until(office, "portal")
    notice = letter(office, "change_notice")
    assert notice.message["To"] == OLD
    assert NEW not in notice.content.decode()
    assert address(office) == OLD
    office.run("queue", "reflected", "1", "--as", CLERK)
    assert address(office) == NEW
    assert letter(office, "change_done_new").message["To"] == NEW
    assert letter(office, "change_done_old").message["To"] == OLD
    # A second change within thirty days needs two people.
    body = mails.form(wish=mails.CHANGE.replace("new@", "newer@"))
    office.deliver(mails.mail(body, message_id="<c2@mihon.example.jp>", sender="z@x.test"))
    eventually(lambda: actions(office) == 2, timeout_s=10, what="second request")
    assert "代表電話" in approve(office, 2)
    assert "日が浅い" in office.run("queue", "show", "2")
    # And the first is undone in one step.
    office.run("queue", "revert", "1", "--as", CLERK, "--reason", "電話で")
    assert address(office) == OLD
    assert letter(office, "change_reverted")
    with pytest.raises(Refused):
        change_acts.revert(office.desk(), 1, CLERK, "x", datetime.now(UTC))


def test_change_cools_and_then_waits_for_the_portal(office: Office) -> None:
    prepare(office, identity__cool_off="3s")
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "確認しました", NEW)
    until(office, "cooling")
    assert "旧アドレスからのお申し出を待っています" in office.run("queue", "show", "1")
    until(office, "portal")


def test_old_address_agrees_and_the_wait_ends(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "", NEW)
    notice = letter(office, "change_notice")
    # Forged: From alone, and From with the Message-ID of another letter of ours.
    forged = letter(office, "receipt")
    answer(office, forged, "同意します", OLD, subject="Re: 変更")
    mails_decided = "SELECT id FROM mail WHERE disposition IS NOT NULL"
    eventually(lambda: len(look_up(office, mails_decided)) >= 3, timeout_s=10, what="handled")
    assert state(office) == "cooling"
    answer(office, notice, "同意します。", OLD)
    until(office, "portal")


@pytest.mark.parametrize("when", ["confirming", "cooling", "portal"])
def test_stop_from_the_old_address_holds_the_change(office: Office, when: str) -> None:
    level = "relaxed" if when == "portal" else "standard"
    prepare(office, identity__level=level)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    if when != "confirming":
        answer(office, asked, "", NEW)
        until(office, when)
    stop = letter(office, "change_notice") if when != "confirming" else asked
    # While it is confirming nobody at the old address has a letter: a mail of their own.
    sender, headers = (OLD, {}) if when == "confirming" else (OLD, {"In-Reply-To": stop.message_id})
    subject = "施設マイページの変更について" if when == "confirming" else None
    more = {"subject": subject} if subject else {}
    answer(
        office, stop, "心当たりがありません。中止してください。", sender, headers=headers, **more
    )
    until(office, "held")
    assert letter(office, "change_stopped").message["To"] == OLD
    with pytest.raises(Refused):
        change_acts.reflect(office.desk(), 1, CLERK, datetime.now(UTC))
    assert "代表電話" in approve(office)  # an exception: two people, or a call-back
    assert address(office) == OLD


def test_token_counts_once_and_only_whole(office: Office) -> None:
    prepare(office, identity__cool_off="1h")
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    token = TOKEN.search(str(asked.message["Subject"]))
    assert token
    right = token["token"]
    ((number,),) = look_up(office, 'SELECT number FROM "case"')
    for wrong in ("", "0" * 30, right[:-1] + ("0" if right[-1] != "0" else "1"), right[:20]):
        subject = f"Re: ［確認番号 {wrong}］［受付番号 {number}］"
        answer(office, asked, "", NEW, subject=subject, headers={})
    eventually(lambda: actions(office) >= 2, timeout_s=12, what="a person is asked")
    assert state(office) == "confirming"
    # A machine's answer confirms nothing.
    answer(office, asked, "", NEW, headers={"Auto-Submitted": "auto-replied"})
    # From another address it is proof for a person, and confirms nothing by itself.
    answer(office, asked, "", "boss@mihon.example.jp")
    eventually(
        lambda: "boss@" in str(look_up(office, "SELECT note FROM action WHERE id = 1")),
        timeout_s=10,
        what="proof",
    )
    assert state(office) == "confirming"
    office.run("queue", "confirm", "1", "--as", CLERK)
    assert state(office) == "cooling"
    # Used: it says nothing any more, in capitals and full width neither.
    answer(office, asked, "", NEW, subject=f"Re: {str(asked.message['Subject']).upper()}")
    with pytest.raises(Refused):
        change_acts.confirm(office.desk(), 1, CLERK, datetime.now(UTC))
    assert state(office) == "cooling"


def test_answer_after_its_time_brings_the_change_back_into_the_queue(office: Office) -> None:
    prepare(office, identity__token_lifetime="1s")
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    until(office, "expired")
    answer(office, asked, "", NEW)
    eventually(lambda: actions(office) == 2, timeout_s=10, what="a person")
    assert state(office) == "expired"
    office.write_rules(mailbox__authserv_id=MX, identity__token_lifetime="1h")
    approve(office)
    assert state(office) == "confirming"
    eventually(
        lambda: len([x for x in office.sink.letters if x.message["To"] == NEW]) >= 3,
        timeout_s=10,
        what="a second letter",
    )


def test_registry_that_moves_between_approval_and_answer_sends_it_back(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    import_registry(office, REGISTRY.replace("見本 太郎", "見本 次郎").replace("123456", "999999"))
    answer(office, asked, "", NEW)
    until(office, "waiting")
    said = approve(office)
    assert "mismatch" in said
    assert len([x for x in office.sink.letters if x.message["To"] == OLD]) == 0


def test_facility_without_an_address_is_spoken_with_first(office: Office) -> None:
    prepare(office)
    import_registry(office, REGISTRY.replace("1975-01-02,,", "1975-01-02,,03-8765-4321"))
    office.start()
    body = mails.form("みほん東病院", "例示 花子", "会員番号 234567", mails.CHANGE)
    office.deliver(mails.mail(body, message_id="<c3@mihon.example.jp>"))
    office.wait_for_letters(1)
    # The import took the address away a moment ago: two decide.
    office.run("user", "add", "suzuki", "--role", "approver", input="correct horse battery\n")
    assert approve(office) == "waiting"
    assert approve(office, by="suzuki") == "confirming"
    answer(office, letter(office, "change_confirm"), "", NEW)
    until(office, "cooling")
    (task,) = office.rows("contact", "list")
    assert (task["reason"], task["main_phone"]) == ("call_back", "03-8765-4321")
    said = office.run("queue", "call-back", "1", "--as", CLERK)
    assert "03-8765-4321" in said
    assert state(office) == "portal"
    assert office.rows("contact", "list") == []


def test_the_old_address_stops_a_change_in_words_of_its_own(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "確認しました。", NEW)
    until(office, "cooling")
    office.deliver(
        mails.mail(
            "心当たりのない変更です。取りやめてください。",
            message_id="<own@mihon.example.jp>",
            subject="ご連絡",
            sender=OLD,
        )
    )
    until(office, "held")
    letter(office, "change_stopped")
