"""Birthdates in the hands of physicians born between 大正 and 平成."""

from __future__ import annotations

import pytest

from helpdesk.domain.birthdates import find_birthdate

RIGHT = [
    ("1968年4月9日", "1968-04-09"),
    ("1968/4/9", "1968-04-09"),
    ("1968-04-09", "1968-04-09"),
    ("１９６８．４．９", "1968-04-09"),
    ("19680409", "1968-04-09"),
    ("一九六八年四月九日", "1968-04-09"),
    ("昭和43年4月9日", "1968-04-09"),
    ("昭和４３年４月９日生まれ", "1968-04-09"),
    ("昭和四十三年四月九日", "1968-04-09"),
    ("S43.4.9", "1968-04-09"),
    ("Ｓ４３／０４／０９", "1968-04-09"),
    ("ｓ４３．４．９", "1968-04-09"),
    ("昭43.4.9", "1968-04-09"),
    ("S430409", "1968-04-09"),
    ("昭和 43 年 4 月 9 日", "1968-04-09"),
    ("April 9, 1968", "1968-04-09"),
    ("9 Apr 1968", "1968-04-09"),
    ("昭和64年1月7日", "1989-01-07"),  # the last day of 昭和
    ("平成元年1月8日", "1989-01-08"),  # the first of 平成
    ("昭和元年12月25日", "1926-12-25"),
    ("大正15年12月24日", "1926-12-24"),
    ("H1.1.8", "1989-01-08"),
    ("1968年2月29日", "1968-02-29"),  # a leap year
]
IMPOSSIBLE = [
    "昭和65年1月1日",
    "昭和64年1月8日",
    "平成元年1月7日",
    "平成31年5月1日",
    "大正15年12月25日",
    "1967年2月29日",
    "1968年13月1日",
    "1968年4月31日",
    "2968年4月9日",
]


@pytest.mark.parametrize(("text", "day"), RIGHT)
def test_date_is_read(text: str, day: str) -> None:
    found = find_birthdate(text)
    assert found is not None
    assert found.day is not None
    assert found.day.isoformat() == day


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_day_that_never_was_is_not_repaired(text: str) -> None:
    found = find_birthdate(text)
    assert found is not None
    assert (found.day, found.problem) == (None, "impossible")


@pytest.mark.parametrize("text", ["52.11.26", "'68/4/9", "68年4月9日"])
def test_two_digit_year_is_ambiguous_and_says_so(text: str) -> None:
    found = find_birthdate(text)
    assert found is not None
    assert (found.day, found.problem) == (None, "two_digit_year")


@pytest.mark.parametrize("text", ["", "123456", "会員番号 692888", "03-1234-5678", "K0101"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert find_birthdate(text) is None


def test_place_in_the_text_is_kept() -> None:
    text = "生年月日は昭和43年4月9日です"
    found = find_birthdate(text)
    assert found is not None
    assert text[found.start : found.end] == "昭和43年4月9日"
