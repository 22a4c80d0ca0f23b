"""Against whom a wrong answer counts."""

from __future__ import annotations

import pytest

from helpdesk.domain.misses import counted_sender


@pytest.mark.parametrize(
    "address",
    [
        *("taro@gmail.com", "TARO@Gmail.com", "t.a.r.o@gmail.com", "taro+1@gmail.com"),
        *("ta.ro+x+y@googlemail.com", "taro@gmail.com.", "ｔａｒｏ@gmail.com"),
    ],
)
def test_a_mailbox_is_one_sender_whatever_it_calls_itself(address: str) -> None:
    assert counted_sender(address) == "taro@gmail.com"


def test_other_mailboxes_are_other_senders() -> None:
    assert counted_sender("t.aro@hospital.example.jp") == "t.aro@hospital.example.jp"
    assert counted_sender("taro@evil.test") != counted_sender("taro@gmail.com")
    assert counted_sender("+@x.test") == "+@x.test"
