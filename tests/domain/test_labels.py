"""Labels of the form in a line, and what is remembered of such lines."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.domain.form_words import FormWords
from helpdesk.domain.labels import Form

LINES = ("1）認定施設名（可能なら認定番号）", "生年月日：", "会員番号：123456", "氏名　見本 太郎")


def test_a_line_has_the_same_labels_again_and_elsewhere() -> None:
    form = Form(FormWords())
    first = [form.find_labels(line, 0) for line in LINES]
    assert all(first)
    moved = [
        [replace(one, start=one.start + 100, end=one.end + 100) for one in each] for each in first
    ]
    assert [form.find_labels(line, 100) for line in LINES] == moved
    assert [form.find_labels(line, 0) for line in LINES] == first


def test_only_the_forms_own_lines_are_kept_between_mails() -> None:
    form = Form(FormWords())
    for line in LINES:
        form.find_labels(line, 0)
    assert list(form._bare) == ["1)認定施設名(可能なら認定番号)", "生年月日:"]


def test_what_is_kept_of_the_form_is_bounded() -> None:
    form = Form(FormWords())
    for blanks in range(1_000):
        assert form.find_labels(f"生年月日{' ' * blanks}：", 0)
    assert 100 < len(form._bare) <= 200
