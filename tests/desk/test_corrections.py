"""Correction requests: asked, reminded, done by an import or by staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import icalendar
import pytest

from helpdesk.desk import approvals, corrections, queue, unreachable
from helpdesk.desk.context import Refused
from tests.bureau import CLERK, Bureau, at, row

ASKED = at(2027, 2, 3, 16, 0)
LINES = [
    row("K0101", 申請状況="申請済", 申請アドレス="apply@mihon.example.jp"),
    row("K0102", 申請状況="申請済"),
]


@pytest.fixture
def open_bureau(make_bureau: Callable[..., Bureau]) -> Bureau:
    bureau = make_bureau()
    bureau.import_(LINES, at(2027, 2, 3, 9, 0))
    return bureau


def ask(bureau: Bureau, number: str = "K0101", **options: object) -> corrections.Asked:
    now = options.pop("now", ASKED)
    return corrections.new(
        bureau.desk,
        number,
        ["常勤医の人数が概要書と異なります。"],
        ["seal"],
        CLERK,
        now,
        **options,  # type: ignore[arg-type]
    )


def run(bureau: Bureau, first: date, last: date) -> None:
    """Let days pass, each with an import that changes nothing."""
    day = first
    while day <= last:
        bureau.import_(LINES, at(day.year, day.month, day.day, 8, 0))
        bureau.day(at(day.year, day.month, day.day, 9, 30))
        day += timedelta(days=1)


def test_letter_numbers_the_points_and_says_how_to_apply_again(open_bureau: Bureau) -> None:
    asked = ask(open_bureau)
    assert (asked.state, asked.recipient, asked.due_on) == (
        "asked",
        "apply@mihon.example.jp",
        date(2027, 2, 15),
    )
    (letter,) = open_bureau.outbox("correction_request")
    body = open_bureau.body(letter.id)
    for words in (
        "下記の2点の修正を",
        "　1. 「申請書・在籍証明書」に施設の公印がありません。",
        "　2. 常勤医の人数が概要書と異なります。",
        "修正の期限：2027年2月15日（月）",
        "「更新申請」ボタンを、もう一度クリックしてください。",
        f"担当：{CLERK}（受付番号",
    ):
        assert words in body, words
    assert "申請期間外" not in body
    (part,) = open_bureau.mail(letter.id).iter_attachments()
    (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert event.decoded("dtstart") == at(2027, 2, 15, 23, 59)


def test_without_application_address_the_portals_address_gets_it(open_bureau: Bureau) -> None:
    assert ask(open_bureau, "K0102").recipient == "k0102@mihon.example.jp"


def test_letter_leaves_at_once_also_after_hours(open_bureau: Bureau) -> None:
    ask(open_bureau, now=at(2027, 2, 3, 20, 0))
    assert open_bureau.send(at(2027, 2, 3, 20, 1)) == 1


def test_reminders_go_on_until_the_registry_says_so(open_bureau: Bureau) -> None:
    ask(open_bureau)
    run(open_bureau, date(2027, 2, 4), date(2027, 3, 4))
    first, *reminders = (one for one in open_bureau.outbox() if one.letter.startswith("correction"))
    sent = [one.sent_at.astimezone(ASKED.tzinfo).date() for one in reminders if one.sent_at]
    assert sent == [date(2027, 2, 10), date(2027, 2, 16), date(2027, 2, 24), date(2027, 3, 3)]
    overdue = open_bureau.body(reminders[1].id)
    assert "修正の期限：2027年2月15日（月）（過ぎております）" in overdue
    assert (
        open_bureau.mail(reminders[0].id)["In-Reply-To"] == open_bureau.mail(first.id)["Message-ID"]
    )
    moved = [{**LINES[0], "申請状況": "修正依頼中"}, LINES[1]]
    assert "修正依頼を" not in str(open_bureau.import_(moved, at(2027, 3, 5, 8, 0)))
    report = open_bureau.import_(LINES, at(2027, 3, 6, 8, 0))
    assert "K0101 データ修正依頼を完了にします（申請済）" in str(report)
    (one,) = corrections.listed(open_bureau.database, open_only=False)
    assert (one.state, one.ended_by) == ("done", "import")
    assert not queue.listed(open_bureau.database, undecided_only=True)
    run(open_bureau, date(2027, 3, 7), date(2027, 3, 31))
    assert len(open_bureau.outbox("correction_reminder")) == 4


def test_dry_run_shows_what_an_import_would_end_and_ends_nothing(open_bureau: Bureau) -> None:
    ask(open_bureau)
    report = open_bureau.import_(
        [{**LINES[0], "申請状況": "承認"}, LINES[1]], at(2027, 2, 4, 8, 0), dry_run=True
    )
    assert "K0101 データ修正依頼を完了にします（承認）" in str(report)
    assert [one.state for one in corrections.listed(open_bureau.database, open_only=True)] == [
        "asked"
    ]


def test_overdue_request_stands_at_the_head_of_the_queue(open_bureau: Bureau) -> None:
    ask(open_bureau, "K0102", now=at(2027, 3, 5, 9, 0))  # outside the period: for a person
    ask(open_bureau)
    assert [one.kind for one in queue.listed(open_bureau.database, undecided_only=True)] == [
        "correction"
    ]
    run(open_bureau, date(2027, 2, 4), date(2027, 2, 17))
    first, second = queue.listed(open_bureau.database, undecided_only=True)
    assert (first.kind, second.kind) == ("correction_overdue", "correction")
    assert first.id > second.id
    longest, *_ = corrections.listed(open_bureau.database, open_only=True)
    assert longest.certification_number == "K0101"
    # Nobody asked for anything, so nobody is told that it was set aside.
    approvals.reject(open_bureau.desk, first.id, CLERK, "電話で確認済み", at(2027, 2, 17, 10, 0))
    assert not [one for one in open_bureau.outbox() if one.letter.startswith("declined")]


def test_outside_the_period_a_person_decides_or_names_the_day(open_bureau: Bureau) -> None:
    now = at(2027, 3, 5, 10, 0)
    asked = ask(open_bureau, now=now)
    assert asked.state == "human"
    assert asked.note is not None
    assert "申請期間外" in asked.note
    assert not open_bureau.outbox("correction_request")
    named = ask(open_bureau, "K0102", now=now, reopens_on=date(2027, 3, 15))
    assert (named.state, named.due_on) == ("asked", date(2027, 3, 25))
    (letter,) = open_bureau.outbox("correction_request")
    body = open_bureau.body(letter.id)
    assert "申請期間外のため、申請画面は現在表示されません。" in body
    assert "申請画面は 2027年3月15日（月） から表示されます。" in body


def test_no_reminder_before_the_screen_is_shown(open_bureau: Bureau) -> None:
    ask(
        open_bureau,
        now=at(2027, 3, 5, 10, 0),
        reopens_on=date(2027, 3, 15),
        due_on=date(2027, 3, 16),
    )
    run(open_bureau, date(2027, 3, 6), date(2027, 3, 15))
    assert not open_bureau.outbox("correction_reminder")


def test_staff_close_a_request_and_its_letters_stay(open_bureau: Bureau) -> None:
    asked = ask(open_bureau)
    corrections.close(open_bureau.desk, asked.id, CLERK, "電話で解決", ASKED)
    assert open_bureau.send(ASKED) == 0
    assert [one.state for one in open_bureau.outbox("correction_request")] == ["cancelled"]
    with pytest.raises(Refused, match="closed already"):
        corrections.close(open_bureau.desk, asked.id, CLERK, "", ASKED)


def test_applicant_without_any_address_is_telephoned(open_bureau: Bureau) -> None:
    open_bureau.import_(
        [row("K0103", メールアドレス="", 申請状況="申請済"), *LINES], at(2027, 2, 3, 10, 0)
    )
    asked = ask(open_bureau, "K0103")
    assert asked.state == "human"
    tasks = unreachable.listed(open_bureau.database, open_only=True)
    assert [(one.certification_number, one.subject) for one in tasks] == [
        ("K0103", "データ修正依頼")
    ]


@pytest.mark.parametrize(
    ("number", "items", "points", "by", "words"),
    [
        ("K9999", ["x"], [], CLERK, "no facility K9999"),
        ("K0101", [], [], CLERK, "one to 30 points"),
        ("K0101", [" "], [], CLERK, "one to 30 points"),
        ("K0101", [], ["nonsense"], CLERK, "no point nonsense"),
        ("K0101", ["x"], [], "nobody", "no user of that name"),
    ],
)
def test_refusals_say_what_to_do(
    open_bureau: Bureau, number: str, items: list[str], points: list[str], by: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        corrections.new(open_bureau.desk, number, items, points, by, ASKED)
    assert not corrections.listed(open_bureau.database, open_only=False)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"due_on": date(2027, 2, 2)}, "is over; give a later one with --due"),
        ({"reopens_on": date(2027, 2, 2)}, "is over; leave out --reopens"),
        (
            {"reopens_on": date(2027, 3, 10), "due_on": date(2027, 3, 9)},
            "before the day of reopening",
        ),
    ],
)
def test_dates_that_cannot_be_are_refused(
    open_bureau: Bureau, dates: dict[str, date], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        ask(open_bureau, **dates)


def test_same_points_are_asked_for_once_and_anew_where_a_person_had_them(
    open_bureau: Bureau,
) -> None:
    ask(open_bureau)
    with pytest.raises(Refused, match="asked for the same already"):
        ask(open_bureau)
    late = at(2027, 3, 5, 9, 0)
    assert ask(open_bureau, "K0102", now=late).state == "human"
    again = ask(open_bureau, "K0102", now=late, reopens_on=date(2027, 3, 10))
    assert again.state == "asked"
    found = corrections.listed(open_bureau.database, open_only=True)
    assert [(one.certification_number, one.state) for one in found] == [
        ("K0101", "asked"),
        ("K0102", "asked"),
    ]


def test_overdue_request_rises_on_postgresql_too(
    make_bureau: Callable[..., Bureau], tables_url: str
) -> None:
    bureau = make_bureau(tables_url)
    bureau.import_(LINES, at(2027, 2, 3, 9, 0))
    ask(bureau)
    run(bureau, date(2027, 2, 15), date(2027, 2, 16))
    (action,) = queue.listed(bureau.database, undecided_only=True)
    assert action.kind == "correction_overdue"
    bureau.import_([{**LINES[0], "申請状況": "承認"}, LINES[1]], at(2027, 2, 17, 8, 0))
    assert not queue.listed(bureau.database, undecided_only=True)
