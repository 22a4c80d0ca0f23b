"""What is rehearsed is what happens: a year on a simulated clock, with kills and sleeps."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from helpdesk.desk.notices import NO_CASE
from helpdesk.desk.rehearsal import Rehearsed, rehearse
from helpdesk.domain.calendar import JST
from helpdesk.store.schema import letter, metadata, reminder
from tests.bureau import Bureau, at, row

REGISTRY = [
    row("K0101"),
    row("K0102", 申請状況="申請済"),
    row("K0103", メールアドレス=""),
    row("K0104", 認定終了日="2027-03-31"),
    row("K0105", 認定終了日="2031-03-31"),
    row("R0201", 基幹施設認定番号="K0101", 申請状況="承認", 認定開始日="2027-04-01"),
    row("R0202", 基幹施設認定番号="K0103", 申請状況="承認", 認定開始日="2027-04-01"),
]
START = at(2026, 12, 1, 10, 0)
FIRST, LAST = date(2026, 12, 2), date(2027, 11, 30)


def lines_of(found: list[Rehearsed]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            one.at.date(),
            one.kind,
            one.campaign,
            one.step,
            one.facility,
            one.to,
            one.letter,
            one.skipped,
        )
        for one in found
    )


def happened(bureau: Bureau) -> Counter[tuple[Any, ...]]:
    """Return what a daemon did, in the words of a rehearsal."""
    found: list[tuple[Any, ...]] = []
    with bureau.database.read() as tx:
        for one in tx.execute(
            select(reminder, letter.c.recipient, letter.c.letter).select_from(
                reminder.outerjoin(letter, letter.c.id == reminder.c.letter_id)
            )
        ):
            day = one.decided_at.astimezone(JST).date()
            found.append(
                (
                    day,
                    "reminder",
                    one.campaign,
                    one.step,
                    one.certification_number,
                    one.recipient,
                    one.letter,
                    one.skipped,
                )
            )
        for one in tx.execute(select(letter).where(letter.c.matter != "reminder")):
            day = one.sent_at.astimezone(JST).date()
            parts = one.purpose_key.split(":")
            affiliate = {"1": "R0201", "2": "R0202"}.get(parts[1]) if parts[0] == "link" else None
            step = None if one.matter == "digest" else "_".join(parts[2:]) or "first"
            found.append((day, one.matter, None, step, affiliate, one.recipient, one.letter, None))
    return Counter(found)


def live(bureau: Bureau, start: datetime, last: date, *, seed: int) -> None:
    """Drive a daemon through a year: woken at odd times, killed, and asleep at weekends."""
    chance = random.Random(seed)
    day = start.date()
    while day <= last:
        # Early, soon after letters may leave, and at any time of the rest of the day.
        late = divmod(chance.randrange(9 * 60 + 14, 24 * 60), 60)
        for hour, minute in ((7, 0), (9, 13), late):
            now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=JST)
            if now < start:
                continue
            if hour == 7:
                bureau.import_(REGISTRY, now)
            bureau.turn(now)
            if chance.random() < 0.1:
                bureau.restart()  # Killed after the rows were committed, before anything left.
            bureau.send(now)
            if chance.random() < 0.1:
                bureau.restart()
        # It sleeps over every weekend.
        day += timedelta(days=3 if day.weekday() == 4 else 1)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_rehearsal_shows_what_the_daemon_then_does(make_bureau: Callable[..., Bureau]) -> None:
    bureau = make_bureau()
    bureau.import_(
        [{**one, "申請状況": "申請済"} if one["認定番号"][0] == "R" else one for one in REGISTRY],
        at(2026, 11, 30, 9, 0),
    )
    bureau.import_(REGISTRY, START)
    bureau.turn(START)
    bureau.send(START)
    before = happened(bureau)
    found = list(rehearse(bureau.desk, FIRST, LAST, START + timedelta(hours=1)))
    assert happened(bureau) == before  # the rehearsal wrote nothing
    live(bureau, START + timedelta(hours=1), LAST, seed=8)
    assert happened(bureau) - before == lines_of(found)
    sent = Counter(
        (one.campaign, one.step, one.facility) for one in found if one.kind == "reminder"
    )
    assert set(sent.values()) == {1}
    assert Counter(one.letter for one in found if one.kind != "digest" and one.skipped is None) == {
        "renewal_opens": 2,
        "renewal_reminder": 2,
        "renewal_last_days": 2,
        "renewal_missed": 2,
        "link_request": 1,
        "link_reminder": 2,
        "address_check": 10,  # five; the certification of one has ended by then
    }


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, ["02-02", "02-13", "02-25", "03-02"]),
        (2027, ["02-01", "02-12", "02-25", "03-01"]),
        (2028, ["02-01", "02-14", "02-25", "02-29"]),
        (2029, ["02-01", "02-14", "02-22", "03-01"]),
    ],
)
def test_seasons_of_four_years(bureau: Bureau, year: int, days: list[str]) -> None:
    """Rehearsed in November 2026: one season is past by then, the others are to come."""
    bureau.import_([row("K0101"), row("K0102", 申請状況="承認")], at(2026, 11, 25, 9, 0))
    found = list(
        rehearse(bureau.desk, date(year, 1, 15), date(year, 3, 20), at(2026, 11, 25, 10, 0))
    )
    sent = [one for one in found if one.kind == "reminder" and one.skipped is None]
    assert [one.at.isoformat() for one in sent] == [f"{year}-{day}T09:00:00+09:00" for day in days]
    assert [one.letter for one in sent] == [
        "renewal_opens",
        "renewal_reminder",
        "renewal_last_days",
        "renewal_missed",
    ]
    none = [one for one in found if one.skipped is not None]
    assert {(one.facility, one.skipped, one.to) for one in none} == {("K0102", "applied", None)}
    assert len(none) == 4


def test_rehearsal_that_begins_in_a_season_does_not_repeat_what_came_before(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2026, 11, 25, 9, 0))
    found = rehearse(bureau.desk, date(2027, 2, 10), date(2027, 2, 20), at(2026, 11, 25, 10, 0))
    assert [one.letter for one in found if one.kind == "reminder"] == ["renewal_reminder"]


def test_rehearsal_changes_nothing(make_bureau: Callable[..., Bureau], tables_url: str) -> None:
    bureau = make_bureau(tables_url)
    bureau.import_(REGISTRY, at(2026, 11, 25, 9, 0))
    bureau.rules = bureau.rules.model_copy(update={"mode": "shadow"})
    bureau.restart()

    def counts() -> dict[str, int]:
        with bureau.database.read() as tx:
            return {
                table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    before = counts()
    found = list(rehearse(bureau.desk, date(2027, 2, 1), date(2027, 2, 1), at(2026, 11, 25, 10, 0)))
    assert [one.letter for one in found if one.kind == "reminder" and not one.skipped]
    assert counts() == before


def test_rehearsal_knows_open_links_and_what_was_sent(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 29, 9, 0))
    bureau.day(at(2027, 2, 1, 9, 0))
    found = rehearse(bureau.desk, date(2027, 2, 1), date(2027, 2, 13), at(2027, 2, 1, 10, 0))
    assert [(one.step, one.at.date()) for one in found if one.kind == "reminder"] == [
        ("two_weeks", date(2027, 2, 12))
    ]


def test_number_of_letters_without_a_case_is_never_given_out(bureau: Bureau) -> None:
    from helpdesk.store import facts

    with bureau.database.begin() as tx:
        assert facts.next_case_number(tx, 2027) != NO_CASE


def test_rehearsal_without_imports_says_that_letters_wait(bureau: Bureau) -> None:
    bureau.import_([row("K0101")], at(2027, 1, 20, 9, 0))
    now = at(2027, 1, 20, 10, 0)
    found = list(rehearse(bureau.desk, date(2027, 2, 1), date(2027, 2, 12), now, imports=False))
    assert [(one.at.date(), one.letter) for one in found if one.letter == "registry_stale"] == [
        (date(2027, 2, 1), "registry_stale"),
        (date(2027, 2, 12), "registry_stale"),
    ]
    reminded = [(one.step, one.skipped) for one in found if one.kind == "reminder"]
    assert reminded == [("opens", "superseded")]
