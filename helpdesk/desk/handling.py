"""Deciding stored mail: read, decide, and write down everything in one transaction.

Mails are tried in batches, because most are harmless and a commit is what costs; a
batch that fails, or was cut off, is tried mail by mail, so that one mail that cannot
be handled holds up nobody. Tries are counted and committed before the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from helpdesk.desk import matters, staff_answers
from helpdesk.desk.acting import act
from helpdesk.desk.batch import Batch
from helpdesk.desk.change_replies import as_stop, as_wrapped_stop
from helpdesk.desk.context import Desk
from helpdesk.desk.gathering import delivered_before, gather_facts
from helpdesk.desk.reading import ReadMail, read_stored, with_proof
from helpdesk.domain.audit import Event
from helpdesk.domain.decision import Decision
from helpdesk.domain.disposition import OWN_MAIL
from helpdesk.domain.policy import decide
from helpdesk.errors import HelpdeskError
from helpdesk.mail.reader import ReaderFailed
from helpdesk.store import audit, mails, places
from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.mails import StoredMail

log = structlog.get_logger(__name__)

#: After this many tries a mail is set aside with its reason.
MAX_ATTEMPTS = 3

# Big enough that a commit costs little a mail, small enough that a receipt is not late and
# a clerk who decides meanwhile waits a quarter of a second at most.
BATCH = 100

# Fewer are read here before the child has its first one.
_WORTH_THE_CHILD = 8

# Larger mails are fetched and read one by one: two batches of them would fill the memory.
_HELD_TOGETHER_BYTES = 200_000


def handle_waiting(desk: Desk, now: datetime) -> int:
    """Work on what is stored and undecided, up to one batch; return how many were tried.

    Called until it returns 0: a mail is tried at most MAX_ATTEMPTS times. Raises
    HelpdeskError with `temporary` set where nothing can be done now (database busy,
    disk full); no try is counted against a mail then.
    """
    with desk.database.read() as tx:
        waiting = mails.undecided(tx, 2 * BATCH)
    waiting, coming = waiting[:BATCH], waiting[BATCH:]
    fresh = [mail for mail in waiting if mail.attempts == 0]
    alone = waiting
    if len(fresh) > 1:
        if _try_together(desk, fresh, coming, now):
            alone = [mail for mail in waiting if mail.attempts > 0]
        else:
            with desk.database.read() as tx:  # The failed batch has counted one try for each.
                alone = mails.undecided(tx, BATCH)
    for mail in alone:
        _try_alone(desk, mail, now)
    return len(waiting)


def _try_together(
    desk: Desk, batch: list[StoredMail], coming: list[StoredMail], now: datetime
) -> bool:
    """Decide a batch in one transaction; False where any failed: nothing is written then.

    The mails of the batch that is `coming` are read meanwhile.
    """
    ids = [mail.id for mail in batch]
    with desk.database.begin() as tx:
        mails.count_attempt(tx, ids)
    try:
        read = _read_all(desk, batch, coming, now)
        with desk.database.begin() as tx:
            _decide(desk, tx, read, now)
    except HelpdeskError as error:
        if error.temporary:
            _take_back(desk, ids)
            raise
        return False
    except Exception as error:  # noqa: BLE001 - the mail is set aside, the others go on
        log.warning("batch_failed", mails=len(batch), error=type(error).__name__)
        return False
    return True


def _read_all(
    desk: Desk, batch: list[StoredMail], coming: list[StoredMail], now: datetime
) -> list[ReadMail]:
    """Read a batch; a mail that its reader failed on costs itself a try, and no other."""
    knowledge = desk.rules.knowledge
    ahead = desk.reader.fetch_ahead(knowledge)
    left = [mail for mail in batch if mail.id not in ahead]
    sources = _sources(desk, left)
    if len(left) >= _WORTH_THE_CHILD:
        desk.reader.read_ahead(sources, knowledge)
        ahead |= desk.reader.fetch_ahead(knowledge)
    if len(coming) >= _WORTH_THE_CHILD:
        desk.reader.read_ahead(
            _sources(desk, [one for one in coming if not one.attempts]), knowledge
        )
    read = []
    for mail in batch:
        try:
            found = ahead.get(mail.id)
            if isinstance(found, ReaderFailed):
                raise found
            if found is not None:
                read.append(with_proof(desk.key, mail, found))
            else:
                source = sources.get(mail.id) or _source(desk, mail)
                read.append(read_stored(desk.rules, desk.key, mail, source, desk.reader))
        except ReaderFailed as error:
            _failed(desk, mail, error, now)
    return read


def _sources(desk: Desk, batch: list[StoredMail]) -> dict[int, bytes]:
    """Return the sources of the mails of a batch that may be held at once."""
    small = [mail.id for mail in batch if mail.size_bytes <= _HELD_TOGETHER_BYTES]
    if not small:
        return {}
    with desk.database.read() as tx:
        return mails.sources_of(tx, small)


def _source(desk: Desk, mail: StoredMail) -> bytes | None:
    with desk.database.read() as tx:
        return mails.source_of(tx, mail.id)


def _try_alone(desk: Desk, mail: StoredMail, now: datetime) -> None:
    if mail.attempts >= MAX_ATTEMPTS:
        _quarantine(desk, mail, mail.error or "the program ended while it read this mail", now)
        return
    with desk.database.begin() as tx:
        mails.count_attempt(tx, [mail.id])
        source = mails.source_of(tx, mail.id)
    try:
        read = read_stored(desk.rules, desk.key, mail, source, desk.reader)
        with desk.database.begin() as tx:
            _decide(desk, tx, [read], now)
    except HelpdeskError as error:
        if error.temporary:
            _take_back(desk, [mail.id])
            raise
        _failed(desk, mail, error, now)
    except Exception as error:  # noqa: BLE001 - the mail is set aside, the others go on
        _failed(desk, mail, error, now)


def _failed(desk: Desk, mail: StoredMail, error: Exception, now: datetime) -> None:
    """Note why one try failed; the last one sets the mail aside."""
    # The text of a foreign exception may quote the mail, so only its kind is kept.
    reason = str(error) if isinstance(error, HelpdeskError) else type(error).__name__
    log.warning("mail_failed", mail=mail.id, attempt=mail.attempts + 1, error=reason)
    if mail.attempts + 1 >= MAX_ATTEMPTS:
        _quarantine(desk, mail, reason, now)
        return
    with desk.database.begin() as tx:
        mails.note_error(tx, mail.id, reason)


def _take_back(desk: Desk, ids: list[int]) -> None:
    with desk.database.begin() as tx:
        mails.count_attempt(tx, ids, step=-1)


def _quarantine(desk: Desk, mail: StoredMail, reason: str, now: datetime) -> None:
    folder = desk.rules.mailbox.folders.quarantine
    with desk.database.begin() as tx:
        if mails.quarantine(tx, mail.id, reason, now):
            later = Later(tx)
            places.want_filing(later, mail.id, None if folder == "leave" else folder)
            later.write()
            event = Event("mail_quarantined", "system", f"mail:{mail.id}", about={"mail": mail.id})
            audit.note(tx, event)
            log.warning("quarantined", mail=mail.id, error=reason)


def _decide(desk: Desk, tx: Transaction, read: Sequence[ReadMail], now: datetime) -> None:
    """Decide mails in one transaction, each on what the ones before left behind."""
    batch = Batch(tx, read)
    for one in read:
        if batch.is_undecided(one):
            _decide_one(desk, batch, one, now)
    batch.write()


def _decide_one(desk: Desk, batch: Batch, read: ReadMail, now: datetime) -> None:
    tx, unmet = batch.tx, batch.meet(read)
    from_old = batch.may_stop(read)
    read = as_wrapped_stop(desk, tx, read) if from_old or read.tokens else read
    read = as_stop(tx, read) if from_old else read
    original = None if unmet else delivered_before(tx, read)
    decision = decide(gather_facts(desk, tx, read, original is not None, now, unmet=unmet))
    act(desk, batch, read, decision, original, now)
    _note(tx, read, decision)
    if not unmet or decision.change is not None:
        batch.write()
        if OWN_MAIL in read.sorting.reasons and not _is_forged(read):
            # A copy of what staff wrote, or our own letter.
            staff_answers.join(desk, tx, read.message, now)
        matters.take_note(desk, tx, read, decision, now)
    for answer in desk.early_answers.to(read.message, read.stored.received_at):
        batch.write()
        staff_answers.join(desk, tx, answer, now)
    log.info(
        "decided",
        mail=read.stored.id,
        disposition=read.sorting.disposition,
        reasons=[*read.sorting.reasons, *decision.reasons],
    )


def _is_forged(read: ReadMail) -> bool:
    """Say whether the mailbox's server doubts that a mail comes from the domain it names.

    Whoever writes in the desk's name could hold up the letters of any case. A server that
    says nothing of a mail from inside does not doubt it.
    """
    return read.authentication is not None and read.authentication.is_doubted


def _note(tx: Transaction, read: ReadMail, decision: Decision) -> None:
    """Keep in the audit log what a mail turned out to be."""
    about = {
        "mail": read.stored.id,
        "disposition": read.sorting.disposition,
        "reasons": [*read.sorting.reasons, *decision.reasons],
    }
    number = decision.case_number if decision.case == "join" else None
    cause = f"mail:{read.stored.id}"
    audit.note(tx, Event("mail_decided", "system", cause, number, about))
