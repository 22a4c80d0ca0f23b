"""What letters repeat, what is kept, and who is told, through real mail (issue 7: 3, 8, 9)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from helpdesk.desk import approvals, auditing, casework, search
from helpdesk.desk.context import Refused
from helpdesk.store import erasing
from tests import mails
from tests.servers.net import eventually

from .conftest import CLERK, Office
from .test_attacks import full_text, request, wait_for_actions
from .test_changes import OLD, OURS, look_up, prepare

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
                    found.append((table, name, _unescaped(str(text))))
    return found


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
