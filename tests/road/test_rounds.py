"""Rounds at a real mailbox, one by one: what is left behind where one breaks off."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from helpdesk.config import parse_imap_url
from helpdesk.desk import outbox, watching
from helpdesk.desk.context import Desk
from helpdesk.desk.fetching import Watch
from helpdesk.desk.outbox import Begin, Ended, Outcome
from helpdesk.mail.mailbox import Mailbox
from helpdesk.store.database import DatabaseBusy
from tests import mails

from .conftest import Office


@contextmanager
def at_mailbox(office: Office) -> Iterator[tuple[Desk, Watch]]:
    """Give a desk and its opened mailbox, without a daemon."""
    desk = office.desk()
    mailbox = Mailbox.connect(parse_imap_url(office.env["HELPDESK_IMAP_URL"]))
    try:
        yield desk, watching.start(desk, mailbox, "INBOX", datetime.now(UTC))
    finally:
        mailbox.close()
        desk.reader.close()
        desk.database.close()


def deliver(office: Office, count: int) -> None:
    for number in range(count):
        sender = f"m{number}@x.test"
        office.deliver(
            mails.mail("代表者印は必要でしょうか。", message_id=f"<{sender}>", sender=sender)
        )


@pytest.mark.slow
def test_what_was_moved_is_marked_although_the_next_batch_cannot_be_decided(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(office, 4 * watching.BATCH)
    decide, decided = watching.decide_batch, list[int]()

    def decide_one(desk: Desk) -> int:
        if sum(decided) >= watching.BATCH:
            raise DatabaseBusy("the database is busy")
        decided.append(decide(desk))
        return decided[-1]

    monkeypatch.setattr(watching, "decide_batch", decide_one)
    with at_mailbox(office) as (desk, watch), pytest.raises(DatabaseBusy):
        watching.round_trip(desk, watch, lambda: None)
    moved = len(office.folder_of("helpdesk/処理済み")) + len(office.folder_of("helpdesk/要対応"))
    filing = Counter(state for (state,) in office.look("SELECT filing FROM place"))
    assert filing["filed"] == moved == watching.BATCH
    assert filing["pending"] == 0


def test_copies_that_wait_for_letters_are_looked_at_again_in_time(office: Office) -> None:
    deliver(office, 2)
    with at_mailbox(office) as (desk, watch):
        assert watching.round_trip(desk, watch, lambda: None) == math.inf
        now = datetime.now(UTC)
        first, second = outbox.claim_due(desk, "worker", now)
        assert all(outbox.write_down(desk, [Begin(first), Begin(second)], now))
        assert outbox.write_down(desk, [Ended(first, Outcome("sent"), now)], now) == [True]
        # Nobody may wake us: the other letter's relay hangs.
        assert watching.round_trip(desk, watch, lambda: None) == 30
        assert office.folder_of("Sent") == []
        assert outbox.write_down(desk, [Ended(second, Outcome("sent"), now)], now) == [True]
        assert watching.round_trip(desk, watch, lambda: None) == math.inf
    assert len(office.folder_of("Sent")) == 2
