"""The secretariat's morning letter."""

from __future__ import annotations

from datetime import date

from helpdesk.desk import corrections
from tests.bureau import CLERK, Bureau, at, row


def test_says_what_waits_and_what_leaves_today(bureau: Bureau) -> None:
    lines = [row("K0101"), row("K0102", 申請状況="申請済"), row("K0103", メールアドレス="")]
    bureau.import_(lines, at(2027, 1, 29, 15, 0))
    corrections.new(
        bureau.desk,
        "K0102",
        ["修正"],
        [],
        CLERK,
        at(2027, 1, 29, 16, 0),
        due_on=date(2027, 1, 31),
        reopens_on=date(2027, 1, 30),
    )
    bureau.send(at(2027, 1, 29, 16, 0), "failed", "554 no")
    bureau.turn(at(2027, 2, 1, 8, 30))
    (digest,) = bureau.outbox("digest")
    assert digest.recipient == bureau.rules.desk.address
    assert (
        bureau.mail(digest.id)["Subject"]
        == "本日の対応状況（2027年2月1日（月）） 【日本みほん医学会】"
    )
    body = bureau.body(digest.id)
    for words in (
        "■期限を過ぎたデータ修正依頼（1件）",
        "■送信できなかったメール（1件）",
        "■本日お送りする案内（1件）\r\n　更新申請のご案内（opens）1通、09:00から",
    ):
        assert words in body, words
    for absent in ("承認待ち", "反映待ち", "連携依頼", "隔離"):
        assert f"■{absent}" not in body, absent
    bureau.send(at(2027, 2, 1, 8, 30))
    bureau.day(at(2027, 2, 1, 9, 0))
    bureau.import_(lines, at(2027, 2, 2, 8, 0))
    bureau.turn(at(2027, 2, 2, 8, 30))
    second = bureau.body(bureau.outbox("digest")[1].id)
    assert "■電話・郵送でのご連絡（1件）" in second
    assert "更新申請のご案内（opens）　1件：メールアドレスの登録がないため" in second
    assert "■承認待ち（1件）" in second  # the overdue correction


def test_once_a_working_morning(bureau: Bureau) -> None:
    bureau.import_([row("K0103", メールアドレス="")], at(2027, 1, 29, 15, 0))
    bureau.day(at(2027, 2, 1, 9, 0))
    for now in (at(2027, 2, 1, 9, 1), at(2027, 2, 1, 17, 0), at(2027, 2, 2, 8, 29)):
        bureau.turn(now)
        bureau.restart()
    assert not bureau.outbox(
        "digest"
    )  # the first of February had nothing to say at half past eight
    for now in (
        at(2027, 2, 2, 8, 30),
        at(2027, 2, 2, 8, 31),
        at(2027, 2, 6, 9, 0),
        at(2027, 2, 11, 9, 0),
    ):
        bureau.turn(now)
        bureau.restart()
    assert len(bureau.outbox("digest")) == 1  # neither on a Saturday nor on a holiday


def test_nothing_on_a_day_with_nothing_to_say(bureau: Bureau) -> None:
    bureau.import_([row("K0101", 申請状況="承認")], at(2027, 6, 1, 8, 0))
    bureau.turn(at(2027, 6, 1, 8, 30))
    assert not bureau.outbox()


def test_goes_where_the_rules_say(bureau: Bureau) -> None:
    settings = bureau.rules.deadlines.digest.model_copy(update={"to": "chief@society.example.jp"})
    bureau.use(digest=settings)
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(at(2027, 2, 1, 8, 30))
    assert [one.recipient for one in bureau.outbox("digest")] == ["chief@society.example.jp"]
