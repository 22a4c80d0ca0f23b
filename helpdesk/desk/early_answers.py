"""What staff answered to mails that are not decided yet: both came while nobody watched.

Kept for the round that decides those mails, so that nothing of ours leaves that
contradicts what a person has said already.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from helpdesk.domain.message import Message

# Answers of some weeks; of older ones the mails were decided long ago.
_MOST = 1_000


class EarlyAnswers:
    """Mails of staff that no case was found for, as they may answer a mail still to come."""

    def __init__(self) -> None:
        """Begin with none."""
        self._messages: deque[Message] = deque(maxlen=_MOST)

    def keep(self, message: Message) -> None:
        """Remember one until `forget`."""
        self._messages.append(message)

    def forget(self) -> None:
        """Whatever they answer was decided."""
        self._messages.clear()

    def to(self, answered: Message, received_at: datetime) -> list[Message]:
        """Return those that may answer a mail; whether they do is for who joins them to say."""
        if not self._messages:
            return []
        return [one for one in self._messages if _may_answer(one, answered, received_at)]


def _may_answer(one: Message, answered: Message, received_at: datetime) -> bool:
    if answered.message_id and answered.message_id in (*one.in_reply_to, *one.references):
        return True
    # Without References only what was written after the mail came can be an answer to it.
    sender = answered.sender.address.lower() if answered.sender else ""
    told = {address.address.lower() for address in (*one.to, *one.cc)}
    return sender in told and one.date is not None and one.date > received_at
