"""Stops that come wrapped, late or a second time: none is overlooked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk import approvals, change_acts, handling, heard, intake
from helpdesk.desk import change_turn as turn
from helpdesk.store import changes
from helpdesk.store.changes import Change
from helpdesk.store.mails import NewMail
from tests import mails
from tests.bureau import Bureau
from tests.desk.test_identity import NEW, NOW, OLD, SATO, SUZUKI, Office

STOP = "この変更には心当たりがありません。中止してください。"


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    return Office(make_bureau(), tmp_path, officer="officer@society.example.jp")


def cooling(office: Office) -> int:
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    office.confirm(number)
    office.bureau.send(NOW)
    assert office.action(number).state == "cooling"
    return number


_uid = [1000]


def arrive(
    office: Office,
    body: str,
    *,
    sender: str = OLD,
    subject: str = "ご連絡",
    to: str = mails.DESK,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Let one mail come in and be decided."""
    _uid[0] += 1
    raw = mails.mail(
        body,
        message_id=f"<stop{_uid[0]}@x.test>",
        sender=sender,
        subject=subject,
        to=to,
        headers=headers,
    )
    desk = office.desk
    new = NewMail("INBOX", 1, _uid[0], len(raw), NOW, raw, intake.sha256_of(raw))
    assert intake.take_in(desk.database, desk.rules, [new], NOW) == 1
    while handling.handle_waiting(desk, NOW):
        pass


def notice(office: Office) -> Any:
    """Return the letter to the old address."""
    (one,) = office.bureau.outbox("change_notice")
    return office.bureau.mail(one.id)


def change(office: Office, number: int) -> Change:
    with office.bureau.database.read() as tx:
        found = changes.change_of(tx, number)
    assert found is not None
    return found


def desk_address(office: Office) -> str:
    return str(office.desk.rules.desk.address)


# What is held already, and what nobody has approved yet


def test_stop_after_unclear_words_makes_it_an_exception(office: Office) -> None:
    number = cooling(office)
    arrive(office, "これは何のことでしょうか。")
    assert office.action(number).marks == ("unclear_answer",)
    arrive(office, STOP)
    held = office.action(number)
    assert (held.state, held.marks) == ("held", ("unclear_answer", "stopped"))
    assert "担当者の確認が必要な内容" in held.note, "why it was held first is lost"
    assert "変更を止めるお申し出がありました。" in held.note
    assert change(office, number).stopped_at is not None
    # One person alone lifts no stop.
    assert approvals.approve(office.desk, number, SATO, NOW) == "held"
    assert approvals.approve(office.desk, number, SUZUKI, NOW) == "confirming"


def test_stop_by_telephone_of_what_is_held_for_another_reason_is_kept(office: Office) -> None:
    number = cooling(office)
    arrive(office, "これは何のことでしょうか。")
    change_acts.hold(office.desk, number, SATO, "電話で中止のお申し出", NOW)
    held = office.action(number)
    assert (held.state, held.marks) == ("held", ("unclear_answer", "stopped"))
    assert "電話で中止のお申し出" in held.note


def test_stop_of_a_request_whose_first_approval_ended_holds_it(office: Office) -> None:
    number = office.enter()
    with office.bureau.database.begin() as tx:
        tx.exec_driver_sql("UPDATE action SET marks = '[\"over_misses\"]'")
    assert approvals.approve(office.desk, number, SATO, NOW) == "waiting"
    turn.follow_up(office.desk, NOW + timedelta(days=30))
    assert office.action(number).state == "expired"
    arrive(office, STOP)
    held = office.action(number)
    assert held.state == "held"
    assert "stopped" in held.marks


def test_request_that_its_address_stopped_before_its_approval_cools(office: Office) -> None:
    number = office.enter()
    with office.bureau.database.begin() as tx:  # As it came from the old address itself.
        tx.exec_driver_sql(f"UPDATE \"case\" SET correspondent = '{OLD}'")
        tx.exec_driver_sql("UPDATE action SET authenticated = 1, entered_by = NULL")
    arrive(office, STOP)
    assert office.action(number).state == "held"
    approvals.approve(office.desk, number, SATO, NOW, shown=office.facts(number))
    approvals.approve(office.desk, number, SUZUKI, NOW, shown=office.facts(number))
    office.confirm(number)
    assert office.action(number).state == "cooling"


# What a program has put its marks on


def quoted_as_outlook(office: Office, own: str, *, between: str = "", below: str = "") -> str:
    """Return an answer over a quotation without marks, as Outlook makes it."""
    letter = str(notice(office).get_content())
    place = "■お心当たりのない場合"
    assert place in letter
    letter = letter.replace(place, f"{between}\n{place}")
    head = (
        f"-----Original Message-----\nFrom: 事務局 <{mails.DESK}>\n"
        f"Sent: Tuesday, November 24, 2026 10:00 AM\nTo: {OLD}\nSubject: お知らせ\n\n"
        "【注意】このメールは組織外から届きました。心当たりのない添付ファイルは開かないでください。\n\n"
    )
    return f"{own}\n\n{head}{letter}\n{below}\n"


@pytest.mark.parametrize("by_token", [False, True], ids=["words", "token"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Precedence": "list"},
        {"X-ML-Name": "kanwa"},
        {"X-Spam-Flag": "YES"},
        {"Auto-Submitted": "auto-generated"},
        {"X-Autoreply": "yes"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_stop_that_a_machine_has_put_its_marks_on_holds_and_is_not_answered(
    office: Office, headers: dict[str, str], by_token: bool
) -> None:
    number = cooling(office)
    before = len(office.letters())
    subject = f"Re: {notice(office)['Subject']}" if by_token else "ご連絡"
    # By the token it counts from whoever at the hospital answers.
    sender = "clerk@mihon.example.jp" if by_token else OLD
    arrive(office, STOP, sender=sender, subject=subject, headers=headers)
    assert (office.action(number).state, office.action(number).marks) == ("held", ("stopped",))
    assert len(office.letters()) == before, "a machine was answered"


@pytest.mark.parametrize(
    "body",
    [
        "ただいま不在にしております。お急ぎの方はお待ちください。",
        "本メールは自動返信です。返信は不要です。お問い合わせを受け付けました。",
        "同意します。",
    ],
)
def test_robot_at_the_old_address_neither_stops_nor_agrees(office: Office, body: str) -> None:
    number = cooling(office)
    subject = f"Re: {notice(office)['Subject']}"
    arrive(office, body, subject=subject, headers={"Auto-Submitted": "auto-replied"})
    assert office.action(number).state == "cooling"


def test_absence_with_a_stop_in_it_stops(office: Office) -> None:
    number = cooling(office)
    subject = f"Re: {notice(office)['Subject']}"
    arrive(office, "院長は不在にしておりますが、心当たりがありません。", subject=subject)
    assert office.action(number).marks == ("stopped",)


def test_stop_with_the_desk_in_cc_alone_is_heard_with_the_letter_below_it_too(
    office: Office,
) -> None:
    number = cooling(office)
    subject = f"Fwd: {notice(office)['Subject']}"
    arrive(office, STOP, subject=subject, to="taro@x.test", headers={"Cc": mails.DESK})
    assert office.action(number).marks == ("stopped",)


@pytest.mark.parametrize(
    "where",
    [{"between": "→心当たりがございません。中止でお願いします。"}, {"below": "中止してください。"}],
)
def test_words_between_the_lines_of_our_letter_are_read_by_a_person(
    office: Office, where: dict[str, str]
) -> None:
    number = cooling(office)
    body = quoted_as_outlook(office, "お世話になっております。", **where)
    arrive(office, body, subject=f"Re: {notice(office)['Subject']}")
    assert (office.action(number).state, office.action(number).marks) == (
        "held",
        ("unclear_answer",),
    )


def test_new_address_that_writes_below_our_letter_confirms_nothing(office: Office) -> None:
    number = office.enter()
    approvals.approve(office.desk, number, SATO, NOW)
    (confirm,) = office.bureau.outbox("change_confirm")
    letter = office.bureau.mail(confirm.id)
    quoted = f"-----Original Message-----\nFrom: x\nTo: y\nSubject: z\n\n{letter.get_content()}"
    subject = f"Re: {letter['Subject']}"
    below = "申請していません。中止してください。"
    arrive(office, f"{quoted}\n\n{below}\n", sender=NEW, subject=subject)
    assert (office.action(number).state, change(office, number).confirmed_at) == (
        "confirming",
        None,
    )
    arrive(office, quoted, sender=NEW, subject=subject)
    assert office.action(number).state == "cooling"


def test_earlier_stop_that_is_repeated_with_marks_is_not_said_again(office: Office) -> None:
    number = cooling(office)
    body = f"拝受しました。\n\n> {STOP}\n"
    arrive(office, body, subject=f"Re: {notice(office)['Subject']}")
    assert office.action(number).state == "cooling"


def test_our_letter_with_a_banner_below_a_courtesy_is_nobody_s_stop(office: Office) -> None:
    number = cooling(office)
    body = quoted_as_outlook(office, "お世話になっております。")
    arrive(office, body, subject=f"Re: {notice(office)['Subject']}")
    assert office.action(number).state == "cooling"


# Silence while nobody listens


def test_silence_ends_no_wait_while_the_mailbox_is_not_read(office: Office) -> None:
    number = cooling(office)
    over = NOW + timedelta(hours=73)
    heard.note_read(office.desk, NOW + timedelta(hours=71))
    turn.follow_up(office.desk, over)
    assert office.action(number).state == "cooling"
    arrive(office, STOP)  # It lay there all the time.
    heard.note_read(office.desk, over)
    turn.follow_up(office.desk, over)
    assert office.action(number).marks == ("stopped",)


def test_wait_ends_with_the_first_look_at_the_mailbox_after_it(office: Office) -> None:
    number = cooling(office)
    over = NOW + timedelta(hours=73)
    heard.note_read(office.desk, over)
    turn.follow_up(office.desk, over)
    assert office.action(number).state == "portal"
