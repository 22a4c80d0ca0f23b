"""Lines broken by columns, as a mail reader shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.wrapping import columns_of, wrap


def test_no_line_begins_with_a_full_stop() -> None:
    assert wrap("あいうえお。かきく", 10) == ["あいうえお。", "かきく"]


def test_half_width_counts_one() -> None:
    assert wrap("PDFにして", 6) == ["PDFに", "して"]


@given(st.text(alphabet="あいう、。ABC ", max_size=80))
def test_nothing_is_lost_and_no_line_is_too_long(text: str) -> None:
    lines = wrap(text, 10)
    assert "".join(lines) == text
    assert all(columns_of(line.rstrip("、。")) <= 10 for line in lines)
