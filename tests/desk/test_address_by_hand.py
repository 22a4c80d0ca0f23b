"""A letter that a person writes by hand tells no registered address past the decision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.desk import approvals, change_acts, free_letters
from helpdesk.desk.context import Refused
from tests.bureau import Bureau
from tests.desk.test_identity import NOW, OLD, SATO, Office


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    return Office(make_bureau(), tmp_path)


@pytest.mark.parametrize(
    "written", [OLD, OLD.upper(), "ｏｌｄ＠mihon.example.jp", "old @ mihon.example.jp"]
)
def test_letter_by_hand_tells_nobody_the_registered_address(office: Office, written: str) -> None:
    case_number = office.action(office.enter("confirm_address")).case_number
    with pytest.raises(Refused, match="登録アドレス"):
        free_letters.write(office.desk, case_number, SATO, f"登録は（{written}）です。", NOW)
    assert office.letters() == []
    free_letters.write(office.desk, case_number, SATO, "登録は o***@mihon.example.jp です。", NOW)
    assert [name for name, _to in office.letters()] == ["answer_free"]


def test_who_was_told_it_may_read_it_again(office: Office) -> None:
    number = office.enter("confirm_address")
    change_acts.call_back(office.desk, number, SATO, NOW)
    approvals.approve(office.desk, number, SATO, NOW, to="sender")
    assert ("address_told", "z@x.test") in office.letters()
    case_number = office.action(number).case_number
    free_letters.write(office.desk, case_number, SATO, f"お伝えした {OLD} です。", NOW)
