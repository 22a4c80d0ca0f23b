"""What staff answered to mails that are not decided yet.

Kept from one look into the Sent folder to the next, so that nothing of ours leaves that
contradicts what a person has said already: while nobody watched, or in a long round.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from helpdesk.domain.message import Message

# Characters that are held at most: some thousand answers, or fewer long ones.
_MOST = 4_000_000

# As far as the clock of a mail program may be behind the mail server's.
_CLOCKS = timedelta(minutes=3)


class EarlyAnswers:
    """Mails of staff, by what they answer and by whom they were written to."""

    def __init__(self) -> None:
        """Begin with none."""
        self.forget()

    def forget(self) -> None:
        """Whatever they answer was decided."""
        self._by_id: dict[str, list[Message]] = defaultdict(list)
        self._by_reader: dict[str, list[Message]] = defaultdict(list)
        self._held = 0

    def keep(self, message: Message) -> None:
        """Remember one until `forget`; of more than can be held the last ones are left out."""
        size = len(message.body) + 1_000
        if self._held + size > _MOST:
            return
        self._held += size
        for one in {*message.in_reply_to, *message.references}:
            self._by_id[one].append(message)
        for reader in {one.address.lower() for one in (*message.to, *message.cc)}:
            self._by_reader[reader].append(message)

    def to(self, answered: Message, received_at: datetime) -> list[Message]:
        """Return those that may answer a mail; whether they do is for who joins them to say."""
        if not self._held:
            return []
        found = list(self._by_id.get(answered.message_id or "", ()))
        sender = answered.sender.address.lower() if answered.sender else ""
        # Without References only what was written after the mail came can be an answer to it.
        found += [
            one
            for one in self._by_reader.get(sender, ())
            if one not in found and written_after(one, received_at)
        ]
        return found


def written_after(message: Message, received_at: datetime) -> bool:
    """Say whether a mail of staff was written after another came; without a date it was not."""
    return message.date is not None and message.date > received_at - _CLOCKS
