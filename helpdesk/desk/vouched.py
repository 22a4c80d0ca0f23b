"""Whether the sender's domain vouches for the whole of a request, and not for its last mail."""

from __future__ import annotations

from helpdesk.desk.context import Desk
from helpdesk.desk.reading import ReadMail
from helpdesk.domain.authentication import read_authentication
from helpdesk.domain.message import read_message
from helpdesk.mail.reader import is_suspicious
from helpdesk.store import searching
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

# Of a case so many mails are looked at; a request of more is vouched for by nobody.
_MOST = 10


def is_vouched_for(desk: Desk, tx: Transaction, read: ReadMail, case: Case, *, new: bool) -> bool:
    """Say whether every mail that a request was put together from is authenticated.

    Who forges a request and leaves something out lets us ask its address for the rest: the
    honest answer there must not vouch for what the forged mail wants. `new`: no mail came
    before it.
    """
    if read.authentication is None or not read.authentication.aligned:
        return False
    if new:
        return True
    raws = searching.sources_of_case(tx, case.id, _MOST + 1)
    return len(raws) <= _MOST and all(_is_vouched(desk, one, case.correspondent) for one in raws)


def _is_vouched(desk: Desk, raw: bytes, correspondent: str) -> bool:
    if is_suspicious(raw):
        return False
    message = read_message(raw)
    if message.sender is None or message.sender.address.lower() != correspondent.lower():
        return True  # What others wrote to the case is no part of the request.
    found = read_authentication(message, desk.rules.mailbox.authserv_id)
    return found is not None and found.aligned
