"""One matter or another: what a mail and a case have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain.conversation import (
    is_closed_long_ago,
    is_same_request,
    names_another_facility,
)

KNOWN: dict[str, str | None] = {
    "facility_name": "医療法人見本会みほん中央病院",
    "certification_number": None,
    "responsible_physician": "見本 太郎",
    "member_number": "012345",
    "birthdate": None,
    "request": "change_address",
    "new_address": "New@mihon.example.jp",
}


@pytest.mark.parametrize(
    ("known", "sent", "another"),
    [
        (("みほん中央病院", None), ("みほん中央病院", None), False),
        (("医療法人見本会みほん中央病院", None), ("みほん中央病院", None), False),  # no corporation
        (("みほん中央病院", None), ("みほん中央病院 緩和ケア科", None), False),  # a department
        (("みほん中央病院", None), ("みほん中夫病院", None), False),  # a slip
        (("みほん中央病院", None), ("べつの東病院", None), True),
        (("みほん中央病院", "K0101"), ("みほん中央病院", "K0102"), True),  # a number stands over it
        (("みほん中央病院", "K0101"), ("べつの東病院", "Ｋ－０１０１"), False),
        (("みほん中央病院", None), (None, None), False),  # nothing is said
        ((None, None), ("みほん中央病院", None), False),  # what was missing comes now
        (("佐藤病院", None), ("加藤病院", None), True),  # short names have no slips
    ],
)
def test_another_facility_is_told_from_the_same(
    known: tuple[str | None, str | None], sent: tuple[str | None, str | None], another: bool
) -> None:
    names = ("facility_name", "certification_number")
    fields = [dict(zip(names, pair, strict=True)) for pair in (known, sent)]
    assert names_another_facility(*fields) is another


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"responsible_physician": "見本太郎", "member_number": "12345"}, True),
        ({"new_address": "new@mihon.example.jp"}, True),
        ({"member_number": "012346"}, False),
        ({"new_address": "other@mihon.example.jp"}, False),
        ({"request": "both"}, False),
        ({"birthdate": "1968-04-09"}, False),  # it says more than before
    ],
)
def test_same_request_may_be_written_a_little_differently(
    change: dict[str, str | None], same: bool
) -> None:
    assert is_same_request(KNOWN, {**KNOWN, **change}) is same


@pytest.mark.parametrize(
    ("state", "days", "long_ago"),
    [("closed", 31, True), ("closed", 30, False), ("waiting_staff", 400, False)],
)
def test_thirty_days_after_its_end_a_case_is_over(state: str, days: int, long_ago: bool) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert is_closed_long_ago(state, now - timedelta(days=days), now) is long_ago
