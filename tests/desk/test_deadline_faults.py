"""What goes wrong around deadlines: clocks that jump, mail that comes back, addresses that move."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import icalendar
import pytest

from helpdesk.desk import approvals, corrections, links, queue, unreachable
from helpdesk.store.links import Link
from tests.bureau import CLERK, Bureau, at, row
from tests.desk.test_matters import answer, bounce, deliver

OPENS, LAST_DAYS = at(2027, 2, 1, 9, 0), at(2027, 2, 25, 9, 0)
CORE = row("K0101")
APPLIED = row("R0102", 基幹施設認定番号="K0101", 申請状況="申請済", 認定開始日="2027-04-01")
APPROVED = {**APPLIED, "申請状況": "承認"}
FIRST_DAY = at(2027, 4, 1, 9, 0)


def asked_link(bureau: Bureau) -> Link:
    """Let the core facility be asked on the first day."""
    bureau.import_([CORE, APPLIED], at(2027, 3, 10, 15, 0))
    bureau.import_([CORE, APPROVED], at(2027, 3, 31, 15, 0))
    bureau.day(FIRST_DAY)
    return only_link(bureau)


def only_link(bureau: Bureau) -> Link:
    (one,) = links.listed(bureau.database, open_only=False)
    return one


def tasks_of(bureau: Bureau) -> list[tuple[str, str]]:
    found = unreachable.listed(bureau.database, open_only=True)
    return [(one.certification_number, one.subject) for one in found]


def waiting(bureau: Bureau) -> list[str]:
    return [one.kind for one in queue.listed(bureau.database, undecided_only=True)]


def sequences(bureau: Bureau, letter: str) -> list[int]:
    found = []
    for one in bureau.outbox(letter):
        (part,) = bureau.mail(one.id).iter_attachments()
        (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
        found.append(int(str(event["sequence"])))
    return found


@pytest.mark.parametrize("jump", [at(2027, 3, 5, 12, 0), at(2027, 3, 25, 12, 0), at(2038, 1, 19)])
def test_clock_that_ran_ahead_for_a_while_costs_nobody_a_reminder(
    bureau: Bureau, jump: datetime
) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.day(jump)
    bureau.day(OPENS)
    bureau.day(OPENS + timedelta(minutes=1))
    assert [(one.recipient, one.state) for one in bureau.outbox("renewal_opens")] == [
        ("k0101@mihon.example.jp", "sent")
    ]


def test_letter_that_a_wrong_clock_took_back_is_written_anew(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    assert bureau.send(at(2027, 3, 25, 12, 0)) == 0  # cancelled: the period seems to be over
    bureau.day(OPENS + timedelta(minutes=1))
    bureau.day(OPENS + timedelta(minutes=2))
    assert [one.state for one in bureau.outbox("renewal_opens")] == ["cancelled", "sent"]


def test_calendar_entry_grows_with_each_letter_also_after_one_was_written_anew(
    bureau: Bureau,
) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    moved = row("K0101", メールアドレス="new@mihon.example.jp")
    bureau.import_([moved], at(2027, 2, 1, 9, 1))
    bureau.day(at(2027, 2, 1, 9, 2))
    bureau.day(at(2027, 2, 1, 9, 3))
    bureau.import_([moved], at(2027, 2, 12, 8, 0))
    bureau.day(at(2027, 2, 12, 9, 0))
    assert sequences(bureau, "renewal_opens") == [0, 1]
    assert sequences(bureau, "renewal_reminder") == [2]


def test_address_that_comes_after_the_step_still_gets_its_letter(bureau: Bureau) -> None:
    bureau.import_([row("K0101", メールアドレス="")], at(2027, 2, 25, 8, 0))
    bureau.day(LAST_DAYS)
    assert tasks_of(bureau) == [("K0101", "更新申請のご案内")]
    bureau.import_([row("K0101")], at(2027, 2, 26, 8, 0))
    assert not tasks_of(bureau)
    bureau.day(at(2027, 2, 26, 9, 0))
    assert [one.state for one in bureau.outbox("renewal_last_days")] == ["sent"]
    assert not bureau.outbox("renewal_reminder")  # what is over stays over


def test_link_notice_that_bounces_is_telephoned_and_asked_anew_at_a_new_address(
    bureau: Bureau,
) -> None:
    asked_link(bureau)
    (notice,) = bureau.outbox("link_request")
    deliver(bureau, bounce(notice.message_id, notice.recipient, "5.1.1"), at(2027, 4, 1, 9, 5))
    assert (only_link(bureau).state, only_link(bureau).trouble) == ("human", "core_no_address")
    assert "link" in waiting(bureau)
    assert tasks_of(bureau) == [("K0101", "連携依頼（R0102）")]
    moved = {**CORE, "メールアドレス": "new@mihon.example.jp"}
    bureau.import_([moved, APPROVED], at(2027, 4, 5, 15, 0))
    assert not tasks_of(bureau)
    bureau.day(at(2027, 4, 6, 9, 0))
    assert [one.recipient for one in bureau.outbox("link_request")] == [
        "k0101@mihon.example.jp",
        "new@mihon.example.jp",
    ]
    first, second = sequences(bureau, "link_request")
    assert first < second
    bureau.day(at(2027, 4, 13, 9, 0))
    (reminder,) = bureau.outbox("link_reminder")
    assert "2027年4月26日（月）までに" in bureau.body(reminder.id)
    # The same trouble again is seen again.
    deliver(
        bureau, bounce(reminder.message_id, reminder.recipient, "5.1.1"), at(2027, 4, 13, 10), 2
    )
    assert waiting(bureau).count("link") == 1
    assert tasks_of(bureau) == [("K0101", "連携依頼（R0102）")]


def test_link_notice_that_the_relay_refuses_is_telephoned(bureau: Bureau) -> None:
    bureau.import_([CORE, APPLIED], at(2027, 3, 10, 15, 0))
    bureau.import_([CORE, APPROVED], at(2027, 3, 31, 15, 0))
    bureau.turn(FIRST_DAY)
    bureau.send(FIRST_DAY, "failed", "550 5.1.1 no such user")
    for minute in range(3):
        bureau.turn(FIRST_DAY + timedelta(minutes=minute))
    assert tasks_of(bureau) == [("K0101", "連携依頼（R0102）")]
    assert only_link(bureau).trouble == "core_no_address"


def test_result_that_does_not_reach_the_affiliate_is_telephoned(bureau: Bureau) -> None:
    one = asked_link(bureau)
    links.confirm(bureau.desk, one.id, "accepted", CLERK, at(2027, 4, 2, 9, 0))
    bureau.send(at(2027, 4, 2, 9, 1))
    (result,) = bureau.outbox("link_result")
    deliver(bureau, bounce(result.message_id, result.recipient, "5.1.1"), at(2027, 4, 2, 9, 5))
    assert tasks_of(bureau) == [("R0102", "基幹施設との連携の結果")]


def ask(bureau: Bureau, now: datetime, **options: date) -> corrections.Asked:
    items = ["常勤医の人数が概要書と異なります。"]
    return corrections.new(bureau.desk, "K0101", items, [], CLERK, now, **options)


def test_correction_that_the_relay_refuses_is_telephoned(bureau: Bureau) -> None:
    bureau.import_([row("K0101", 申請状況="申請済")], at(2027, 2, 3, 9, 0))
    ask(bureau, at(2027, 2, 3, 10, 0))
    bureau.send(at(2027, 2, 3, 10, 0), "failed", "550 5.1.1 no such user")
    bureau.turn(at(2027, 2, 3, 10, 1))
    assert tasks_of(bureau) == [("K0101", "データ修正依頼")]


def test_correction_reminder_behind_the_close_asks_for_nothing_impossible(bureau: Bureau) -> None:
    line = row("K0101", 申請状況="申請済")
    bureau.import_([line], at(2027, 2, 24, 9, 0))
    assert ask(bureau, at(2027, 2, 24, 10, 0)).due_on == date(2027, 2, 28)
    bureau.import_([line], at(2027, 3, 1, 8, 0))
    bureau.day(at(2027, 3, 1, 9, 0))
    (reminder,) = bureau.outbox("correction_reminder")
    body = bureau.body(reminder.id)
    assert "申請期間が終了しており、申請画面は現在表示されません。" in body
    assert "もう一度\r\n" not in body
    assert "クリックしてください" not in body


def test_correction_reminder_behind_the_close_names_the_day_of_reopening(bureau: Bureau) -> None:
    line = row("K0101", 申請状況="申請済")
    rules = bureau.rules.deadlines.corrections
    bureau.use(corrections=rules.model_copy(update={"reopens": (((3, 10), (3, 20)),)}))
    bureau.import_([line], at(2027, 2, 24, 9, 0))
    ask(bureau, at(2027, 2, 24, 10, 0))
    bureau.import_([line], at(2027, 3, 1, 8, 0))
    bureau.day(at(2027, 3, 1, 9, 0))
    (reminder,) = bureau.outbox("correction_reminder")
    assert "申請画面は 2027年3月10日（水） から表示されます。" in bureau.body(reminder.id)


def test_correction_reminder_that_waits_for_an_import_is_told_to_staff(bureau: Bureau) -> None:
    bureau.import_([row("K0101", 申請状況="申請済")], at(2027, 2, 3, 9, 0))
    ask(bureau, at(2027, 2, 3, 10, 0))
    for day in (9, 10):
        bureau.day(at(2027, 2, day, 9, 0))
    assert not bureau.outbox("correction_reminder")
    told = [bureau.body(one.id) for one in bureau.outbox("registry_stale")]
    assert sum("案内：データ修正依頼（督促 1件）" in body for body in told) == 1


def test_applicant_who_says_that_it_is_done_is_not_reminded_before_staff_looked(
    bureau: Bureau,
) -> None:
    line = row("K0101", 申請状況="申請済")
    bureau.import_([line], at(2027, 2, 3, 9, 0))
    ask(bureau, at(2027, 2, 3, 10, 0))
    bureau.send(at(2027, 2, 3, 10, 0))
    (letter,) = bureau.outbox("correction_request")
    said = answer(letter.message_id, letter.recipient, "修正しました。ご確認ください。")
    deliver(bureau, said, at(2027, 2, 8, 9, 0))
    bureau.import_([line], at(2027, 2, 10, 8, 0))
    bureau.day(at(2027, 2, 10, 9, 0))
    assert not bureau.outbox("correction_reminder")
    (action,) = queue.listed(bureau.database, undecided_only=True)
    assert action.note.startswith("データ修正依頼への返信です。")


def test_correction_of_who_failed_is_not_asked_for_any_more(bureau: Bureau) -> None:
    bureau.import_([row("K0101", 申請状況="申請済")], at(2027, 2, 3, 9, 0))
    ask(bureau, at(2027, 2, 3, 10, 0))
    report = bureau.import_([row("K0101", 申請状況="不合格")], at(2027, 2, 4, 9, 0))
    assert "K0101 データ修正依頼を終了します（不合格）" in str(report)
    assert not corrections.listed(bureau.database, open_only=True)


def test_digest_names_reminders_of_corrections_and_links_that_leave_today(bureau: Bureau) -> None:
    asked_link(bureau)
    lines = [CORE, APPROVED, row("K0107", 申請状況="申請済")]
    bureau.import_(lines, at(2027, 4, 1, 9, 30))
    corrections.new(
        bureau.desk, "K0107", ["一点"], [], CLERK, at(2027, 4, 1, 10, 0),
        reopens_on=date(2027, 4, 2), due_on=date(2027, 4, 12),
    )  # fmt: skip
    bureau.import_(lines, at(2027, 4, 8, 7, 0))
    bureau.turn(at(2027, 4, 8, 8, 30))
    body = bureau.body(bureau.outbox("digest")[-1].id)
    assert "■本日お送りする督促（2件）" in body
    assert "　データ修正依頼　みほんK0107病院" in body
    assert "　連携依頼　みほんR0102病院 → みほんK0101病院" in body
    bureau.turn(at(2027, 4, 8, 9, 0))
    assert {one.letter for one in bureau.outbox()} >= {"correction_reminder", "link_reminder"}


def with_renewal(bureau: Bureau, **changed: object) -> None:
    """Put changed rules of the renewal in force, as after an edit in mid-season."""
    renewal, *others = bureau.rules.campaigns
    campaigns = (renewal.model_copy(update=changed), *others)
    bureau.rules = bureau.rules.model_copy(update={"campaigns": campaigns})
    bureau.restart()


def test_step_that_is_dropped_from_the_rules_does_not_leave(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.turn(OPENS)
    with_renewal(bureau, steps=bureau.rules.campaigns[0].steps[1:])
    assert bureau.send(at(2027, 2, 1, 9, 1)) == 0
    (letter,) = bureau.outbox("renewal_opens")
    assert (letter.state, letter.last_error) == ("cancelled", "この案内が設定から除かれたため")


def test_period_that_is_prolonged_in_mid_season_moves_what_is_to_come(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    bureau.day(OPENS)
    closes = bureau.rules.campaigns[0].closes
    with_renewal(bureau, closes=type(closes)(3, 14, closes.at))
    for day in (at(2027, 2, 12), at(2027, 2, 26), at(2027, 3, 11), at(2027, 3, 15)):
        bureau.import_([row("K0101")], day + timedelta(hours=7))
        bureau.day(day + timedelta(hours=9))
    sent = [
        (one.letter, one.sent_at.date())
        for one in bureau.outbox()
        if one.case_number and one.sent_at
    ]
    assert sent == [
        ("renewal_opens", date(2027, 2, 1)),
        ("renewal_reminder", date(2027, 2, 26)),
        ("renewal_last_days", date(2027, 3, 11)),
        ("renewal_missed", date(2027, 3, 15)),
    ]
    last = bureau.outbox("renewal_last_days")[0]
    assert "2027年3月14日（日）23:59 まで" in bureau.body(last.id)
    (part,) = bureau.mail(last.id).iter_attachments()
    (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert event.decoded("dtstart") == at(2027, 3, 14, 23, 59)
    assert (str(event["uid"]), event["sequence"]) == ("renewal.2027.K0101@society.example.jp", 2)


def test_pause_over_two_steps_makes_one_letter_when_it_ends(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 15, 0))
    with_renewal(bureau, paused=True)
    bureau.day(OPENS)
    with_renewal(bureau, paused=False)
    bureau.import_([row("K0101")], at(2027, 2, 15, 8, 0))
    bureau.day(at(2027, 2, 15, 9, 0))
    assert [one.letter for one in bureau.outbox() if one.case_number] == ["renewal_reminder"]


@pytest.mark.parametrize("day", [1, 3, 12, 22, 26, 28])
def test_first_start_in_mid_season_writes_one_letter(bureau: Bureau, day: int) -> None:
    bureau.import_([row("K0101")], at(2027, 2, day, 8, 0))
    for minute in range(3):
        bureau.day(at(2027, 2, day, 9, minute))
    assert len([one for one in bureau.outbox() if one.case_number]) == 1


def test_holidays_that_lie_together_move_a_step_before_them_all(bureau: Bureau) -> None:
    """Golden week with its 振替休日, and the New Year's closure: from a Monday to a Friday before."""
    step = bureau.rules.campaigns[0].steps[1]
    yearly = type(bureau.rules.campaigns[0].opens)
    midnight, last = bureau.rules.campaigns[0].opens.at, bureau.rules.campaigns[0].closes.at
    bureau.import_([row("K0101")], at(2026, 4, 30, 15, 0))
    # 2026-05-06 is the 振替休日 of Sunday the 3rd; 04-29 and 05-03 to 05-05 are holidays.
    with_renewal(
        bureau,
        opens=yearly(4, 25, midnight), closes=yearly(5, 20, last),
        steps=(step.model_copy(update={"on_holiday": "before"}),), certification_ends_within=step_days(bureau),
    )  # fmt: skip
    bureau.day(at(2026, 5, 1, 9, 0))
    assert len(bureau.outbox("renewal_reminder")) == 1


def step_days(bureau: Bureau) -> object:
    return bureau.rules.campaigns[0].certification_ends_within


def test_core_facility_that_asks_back_is_not_reminded_before_staff_looked(bureau: Bureau) -> None:
    asked_link(bureau)
    (notice,) = bureau.outbox("link_request")
    text = "院内で検討しております。来月の会議の後にお返事します。"
    deliver(bureau, answer(notice.message_id, notice.recipient, text), at(2027, 4, 5, 9, 0))
    bureau.day(at(2027, 4, 8, 9, 0))
    assert only_link(bureau).state == "asked"
    assert not bureau.outbox("link_reminder")
    (review,) = queue.listed(bureau.database, undecided_only=True)
    approvals.approve(bureau.desk, review.id, CLERK, at(2027, 4, 9, 9, 0), anyway=True)
    bureau.day(at(2027, 4, 9, 9, 1))
    assert len(bureau.outbox("link_reminder")) == 1
