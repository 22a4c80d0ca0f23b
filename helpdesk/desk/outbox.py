"""The outbox: claiming letters, writing down how each delivery ended, and retries.

Plain functions, one transaction each; the sender on the event loop calls them in a
thread. What a delivery means is decided here, by `outcome_of`; how it is done is the
transport's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.desk import leaving
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.deciders import require_decider
from helpdesk.desk.staff_answers import HELD
from helpdesk.domain.audit import Event
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.token import without_token
from helpdesk.mail.transport import Answer
from helpdesk.rules import Rules
from helpdesk.store import audit, case_view, delivery, holding, letters, outbox_view
from helpdesk.store.case_view import CaseLetter
from helpdesk.store.database import Database, Transaction
from helpdesk.store.delivery import ClaimedLetter, SentCopy
from helpdesk.store.letters import ListedLetter
from helpdesk.store.outbox_view import OutboxRow

#: How long a claim holds without a sign of life from its worker.
LEASE = timedelta(seconds=10)

# A third of the lease: two beats may be late before another worker takes over.
HEARTBEAT_S = 3.0

# Few, so that a receipt that comes in meanwhile waits for few letters before it.
_CLAIM_AT_ONCE = 40

# Receipts leave in the order in which they came, so a new one waits for those before it
# whether they are claimed or not.
_RECEIPTS_AT_ONCE = 200

#: How long a copy for the Sent folder waits for letters that are leaving: it is for the
#: records, and somebody waits for them.
COPIES_WAIT = timedelta(seconds=30)

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

#: Said of a letter whose connection ended between DATA and the relay's answer.
IN_DOUBT = "the connection ended before the relay answered; the letter may have arrived"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a letter after one try."""

    state: str  # sent | deferred | failed | unknown
    error: str = ""
    due_at: datetime | None = None


def claim_due(desk: Desk, worker: str, now: datetime) -> list[ClaimedLetter]:
    """Claim the letters that may leave now, within the caps per minute and hour."""
    with desk.database.begin() as tx:
        delivery.claim_alone(tx)
        delivery.doubt_abandoned(tx, now)
        limits = desk.rules.limits
        free = min(
            limits.letters_per_minute - delivery.sent_since(tx, now - _MINUTE, now),
            limits.letters_per_hour - delivery.sent_since(tx, now - _HOUR, now),
        )
        if free <= 0 or desk.rules.mode == "shadow":
            return []
        most, receipts = min(_CLAIM_AT_ONCE, free), min(_RECEIPTS_AT_ONCE, free)
        claimed = delivery.claim(tx, worker, now, now + LEASE, most, receipts)
        return leaving.still_true(desk, tx, claimed, now)


def something_due(desk: Desk, now: datetime) -> bool:
    """Say whether `claim_due` could have anything to do; takes no lock."""
    with desk.database.read() as tx:
        return delivery.anything_due(tx, now)


def keep_alive(database: Database, worker: str, now: datetime) -> None:
    """Extend the leases of a worker that is alive."""
    with database.begin() as tx:
        delivery.extend_leases(tx, worker, now + LEASE)


def outcome_of(
    answer: Answer | None, claimed: ClaimedLetter, rules: Rules, now: datetime
) -> Outcome:
    """Return what one answer of the relay means for a letter (RFC 5321 4.2.1)."""
    if answer is None:
        return Outcome("unknown", IN_DOUBT)
    if answer.accepted:
        return Outcome("sent")
    error = f"{answer.code} {answer.words}"
    if not answer.temporary or claimed.attempts + 1 >= rules.outbox.attempts:
        return Outcome("failed", error)
    wait = rules.outbox.retry_first.timedelta * 2**claimed.attempts
    return Outcome("deferred", error, now + min(wait, rules.outbox.retry_longest.timedelta))


@dataclass(frozen=True, slots=True)
class Begin:
    """To be written down: DATA of this letter comes next."""

    claimed: ClaimedLetter


@dataclass(frozen=True, slots=True)
class Ended:
    """To be written down: how a try ended, and when."""

    claimed: ClaimedLetter
    outcome: Outcome
    at: datetime


def write_down(desk: Desk, entries: Sequence[Begin | Ended], now: datetime) -> list[bool]:
    """Commit entries about letters at once: a commit costs more than the entries.

    Returns for each whether the letter is still ours; False: another worker has it, and
    where it was a beginning, nothing may be sent.
    """
    begun = [entry.claimed for entry in entries if isinstance(entry, Begin)]
    ended = [entry for entry in entries if isinstance(entry, Ended)]
    with desk.database.begin() as tx:
        ours = delivery.begin_handing_over(tx, begun, now + LEASE)
        ours |= _record(tx, desk.rules, ended)
    return [entry.claimed.id in ours for entry in entries]


def _record(tx: Transaction, rules: Rules, ended: Sequence[Ended]) -> set[int]:
    """Write down how tries ended; return the ids of the letters that are still ours."""
    for one in ended:
        if one.outcome.state != "deferred":
            about = {"letter": one.claimed.id, "state": one.outcome.state}
            audit.note(tx, Event("letter_ended", "system", "relay", None, about))
    sent = [(one.claimed, one.at) for one in ended if one.outcome.state == "sent"]
    ours = delivery.mark_sent(tx, sent, keep_copy=rules.mailbox.save_sent == "append")
    put_off = [one.claimed.id for one in ended if one.outcome.state == "deferred"]
    answered = holding.answered_since_due(tx, put_off) if put_off else []
    for one in ended:
        if one.outcome.state != "sent" and delivery.mark_not_sent(
            tx, one.claimed, one.outcome.state, one.outcome.error, one.outcome.due_at
        ):
            ours.add(one.claimed.id)
    if answered:  # They were on their way when staff answered.
        holding.hold_deferred(tx, answered, HELD)
    return ours


def give_back(database: Database, claimed: list[ClaimedLetter]) -> None:
    """Give letters back untried, because the relay cannot be used now."""
    with database.begin() as tx:
        for one in claimed:
            delivery.release_claim(tx, one)


def listed(database: Database) -> list[ListedLetter]:
    """Return every letter, oldest first."""
    with database.read() as tx:
        return letters.outbox(tx)


def retry(
    database: Database, letter_id: int, now: datetime, by: str, cause: str = "console"
) -> str:
    """Queue a stuck letter again and return the state it was in. Raises Refused.

    A page's user must be one who may decide; whoever has the server's shell may anyway.
    """
    with database.begin() as tx:
        if cause != "command":
            require_decider(tx, by)
        was = letters.retry(tx, letter_id, now)
        if was is not None:
            about = {"letter": letter_id, "state": was}
            audit.note(tx, Event("letter_retried", by[:80], cause, about=about))
            return was
        state = letters.state_of(tx, letter_id)
    if state is None:
        raise Refused(f"there is no letter {letter_id}; see: helpdesk outbox list")
    raise Refused(f"letter {letter_id} is {state}; only a letter that is stuck can be retried")


def drop(desk: Desk, letter_id: int, by: str, reason: str) -> None:
    """Never send a letter that has not left; its reason stays with it. Raises Refused."""
    reason = reason.strip()
    if not reason:
        raise Refused("dropping a letter needs a reason; it stays in the records")
    with desk.database.begin() as tx:
        require_decider(tx, by)
        if not outbox_view.drop(tx, letter_id, f"dropped by {by}: {reason}"):
            raise Refused(f"only a letter that has not left can be dropped, {letter_id} has")
        audit.note(tx, Event("letter_dropped", by, "console", about={"letter": letter_id}))


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """One page of the outbox."""

    rows: tuple[OutboxRow, ...]
    more: bool
    counts: dict[str, int]


def page(
    database: Database, states: tuple[str, ...], recipient: str, *, number: int, size: int
) -> OutboxPage:
    """Return one page of letters, newest first."""
    with database.read() as tx:
        rows = outbox_view.outbox_rows(tx, states, recipient.lower(), size + 1, (number - 1) * size)
        return OutboxPage(tuple(rows[:size]), len(rows) > size, outbox_view.counts_by_state(tx))


def shown(database: Database, letter_id: int) -> tuple[CaseLetter, str | None, Message]:
    """Return one letter with its case's number and its text. Raises Refused."""
    with database.read() as tx:
        found = case_view.letter_by_id(tx, letter_id)
    if found is None:
        raise Refused(f"there is no letter {letter_id}; see: helpdesk outbox list")
    message = read_message(found[0].source)
    return (
        *found,
        replace(message, subject=without_token(message.subject), body=without_token(message.body)),
    )


def copies_to_file(database: Database, limit: int, now: datetime) -> list[SentCopy] | None:
    """Return letters whose copy is to be put into the Sent folder now.

    None: they wait, for other letters are on their way; COPIES_WAIT at most.
    """
    with database.read() as tx:
        oldest = delivery.oldest_copy_at(tx)
        if oldest is None:
            return []
        if now - oldest < COPIES_WAIT and delivery.being_sent(tx, now):
            return None
        return delivery.copies_to_file(tx, limit)


def mark_copies(database: Database, copies: list[SentCopy], sent_copy: str) -> None:
    """Write down how far these copies got: `saving`, `saved` or `none`."""
    with database.begin() as tx:
        delivery.mark_copies(tx, [copy.letter_id for copy in copies], sent_copy)


def in_doubt(database: Database) -> list[tuple[int, str]]:
    """Return id and Message-ID of letters of which nobody knows whether they arrived."""
    with database.read() as tx:
        return delivery.unknown_letters(tx)


def resolve_found(database: Database, letter_ids: list[int], now: datetime) -> int:
    """Mark as sent what was found in the relay's Sent folder; return how many."""
    with database.begin() as tx:
        return sum(delivery.found_in_sent(tx, letter_id, now) for letter_id in letter_ids)
