"""One round at the mailbox: take in what is new, decide it, file it, keep copies.

The connection is handed in; the thread that waits and reconnects is the daemon's.
Order matters: bytes are committed before anything is decided, decisions before the
server is touched.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime

import structlog

from helpdesk.desk import handling, heard, intake, outbox, staff_answers
from helpdesk.desk.context import Desk
from helpdesk.desk.fetching import Fetched, Watch, fetch, sources_of
from helpdesk.mail.mailbox import Mailbox
from helpdesk.mail.mailbox_errors import MailboxSaidNo
from helpdesk.store import places
from helpdesk.store.delivery import SentCopy
from helpdesk.store.mails import NewMail
from helpdesk.store.places import Filing

log = structlog.get_logger(__name__)

#: Ids of places, and how their filing ended.
_Filed = tuple[list[int], str]

# Fifty mails a FETCH are three times as fast as one, fifty a MOVE thirty times; what a batch
# costs beside its mails is half as much for a hundred.
BATCH = 100

# Batches that are taken in before the first is decided: the reader's child has the second.
_AHEAD = 2

# A Sent folder that the server refuses to show is asked for again after so long.
_UNHEARD_S = 60.0

# Copies filed between two looks at the mailbox, so that new mail does not wait for them.
_COPIES_AT_ONCE = 20


def start(desk: Desk, mailbox: Mailbox, folder: str, now: datetime) -> Watch:
    """Open the mailbox, and find out from where on it is to be read and what staff answered."""
    with desk.database.read() as tx:
        desk.registry.index(tx)  # Now, so that no mail waits for it.
    selected = mailbox.select(folder)
    if selected.read_only:
        log.warning("mailbox_read_only", folder=folder)
    since = intake.go_live(
        desk.database, desk.rules, folder, selected.uidvalidity, selected.uidnext, now
    )
    watch = Watch(mailbox, folder, selected, since)
    hear_staff(desk, watch, early=True)
    return watch


def round_trip(desk: Desk, watch: Watch, on_decided: Callable[[], None]) -> float:
    """Do what there is to do at the mailbox; return the seconds until copies want another round.

    `on_decided` is called as soon as letters may wait: they leave while the mail is filed.
    """
    began = _now()
    decide_all(desk, on_decided)  # What an earlier process took in and did not decide.
    file_all(desk, watch)
    uids = watch.mailbox.uids_from(watch.next_uid)
    batches = _batches(_unseen(desk, watch, uids))
    for batch in batches[:_AHEAD]:
        _store(desk, watch, fetch(desk.rules, watch, batch))
    for batch in batches[_AHEAD:]:
        _decide_meanwhile(desk, watch, batch, on_decided)
    decide_all(desk, on_decided)
    file_all(desk, watch)
    watch.next_uid = max([watch.next_uid, *(uid + 1 for uid in uids)])
    heard.note_read(desk, began)
    wait_s = keep_copies(desk, watch)
    hear_staff(desk, watch)
    return wait_s


def hear_staff(desk: Desk, watch: Watch, *, early: bool = False) -> None:
    """Look for what staff have answered by their own mail program.

    `early`: before the mailbox is read, so that nothing leaves that contradicts them.
    """
    folder = watch.mailbox.sent_folder(desk.rules.mailbox.folders.sent)
    if folder is None or time.monotonic() < watch.unheard_until:
        return
    desk.early_answers.forget()  # What it held the rounds before have decided.
    try:
        staff_answers.look_into_sent(desk, watch.mailbox, folder, watch.folder, _now(), early=early)
    except MailboxSaidNo as error:
        watch.unheard_until = time.monotonic() + _UNHEARD_S
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


def _store(desk: Desk, watch: Watch, fetched: Fetched) -> None:
    if fetched.early:
        intake.record_before_go_live(
            desk.database, watch.folder, watch.selected.uidvalidity, fetched.early
        )
    _take_in(desk, fetched.mails)
    for group in fetched.later:
        _take_in(desk, sources_of(desk.rules, watch, group))


def _take_in(desk: Desk, new: list[NewMail]) -> None:
    if new:
        intake.take_in(desk.database, desk.rules, new, _now())
        log.info("taken_in", mails=len(new))


def _decide_meanwhile(
    desk: Desk, watch: Watch, uids: list[int], on_decided: Callable[[], None]
) -> None:
    """Decide one batch; at the mailbox meanwhile, file those before it and fetch these.

    The other thread has the connection and what is known of it: what comes of it is stored here.
    """
    waiting, filed = _pending(desk, watch), list[_Filed]()

    def at_mailbox() -> Fetched:
        _move_all(watch, waiting, filed)
        return fetch(desk.rules, watch, uids)

    fetching = _beside(at_mailbox)
    try:
        if decide_batch(desk):
            on_decided()
    finally:
        wait([fetching])  # Before that the connection is nobody else's.
        _mark_all(desk, filed)
    _store(desk, watch, fetching.result())


def _beside(work: Callable[[], Fetched]) -> Future[Fetched]:
    """Let work be done by a thread that holds up nobody's end, as a pool's would."""
    done: Future[Fetched] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asked gets it
            done.set_exception(error)

    threading.Thread(target=run, name="mailbox", daemon=True).start()
    return done


def decide_batch(desk: Desk) -> int:
    """Decide the oldest batch of stored mail; return how many tries that took."""
    return handling.handle_waiting(desk, _now())


def decide_all(desk: Desk, on_decided: Callable[[], None]) -> None:
    """Decide all stored mail, telling of each batch."""
    while decide_batch(desk):
        on_decided()


def file_all(desk: Desk, watch: Watch) -> None:
    """Move decided mails to their folders; what cannot be moved stays and is tried later."""
    while waiting := _pending(desk, watch):
        filed = list[_Filed]()
        try:
            _move_all(watch, waiting, filed)
        finally:
            _mark_all(desk, filed)


def _pending(desk: Desk, watch: Watch) -> Sequence[Filing]:
    with desk.database.read() as tx:
        return places.pending_filings(
            tx, watch.folder, watch.selected.uidvalidity, watch.blocked, BATCH
        )


def _move_all(watch: Watch, waiting: Sequence[Filing], filed: list[_Filed]) -> None:
    """Move what waits, folder by folder; put down what became of each, whatever comes after."""
    for folder in sorted({one.folder for one in waiting}):
        group = [one for one in waiting if one.folder == folder]
        if filing := _move(watch, folder, [one.uid for one in group]):
            filed.append(([one.place_id for one in group], filing))


def _move(watch: Watch, folder: str, uids: list[int]) -> str | None:
    if not watch.mailbox.can_move:
        # Without UIDPLUS only a bare EXPUNGE could remove the original, and that would
        # remove other people's mail too. The database knows what was handled.
        return "left"
    try:
        watch.mailbox.move(uids, folder)
    except MailboxSaidNo as error:
        watch.blocked.add(folder)
        log.warning("not_filed", folder=folder, mails=len(uids), error=str(error))
        return None
    return "filed"


def _mark_all(desk: Desk, filed: list[_Filed]) -> None:
    if filed:
        with desk.database.begin() as tx:
            for place_ids, filing in filed:
                places.mark_filing(tx, place_ids, filing)


def keep_copies(desk: Desk, watch: Watch) -> float:
    """File copies of sent letters in the Sent folder; return the seconds until more want it.

    Where the relay files its own copies, letters in doubt are looked for there instead.
    """
    folder = watch.mailbox.sent_folder(desk.rules.mailbox.folders.sent)
    if desk.rules.mailbox.save_sent == "server":
        if folder:
            _resolve_doubts(desk, watch, folder)
        return math.inf
    copies = outbox.copies_to_file(desk.database, _COPIES_AT_ONCE, _now())
    if copies is None:
        return outbox.COPIES_WAIT.total_seconds()
    if not copies:
        return math.inf
    if folder is None:
        log.warning("no_sent_folder", letters=len(copies))
        outbox.mark_copies(desk.database, copies, "none")
        return math.inf
    if folder in watch.blocked:
        return math.inf
    try:
        _append_copies(desk, watch, folder, copies)
    except MailboxSaidNo as error:
        watch.blocked.add(folder)
        log.warning("no_sent_copy", letters=len(copies), error=str(error))
        return math.inf
    return 0.0 if len(copies) == _COPIES_AT_ONCE else math.inf


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
