"""One round at the mailbox: take in what is new, decide it, file it, keep copies.

The connection is handed in; the thread that waits and reconnects is the daemon's.
Order matters: bytes are committed before anything is decided, decisions before the
server is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from helpdesk.desk import handling, heard, intake, outbox, staff_answers
from helpdesk.desk.context import Desk
from helpdesk.desk.intake import GoLive
from helpdesk.mail.mailbox import Envelope, Mailbox, Selected
from helpdesk.mail.mailbox_errors import MailboxSaidNo
from helpdesk.store import places
from helpdesk.store.delivery import SentCopy
from helpdesk.store.mails import NewMail
from helpdesk.store.places import Filing

log = structlog.get_logger(__name__)

# Fifty mails a FETCH are three times as fast as one, fifty a MOVE thirty times.
BATCH = 50

# Bytes of one FETCH: what it holds is in memory at once.
_BATCH_BYTES = 32 * 1024 * 1024

# Copies filed between two looks at the mailbox, so that new mail does not wait for them.
_COPIES_AT_ONCE = 20


@dataclass(slots=True)
class Watch:
    """One opened mailbox and how far it was read on this connection."""

    mailbox: Mailbox
    folder: str
    selected: Selected
    go_live: GoLive
    #: Lowest UID that was not looked at yet.
    next_uid: int = 1
    #: Folders that could not be filed into on this connection; tried on the next.
    blocked: set[str] = field(default_factory=set)


def start(desk: Desk, mailbox: Mailbox, folder: str, now: datetime) -> Watch:
    """Open the mailbox and find out from where on it is to be read."""
    with desk.database.read() as tx:
        desk.registry.index(tx)  # Now, so that no mail waits for it.
    selected = mailbox.select(folder)
    if selected.read_only:
        log.warning("mailbox_read_only", folder=folder)
    since = intake.go_live(
        desk.database, desk.rules, folder, selected.uidvalidity, selected.uidnext, now
    )
    return Watch(mailbox, folder, selected, since)


def round_trip(desk: Desk, watch: Watch, on_decided: Callable[[], None]) -> bool:
    """Do what there is to do at the mailbox; True where copies are left for another round.

    `on_decided` is called as soon as letters may wait: they leave while the mail is filed.
    """
    began = _now()
    if decide_all(desk):  # What an earlier process took in and did not decide.
        on_decided()
    file_all(desk, watch)
    uids = watch.mailbox.uids_from(watch.next_uid)
    batches = _batches(_unseen(desk, watch, uids))
    for number, batch in enumerate(batches, start=1):
        _take_in(desk, watch, batch)
        if number == 1 < len(batches):
            continue  # One batch stays ahead: it is read while the one before is decided.
        decide = decide_all if number == len(batches) else decide_batch
        if decide(desk):
            on_decided()
        file_all(desk, watch)
    watch.next_uid = max([watch.next_uid, *(uid + 1 for uid in uids)])
    heard.note_read(desk, began)
    unfinished = keep_copies(desk, watch)
    _hear_staff(desk, watch)
    return unfinished


def _hear_staff(desk: Desk, watch: Watch) -> None:
    """Look for what staff have answered by their own mail program."""
    folder = watch.mailbox.sent_folder(desk.rules.mailbox.folders.sent)
    if folder is None or folder in watch.blocked:
        return
    try:
        staff_answers.look_into_sent(desk, watch.mailbox, folder, watch.folder, _now())
    except MailboxSaidNo as error:
        watch.blocked.add(folder)
        log.warning("sent_not_read", error=str(error))


def _now() -> datetime:
    return datetime.now(UTC)


def _unseen(desk: Desk, watch: Watch, uids: list[int]) -> list[int]:
    """Return what is on the server and not recorded here.

    The first look on a connection compares everything, later ones only what came since.
    """
    if not uids:
        return []
    return intake.unseen(desk.database, watch.folder, watch.selected.uidvalidity, uids)


def _batches(uids: list[int]) -> list[list[int]]:
    return [uids[start : start + BATCH] for start in range(0, len(uids), BATCH)]


def _take_in(desk: Desk, watch: Watch, uids: list[int]) -> None:
    validity = watch.selected.uidvalidity
    envelopes = watch.mailbox.envelopes(uids)
    ours = [e for e in envelopes if watch.go_live.covers(validity, e.uid, e.received_at)]
    early = {e.uid for e in envelopes} - {e.uid for e in ours}
    if early:
        intake.record_before_go_live(desk.database, watch.folder, validity, sorted(early))
    limit = desk.rules.mailbox.max_size_bytes
    for group in _by_bytes(ours, limit):
        sources = watch.mailbox.sources([e.uid for e in group if e.size_bytes <= limit])
        fetched = [
            new
            for e in group
            if (new := _new_mail(watch, e, sources.get(e.uid), e.size_bytes > limit))
        ]
        intake.take_in(desk.database, desk.rules, fetched, _now())
        log.info("taken_in", mails=len(fetched))


def _by_bytes(envelopes: list[Envelope], limit: int) -> list[list[Envelope]]:
    """Cut a batch where its bytes would be too many to hold at once."""
    groups: list[list[Envelope]] = []
    held = _BATCH_BYTES + 1
    for envelope in envelopes:
        size = min(envelope.size_bytes, limit)
        if held + size > _BATCH_BYTES:
            groups.append([])
            held = 0
        groups[-1].append(envelope)
        held += size
    return groups


def _new_mail(
    watch: Watch, envelope: Envelope, raw: bytes | None, too_large: bool
) -> NewMail | None:
    if raw is None and not too_large:
        return None  # Expunged between the two commands: it was never ours.
    return NewMail(
        mailbox=watch.folder,
        uidvalidity=watch.selected.uidvalidity,
        uid=envelope.uid,
        size_bytes=envelope.size_bytes,
        received_at=envelope.received_at,
        raw=raw,
        sha256=intake.sha256_of(raw) if raw is not None else None,
    )


def decide_batch(desk: Desk) -> int:
    """Decide the oldest batch of stored mail; return how many tries that took."""
    return handling.handle_waiting(desk, _now())


def decide_all(desk: Desk) -> int:
    """Decide all stored mail; return how many tries that took."""
    total = 0
    while tried := decide_batch(desk):
        total += tried
    return total


def file_all(desk: Desk, watch: Watch) -> None:
    """Move decided mails to their folders; what cannot be moved stays and is tried later."""
    while True:
        with desk.database.read() as tx:
            waiting = places.pending_filings(
                tx, watch.folder, watch.selected.uidvalidity, watch.blocked, BATCH
            )
        if not waiting:
            return
        for folder in sorted({one.folder for one in waiting}):
            _file(desk, watch, folder, [one for one in waiting if one.folder == folder])


def _file(desk: Desk, watch: Watch, folder: str, group: Sequence[Filing]) -> None:
    ids = [one.place_id for one in group]
    if not watch.mailbox.can_move:
        # Without UIDPLUS only a bare EXPUNGE could remove the original, and that would
        # remove other people's mail too. The database knows what was handled.
        _mark(desk, ids, "left")
        return
    try:
        watch.mailbox.move([one.uid for one in group], folder)
    except MailboxSaidNo as error:
        watch.blocked.add(folder)
        log.warning("not_filed", folder=folder, mails=len(group), error=str(error))
        return
    _mark(desk, ids, "filed")


def _mark(desk: Desk, place_ids: list[int], filing: str) -> None:
    with desk.database.begin() as tx:
        places.mark_filing(tx, place_ids, filing)


def keep_copies(desk: Desk, watch: Watch) -> bool:
    """File copies of sent letters in the Sent folder; True where more are to be filed.

    Where the relay files its own copies, letters in doubt are looked for there instead.
    """
    folder = watch.mailbox.sent_folder(desk.rules.mailbox.folders.sent)
    if desk.rules.mailbox.save_sent == "server":
        if folder:
            _resolve_doubts(desk, watch, folder)
        return False
    copies = outbox.copies_to_file(desk.database, _COPIES_AT_ONCE)
    if not copies:
        return False
    if folder is None:
        log.warning("no_sent_folder", letters=len(copies))
        outbox.mark_copies(desk.database, copies, "none")
        return False
    if folder in watch.blocked:
        return False
    try:
        _append_copies(desk, watch, folder, copies)
    except MailboxSaidNo as error:
        watch.blocked.add(folder)
        log.warning("no_sent_copy", letters=len(copies), error=str(error))
        return False
    return len(copies) == _COPIES_AT_ONCE


def _append_copies(desk: Desk, watch: Watch, folder: str, copies: list[SentCopy]) -> None:
    doubtful = [copy.message_id for copy in copies if copy.doubtful]
    there = watch.mailbox.holds(folder, doubtful, watch.folder) if doubtful else set()
    outbox.mark_copies(desk.database, copies, "saving")
    absent = [(copy.source, copy.sent_at) for copy in copies if copy.message_id not in there]
    if absent:
        watch.mailbox.append_sent(folder, absent)
    outbox.mark_copies(desk.database, copies, "saved")


def _resolve_doubts(desk: Desk, watch: Watch, folder: str) -> None:
    doubts = outbox.in_doubt(desk.database)
    if not doubts:
        return
    there = watch.mailbox.holds(folder, [message_id for _, message_id in doubts], watch.folder)
    found = [letter_id for letter_id, message_id in doubts if message_id in there]
    if found:
        outbox.resolve_found(desk.database, found, _now())
        log.info("found_in_sent", letters=len(found))
