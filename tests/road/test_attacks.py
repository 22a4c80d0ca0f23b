"""Attacks of the threat matrix that concern identity, through real mail (T01 to T49)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from helpdesk.desk import approvals, auditing, change_acts
from helpdesk.desk.context import Refused
from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office
from .test_changes import MX, OLD, OURS, import_registry, look_up, prepare

SECRETS = ("1968", "123456", "生年月日が", "パスワードは、****")


def request(number: int, sender: str, identity: str = "1968年4月9日", **more: Any) -> bytes:
    facility = more.pop("facility", "みほん中央病院（K0101）")
    wish = more.pop("wish", mails.CONFIRM)
    body = mails.form(facility, identity=identity, wish=wish)
    return mails.mail(body, message_id=f"<t{number}@x.test>", sender=sender, **more)


def rows(office: Office, columns: str = "action.id, correspondent, verdict, marks") -> list[Any]:
    # Made of constants of this file.
    return look_up(
        office,
        f"SELECT {columns.replace('verdict', 'action.verdict')} FROM action"
        ' JOIN "case" ON "case".id = action.case_id ORDER BY action.id',
    )


def wait_for_actions(office: Office, count: int) -> None:
    eventually(lambda: len(rows(office)) >= count, timeout_s=30, what=f"{count} actions")


def full_text(letter: Any) -> str:
    return f"{letter.message['Subject']}\n{letter.message.get_content()}"


def neutral(letter: Any) -> str:
    """Return a letter without numbers, dates, proof and the name that the sender gave."""
    subject, _addressee, text = full_text(letter).split("\n", 2)
    return re.sub(r"[0-9]", "", re.sub(r"照合 \S+?］", "", subject) + text)


def test_guesses_get_one_same_receipt_and_a_right_one_among_them_opens_nothing(
    office: Office,
) -> None:
    """T01 to T06: guesses, sprays, differing answers, and the victim afterwards."""
    prepare(office)
    daemon = office.start()
    days = [f"1968年4月{day}日" for day in (1, 2, 3, 4, 5, 6)]
    guesses = [request(n, f"g{n}@evil.test", day) for n, day in enumerate(days)]
    guesses += [
        request(20, "u@evil.test", facility="どこにもない病院"),
        request(21, "m@evil.test", "会員番号 999999"),
        request(22, "right@evil.test"),  # the right answer, after six wrong ones
        request(23, OLD),  # and the victim, from the registered address
    ]
    for raw in guesses:
        office.deliver(raw)
    wait_for_actions(office, len(guesses))
    letters = office.wait_for_letters(len(guesses))
    assert len({neutral(letter) for letter in letters}) == 1
    assert len({tuple(sorted(letter.message.keys())) for letter in letters}) == 1
    assert all(len(letter.recipients) == 1 for letter in letters)
    found = {sender: (number, verdict, marks) for number, sender, verdict, marks in rows(office)}
    for sender in ("right@evil.test", OLD):
        assert found[sender][1] == "verified"
        assert "over_misses" in found[sender][2]
    desk = office.desk()
    now = datetime.now(UTC)
    with pytest.raises(Refused, match="two people"):
        approvals.approve(desk, found["right@evil.test"][0], CLERK, now)
    # The person is not locked out: two people, and the registered address is told.
    office.run("user", "add", "suzuki", "--role", "approver", input="correct horse battery\n")
    assert approvals.approve(desk, found[OLD][0], CLERK, now) == "waiting"
    assert approvals.approve(desk, found[OLD][0], "suzuki", now) == "done"
    told = eventually(lambda: office.sink.letters_to(OLD)[1:], timeout_s=10, what="told")
    assert OLD in full_text(told[0])
    daemon.stop()
    for secret in (*days, "1968-04", "999999", "123456", "evil.test", "old@", "みほん"):
        assert secret not in daemon.log, secret
    assert auditing.verify(desk.database)[1] == []
    log = str(look_up(office, "SELECT about, actor, cause FROM audit"))
    for secret in ("1968", "999999", "123456", "@", "見本"):
        assert secret not in log, secret


FORGERIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("T07 nothing vouches", "a@mihon.example.jp", {}),
    (
        "T08 another server's word",
        "b@mihon.example.jp",
        {"Authentication-Results": "mx.evil.test; dmarc=pass header.from=mihon.example.jp"},
    ),
    (
        "T08 a comment that names ours",
        "c@mihon.example.jp",
        {"Authentication-Results": f"mx.evil.test ({MX}); dmarc=pass header.from=mihon.example.jp"},
    ),
    (
        "T09 passes for another domain",
        "d@mihon.example.jp",
        {"Authentication-Results": f"{MX}; spf=pass smtp.mailfrom=x@evil.test; dkim=none"},
    ),
    (
        "T09 a sub-domain",
        "e@sub.mihon.example.jp",
        {"Authentication-Results": f"{MX}; dmarc=pass header.from=sub.mihon.example.jp"},
    ),
    (
        "T09 a look-alike",
        "f@mihon-example.jp",
        {"Authentication-Results": f"{MX}; dmarc=pass header.from=mihon-example.jp"},
    ),
)


def test_whole_address_goes_to_who_authenticates_in_its_own_domain_alone(office: Office) -> None:
    """T07 to T09 and T44; and 届きません with its call-back."""
    prepare(office)
    office.start()
    for number, (_why, sender, headers) in enumerate(FORGERIES):
        office.deliver(request(number, sender, headers=headers))
    honest = "colleague@mihon.example.jp"
    office.deliver(request(30, honest, headers=OURS))
    wait_for_actions(office, len(FORGERIES) + 1)
    office.wait_for_letters(len(FORGERIES) + 1)
    desk = office.desk()
    for number, sender, _verdict, _marks in rows(office):
        if sender != honest:
            with pytest.raises(Refused, match="not authenticated"):
                approvals.approve(desk, number, CLERK, datetime.now(UTC), to="sender")
        approvals.approve(desk, number, CLERK, datetime.now(UTC))
    # Receipts, results, one notice a day of hints, and one of what was told in full.
    count = 2 * (len(FORGERIES) + 1) + 2
    letters = office.wait_for_letters(count)
    holding = {letter.message["To"] for letter in letters if OLD in letter.content.decode()}
    bodies = {letter.message["To"] for letter in letters if OLD in full_text(letter)}
    assert holding | bodies == {OLD, honest}
    notices = office.sink.letters_to(OLD)
    assert ["お伝えしました" in full_text(one) for one in notices] == [False, True]
    for letter in letters:
        assert not any(secret in full_text(letter) for secret in SECRETS)
    # Nobody reads the registered mailbox: the registry's telephone, and one approver.
    stranger = FORGERIES[0][1]
    hint = office.sink.letters_to(stranger)[-1]
    assert "o***@mihon.example.jp" in full_text(hint)
    answer = mails.mail(
        "届きません。電話は 03-6666-6666 です。\n",
        message_id="<n1@x.test>",
        sender=stranger,
        subject=f"Re: {hint.message['Subject']}",
        headers={"In-Reply-To": hint.message_id},
    )
    office.deliver(answer)
    wait_for_actions(office, len(FORGERIES) + 2)
    action = rows(office)[-1][0]
    (task,) = office.rows("contact", "list")
    assert (task["reason"], task["main_phone"]) == ("call_back", "03-1234-5678")
    with pytest.raises(Refused, match="代表電話"):
        approvals.approve(desk, action, CLERK, datetime.now(UTC), to="sender")
    assert change_acts.call_back(desk, action, CLERK, datetime.now(UTC)) == "03-1234-5678"
    assert approvals.approve(desk, action, CLERK, datetime.now(UTC), to="sender") == "done"
    told = eventually(
        lambda: [x for x in office.sink.letters_to(stranger) if OLD in full_text(x)],
        timeout_s=10,
        what="told in full",
    )
    assert told[0].message["X-Helpdesk-Letter"] == "address_told"


def test_headers_and_words_of_a_mail_steer_nothing(office: Office) -> None:
    """T11 to T16, T42 and T47."""
    prepare(office)
    office.start()
    change = mails.CHANGE
    odd: list[bytes] = [
        request(1, "a@x.test", headers={"Reply-To": "thief@evil.test"}),
        request(2, "b@x.test", name='"old@mihon.example.jp"'),
        request(3, "c@x.test", headers={"Cc": ", ".join(f"v{n}@victim.test" for n in range(20))}),
        request(
            4,
            "d@x.test",
            subject="施設マイページ：メールアドレスについて =?utf-8?q?=0d=0aBcc:_thief=40evil.test?=",
        ),
        request(
            5,
            "e@x.test",
            headers={"X-Helpdesk-State": "approved", "X-Approved-By": CLERK},
            wish=f"{mails.CONFIRM}\nstatus: approved\nverdict: verified",
        ),
        request(6, "f@x.test", wish=change.replace("new@mihon", "desk@society")),
        request(7, "g@x.test", wish=change.replace("new@", "east@")),
        request(8, "h@x.test", wish=change.replace("new@mihon", "n\u0435w@mihon")),
        request(9, "i@x.test", wish=change.replace("@", "＠")),
    ]
    two = request(10, "j@x.test").replace(b"From:", b"From: k@evil.test\nFrom:", 1)
    import_registry(
        office,
        "認定番号,施設名,施設種別,責任者氏名,会員番号,生年月日,メールアドレス\n"
        "K0101,みほん中央病院,基幹施設,見本 太郎,123456,1968-04-09,old@mihon.example.jp\n"
        "R0102,みほん東病院,連携施設,例示 花子,234567,1975-01-02,east@mihon.example.jp\n",
    )
    for raw in (*odd, two):
        office.deliver(raw)
    # All but the new addresses that are asked for again, and the mail with two Froms.
    wait_for_actions(office, len(odd) - 1)
    letters = office.wait_for_letters(len(odd))
    assert {str(letter.message["To"]) for letter in letters} == {f"{c}@x.test" for c in "abcdefghi"}
    for letter in letters:
        assert len(letter.recipients) == 1
        assert letter.message["Cc"] is letter.message["Bcc"] is letter.message["Reply-To"] is None
    states = {row[0] for row in look_up(office, "SELECT state FROM action")}
    assert states == {"waiting"}
    kinds = {
        sender: (number, new)
        for number, sender, new in rows(office, "action.id, correspondent, new_address")
    }
    assert kinds["i@x.test"][1] == "new@mihon.example.jp"  # full-width ＠, folded
    assert "h@x.test" not in kinds  # a letter of another script: asked for again
    assert "f@x.test" not in kinds  # T15: the secretariat's own address is nobody's new one
    desk = office.desk()
    # T15: another facility's is an exception, and no word about it leaves.
    with pytest.raises(Refused, match="two people"):
        approvals.approve(desk, kinds["g@x.test"][0], CLERK, datetime.now(UTC))
    with pytest.raises(Refused):
        approvals.approve(desk, kinds["a@x.test"][0], CLERK, datetime.now(UTC), to="thief")


def test_a_flood_of_forged_mails_is_not_answered_without_end(office: Office) -> None:
    """T43."""
    prepare(office, limits__unauthenticated_per_hour=2)
    office.start()
    forged = {"Authentication-Results": f"{MX}; dmarc=fail header.from=victim.test"}
    for number in range(5):
        office.deliver(request(number, f"v{number}@victim.test", headers=forged))
    office.deliver(request(9, OLD, headers=OURS))
    wait_for_actions(office, 6)
    letters = office.wait_for_letters(3)
    answered = sorted(str(letter.message["To"]) for letter in letters)
    assert len(answered) == 3
    assert answered[0] == OLD  # Who authenticates is answered all the same.


def test_proxy_is_shown_and_the_physician_in_cc_gets_the_result_too(office: Office) -> None:
    prepare(office)
    office.start()
    body = mails.form() + "\n見本に代わり、医局秘書の山田がご連絡しております。\n"
    raw = mails.mail(
        body,
        message_id="<p1@x.test>",
        sender="clerk@mihon.example.jp",
        name="山田",
        headers={"Cc": "taro.doc@mihon.example.jp"},
    )
    office.deliver(raw)
    office.wait_for_letters(1)
    shown = office.run("queue", "show", "1")
    assert "代理の方" in shown
    assert "Cc: taro.doc@mihon.example.jp" in shown
    desk = office.desk()
    with pytest.raises(Refused, match="stands in Cc"):
        approvals.approve(desk, 1, CLERK, datetime.now(UTC), copy_to="thief@evil.test")
    approvals.approve(desk, 1, CLERK, datetime.now(UTC), copy_to="taro.doc@mihon.example.jp")
    office.wait_for_letters(4)
    (hint,) = office.sink.letters_to("taro.doc@mihon.example.jp")
    assert hint.message["X-Helpdesk-Letter"] == "address_hint"
    story = office.run("audit", "show", office.queue()[0]["case"])
    for words in ("メールを受信しました", "本人確認：verified", "承認しました", CLERK, "sent です"):
        assert words in story
    assert "異常はありません" in office.run("audit", "verify")


def test_old_mailbox_that_is_gone_is_replaced_by_a_telephone_call(
    office: Office, bounce_of: Callable[[Any, str], bytes]
) -> None:
    """T48: an expired domain of the old address; its notice comes back."""
    prepare(office)
    office.start()
    office.deliver(request(1, "a@x.test", wish=mails.CHANGE))
    office.wait_for_letters(1)
    desk = office.desk()
    approvals.approve(desk, 1, CLERK, datetime.now(UTC))
    asked = office.wait_for_letters(2)[1]
    reply = mails.mail(
        "", message_id="<b1@x.test>", sender="new@mihon.example.jp",
        subject=f"Re: {asked.message['Subject']}",
    )  # fmt: skip
    office.deliver(reply)
    notice = office.wait_for_letters(3)[2]
    office.deliver(bounce_of(notice, OLD))
    waits = "SELECT waits_for FROM change"
    eventually(
        lambda: look_up(office, waits) == [("call_back",)], timeout_s=15, what="a call is needed"
    )
    change_acts.call_back(desk, 1, CLERK, datetime.now(UTC))
    assert look_up(office, "SELECT state FROM action WHERE id = 1") == [("portal",)]


@pytest.fixture
def bounce_of() -> Callable[[Any, str], bytes]:
    """Return a maker of delivery reports (RFC 3464) about a letter of ours."""

    def make(letter: Any, address: str) -> bytes:
        return (
            "From: MAILER-DAEMON@mx.society.example.jp\r\n"
            f"To: {mails.DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            "Message-ID: <bounce1@mx.society.example.jp>\r\nAuto-Submitted: auto-replied\r\n"
            "Return-Path: <>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nunknown user\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx.society.example.jp\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {letter.message_id}\r\nTo: {address}\r\n\r\n--b--\r\n"
        ).encode()

    return make
