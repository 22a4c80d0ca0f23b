"""The change of an address as a table of standings and events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.domain.change import (
    FOR_CALL_BACK,
    FOR_TIME,
    FOR_TOKEN,
    Standing,
    step,
    wait_before_portal,
)

BASE = Standing("confirming", "standard", old_reached=True)


@pytest.mark.parametrize(
    ("changes", "waits_for"),
    [
        ({}, FOR_TIME),
        ({"old_agreed": True}, None),
        ({"asked_from_old": True}, None),
        ({"called_back": True}, None),
        # Nobody can object: time proves nothing.
        ({"old_reached": False}, FOR_CALL_BACK),
        ({"old_reached": False, "asked_from_old": True}, FOR_CALL_BACK),
        ({"old_reached": False, "called_back": True}, None),
        ({"level": "relaxed"}, None),
        ({"level": "relaxed", "old_reached": False}, None),
        # strict: only a voice on the registry's telephone shortens the wait.
        ({"level": "strict", "old_agreed": True, "asked_from_old": True}, FOR_TIME),
        ({"level": "strict", "called_back": True}, None),
    ],
)
def test_what_is_waited_for_before_the_portal(
    changes: dict[str, object], waits_for: str | None
) -> None:
    assert wait_before_portal(replace(BASE, **changes)) == waits_for  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("approved", "set_out", "confirming"),
        ("waiting", "set_out", None),
        ("confirming", "confirmed", "cooling"),
        ("cooling", "confirmed", None),  # a token counts once
        ("waiting", "confirmed", None),
        ("cooling", "cooled", "portal"),
        ("held", "cooled", None),
        ("cooling", "released", "cooling"),  # nothing speaks for it yet
        ("portal", "reflected", "done"),
        ("cooling", "reflected", None),  # never before its time
        ("done", "reverted", "reverted"),
        ("portal", "reverted", None),
        ("confirming", "overdue", "expired"),
        ("waiting", "overdue", "expired"),
        ("portal", "overdue", "expired"),  # off the list, and back into the queue
        ("confirming", "new_failed", "held"),
        ("cooling", "old_failed", "cooling"),
        ("done", "rejected", None),
        *((state, "stopped", "held") for state in ("approved", "confirming", "cooling", "portal")),
        ("done", "stopped", None),
        ("rejected", "stopped", None),
    ],
)
def test_each_event_in_its_state(state: str, event: str, after: str | None) -> None:
    found = step(replace(BASE, state=state), event)
    assert (found.state if found else None) == after


def test_new_address_is_asked_first_and_the_old_one_told_after_it() -> None:
    asked = step(replace(BASE, state="approved"), "set_out")
    assert asked is not None
    assert (asked.letters, asked.waits_for) == (("change_confirm",), FOR_TOKEN)
    told = step(BASE, "confirmed")
    assert told is not None
    assert told.letters == ("change_notice",)


def test_what_wanted_a_call_only_goes_on_without_asking_the_new_address_twice() -> None:
    again = replace(BASE, state="approved", confirmed=True, old_told=True)
    found = step(again, "set_out")
    assert found is not None
    assert (found.state, found.letters, found.waits_for) == ("cooling", (), FOR_TIME)


def test_notice_that_came_back_makes_a_call_necessary() -> None:
    portal = replace(BASE, state="portal", old_agreed=False, old_reached=False)
    found = step(portal, "old_failed")
    assert found is not None
    assert (found.state, found.waits_for) == ("cooling", FOR_CALL_BACK)
    assert step(replace(portal, called_back=True), "old_failed") is None


def test_time_ends_no_wait_where_nobody_at_the_old_address_could_object() -> None:
    found = step(replace(BASE, state="cooling", old_told=True, old_reached=False), "cooled")
    assert found is not None
    assert (found.state, found.waits_for) == ("cooling", FOR_CALL_BACK)
