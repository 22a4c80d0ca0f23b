"""Attacks on a change of address, and honest people's odd ways, through real mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from helpdesk.desk import approvals, change_acts, portal
from helpdesk.domain.approval import SHOWN_DIGITS
from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office
from .test_changes import (
    NEW,
    OLD,
    REGISTRY,
    actions,
    address,
    answer,
    approve,
    ask_for_change,
    import_registry,
    letter,
    look_up,
    prepare,
    state,
    until,
)

SHARED = REGISTRY.replace("1975-01-02,,", f"1975-01-02,{OLD},03-8765-4321")
SECOND = "suzuki"


def add_second(office: Office) -> None:
    office.run("user", "add", SECOND, "--role", "approver", input="correct horse battery\n")


def letters(office: Office, name: str, to: str) -> list[Any]:
    return [
        one
        for one in office.sink.letters
        if one.message["X-Helpdesk-Letter"] == name and one.message["To"] == to
    ]


def stop_in_words(office: Office, number: int = 1, sender: str = OLD) -> None:
    body = "心当たりのない変更です。取りやめてください。"
    office.deliver(
        mails.mail(body, message_id=f"<own{number}@x.test>", subject="ご連絡", sender=sender)
    )


def change_in_force(office: Office) -> None:
    """Let a change go its whole way; under `relaxed` nothing has to be waited for."""
    prepare(office, identity__level="relaxed")
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "", NEW)
    until(office, "portal")
    change_acts.reflect(office.desk(), 1, CLERK, datetime.now(UTC))


def test_stop_in_words_stops_every_change_of_the_address(office: Office) -> None:
    prepare(office)
    import_registry(office, SHARED)
    office.start()
    ask_for_change(office)
    body = mails.form("みほん東病院", "例示 花子", "会員番号 234567", mails.CHANGE)
    body = body.replace(NEW, "east@mihon.example.jp")
    office.deliver(mails.mail(body, message_id="<c2@x.test>", sender="h@east.example.jp"))
    eventually(lambda: actions(office) == 2, timeout_s=10, what="two requests")
    approve(office, 1)
    approve(office, 2)
    stop_in_words(office)
    until(office, "held")
    eventually(lambda: state(office, 2) == "held", timeout_s=5, what="the other one held")
    ((note,),) = look_up(office, "SELECT note FROM action WHERE id = 1")
    ((other,),) = look_up(office, "SELECT note FROM action WHERE id = 2")
    assert ("に届いたメール" in note) != ("に届いたメール" in other)
    letter(office, "change_stopped")
    assert len(letters(office, "change_stopped", OLD)) == 1


def test_stop_before_anybody_approved_holds_the_request(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    stop_in_words(office)
    until(office, "held")
    assert letter(office, "change_stopped").message["To"] == OLD
    assert "代表電話" in approve(office)
    # Somebody else's words stop nothing.
    body = mails.form(wish=mails.CHANGE.replace("new@", "newer@"))
    office.deliver(mails.mail(body, message_id="<c2@x.test>", sender="z@x.test"))
    eventually(lambda: actions(office) == 2, timeout_s=10, what="second request")
    stop_in_words(office, 2, sender="stranger@x.test")
    decided = "SELECT id FROM mail WHERE disposition IS NOT NULL"
    eventually(lambda: len(look_up(office, decided)) == 4, timeout_s=10, what="handled")
    assert state(office, 2) == "waiting"


def test_stop_in_the_subject_alone_confirms_nothing(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    answer(office, asked, "", NEW, subject=f"【中止】Re: {asked.message['Subject']}")
    until(office, "held")


def test_after_a_stop_the_old_address_is_told_again_and_must_agree_again(office: Office) -> None:
    prepare(office)
    add_second(office)
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "", NEW)
    first = letter(office, "change_notice")
    answer(office, first, "同意します。", OLD)
    until(office, "portal")
    answer(office, first, "やはり中止してください。", OLD)
    until(office, "held")
    approve(office)
    assert approvals.approve(office.desk(), 1, SECOND, datetime.now(UTC)) == "confirming"
    eventually(lambda: len(letters(office, "change_confirm", NEW)) == 2, timeout_s=10, what="asked")
    answer(office, letters(office, "change_confirm", NEW)[0], "", NEW)  # the first one's number
    answer(office, letters(office, "change_confirm", NEW)[1], "", NEW)
    until(office, "cooling")
    eventually(lambda: len(letters(office, "change_notice", OLD)) == 2, timeout_s=10, what="told")
    decided = "SELECT id FROM mail WHERE disposition IS NOT NULL"
    before = len(look_up(office, decided))
    answer(office, first, "同意します。", OLD)  # of the turn that was stopped
    eventually(lambda: len(look_up(office, decided)) > before, timeout_s=10, what="handled")
    assert state(office) == "cooling"
    answer(office, letters(office, "change_notice", OLD)[1], "同意します。", OLD)
    until(office, "portal")
    # A stop that answers the notice of before is one all the same, and is acknowledged again.
    answer(office, first, "中止してください。", "colleague@mihon.example.jp")
    until(office, "held")


def test_our_letter_repeated_without_marks_stops_nothing(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    text = asked.message.get_body().get_content()
    assert "「中止」" in text
    answer(office, asked, f"確認しました。\n\n{text}", NEW)
    until(office, "cooling")
    notice = letter(office, "change_notice")
    text = notice.message.get_body().get_content()
    answer(office, notice, f"中止してください。\n\n{text}", OLD)
    until(office, "held")


def test_portal_is_told_of_a_stop_after_the_export(office: Office) -> None:
    prepare(office, identity__level="relaxed")
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "", NEW)
    until(office, "portal")
    assert len(office.run("export", "changes").splitlines()) == 2
    answer(office, letter(office, "change_notice"), "中止してください。", OLD)
    until(office, "held")
    (line,) = portal.export(office.desk(), CLERK, datetime.now(UTC)).splitlines()[1:]
    assert line.split(",")[1] == '"変更の取り下げ"'
    assert (line.split(",")[5], line.split(",")[6]) == (f'"{NEW}"', f'"{OLD}"')
    assert "変更の取り下げは反映待ち" in office.run("queue", "show", "1")
    # The portal had made it: no import brings here what was stopped.
    import_registry(office, REGISTRY.replace(OLD, NEW))
    assert address(office) == OLD
    assert "will not make it" in office.run("queue", "reflected", "1", "--as", CLERK)
    import_registry(office)
    import_registry(office, REGISTRY.replace(OLD, "third@mihon.example.jp"))
    assert address(office) == "third@mihon.example.jp"


def test_newer_address_of_the_registry_is_not_overwritten_by_an_undo(office: Office) -> None:
    change_in_force(office)
    import_registry(office, REGISTRY.replace(OLD, NEW))  # The portal shows it,
    import_registry(office, REGISTRY.replace(OLD, "newer@mihon.example.jp"))  # and then another.
    said = office.run("queue", "revert", "1", "--as", CLERK, "--reason", "電話で", status=1)
    assert "newer@mihon.example.jp" in said
    assert NEW in said
    assert address(office) == "newer@mihon.example.jp"


def test_undone_change_leaves_the_freeze(office: Office) -> None:
    change_in_force(office)
    office.run("queue", "revert", "1", "--as", CLERK, "--reason", "電話で")
    body = mails.form(wish=mails.CHANGE.replace("new@", "newer@"))
    office.deliver(mails.mail(body, message_id="<c2@x.test>", sender="z@x.test"))
    eventually(lambda: actions(office) == 2, timeout_s=10, what="second request")
    assert "代表電話" in approve(office, 2)


def test_not_received_twice_is_one_task(office: Office) -> None:
    prepare(office)
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<k1@mihon.example.jp>"))
    office.wait_for_letters(1)
    approve(office)
    hint = letter(office, "address_hint")
    answer(office, hint, "届きません。", mails.HEAD)
    eventually(lambda: actions(office) == 2, timeout_s=10, what="a person is asked")
    decided = "SELECT id FROM mail WHERE disposition IS NOT NULL"
    for _ in range(2):
        answer(office, hint, "まだ届きません。", mails.HEAD)
    eventually(lambda: len(look_up(office, decided)) >= 4, timeout_s=10, what="handled")
    assert actions(office) == 2
    assert len(office.rows("contact", "list")) == 1


def test_facts_that_moved_are_shown_before_the_command_line_approves_them(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    import_registry(office, REGISTRY.replace("03-1234-5678", "03-9999-9999"))
    said = office.run("queue", "approve", "1", "--as", CLERK, status=1)
    assert "代表電話（名簿）: 03-9999-9999" in said
    import_registry(office, REGISTRY.replace("03-1234-5678", "03-7777-7777"))
    said = office.run("queue", "approve", "1", "--as", CLERK, status=1)  # moved once more
    assert "03-7777-7777" in said
    facts = said.split("事実: ")[1][:SHOWN_DIGITS]
    other = "0" * SHOWN_DIGITS
    office.run("queue", "approve", "1", "--as", CLERK, "--facts", other, status=1)
    office.run("queue", "approve", "1", "--as", CLERK, "--facts", facts)
    assert state(office) == "confirming"
