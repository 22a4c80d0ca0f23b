"""Link requests: from the approval to the core facility's word, and each way it can fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from helpdesk.desk import links, queue, unreachable
from helpdesk.desk.context import Refused
from helpdesk.domain.message import Message, read_message
from helpdesk.store import cases
from helpdesk.store.links import Link
from tests.bureau import CLERK, Bureau, at, row

CORE = row("K0101")
APPLIED = row("R0102", 基幹施設認定番号="K0101", 申請状況="申請済", 認定開始日="2027-04-01")
APPROVED = {**APPLIED, "申請状況": "承認"}
BEFORE, APPROVAL = at(2027, 3, 10, 15, 0), at(2027, 3, 20, 15, 0)
FIRST_DAY = at(2027, 4, 1, 9, 0)


def approve(bureau: Bureau, *rows: dict[str, str], when: datetime = APPROVAL) -> str:
    """Import a registry before and after the approval; return the second report."""
    given = rows or (CORE, APPROVED)
    before = [{**one, "申請状況": "申請済"} if one["申請状況"] == "承認" else one for one in given]
    bureau.import_(before, BEFORE)
    return str(bureau.import_(list(given), when))


def only(bureau: Bureau) -> Link:
    (one,) = links.listed(bureau.database, open_only=False)
    return one


def reply(bureau: Bureau, link: Link, text: str, now: datetime) -> str | None:
    raw = f"From: k0101@mihon.example.jp\nSubject: Re\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    message: Message = read_message(raw.encode())
    assert link.case_id is not None
    with bureau.database.begin() as tx:
        return links.note_answer(tx, link.case_id, message, now)


def test_notice_is_planned_by_the_import_and_leaves_on_the_first_day(bureau: Bureau) -> None:
    report = approve(bureau)
    assert "R0102 連携依頼を予定します（2027-04-01、基幹施設 K0101）" in report
    assert only(bureau).state == "planned"
    bureau.day(at(2027, 3, 31, 12, 0))
    assert not bureau.outbox("link_request")
    for minute in range(3):
        bureau.day(FIRST_DAY + timedelta(minutes=minute))
    (letter,) = bureau.outbox("link_request")
    assert (letter.recipient, letter.state) == ("k0101@mihon.example.jp", "sent")
    body = bureau.body(letter.id)
    for words in (
        "みほんK0101病院　見本 太郎 先生",
        "連携を申請した施設：みほんR0102病院",
        "認定開始日：2027年4月1日（木）",
        "　（　）承諾します\r\n　（　）承諾しません",
        "2027年4月21日（水）までにお願いいたします。",
    ):
        assert words in body, words
    assert next(bureau.mail(letter.id).iter_attachments()).get_filename() == "deadline.ics"


def test_two_reminders_and_then_a_person(
    make_bureau: Callable[..., Bureau], tables_url: str
) -> None:
    bureau = make_bureau(tables_url)
    approve(bureau)
    for day in range(31):
        bureau.day(FIRST_DAY + timedelta(days=day))
    sent = [
        one.sent_at.astimezone(FIRST_DAY.tzinfo).date()
        for one in bureau.outbox("link_reminder")
        if one.sent_at
    ]
    assert sent == [date(2027, 4, 8), date(2027, 4, 15)]
    one = only(bureau)
    assert (one.state, one.trouble) == ("human", "no_answer")
    (action,) = queue.listed(bureau.database, undecided_only=True)
    assert (action.kind, action.note) == (
        "link",
        "連携依頼：督促の後も基幹施設からの回答がありません。",
    )


def test_where_the_portal_writes_first_only_reminders_are_ours(bureau: Bureau) -> None:
    settings = bureau.rules.deadlines.links.model_copy(update={"portal_sends_first": True})
    bureau.use(links=settings)
    approve(bureau)
    for day in range(9):
        bureau.day(FIRST_DAY + timedelta(days=day))
    # What is answered there is known by an import alone, and the last one is long ago.
    assert not bureau.outbox("link_reminder")
    (alert,) = [one for one in bureau.outbox("registry_stale") if "連携依頼" in bureau.body(one.id)]
    assert "案内：連携依頼（督促 1件）" in bureau.body(alert.id)
    bureau.import_([CORE, APPROVED], FIRST_DAY + timedelta(days=9))
    bureau.day(FIRST_DAY + timedelta(days=11, minutes=1))  # the Monday after
    assert not bureau.outbox("link_request")
    (reminder,) = bureau.outbox("link_reminder")
    body = bureau.body(reminder.id)
    assert "施設マイページからお知らせしております下記の連携申請に" in body
    assert "2027年4月10日（土）時点の状況です。" in body


@pytest.mark.parametrize(
    ("text", "state", "answer", "result"),
    [
        ("承諾いたします。", "accepting", "accepted", "基幹施設が連携を承諾されました"),
        ("今回は辞退いたします。", "declining", "declined", "承諾をいただけませんでした"),
    ],
)
def test_answer_counts_provisionally_until_a_clerk_confirms_it(
    bureau: Bureau, text: str, state: str, answer: str, result: str
) -> None:
    approve(bureau)
    bureau.day(FIRST_DAY)
    now = at(2027, 4, 5, 10, 0)
    assert reply(bureau, only(bureau), text, now) == answer
    assert only(bureau).state == state
    bureau.day(at(2027, 4, 8, 9, 0))
    assert not bureau.outbox("link_reminder")
    assert not bureau.outbox("link_result")
    assert links.confirm(bureau.desk, only(bureau).id, None, CLERK, now) == answer
    bureau.day(at(2027, 4, 9, 9, 0))
    (letter,) = bureau.outbox("link_result")
    assert letter.recipient == "r0102@mihon.example.jp"
    assert result in bureau.body(letter.id)
    with pytest.raises(Refused, match="already"):
        links.confirm(bureau.desk, only(bureau).id, None, CLERK, now)


def test_unclear_answer_changes_nothing(bureau: Bureau) -> None:
    approve(bureau)
    bureau.day(FIRST_DAY)
    assert reply(bureau, only(bureau), "検討のうえ改めてご連絡します。", FIRST_DAY) is None
    assert only(bureau).state == "asked"
    with pytest.raises(Refused, match="no answer yet"):
        links.confirm(bureau.desk, only(bureau).id, None, CLERK, FIRST_DAY)


def test_import_confirms_where_the_export_has_the_column(bureau: Bureau) -> None:
    approve(bureau)
    bureau.day(FIRST_DAY)
    said = [CORE, {**APPROVED, "連携状況": "承諾"}]
    now = at(2027, 4, 6, 9, 0)
    assert "連携の承諾を確認しました" in str(bureau.import_(said, now, dry_run=True))
    assert only(bureau).state == "asked"
    bureau.import_(said, now)
    assert (only(bureau).state, only(bureau).ended_by) == ("accepted", "import")
    assert len(bureau.outbox("link_result")) == 1


@pytest.mark.parametrize(
    ("rows", "trouble"),
    [
        ((CORE, {**APPROVED, "基幹施設認定番号": ""}), "no_core"),
        ((CORE, {**APPROVED, "基幹施設認定番号": "K9999"}), "core_unknown"),
        (({**CORE, "認定終了日": "2027-03-31"}, APPROVED), "core_not_certified"),
        (({**CORE, "メールアドレス": ""}, APPROVED), "core_no_address"),
        ((CORE, {**APPROVED, "認定開始日": ""}), "no_first_day"),
        ((CORE, {**APPROVED, "認定開始日": "2022-04-01"}), "old_first_day"),
    ],
)
def test_what_nobody_can_be_asked_for_is_seen_by_staff_at_the_import(
    bureau: Bureau, rows: tuple[dict[str, str], ...], trouble: str
) -> None:
    approve(bureau, *rows)
    assert (only(bureau).state, only(bureau).trouble) == ("human", trouble)
    (action,) = queue.listed(bureau.database, undecided_only=True)
    assert (action.kind, action.certification_number) == ("link", "R0102")
    for day in range(30):
        bureau.day(FIRST_DAY + timedelta(days=day))
    assert not [one for one in bureau.outbox() if one.letter.startswith("link")]
    tasks = unreachable.listed(bureau.database, open_only=True)
    wanted = ["K0101"] if trouble == "core_no_address" else []
    assert [
        one.certification_number for one in tasks if one.purpose_key.startswith("link")
    ] == wanted


def test_import_that_mends_the_trouble_lets_it_go_on(bureau: Bureau) -> None:
    approve(bureau, {**CORE, "メールアドレス": ""}, APPROVED)
    report = str(bureau.import_([CORE, APPROVED], at(2027, 3, 25, 15, 0)))
    assert "R0102 連携依頼を再開します" in report
    assert not queue.listed(bureau.database, undecided_only=True)
    bureau.day(FIRST_DAY)
    assert len(bureau.outbox("link_request")) == 1


def test_two_affiliates_at_once_are_asked_for_in_two_letters(bureau: Bureau) -> None:
    other = {**APPROVED, "認定番号": "R0103", "施設名": "みほんR0103病院"}
    approve(bureau, CORE, APPROVED, other)
    bureau.day(FIRST_DAY)
    letters = bureau.outbox("link_request")
    assert len({one.case_number for one in letters}) == 2
    for letter in letters:
        assert "※ほか1施設からの申請は、それぞれ別のメールで" in bureau.body(letter.id)
    first = next(
        one
        for one in links.listed(bureau.database, open_only=True)
        if one.affiliate_number == "R0102"
    )
    reply(bureau, first, "承諾します。", FIRST_DAY)
    states = {
        one.affiliate_number: one.state for one in links.listed(bureau.database, open_only=True)
    }
    assert states == {"R0102": "accepting", "R0103": "asked"}


def test_affiliate_approved_after_its_first_day_is_asked_for_at_once(bureau: Bureau) -> None:
    approve(bureau, when=at(2027, 4, 20, 15, 0))
    assert only(bureau).late
    bureau.day(at(2027, 4, 20, 15, 1))
    assert len(bureau.outbox("link_request")) == 1
    bureau.day(at(2027, 4, 26, 12, 0))
    assert not bureau.outbox("link_reminder")
    bureau.day(at(2027, 4, 27, 12, 0))
    assert len(bureau.outbox("link_reminder")) == 1


def test_affiliate_that_leaves_or_changes_its_core_ends_the_request(bureau: Bureau) -> None:
    approve(bureau)
    other = row("K0201")
    report = str(
        bureau.import_(
            [CORE, other, {**APPROVED, "基幹施設認定番号": "K0201"}], at(2027, 3, 25, 9, 0)
        )
    )
    assert "連携依頼を終了します（基幹施設または認定開始日が変わりました）" in report
    assert "R0102 連携依頼を予定します（2027-04-01、基幹施設 K0201）" in report
    bureau.day(FIRST_DAY)
    assert [one.recipient for one in bureau.outbox("link_request")] == ["k0201@mihon.example.jp"]
    bureau.import_([CORE, other], at(2027, 4, 2, 9, 0))
    assert {one.state for one in links.listed(bureau.database, open_only=False)} == {"closed"}


def test_first_import_asks_nobody_about_what_is_long_in_force(bureau: Bureau) -> None:
    bureau.import_([CORE, {**APPROVED, "認定開始日": "2026-04-01"}], APPROVAL)
    assert not links.listed(bureau.database, open_only=False)


def test_same_import_again_plans_nothing_again(bureau: Bureau) -> None:
    approve(bureau)
    bureau.import_([CORE, APPROVED], at(2027, 3, 21, 9, 0))
    assert only(bureau).state == "planned"


def test_approval_that_is_taken_back_and_given_again_is_not_lost(bureau: Bureau) -> None:
    approve(bureau)
    bureau.import_([CORE, APPLIED], at(2027, 3, 22, 9, 0))
    assert only(bureau).state == "closed"
    bureau.import_([CORE, APPROVED], at(2027, 3, 23, 9, 0))
    assert only(bureau).state == "planned"
    bureau.day(FIRST_DAY)
    assert len(bureau.outbox("link_request")) == 1


def test_clerk_closes_a_request_with_a_reason(bureau: Bureau) -> None:
    approve(bureau)
    with pytest.raises(Refused, match="needs a reason"):
        links.close(bureau.desk, only(bureau).id, CLERK, " ", APPROVAL)
    links.close(bureau.desk, only(bureau).id, CLERK, "取り下げ", APPROVAL)
    bureau.day(FIRST_DAY)
    assert not bureau.outbox("link_request")


def test_case_of_the_notice_is_the_affiliates_and_its_correspondent_the_core(
    bureau: Bureau,
) -> None:
    approve(bureau)
    bureau.day(FIRST_DAY)
    with bureau.database.read() as tx:
        case = cases.case_by_id(tx, only(bureau).case_id or 0)
    assert (case.certification_number, case.correspondent) == ("R0102", "k0101@mihon.example.jp")
