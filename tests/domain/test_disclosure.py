"""Who is told the registered address, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.domain.approval import Approving, approvals_needed, changed_facts, rule_approval
from helpdesk.domain.disclosure import Asked, decide_disclosure, hint_of, is_own_domain
from helpdesk.domain.mail_domains import PUBLIC_DOMAINS

BASE = Asked(
    level="standard",
    registered="kanwa@hospital.example.jp",
    member_address="taro@home.example.com",
    sender="clerk@hospital.example.jp",
    authenticated=True,
    public_domains=PUBLIC_DOMAINS,
)


@pytest.mark.parametrize(
    ("changes", "ground"),
    [
        ({}, "own_domain"),
        ({"authenticated": False}, ""),
        ({"sender": "x@sub.hospital.example.jp"}, ""),
        ({"sender": "x@example.jp"}, ""),
        ({"sender": "x@hospital-example.jp"}, ""),
        ({"sender": "a@gmail.com", "registered": "b@gmail.com"}, ""),
        ({"sender": "a@docomo.ne.jp", "registered": "b@docomo.ne.jp"}, ""),
        ({"sender": "a@osk3.3web.ne.jp", "registered": "b@osk3.3web.ne.jp"}, ""),
        ({"sender": "taro@home.example.com", "authenticated": False}, "member_address"),
        ({"sender": "x@evil.test", "called_back": True}, "call_back"),
        ({"sender": "x@evil.test", "level": "relaxed"}, ""),
        ({"sender": "x@evil.test", "level": "relaxed", "wish": "sender", "reason": "声"}, "chosen"),
        ({"level": "strict"}, ""),
        ({"wish": "registered"}, ""),
    ],
)
def test_ground_on_which_the_sender_is_told_in_full(
    changes: dict[str, object], ground: str
) -> None:
    asked = replace(BASE, **changes)  # type: ignore[arg-type]
    found = decide_disclosure(asked)
    assert not found.refused
    assert dict(found.full).get(asked.sender, "") == ground
    assert (asked.sender in found.hinted) is (not ground)
    assert found.registered


@pytest.mark.parametrize(
    "changes",
    [
        {"registered": ""},
        {"level": "strict", "wish": "sender"},
        {"level": "strict", "wish": "member"},
        {"sender": "x@evil.test", "wish": "sender"},
        {"sender": "x@evil.test", "wish": "sender", "level": "relaxed"},
        {"member_address": "", "wish": "member"},
    ],
)
def test_wish_that_the_level_does_not_grant_is_refused(changes: dict[str, object]) -> None:
    found = decide_disclosure(replace(BASE, **changes))  # type: ignore[arg-type]
    assert found.refused
    assert found.full == ()


def test_registered_address_that_asks_is_told_by_its_own_letter_alone() -> None:
    found = decide_disclosure(replace(BASE, sender="KANWA@hospital.example.jp"))
    assert (found.full, found.hinted) == ((), ())


def test_member_address_is_told_and_the_sender_gets_a_hint() -> None:
    found = decide_disclosure(replace(BASE, sender="x@evil.test", wish="member"))
    assert found.full == (("taro@home.example.com", "member_address"),)
    assert found.hinted == ("x@evil.test",)


def test_copy_gets_no_more_than_a_stranger() -> None:
    found = decide_disclosure(replace(BASE, copy_to="doc@hospital.example.jp"))
    assert found.hinted == ("doc@hospital.example.jp",)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("kanwa@hospital.example.jp", "k***@hospital.example.jp"),
        ("a@hospital.example.jp", "***@hospital.example.jp"),
        ("ab@hospital.example.jp", "a***@hospital.example.jp"),
    ],
)
def test_hint_shows_the_domain_and_how_long_it_is_to_nobody(address: str, hint: str) -> None:
    assert hint_of(address) == hint


def test_domain_of_an_empty_address_is_nobodys() -> None:
    assert not is_own_domain("", "", ())
    assert not is_own_domain("a@", "b@", ())


BY = Approving(
    by="sato",
    level="standard",
    marks=(),
    hands=(),
    given=(),
    deciders=2,
    called_back=False,
    has_officer=False,
)


@pytest.mark.parametrize(
    ("changes", "enough", "refused"),
    [
        ({}, True, ""),
        ({"level": "strict"}, False, ""),
        ({"level": "strict", "given": ("suzuki",)}, True, ""),
        ({"level": "strict", "given": ("sato",)}, False, "already"),
        ({"marks": ("frozen",)}, False, ""),
        ({"marks": ("not_received",)}, True, ""),
        ({"hands": ("sato",)}, False, "same person"),
        ({"level": "strict", "deciders": 1}, False, "代表電話"),
        ({"level": "strict", "deciders": 1, "called_back": True}, False, "officer"),
        ({"level": "strict", "deciders": 1, "called_back": True, "has_officer": True}, True, ""),
    ],
)
def test_what_an_approval_is_worth(changes: dict[str, object], enough: bool, refused: str) -> None:
    ruling = rule_approval(replace(BY, **changes))  # type: ignore[arg-type]
    assert ruling.enough is enough
    assert refused in ruling.refused
    assert bool(refused) == bool(ruling.refused)


def test_exceptions_want_two_at_every_level() -> None:
    for level in ("relaxed", "standard", "strict"):
        assert approvals_needed(level, ("over_misses",)) == 2


def test_facts_that_moved_are_named_in_words() -> None:
    shown = {"address": "1", "physician": "2", "verdict": "3"}
    assert changed_facts(shown, {**shown, "address": "x"}) == ["登録アドレス"]
    assert changed_facts(shown, {"physician": "2", "verdict": "3"}) == ["登録アドレス"]
    assert changed_facts(shown, shown) == []
