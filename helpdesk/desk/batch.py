"""What the mails of one transaction share: asked once for all of them, and written once."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.desk.reading import ReadMail
from helpdesk.domain.disposition import OWN_MAIL
from helpdesk.store import cases, changes, letters, mails
from helpdesk.store.database import Transaction
from helpdesk.store.facts import CaseNumbers
from helpdesk.store.later import Later


class Batch:
    """The mails that are decided in one transaction.

    Most come from somebody of whom nothing is known here, and are known by nothing: of
    those no query has anything to tell, and nothing that is written about the one
    matters to the next.
    """

    def __init__(self, tx: Transaction, read: Sequence[ReadMail]) -> None:
        """Hold the mails' rows until the transaction ends, and ask what is known of them."""
        self.tx = tx
        self.later = Later(tx)
        #: Where new rows of the mail in hand may wait; None: they are written at once.
        self.unmet_later: Later | None = None
        self.numbers = CaseNumbers(tx)
        self._undecided = mails.lock_undecided(tx, [one.stored.id for one in read])
        ours = [one for one in read if one.sorting.ours]
        senders = {address for one in ours if (address := _sender(one))}
        ids = {one.message.message_id for one in ours if one.message.message_id}
        self._met = cases.correspondents_among(tx, senders) | letters.recipients_among(tx, senders)
        self._met_ids = mails.message_ids_among(tx, ids)
        # No decision begins a change: that takes a person, and another transaction.
        everybody = {_sender(one).lower() for one in read}
        self._old_addresses = changes.old_addresses_among(tx, everybody)
        self._registered = changes.registered_among(tx, everybody)
        #: A mail of this batch has asked for a change: an old address may be among the others.
        self.asked_for_change = False

    def is_undecided(self, read: ReadMail) -> bool:
        """Say whether nobody else has decided a mail meanwhile."""
        return read.stored.id in self._undecided

    def may_stop(self, read: ReadMail) -> bool:
        """Say whether a mail comes from an address that a change replaces."""
        sender = _sender(read).lower()
        if self.asked_for_change and sender in self._registered:
            self.write()
            self._old_addresses |= changes.old_addresses_among(self.tx, {sender})
        return sender in self._old_addresses

    def meet(self, read: ReadMail) -> bool:
        """Say whether a mail concerns nothing that is known; from now on it is known.

        If it does, everything that is to be written later is written now, so that
        queries see it.
        """
        sender, message_id = _sender(read), read.message.message_id
        unmet = (
            sender not in self._met
            and message_id not in self._met_ids
            and read.claimed is None
            and read.proven is None
            and not read.tokens
            and read.message.bounce is None
            and OWN_MAIL not in read.sorting.reasons
        )
        self.unmet_later = self.later if unmet else None
        if read.sorting.ours:
            self._met.add(sender)
            if message_id:
                self._met_ids.add(message_id)
        if not unmet or _may_be_forged(read):  # Of those, what was answered before is counted.
            self.write()
        return unmet

    def write(self) -> None:
        """Write what was gathered."""
        self.numbers.write()
        self.later.write()


def _sender(read: ReadMail) -> str:
    return read.message.sender.address if read.message.sender else ""


def _may_be_forged(read: ReadMail) -> bool:
    return read.authentication is not None and not read.authentication.aligned
