"""What letters repeat, what is kept, and who is told, through real mail (issue 7: 3, 8, 9)."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from helpdesk.desk import approvals, auditing, casework, search
from helpdesk.desk.context import Refused
from helpdesk.domain.authentication import read_authentication
from helpdesk.domain.message import read_message
from helpdesk.store import erasing
from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office
from .test_attacks import full_text, request, rows, wait_for_actions
from .test_changes import MX, OLD, OURS, import_registry, look_up, prepare

#: The birthdate and the member number of the registry, as people write them.
SECRETS = (
    *("123456", "１２３４５６", "123-456", "1 2 3 4 5 6"),
    *("1968", "１９６８", "昭和43", "昭和４３", "S43", "昭和四十三", "19680409", "4月9日"),
)


def now() -> datetime:
    return datetime.now(UTC)


def dump(office: Office) -> list[tuple[str, str, str]]:
    """Return every value of every column of every table, as text."""
    found = []
    with closing(sqlite3.connect(office.folder / "var/helpdesk.db", timeout=10)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows_ = database.execute(f'SELECT * FROM "{table}"')
            names = [one[0] for one in rows_.description]
            for row in rows_:
                for name, value in zip(names, row, strict=True):
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                    found.append((table, name, _NOISE.sub("", _unescaped(str(text)))))
    return found


# Digests and what is sealed hold any four digits now and then, and say nothing.
_NOISE = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])|\0?sealed:.*", re.DOTALL)


def _unescaped(text: str) -> str:
    """Return JSON's \\u escapes as the letters they are, beside the text itself."""
    if "\\u" not in text:
        return text
    return text + text.encode("ascii", "replace").decode("unicode_escape", "replace")


def traces(office: Office, *secrets: str, but: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{table}.{column}: {secret}"
        for table, column, text in dump(office)
        for secret in secrets
        if secret in text and f"{table}.{column}" not in but
    ]


PLACES: tuple[dict[str, str], ...] = (
    {"subject": f"{mails.SUBJECT}（会員番号123456 1968年4月9日生）"},
    {"subject": "Re: 【再送】施設マイページ：アドレスについて 昭和43年4月9日"},
    {"subject": "施設マイページ　メールアドレスについて　Ｓ４３．４．９"},
    {"facility": "みほん中央病院（K0101）会員番号 123456", "identity": ""},
    {"facility": "みほん中央病院 1968/4/9", "wish": "②"},
    {"facility": "みほん中央病院 123456", "wish": ""},
    {"facility": "みほん中央病院 S430409", "wish": ""},
    {"physician": "見本 太郎（1968年4月9日生）", "identity": ""},
    {"physician": "見本 太郎 会員番号１２３４５６", "identity": ""},
    {"physician": "見本 太郎　昭和四十三年四月九日", "wish": ""},
    {"name": "見本 太郎 19680409"},
    {"name": "見本太郎 1 2 3 4 5 6", "wish": ""},
)


def placed(number: int, place: dict[str, str]) -> bytes:
    parts = {
        key: place[key] for key in ("facility", "physician", "identity", "wish") if key in place
    }
    around = {key: place[key] for key in ("subject", "name") if key in place}
    body = mails.form(**parts)
    sender = f"p{number}@x.test"
    return mails.mail(body, message_id=f"<p{number}@x.test>", sender=sender, **around)


def test_no_letter_repeats_a_birthdate_or_a_number_wherever_it_was_written(office: Office) -> None:
    prepare(office)
    daemon = office.start()
    for number, place in enumerate(PLACES):
        office.deliver(placed(number, place))
    letters = office.wait_for_letters(len(PLACES))
    for letter in letters:
        said = [secret for secret in SECRETS if secret in full_text(letter)]
        assert said == [], (str(letter.message["To"]), said)
        assert (
            "みほん" in full_text(letter)
            or "見本" in full_text(letter)
            or "様" in full_text(letter)
        )
    # Nor does anything in the database but what is sealed, while the cases are open.
    desk = office.desk()
    search.catch_up(desk, now())
    assert traces(office, *SECRETS) == []
    daemon.stop()
    assert [secret for secret in SECRETS if secret in daemon.log] == []


def test_what_a_requester_typed_is_gone_when_the_case_is_closed(office: Office) -> None:
    """Subject, names, notes, the search's words and the log: only the result stays."""
    prepare(office)
    daemon = office.start()
    subject = f"{mails.SUBJECT}（会員番号123456 1968年4月9日生）"
    office.deliver(request(1, "a@x.test", "会員番号 123456、昭和43年4月9日", subject=subject))
    wait_for_actions(office, 1)
    receipt = office.wait_for_letters(1)[0]
    desk = office.desk()
    ((number,),) = look_up(office, 'SELECT number FROM "case"')
    casework.add_note(
        desk.database, number, CLERK, "note", "電話で 123456 と S43.4.9 を伺いました", now()
    )
    # Staff answer in Outlook, and quote the form.
    quoted = mails.form(identity="会員番号 123456、1968年4月9日")
    answer = mails.mail(
        f"会員番号 123456 で承りました。03-1234-5678\n\n{quoted}",
        message_id="<staff@society.example.jp>",
        sender=mails.DESK,
        to="a@x.test",
        subject=f"Re: {receipt.message['Subject']}",
        headers={"In-Reply-To": receipt.message_id},
    )
    office.dovecot.append(answer, office.user, "Sent")
    eventually(
        lambda: look_up(office, "SELECT id FROM case_note WHERE kind = 'outlook'"),
        timeout_s=15,
        what="the answer of staff",
    )
    search.catch_up(desk, now())
    assert approvals.approve(desk, 1, CLERK, now(), anyway=True) == "done"
    office.wait_for_letters(2)
    search.catch_up(desk, now())
    assert look_up(office, 'SELECT state FROM "case"') == [("closed",)]
    assert traces(office, *SECRETS) == []
    assert "03-1234-5678" in look_up(office, "SELECT text FROM case_note ORDER BY id")[-1][0]
    for letter in office.sink.letters:
        assert [secret for secret in SECRETS if secret in full_text(letter)] == []
    daemon.stop()
    assert [secret for secret in SECRETS if secret in daemon.log] == []


def test_a_letter_that_a_clerk_edited_repeats_no_birthdate(office: Office) -> None:
    prepare(office)
    office.start()
    body = "施設マイページの件で、少し変わったご相談があります。会員番号は123456、昭和43年4月9日生です。"
    office.deliver(mails.mail(body, message_id="<q@x.test>", sender="q@x.test", subject="ご相談"))
    wait_for_actions(office, 1)
    desk = office.desk()
    for said in ("S43.4.9生の見本様", "会員番号 1 2 3 4 5 6 の見本様"):
        with pytest.raises(Refused, match="birthdate or member number"):
            approvals.approve(
                desk, 1, CLERK, now(), topic="free", edited=f"{said}\n\n承知しました。"
            )
    free = "承知しました。お電話は 03-1234-5678 へお願いいたします。"
    assert approvals.approve(desk, 1, CLERK, now(), topic="free", edited=free) == "done"


def test_who_is_registered_learns_of_every_full_disclosure(office: Office) -> None:
    """The rest of 24 hours spares the mailbox of hints, never of what others were told."""
    prepare(office)
    office.start()
    desk = office.desk()
    office.deliver(request(1, "first@x.test"))
    wait_for_actions(office, 1)
    assert approvals.approve(desk, 1, CLERK, now()) == "done"
    office.wait_for_letters(3)
    # A second hint within a day is not told again (T44).
    office.deliver(request(2, "second@x.test"))
    wait_for_actions(office, 2)
    assert approvals.approve(desk, 2, CLERK, now()) == "done"
    office.wait_for_letters(5)
    assert len(office.sink.letters_to(OLD)) == 1
    # Two who learn it in full: the registered address hears of both.
    for number, sender in ((3, "third@mihon.example.jp"), (4, "fourth@mihon.example.jp")):
        office.deliver(request(number, sender, headers=OURS))
        wait_for_actions(office, number)
        assert approvals.approve(desk, number, CLERK, now()) == "done"
        told = eventually(
            lambda wanted=number - 1: office.sink.letters_to(OLD)[wanted - 1 :],
            timeout_s=10,
            what="the registered address told",
        )
        assert told[-1].message["X-Helpdesk-Letter"] == "address_at_registered"
        assert "このアドレスをお伝えしました" in full_text(told[-1])
        assert sender not in full_text(told[-1])
    assert len(office.sink.letters_to(OLD)) == 3


def test_nothing_of_an_erased_person_is_left_in_any_column_or_file(office: Office) -> None:
    """A rich database: their own case, a copy of another's, notes, a bounce, quarantine."""
    who, name = "erika.private@mihon.example.jp", "個人 恵梨香"
    prepare(office)
    office.run("user", "add", "boss", "--role", "admin", input="correct horse battery\n")
    daemon = office.start()
    desk = office.desk()
    subject = f"施設マイページ：メールアドレスについて {name}"
    office.deliver(request(1, who, name=name, headers=OURS, subject=subject))
    wait_for_actions(office, 1)
    ((number,),) = look_up(office, 'SELECT number FROM "case"')
    casework.add_note(desk.database, number, CLERK, "note", f"{name} 様 {who} へ電話", now())
    assert approvals.approve(desk, 1, CLERK, now()) == "done"  # in full, to their own domain
    # Somebody else's case that names them: in Cc, told the result, and in staff's words.
    copied = {"Cc": f"{name} <{who}>"}
    office.deliver(request(2, "clerk@mihon.example.jp", headers=copied))
    wait_for_actions(office, 2)
    assert approvals.approve(desk, 2, CLERK, now(), copy_to=who) == "done"
    office.deliver(request(3, "clerk@mihon.example.jp"))
    wait_for_actions(office, 3)
    approvals.reject(desk, 3, CLERK, f"{who} と重複", now())
    # Mail of theirs without a case: an automatic answer, and what could not be handled.
    office.deliver(
        request(4, who, headers={"Auto-Submitted": "auto-replied"}, subject="自動返信: 不在")
    )
    eventually(
        lambda: look_up(office, "SELECT id FROM mail WHERE disposition = 'auto_reply'"),
        timeout_s=10,
        what="the automatic answer",
    )
    search.catch_up(desk, now())
    eventually(
        lambda: not look_up(office, "SELECT id FROM letter WHERE state <> 'sent'"),
        timeout_s=15,
        what="all letters sent",
    )
    assert traces(office, who)
    daemon.stop()
    for personal in (who, name, "恵梨香", "mihon.example.jp", "見本", "電話"):
        assert personal not in daemon.log, personal
    said = office.run("person", "erase", "--address", who.upper(), "--as", "boss")
    assert "1 件" in said
    assert "INBOX" in said or "helpdesk/" in said  # Where the mail server still has them.
    assert traces(office, who, name, "個人", "恵梨香") == []
    desk = office.desk()
    with desk.database.read() as tx:
        kept = [raw for _, raw in erasing.mail_sources(tx)]
    assert not [raw for raw in kept if who.encode() in raw]
    files = [path for path in (office.folder / "var").rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert who.encode() not in content, path
        assert name.encode() not in content, path
    assert auditing.verify(desk.database)[1] == []
    assert office.run("person", "export", "--address", who, "--as", "boss").strip() == ""


def test_one_guesser_by_many_addresses_is_counted_once_a_guess(office: Office) -> None:
    """Parallel mails, other cases and plus-addresses; the same mail again counts nothing."""
    head = "認定番号,施設名,施設種別,責任者氏名,会員番号,生年月日,メールアドレス\n"
    registry = "".join(
        f"K02{n:02},れい第{n}病院,基幹施設,仮名 {chr(0x4E00 + n)}郎,55{n:04},196{n}-02-03,a{n}@h{n}.example.jp\n"
        for n in range(1, 7)
    )
    prepare(office)
    import_registry(office, head + registry)
    office.start()
    guessers = ("g.u.e.s.s@gmail.com", "guess+1@gmail.com", "GUESS+b@googlemail.com")
    for n, sender in enumerate(guessers, start=1):
        office.deliver(guess(n, sender, "1990年1月1日"))
    wait_for_actions(office, 3)
    counted = "SELECT scope, count(*), count(DISTINCT key) FROM miss GROUP BY scope ORDER BY scope"
    assert look_up(office, counted) == [("facility", 3, 3), ("physician", 3, 3), ("sender", 3, 1)]
    # The same request sent again, and a name list that is imported, count nothing.
    office.deliver(guess(1, guessers[0], "1990年1月1日", again=True))
    import_registry(office, head + registry.replace("h6.example", "h7.example"))
    eventually(
        lambda: len(look_up(office, "SELECT id FROM mail WHERE disposition IS NOT NULL")) == 4,
        timeout_s=15,
        what="the mail sent again",
    )
    assert look_up(office, counted)[-1] == ("sender", 3, 1)
    # A right answer of theirs is marked; somebody else's right answer is not.
    office.deliver(guess(5, "gu.ess+z@gmail.com", "1965年2月3日"))
    office.deliver(guess(6, "head@h6.example.jp", "1966年2月3日"))
    wait_for_actions(office, 5)
    found = {sender: (verdict, marks) for _, sender, verdict, marks in rows(office)}
    assert found["gu.ess+z@gmail.com"][0] == "verified"
    assert "over_misses" in found["gu.ess+z@gmail.com"][1]
    assert found["head@h6.example.jp"] == ("verified", "[]")


def guess(number: int, sender: str, identity: str, *, again: bool = False) -> bytes:
    body = mails.form(
        f"れい第{number}病院（K02{number:02}）", f"仮名 {chr(0x4E00 + number)}郎", identity
    )
    return mails.mail(body, message_id=f"<m{number}{again}@x.test>", sender=sender)


SMUGGLED = (
    b'From: "x" <old@mihon.example.jp>\r\nTo: desk@society.example.jp\r\n'
    b"Subject: =?utf-8?b?5pa96Kit44Oe44Kk44Oa44O844K4?=\r\nMessage-ID: <smuggled@x.test>\r\n"
    b"Authentication-Results: mx.society.example.jp; dmarc=pass header.from=mihon.example.jp\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + mails.form().encode() + b"\r\n"
)


@pytest.mark.parametrize(
    "end",
    [
        *(b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\x00.\r\n", b"\n\n.\n\n"),
        b"\r\n.\r\n",
    ],
    ids=repr,
)
def test_a_second_mail_in_one_mails_bytes_is_text_of_the_first(end: bytes) -> None:
    """T10: an end of data that only one of two servers believes in."""
    inner = b"MAIL FROM:<old@mihon.example.jp>\r\nRCPT TO:<desk@society.example.jp>\r\nDATA\r\n"
    outer = request(1, "thief@evil.test", "1968年4月9日").replace(b"\n", b"\r\n")
    message = read_message(outer + end + inner + SMUGGLED)
    assert message.sender is not None
    assert message.sender.address == "thief@evil.test"
    assert message.message_id == "<t1@x.test>"
    assert message.header("authentication-results") is None
    assert read_authentication(message, MX) is None


def test_smuggled_mails_and_headers_open_one_case_of_their_own_sender(office: Office) -> None:
    """T10 and T16 through the real road: what is in the body or a folded header is no header."""
    prepare(office)
    office.start()
    inner = b"MAIL FROM:<old@mihon.example.jp>\nRCPT TO:<desk@society.example.jp>\nDATA\n"
    smuggled = SMUGGLED.replace(b"\r\n", b"\n")
    plain = (
        b"From: Taro <thief0@evil.test>\nTo: desk@society.example.jp\n"
        b"Subject: =?utf-8?b?5pa96Kit?=\nMessage-ID: <s0@x.test>\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        + mails.form().encode()
    )
    odd = [
        plain + b"\n.\n" + inner + smuggled,
        plain.replace(b"thief0", b"thief1").replace(b"<s0@", b"<s1@")
        + b"\n..\n" + inner + smuggled,
        # A header that hides others in itself: bare CR, encoded breaks, a folded line.
        plain.replace(b"thief0", b"thief2").replace(b"<s0@", b"<s2@").replace(
            b"Subject: ", b"Subject: x\rFrom: old@mihon.example.jp\r"
        ),
        plain.replace(b"thief0", b"thief3").replace(b"<s0@", b"<s3@").replace(
            b"Subject: ", b"Subject: =?utf-8?q?=0D=0AFrom:_old=40mihon.example.jp?=\n "
        ),
        plain.replace(b"thief0", b"thief4").replace(b"<s0@", b"<s4@").replace(
            b"MIME-Version", b"X-Note: a\n Authentication-Results: " + MX.encode()
            + b"; dmarc=pass header.from=mihon.example.jp\nMIME-Version"
        ),
    ]  # fmt: skip
    for raw in odd:
        office.deliver(raw)
    eventually(
        lambda: (
            len(look_up(office, "SELECT id FROM mail WHERE disposition IS NOT NULL")) >= len(odd)
        ),
        timeout_s=20,
        what="all decided",
    )
    assert len(look_up(office, "SELECT id FROM mail")) == len(odd)  # No mail out of a mail.
    for (sender,) in look_up(office, 'SELECT correspondent FROM "case"'):
        # Two senders in one header are nobody: a person reads that mail (T13).
        assert sender == "" or sender.endswith("@evil.test"), sender
    authenticated = look_up(office, "SELECT count(*) FROM action WHERE authenticated")
    assert authenticated == [(0,)]
    office.wait_for_letters(3)
    for letter in office.sink.letters:
        assert str(letter.message["To"]).endswith("@evil.test")
        assert len(letter.recipients) == 1
        assert letter.message["Bcc"] is letter.message["Cc"] is None
