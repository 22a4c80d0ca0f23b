"""Mails that are decided together know of each other as if each had come alone."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, event, select

from helpdesk.desk import handling, intake, registry_import, search
from helpdesk.store.mails import NewMail
from helpdesk.store.schema import action, case, case_text, letter, mail
from tests import mails
from tests.bureau import Bureau, row

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def decide_together(bureau: Bureau, *raws: bytes) -> None:
    desk = bureau.desk
    new = [
        NewMail("INBOX", 1, uid, len(raw), NOW, raw, intake.sha256_of(raw))
        for uid, raw in enumerate(raws, start=1)
    ]
    assert intake.take_in(desk.database, desk.rules, new, NOW) == len({one.sha256 for one in new})
    while handling.handle_waiting(desk, NOW):
        pass


def request(number: int, sender: str, **more: str) -> bytes:
    return mails.mail(mails.form(**more), message_id=f"<m{number}@x.test>", sender=sender)


def test_strangers_get_numbers_without_a_gap_and_one_letter_each(bureau: Bureau) -> None:
    decide_together(bureau, *(request(n, f"s{n}@x.test") for n in range(1, 8)))
    with bureau.database.read() as tx:
        numbers = sorted(tx.execute(select(case.c.number)).scalars())
        recipients = sorted(tx.execute(select(letter.c.recipient)).scalars())
    assert numbers == [f"2026-{n:06d}" for n in range(1, 8)]
    assert recipients == [f"s{n}@x.test" for n in range(1, 8)]


def test_the_second_mail_of_a_sender_sees_the_first(bureau: Bureau) -> None:
    decide_together(
        bureau,
        request(1, "a@x.test"),
        request(2, "b@x.test"),
        request(3, "a@x.test"),  # the same request once more
        request(1, "a@x.test") + b"\n",  # the same mail, by another alias
        request(5, "c@x.test"),
    )
    with bureau.database.read() as tx:
        cases = tx.execute(select(case.c.correspondent).order_by(case.c.id)).scalars().all()
        written = tx.execute(
            select(letter.c.letter).where(letter.c.recipient == "a@x.test").order_by(letter.c.id)
        )
        names = list(written.scalars())
        reasons = tx.execute(select(mail.c.reasons).where(mail.c.uid == 4)).scalar_one()
    assert list(cases) == ["a@x.test", "b@x.test", "c@x.test"]
    assert names == ["receipt", "receipt_again"]
    assert "delivered_twice" in reasons


def test_statements_do_not_grow_with_the_batch_but_for_what_is_inserted(bureau: Bureau) -> None:
    counted: list[str] = []
    engine = bureau.database.engine
    raws = [request(n, f"s{n}@x.test") for n in range(20)]

    @event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        counted.append(statement.split("(", maxsplit=1)[0].split("WHERE", maxsplit=1)[0].strip())

    decide_together(bureau, *raws)
    often = {one for one in counted if counted.count(one) >= len(raws)}
    assert {one.split()[2].strip('"') for one in often} <= {"mail", "case", "letter", "action"}
    assert all(one.startswith("INSERT") for one in often)


def test_the_search_finds_a_new_case_at_once_and_by_the_same_words(bureau: Bureau) -> None:
    decide_together(bureau, *(request(n, f"s{n}@x.test") for n in range(1, 4)))

    def words() -> list[str]:
        with bureau.database.read() as tx:
            return list(
                tx.execute(select(case_text.c.folded).order_by(case_text.c.case_id)).scalars()
            )

    at_once = words()
    assert search.catch_up(bureau.desk, NOW) == 0
    with bureau.database.begin() as tx:
        tx.execute(delete(case_text))
    assert search.catch_up(bureau.desk, NOW) == len(at_once) == 3
    assert words() == at_once


def test_what_others_point_to_is_written_first(bureau: Bureau) -> None:
    decide_together(
        bureau,
        mails.mail("セミナーのご案内です。", message_id="<ad@x.test>", sender="ad@x.test"),
        request(2, "a@x.test"),
        request(3, "a@x.test"),
        request(4, "b@x.test"),
    )
    with bureau.database.read() as tx:
        rows = tx.execute(
            select(mail.c.uid, case.c.correspondent, letter.c.recipient)
            .join(case, case.c.id == mail.c.case_id)
            .outerjoin(letter, letter.c.case_id == case.c.id)
            .where(mail.c.uid.in_((2, 4)))
            .distinct()
            .order_by(mail.c.uid)
        ).all()
        attempts = tx.execute(select(mail.c.attempts)).scalars().all()
    assert [tuple(row) for row in rows] == [
        (2, "a@x.test", "a@x.test"),
        (4, "b@x.test", "b@x.test"),
    ]
    assert set(attempts) == {1}, "the batch failed and was tried one by one"


def test_stop_that_comes_together_with_the_request_is_heard(bureau: Bureau) -> None:
    # It is about a request that no earlier batch has seen: nobody asked before these two.
    line = row("K0101", 施設名="医療法人見本会みほん中央病院") | {"会員番号": "123456"}
    file = bureau.folder / "members.csv"
    file.write_text(",".join(line) + "\n" + ",".join(line.values()) + "\n", encoding="utf-8")
    registry_import.import_registry(
        bureau.database, file, now=NOW, dry_run=False, by="test", desk=bureau.desk
    )
    body = "心当たりのない変更です。取りやめてください。"
    old = "k0101@mihon.example.jp"
    decide_together(
        bureau,
        request(1, "z@x.test", identity="会員番号 123456", wish=mails.CHANGE),
        mails.mail(body, message_id="<stop@x.test>", subject="ご連絡", sender=old),
    )
    with bureau.database.read() as tx:
        found = tx.execute(select(action.c.kind, action.c.state, action.c.marks)).all()
    assert [tuple(one) for one in found] == [("change_address", "held", ["stopped"])]
