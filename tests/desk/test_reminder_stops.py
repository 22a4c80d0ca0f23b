"""Who told the office that it withdraws gets no further letters."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.desk import reminder_stops
from helpdesk.desk.context import Refused
from helpdesk.desk.rehearsal import rehearse
from tests.bureau import CLERK, Bureau, at, row

SEASON = [at(2027, 2, 12), at(2027, 2, 25), at(2027, 3, 1)]


def go_on(bureau: Bureau) -> list[tuple[str, str]]:
    """Let the rest of the season pass; return letters and recipients of all of it."""
    for day in SEASON:
        bureau.import_([row("K0101"), row("K0102")], day.replace(hour=7))
        bureau.day(day.replace(hour=9))
    sent = [one for one in bureau.outbox() if one.state == "sent" and one.case_number]
    return [(one.letter, one.recipient[:5]) for one in sent]


@pytest.fixture
def stopped(bureau: Bureau) -> Bureau:
    """Return a bureau in which one of two withdrew while its letter still waited."""
    bureau.import_([row("K0101"), row("K0102")], at(2027, 1, 29, 15, 0))
    bureau.turn(at(2027, 2, 1, 9, 0))
    now = at(2027, 2, 1, 9, 1)
    assert reminder_stops.stop(bureau.desk, "K0101", "renewal", CLERK, "辞退", now) == 2027
    bureau.send(at(2027, 2, 1, 9, 2))
    return bureau


def test_nothing_further_leaves_and_what_waited_is_taken_back(stopped: Bureau) -> None:
    assert go_on(stopped) == [
        ("renewal_opens", "k0102"),
        ("renewal_reminder", "k0102"),
        ("renewal_last_days", "k0102"),
        ("renewal_missed", "k0102"),
    ]
    (one,) = reminder_stops.listed(stopped.database)
    assert (one.certification_number, one.stopped_by, one.reason) == ("K0101", CLERK, "辞退")


def test_rehearsal_says_who_is_stopped(stopped: Bureau) -> None:
    found = rehearse(stopped.desk, date(2027, 2, 12), date(2027, 2, 12), at(2027, 2, 2, 9, 0))
    assert {(one.facility, one.skipped) for one in found if one.kind == "reminder"} == {
        ("K0101", "stopped"),
        ("K0102", None),
    }


def test_what_is_still_to_come_leaves_again_when_it_is_taken_back(stopped: Bureau) -> None:
    reminder_stops.resume(stopped.desk, "K0101", "renewal", CLERK, at(2027, 2, 8, 9, 0))
    assert [letter for letter, to in go_on(stopped) if to == "k0101"] == [
        "renewal_reminder",
        "renewal_last_days",
        "renewal_missed",
    ]


def test_next_year_is_another_matter(stopped: Bureau) -> None:
    for day, year in ((at(2027, 3, 20), 2027), (at(2027, 5, 1), 2028)):
        assert reminder_stops._year(stopped.desk, "renewal", day) == year


@pytest.mark.parametrize(
    ("number", "campaign", "by", "reason", "words"),
    [
        ("K9999", "renewal", CLERK, "辞退", "no facility K9999"),
        ("K0102", "nothing", CLERK, "辞退", "no campaign nothing; the rules have: renewal"),
        ("K0102", "renewal", "nobody", "辞退", "no user of that name"),
        ("K0102", "renewal", CLERK, " ", "needs a reason"),
        ("K0101", "renewal", CLERK, "辞退", "stopped already"),
    ],
)
def test_refusals_say_what_to_do(
    stopped: Bureau, number: str, campaign: str, by: str, reason: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        reminder_stops.stop(stopped.desk, number, campaign, by, reason, at(2027, 2, 2, 9, 0))
