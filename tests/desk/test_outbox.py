"""What one answer of the relay means for a letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.desk.outbox import outcome_of
from helpdesk.mail.transport import Answer
from helpdesk.rules import load_rules
from helpdesk.shipped import shipped_folder
from helpdesk.store.delivery import ClaimedLetter

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = load_rules(Path(shipped_folder()) / "mailbox_rules.yaml")


def letter(attempts: int = 0) -> ClaimedLetter:
    return ClaimedLetter(1, 1, "a@x.test", b"x", attempts)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (250, "sent"),
        (251, "sent"),
        (450, "deferred"),
        (421, "deferred"),
        (550, "failed"),
        (554, "failed"),
    ],
)
def test_reply_codes(code: int, state: str) -> None:
    assert outcome_of(Answer(code, "x"), letter(), RULES, NOW).state == state


def test_no_answer_is_doubt() -> None:
    assert outcome_of(None, letter(), RULES, NOW).state == "unknown"


def test_waits_double_from_greylistings_five_minutes_up_to_the_longest() -> None:
    waits = [outcome_of(Answer(451, "x"), letter(n), RULES, NOW).due_at for n in range(10)]
    assert waits[0] == NOW + timedelta(minutes=5)
    assert waits[1] == NOW + timedelta(minutes=10)
    assert waits[9] == NOW + RULES.outbox.retry_longest.timedelta


def test_letter_that_was_put_off_too_often_fails_where_it_is_seen() -> None:
    last = letter(RULES.outbox.attempts - 1)
    outcome = outcome_of(Answer(451, "later"), last, RULES, NOW)
    assert (outcome.state, outcome.error) == ("failed", "451 later")
