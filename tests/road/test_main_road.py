"""The main job, end to end: a mail over LMTP, real IMAP, the daemon, real SMTP, a clerk."""

from __future__ import annotations

import email
import email.policy
import signal
import time
from typing import Any

import pytest

from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office


def text_of(letter: Any) -> str:
    content = letter.message.get_content()
    assert isinstance(content, str)
    return content


def test_confirmation_from_mail_to_answer(office: Office) -> None:
    daemon = office.start()
    office.deliver(mails.mail(mails.form(), message_id="<a1@mihon.example.jp>"))
    receipt = office.wait_for_letters(1)[0]
    assert list(receipt.recipients) == [mails.HEAD]
    assert "old@mihon.example.jp" not in text_of(receipt)
    assert receipt.message["In-Reply-To"] == "<a1@mihon.example.jp>"
    assert receipt.message["Auto-Submitted"] == "auto-replied"
    (action,) = office.queue()
    assert (action["kind"], action["verdict"], action["facility"]) == (
        "confirm_address",
        "verified",
        "K0101",
    )
    office.run("queue", "approve", str(action["id"]), "--as", CLERK)
    office.wait_for_letters(3)
    (told,) = office.sink.letters_to("old@mihon.example.jp")
    _receipt, hint = office.sink.letters_to(mails.HEAD)
    assert "old@mihon.example.jp" in text_of(told)
    assert "o***@mihon.example.jp" in text_of(hint)
    assert "old@mihon.example.jp" not in hint.content.decode()
    assert "1968" not in text_of(told) + text_of(hint)
    assert hint.message["References"].split()[0] == "<a1@mihon.example.jp>"
    eventually(lambda: len(office.folder_of("Sent")) == 3, timeout_s=10, what="copies in Sent")
    office.wait_until_handled(1)
    assert office.inbox() == []
    daemon.stop()


def test_mails_that_come_while_others_are_worked_on_do_not_wait_for_the_poll(
    office: Office,
) -> None:
    office.write_rules(mailbox__poll="60s")
    office.start()
    for number in range(12):
        raw = mails.mail(
            mails.form(identity=f"会員番号 {600000 + number}"),
            message_id=f"<w{number}@x.test>",
            sender=f"h{number}@x.test",
        )
        office.deliver(raw)
        time.sleep(0.13)  # Not in step with anything the daemon does.
    office.wait_for_letters(12, timeout_s=15)


def test_second_decision_on_the_same_action_is_refused(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<a2@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.run("queue", "approve", "1", "--as", CLERK)
    said = office.run("queue", "approve", "1", "--as", CLERK, status=1)
    assert CLERK in said
    office.run("queue", "reject", "1", "--as", CLERK, "--reason", "x", status=1)
    assert len(office.wait_for_letters(3)) == 3


def test_unknown_user_and_operator_may_not_decide(office: Office) -> None:
    office.start()
    office.run("user", "add", "ope", "--role", "operator", input="correct horse battery\n")
    office.deliver(mails.mail(mails.form(), message_id="<a3@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.run("queue", "approve", "1", "--as", "nobody", status=1)
    office.run("queue", "approve", "1", "--as", "ope", status=1)
    assert office.queue()[0]["state"] == "waiting"


def test_change_is_told_to_nobody_before_the_portal_has_it(office: Office) -> None:
    office.write_rules(identity__level="relaxed")
    office.start()
    body = mails.form(wish=mails.CHANGE, identity="会員番号 123456")
    office.deliver(mails.mail(body, message_id="<a4@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.run("queue", "reflected", "1", "--as", CLERK, status=1)
    _bring_to_the_portal(office)
    assert office.rows("registry", "list")[0]["address"] == "old@mihon.example.jp"
    time.sleep(1.2)  # Longer than the sender's poll: nothing may leave.
    assert len(office.sink.letters) == 3
    office.run("queue", "reflected", "1", "--as", CLERK)
    letters = office.wait_for_letters(5)
    told = {letter.message["To"] for letter in letters[3:]}
    assert told == {"new@mihon.example.jp", "old@mihon.example.jp"}
    assert office.rows("registry", "list")[0]["address"] == "new@mihon.example.jp"
    office.run("queue", "reflected", "1", "--as", CLERK, status=1)


def _bring_to_the_portal(office: Office) -> None:
    """Approve the change and let the new address confirm; `relaxed` waits for nothing more."""
    office.run("queue", "approve", "1", "--as", CLERK)
    assert office.queue()[0]["state"] == "confirming"
    asked = office.wait_for_letters(2)[1]
    office.deliver(
        mails.mail(
            "確認しました。\n",
            message_id="<new1@mihon.example.jp>",
            sender="new@mihon.example.jp",
            subject=f"Re: {asked.message['Subject']}",
            headers={"In-Reply-To": asked.message_id},
        )
    )
    office.wait_for_letters(3)  # The old address is told by the same step.
    assert office.queue()[0]["state"] == "portal"


def test_import_does_not_take_back_what_was_approved(office: Office) -> None:
    office.write_rules(identity__level="relaxed")
    office.start()
    body = mails.form(wish=mails.CHANGE)
    office.deliver(mails.mail(body, message_id="<a5@mihon.example.jp>"))
    office.wait_for_letters(1)
    _bring_to_the_portal(office)
    office.run("queue", "reflected", "1", "--as", CLERK)
    said = office.run("registry", "import", str(office.folder / "registry.csv"))
    assert "衝突 ! K0101" in said
    assert office.rows("registry", "list")[0]["address"] == "new@mihon.example.jp"


def test_rejection_gives_no_reason_away(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<a6@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.run("queue", "reject", "1", "--as", CLERK, "--reason", "生年月日が違う")
    letter = text_of(office.wait_for_letters(2)[1])
    assert "生年月日が違う" not in letter
    assert "old@mihon.example.jp" not in letter
    assert "当学会の認定取得者" in letter


def test_impostor_gets_the_same_receipt_and_cannot_be_approved(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<b1@mihon.example.jp>"))
    wrong = mails.form(identity="1968年4月10日")
    office.deliver(mails.mail(wrong, message_id="<b2@evil.test>", sender="x@evil.test"))
    first, second = office.wait_for_letters(2)
    neutral = [
        text_of(one).replace(one.message["Subject"].split()[-1].strip("］"), "N")
        for one in (first, second)
    ]
    assert _without_digits(neutral[0]) == _without_digits(neutral[1])
    verdicts = {row["verdict"]: row["id"] for row in office.queue()}
    assert set(verdicts) == {"verified", "mismatch"}
    said = office.run("queue", "approve", str(verdicts["mismatch"]), "--as", CLERK, status=1)
    assert "mismatch" in said


def _without_digits(text: str) -> str:
    return "".join(char for char in text if not char.isdigit())


def test_outlooks_jis_with_circled_numbers_is_read_right(office: Office) -> None:
    office.start()
    body = mails.form(wish="②new@mihon.example.jp", facility="みほん中央病院（K0101）")
    office.deliver(mails.outlook_mail(body, message_id="<c1@mihon.example.jp>"))
    office.wait_for_letters(1)
    (action,) = office.queue()
    assert (action["kind"], action["new_address"]) == ("change_address", "new@mihon.example.jp")


def test_missing_field_is_asked_for_and_the_answer_completes_the_case(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(identity=""), message_id="<d1@mihon.example.jp>"))
    asked = office.wait_for_letters(1)[0]
    assert "会員番号または生年月日" in text_of(asked)
    assert office.queue() == []
    answer = mails.mail(
        "会員番号：123456\nよろしくお願いします。\n",
        message_id="<d2@mihon.example.jp>",
        subject=str(asked.message["Subject"]),
        headers={"In-Reply-To": asked.message_id, "References": asked.message_id},
    )
    office.deliver(answer)
    receipt = office.wait_for_letters(2)[1]
    (action,) = office.queue()
    assert (action["kind"], action["verdict"]) == ("confirm_address", "verified")
    assert action["case"] in str(asked.message["Subject"])
    assert action["case"] in str(receipt.message["Subject"])


def test_thanks_join_their_case_and_cause_nothing(office: Office) -> None:
    daemon = office.start()
    office.deliver(mails.mail(mails.form(), message_id="<e1@mihon.example.jp>"))
    receipt = office.wait_for_letters(1)[0]
    thanks = mails.mail(
        "ありがとうございました。\nよろしくお願いいたします。\n",
        message_id="<e2@mihon.example.jp>",
        subject=f"Re: {receipt.message['Subject']}",
        headers={"In-Reply-To": receipt.message_id},
    )
    office.deliver(thanks)
    office.wait_until_handled(2)
    daemon.stop()
    assert len(office.queue()) == 1
    assert len(office.sink.letters) == 1


def test_same_mail_delivered_twice_gets_one_receipt(office: Office) -> None:
    daemon = office.start()
    raw = mails.mail(mails.form(), message_id="<f1@mihon.example.jp>")
    office.deliver(raw)
    office.deliver(raw)
    office.wait_for_letters(1)
    office.wait_until_handled(2)
    daemon.stop()
    assert len(office.sink.letters) == 1
    assert len(office.queue()) == 1


def test_request_sent_again_is_told_so_in_its_case(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<g1@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.deliver(mails.mail(mails.form(), message_id="<g2@mihon.example.jp>"))
    first, again = office.wait_for_letters(2)
    assert again.message["X-Helpdesk-Letter"] == "receipt_again"
    assert len({row["case"] for row in office.outbox()}) == 1
    assert len(office.queue()) == 1
    assert first.message_id in again.message["References"]


def test_what_is_not_ours_stays_where_it_is_untouched(office: Office) -> None:
    daemon = office.start()
    fees = mails.mail(
        "年会費の請求書を再発行してください。\n",
        message_id="<h1@mihon.example.jp>",
        subject="年会費について",
    )
    copy = mails.mail(
        mails.form(),
        message_id="<h2@mihon.example.jp>",
        to="other@society.example.jp",
        headers={"Cc": mails.DESK},
    )
    for raw in (fees, copy):
        office.deliver(raw)
    office.deliver(mails.mail(mails.form(), message_id="<h3@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.wait_until_handled(1)
    daemon.stop()
    assert len(office.inbox()) == 2
    assert all("\\Seen" not in marks for marks in office.dovecot.flags(office.user).values())
    assert len(office.outbox()) == 1


def test_mail_opened_by_a_human_first_is_handled_all_the_same(office: Office) -> None:
    office.deliver(mails.mail(mails.form(), message_id="<i1@mihon.example.jp>"))
    with office.dovecot.client(office.user) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Seen"])
    office.start()
    office.wait_for_letters(1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "list", "List-Id": "<x.society.example.jp>"},
        {"X-Spam-Flag": "YES"},
        {"X-Helpdesk-Letter": "receipt"},
    ],
    ids=["auto-reply", "list", "spam", "own"],
)
def test_machines_are_never_answered(office: Office, headers: dict[str, str]) -> None:
    daemon = office.start()
    office.deliver(mails.mail(mails.form(), message_id="<j1@robot.test>", headers=headers))
    office.deliver(mails.mail(mails.form(), message_id="<j2@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.wait_until_handled(1)
    daemon.stop()
    assert len(office.outbox()) == 1


def test_what_is_not_understood_gets_a_receipt_and_a_person(office: Office) -> None:
    office.start()
    question = mails.mail(
        "施設マイページのことで相談があります。お電話をいただけますか。\n",
        message_id="<k1@mihon.example.jp>",
        subject="ご相談",
    )
    office.deliver(question)
    receipt = office.wait_for_letters(1)[0]
    assert receipt.message["X-Helpdesk-Letter"] == "receipt_inquiry"
    assert [row["kind"] for row in office.queue()] == ["review"]
    eventually(lambda: office.folder_of("helpdesk/要対応"), timeout_s=10, what="filed")


def test_address_over_its_five_a_day_gets_a_human(office: Office) -> None:
    office.start()
    for number in range(7):
        body = mails.form(facility=f"みほん第{number}病院", wish="")
        office.deliver(mails.mail(body, message_id=f"<l{number}@x.test>", sender="much@x.test"))
        # One case after the other: each asks for what is missing.
    eventually(
        lambda: any(row["kind"] == "review" for row in office.queue()),
        timeout_s=15,
        what="a person is asked",
    )
    time.sleep(1)
    assert len(office.sink.letters) <= 5


def test_five_hundred_mails_waiting_at_start_get_one_receipt_each(office: Office) -> None:
    raws = [
        mails.mail(
            mails.form(identity=f"会員番号 {500000 + number}"),
            message_id=f"<m{number}@bulk.test>",
            sender=f"head{number}@bulk.test",
        )
        for number in range(500)
    ]
    office.dovecot.deliver_many(raws, office.user)
    daemon = office.start()
    office.wait_for_letters(500, timeout_s=60)
    eventually(lambda: not office.inbox(), timeout_s=30, what="all filed")
    daemon.stop()
    recipients = [letter.message["To"] for letter in office.sink.letters]
    assert sorted(recipients) == sorted(f"head{number}@bulk.test" for number in range(500))
    assert len(office.queue()) == 500


def test_mails_from_before_go_live_are_left_alone(office: Office) -> None:
    office.write_rules(mailbox__go_live=None)
    old = mails.mail(mails.form(), message_id="<n1@mihon.example.jp>")
    office.dovecot.append(old, office.user, "INBOX")
    time.sleep(1.1)  # INTERNALDATE has whole seconds.
    daemon = office.start()
    office.deliver(mails.mail(mails.form(), message_id="<n2@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.wait_until_handled(1)
    daemon.stop()
    assert len(office.inbox()) == 1
    assert len(office.outbox()) == 1
    # The first start is remembered: the next one takes nothing old either.
    daemon = office.start()
    daemon.stop()
    assert len(office.outbox()) == 1


def test_shadow_mode_decides_and_sends_nothing(office: Office) -> None:
    office.write_rules(mode="shadow")
    office.start()
    office.deliver(mails.mail(mails.form(), message_id="<o1@mihon.example.jp>"))
    eventually(office.queue, timeout_s=10, what="queued")
    assert [row["state"] for row in office.outbox()] == ["held"]
    assert office.sink.letters == []


def test_broken_rules_at_reload_leave_the_old_ones_in_force(office: Office) -> None:
    daemon = office.start()
    office.rules.write_text("mode: lve\n", encoding="utf-8")
    daemon.signal(signal.SIGHUP)
    eventually(lambda: "reload_refused" in daemon.log, timeout_s=5, what="refusal in the log")
    assert "desk" in daemon.log
    office.deliver(mails.mail(mails.form(), message_id="<p1@mihon.example.jp>"))
    office.wait_for_letters(1)
    office.write_rules(mode="shadow")
    daemon.signal(signal.SIGHUP)
    eventually(lambda: '"reloaded"' in daemon.log, timeout_s=5, what="reload in the log")
    body = mails.form(facility="みほん東病院")
    office.deliver(mails.mail(body, message_id="<p2@mihon.example.jp>", sender="h@east.test"))
    eventually(lambda: office.letter_states().total() == 2, timeout_s=10, what="second letter")
    assert office.outbox()[1]["state"] == "held"


def test_nothing_personal_is_in_the_log(office: Office) -> None:
    daemon = office.start()
    for number, identity in enumerate(("1968年4月9日", "会員番号 123456", "昭和43年4月10日")):
        raw = mails.mail(mails.form(identity=identity), message_id=f"<q{number}@x.test>")
        office.deliver(raw)
    office.wait_for_letters(2)
    office.sink.react("RCPT", "550 5.1.1 <taro@mihon.example.jp> unknown")
    office.run("queue", "approve", "1", "--as", CLERK)
    eventually(lambda: office.letter_states()["failed"] > 0, timeout_s=10, what="fail")
    daemon.stop()
    for secret in (
        "1968",
        "123456",
        "見本",
        "太郎",
        "taro",
        "old@mihon",
        "みほん中央",
        "メールアドレス",
    ):
        assert secret not in daemon.log, secret


def test_oversize_mail_is_never_fetched_and_lies_in_quarantine(office: Office) -> None:
    office.write_rules(mailbox__max_size="64KB")
    office.start()
    big = mails.mail(mails.form() + "x" * 100_000, message_id="<r1@mihon.example.jp>")
    office.deliver(big)
    eventually(lambda: office.rows("quarantine", "list"), timeout_s=10, what="quarantined")
    (row,) = office.rows("quarantine", "list")
    assert "too large" in row["reason"]
    eventually(lambda: office.folder_of("helpdesk/隔離"), timeout_s=10, what="filed")
    office.run("quarantine", "replay", str(row["id"]), status=1)


def test_html_form_in_a_table_is_read(office: Office) -> None:
    office.start()
    rows = "".join(
        f"<tr><td>{label}</td><td>{value}</td></tr>"
        for label, value in (
            ("1）認定施設名", "みほん中央病院"),
            ("2）施設責任者氏名", "見本 太郎"),
            ("3）施設責任者会員番号または生年月日", "S43.4.9"),
            ("4）対応希望内容", "①"),
        )
    )
    raw = email.message_from_bytes(
        mails.mail("x", message_id="<s1@mihon.example.jp>"), policy=email.policy.default
    )
    raw.set_content(f"<html><body><table>{rows}</table></body></html>", subtype="html")
    office.deliver(raw.as_bytes())
    office.wait_for_letters(1)
    assert [row["verdict"] for row in office.queue()] == ["verified"]


def _answer(asked: Any, body: str, number: int, **more: Any) -> bytes:
    """Return a mail that answers by its subject alone, as webmail without References does."""
    more.setdefault("subject", f"Re: {asked.message['Subject']}")
    return mails.mail(body, message_id=f"<s{number}@mihon.example.jp>", **more)


def test_answer_by_the_subject_alone_joins_its_case_by_its_proof(office: Office) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(identity=""), message_id="<s1@mihon.example.jp>"))
    asked = office.wait_for_letters(1)[0]
    office.deliver(_answer(asked, "会員番号：123456\n", 2))
    receipt = office.wait_for_letters(2)[1]
    (action,) = office.queue()
    assert (action["kind"], action["verdict"]) == ("confirm_address", "verified")
    assert action["case"] in str(receipt.message["Subject"])


@pytest.mark.parametrize("why", ["another sender", "the number alone"])
def test_answer_without_proof_or_of_a_stranger_is_only_suggested(office: Office, why: str) -> None:
    office.start()
    office.deliver(mails.mail(mails.form(identity=""), message_id="<s1@mihon.example.jp>"))
    asked = office.wait_for_letters(1)[0]
    subject = str(asked.message["Subject"])
    if why == "another sender":
        answer = _answer(asked, "会員番号：123456\n", 3, sender="x@evil.test")
    else:
        answer = _answer(asked, "会員番号：123456\n", 3, subject=subject[subject.index("【") :])
    office.deliver(answer)
    office.wait_for_letters(2)
    (action,) = office.queue()
    assert action["kind"] == "review"
    assert action["case"] not in subject
