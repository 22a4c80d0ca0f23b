"""Answers to the letters of a change in people's own words, end to end, and who may learn what."""

from __future__ import annotations

from typing import Any

import pytest

from tests import mails
from tests.servers.net import eventually

from .conftest import Office
from .test_changes import (
    HEAD,
    MX,
    NEW,
    OLD,
    OURS,
    TOKEN,
    answer,
    approve,
    ask_for_change,
    letter,
    look_up,
    prepare,
    state,
    until,
)

SIGNATURE = (
    "\n\n-- \nみほん中央病院 緩和ケア科\n見本 太郎\n〒100-0001 東京都千代田区1-1\n"
    "TEL 03-1234-5678\nE-mail new@mihon.example.jp\n"
)


def handled(office: Office, number: int) -> None:
    """Wait until so many mails are decided."""
    query = "SELECT id FROM mail WHERE disposition IS NOT NULL"
    eventually(lambda: len(look_up(office, query)) >= number, timeout_s=15, what="decided")


def to_cooling(office: Office) -> Any:
    """Bring a change as far as the wait; return the letter to the old address."""
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    answer(office, letter(office, "change_confirm"), "", NEW)
    until(office, "cooling")
    return letter(office, "change_notice")


def of_action(office: Office) -> tuple[str, str, str]:
    ((state, note, marks),) = look_up(office, "SELECT state, note, marks FROM action WHERE id = 1")
    return state, note, marks


def test_requester_learns_no_id_of_the_notice_and_the_id_alone_agrees_to_nothing(
    office: Office,
) -> None:
    notice = to_cooling(office)
    receipt = letter(office, "receipt")
    answer(office, receipt, mails.form(wish=mails.CHANGE.replace("new@", "newer@")), HEAD)
    handled(office, 3)
    eventually(
        lambda: len([x for x in office.sink.letters if x.message["To"] == HEAD]) > 1,
        timeout_s=10,
        what="the next letter to the requester",
    )
    secret = notice.message_id.strip("<>")
    for one in office.sink.letters:
        if one.message["To"] != OLD:
            assert secret not in one.content.decode(), one.message["X-Helpdesk-Letter"]
    own = [x for x in office.sink.letters if x.message["To"] == HEAD]
    assert receipt.message_id in str(own[-1].message["References"])  # Its own thread stays.
    # Even whoever learned the id from elsewhere agrees to nothing with it.
    answer(office, notice, "同意します。", OLD, subject="Re: 変更")
    handled(office, 4)
    assert state(office) == "cooling"
    # With the number, in the text where the subject was changed, it is an agreement.
    number = TOKEN.search(str(notice.message["Subject"]))
    assert number is not None
    said = f"同意します。\n確認番号：{number['token']}"
    answer(office, notice, said, OLD, subject="Re: 変更")
    until(office, "portal")


def test_agreement_that_fails_our_own_check_waits_for_a_person(office: Office) -> None:
    notice = to_cooling(office)
    forged = {
        "In-Reply-To": notice.message_id,
        "Authentication-Results": f"{MX}; dmarc=fail header.from=mihon.example.jp",
    }
    answer(office, notice, "同意します。", OLD, headers=forged)
    until(office, "held")
    _, note, marks = of_action(office)
    assert "stopped" not in marks
    assert "unclear_answer" in marks
    assert "止めるお申し出" not in note


def test_unclear_answer_waits_for_one_person_and_says_so(office: Office) -> None:
    notice = to_cooling(office)
    answer(office, notice, "同意します。ただし当病院の院長の許可が必要です。", OLD)
    until(office, "held")
    _, note, marks = of_action(office)
    assert "担当者の確認が必要" in note
    assert "止めるお申し出" not in note
    assert "stopped" not in marks
    approve(office)  # One person is enough, and everything begins anew.
    assert state(office) == "confirming"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (None, "お世話になっております。見本病院の山田です。よろしくお願いいたします。"),
        ("メールアドレス変更の中止のお願い", "お世話になっております。よろしくお願いいたします。"),
        ("ご連絡", "これまでのアドレスを引き続き使います。変えないでください。"),
        ("ご連絡", "変更の申請は却下してください。"),
    ],
    ids=["subject of an answer", "subject of a mail", "keep", "reject"],
)
def test_stop_in_the_subject_or_in_ordinary_words(
    office: Office, subject: str | None, text: str
) -> None:
    notice = to_cooling(office)
    if subject is None:
        answer(office, notice, text, OLD, subject=f"【中止】Re: {notice.message['Subject']}")
    else:
        office.deliver(mails.mail(text, message_id="<s@x.test>", subject=subject, sender=OLD))
    until(office, "held")
    assert "stopped" in of_action(office)[2]


def test_whatever_else_the_old_address_writes_is_read_by_a_person(office: Office) -> None:
    to_cooling(office)
    text = "来週の会議室の予約ですが、人数が増えそうです。"
    office.deliver(mails.mail(text, message_id="<s@x.test>", subject="会議室", sender=OLD))
    until(office, "held")
    assert "unclear_answer" in of_action(office)[2]


def test_blank_answer_with_a_signature_and_no_wait_to_agree_to(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office, sender=OLD, headers=OURS)
    approve(office)
    answer(office, letter(office, "change_confirm"), SIGNATURE, NEW)
    until(office, "portal")
    notice = letter(office, "change_notice").message.get_content()
    assert "中止" in notice
    assert "同意します" not in notice


def test_new_address_that_says_more_is_shown_as_what_it_is(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    answer(office, asked, "受信しました。院長に相談します。", NEW)
    handled(office, 2)
    state_, note, _ = of_action(office)
    assert state_ == "confirming"
    assert "新しいアドレスからのご返信" in note
    assert "別のアドレス" not in note


def test_agreement_without_its_number_is_shown_and_unclear_words_are_logged_as_such(
    office: Office,
) -> None:
    notice = to_cooling(office)
    answer(office, notice, "同意します。", OLD, subject="Re: 変更")
    eventually(lambda: "確認番号がありません" in of_action(office)[1], timeout_s=15, what="noted")
    assert state(office) == "cooling"
    answer(office, notice, "当病院の院長の許可が必要です。", OLD)
    until(office, "held")
    story = office.run("audit", "show", "2026-000001")
    assert "unclear_answer → held" in story
    assert "stopped" not in story


def test_new_address_that_may_go_on_using_something_stops_nothing(office: Office) -> None:
    prepare(office)
    office.start()
    ask_for_change(office)
    approve(office)
    asked = letter(office, "change_confirm")
    answer(office, asked, "受信しました。こちらは引き続き使用できますので、お願いします。", NEW)
    eventually(
        lambda: "新しいアドレスからのご返信" in of_action(office)[1], timeout_s=15, what="seen"
    )
    assert state(office) == "confirming"
    answer(office, asked, "やはり変更は中止してください。", NEW)
    until(office, "held")
