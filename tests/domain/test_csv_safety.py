"""No cell of a list is a formula, whatever sign or mark it begins with."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.csv_safety import safe_cell


@pytest.mark.parametrize(
    "text",
    [
        *("=1", "+1", "-1", "@x", "|x", "%x"),
        *("\t=1", "\r=1", "\n=1", " =1", "　＝1", "\u00a0=1", "\u2003=1", "\u3000+1"),
        *("\u200b=1", "\ufeff=1", "\u2060=1", "\u00ad=1", "\u202e=1", "\x00=1", "\x0b=1", "\x85=1"),
        *("＝1", "＋1", "－1", "＠x", "\ufe621", "\ufe631", "\ufe661", "\ufe6bx"),
        *("\u22121", "\u20101", "\u20111", "\u20121", "\u20131", "\u20141", "\u20151", "\u207b1"),
        *("\u27961", "\u27951", "\u30a01", "ー1", "\uff701"),
        *("'=1", '"=1', "\u201c=1", " '=1", "\u200b \u00a0\t=HYPERLINK(1)"),
    ],
)  # fmt: skip
def test_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        "みほん病院",
        "K0101",
        "a-b@mihon.example.jp",
        "03-1234-5678",
        "（医）みほん",
        "2026-11-25",
        "",
    ],
)
def test_plain_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_breaks_become_blanks_and_nothing_becomes_none() -> None:
    assert safe_cell("a\nb") == "a b"
    assert safe_cell("a\r\n\x00b\u2028c") == "a  b c"
    assert safe_cell(None) == ""
    assert safe_cell(12) == "12"


@given(st.text(max_size=20))
def test_any_cell_is_read_again_as_one_line_of_text(text: str) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([safe_cell(text)])
    ((cell,),) = csv.reader(io.StringIO(out.getvalue()))
    assert cell == safe_cell(text)
    assert not cell.strip().startswith(tuple("=+-@|%＝＋－＠"))
