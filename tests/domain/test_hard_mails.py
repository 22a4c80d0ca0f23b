"""A thousand hard mails, each against the truth that was written down with it."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from tests.hard_mails import Hard, generate

COUNT = 1_000


@pytest.mark.parametrize("batch", range(10))
def test_hard_mails_are_read_as_people_meant_them(batch: int) -> None:
    wrong = []
    for hard in generate(COUNT // 10, seed=batch):
        wrong += [f"{hard.name}: {fault}" for fault in faults(hard)]
    assert wrong == []


def faults(hard: Hard) -> list[str]:
    """Return what was read otherwise than it was meant."""
    message = read_message(hard.raw)
    found = []
    if message.subject != hard.subject:
        found.append(f"subject {message.subject!r}")
    if hard.own not in message.text:
        found.append(f"own words {message.text!r}")
    if hard.quoted and (hard.quoted in message.text or hard.quoted not in message.quoted):
        found.append(f"quoted {message.quoted!r} and own {message.text!r}")
    if hard.signature and hard.signature.splitlines()[1] not in message.signature:
        found.append(f"signature {message.signature!r}")
    if hard.attachment and hard.attachment not in [one.name for one in message.attachments]:
        found.append(f"attachments {[one.name for one in message.attachments]}")
    return found
