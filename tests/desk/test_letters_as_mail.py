"""Every letter about a deadline as its recipient reads it: lines, dates, the calendar entry."""

from __future__ import annotations

from datetime import date, timedelta

import icalendar
import pytest

from helpdesk.desk import corrections, links
from helpdesk.domain.calendar import JST
from helpdesk.domain.wrapping import columns_of
from tests.bureau import CLERK, Bureau, at, row

LONG = "独立行政法人地域医療機能推進機構みほん中央総合医療センター附属緩和ケア病院"
CORE = row("K0101", 施設名=LONG, 申請書="済", 概要書="", 公印書類="")
AFFILIATE = row(
    "R0102", 施設名=f"{LONG}分院", 基幹施設認定番号="K0101", 申請状況="申請済",
    認定開始日="2027-04-01",
)  # fmt: skip
APPROVED = {**AFFILIATE, "申請状況": "承認"}


@pytest.fixture
def year(bureau: Bureau) -> Bureau:
    """Return a bureau that has written every letter to facilities, to one with a long name."""
    bureau.import_([CORE, AFFILIATE], at(2027, 1, 29, 9, 0))
    for day in (at(2027, 2, 1), at(2027, 2, 12), at(2027, 2, 25), at(2027, 3, 1)):
        bureau.import_([CORE, AFFILIATE], day + timedelta(hours=7))
        bureau.day(day + timedelta(hours=9))
    bureau.import_([CORE, APPROVED], at(2027, 3, 20, 9, 0))
    corrections.new(
        bureau.desk, "K0101", ["概要書の３ページ目の表に、先生のご氏名をご記入ください。" * 3],
        ["seal"], CLERK, at(2027, 3, 22, 9, 0), reopens_on=date(2027, 3, 25),
    )  # fmt: skip
    for days in range(9):
        bureau.import_([CORE, APPROVED], at(2027, 4, 1, 7, 0) + timedelta(days=days))
        bureau.day(at(2027, 4, 1, 9, 0) + timedelta(days=days))
    links.confirm(bureau.desk, 1, "declined", CLERK, at(2027, 4, 12, 9, 0))
    for day in (at(2027, 11, 1), at(2027, 11, 19)):
        bureau.import_([CORE, APPROVED], day + timedelta(hours=7))
        bureau.day(day + timedelta(hours=9))
    return bureau


def test_no_line_is_wider_than_a_reader_and_nothing_is_lost(year: Bureau) -> None:
    letters = {one.letter: year.body(one.id) for one in year.outbox() if one.case_number}
    assert len(letters) == 10
    for letter, body in letters.items():
        lines = body.split("\r\n")
        # A sign that may not begin a line hangs behind the last column.
        assert max(columns_of(line) for line in lines) <= 72, letter
        assert LONG in body.replace("\r\n", "").replace("　", "").replace(" ", ""), letter
        assert lines[1] == "　見本 太郎 先生" or lines[2] == "　見本 太郎 先生", letter
        assert not body.startswith("\r\n")
        assert "\r\n\r\n\r\n" not in body


def test_calendar_entry_is_explained_where_there_is_one(year: Bureau) -> None:
    for one in year.outbox():
        mail = year.mail(one.id)
        parts = list(mail.iter_attachments())
        explained = "deadline.ics" in year.body(one.id)
        # Behind the close there is nothing to enter any more; the entry is only brought up to date.
        assert explained == bool(parts) or one.letter == "renewal_missed", one.letter
        for part in parts:
            raw = part.get_payload(decode=True)
            assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
            (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
            assert f"［受付番号 {one.case_number}］" in str(event["description"])
            (alarm,) = event.walk("VALARM")
            warned = event.decoded("dtstart") + alarm.decoded("trigger")
            assert year.desk.rules.desk.calendar.is_business_day(warned.astimezone(JST).date())


def test_second_address_check_says_that_it_is_the_second(year: Bureau) -> None:
    first, again = (one for one in year.outbox("address_check") if one.recipient[0] == "k")
    assert "先にお送りいたしましたメール" not in year.body(first.id)
    assert "先にお送りいたしましたメールへのご返信を、まだ確認できて" in year.body(again.id)
    assert "（再度のお願い）" in year.mail(again.id)["Subject"]
    assert "（再度のお願い）" not in year.mail(first.id)["Subject"]


def test_bounce_is_not_suppressed(year: Bureau) -> None:
    for one in year.outbox():
        assert "NDR" not in year.mail(one.id)["X-Auto-Response-Suppress"]
        assert year.mail(one.id)["X-Auto-Response-Suppress"] != "All"
        assert year.mail(one.id)["Auto-Submitted"] == "auto-generated"
