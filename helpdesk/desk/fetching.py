"""Fetching from the mailbox: what lies there under some UIDs, no more at once than memory bears.

Touches the connection alone, so that a thread of its own may do it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from helpdesk.desk import intake
from helpdesk.desk.intake import GoLive
from helpdesk.mail.mailbox import Envelope, Mailbox, Selected
from helpdesk.rules import Rules
from helpdesk.store.mails import NewMail

# Bytes of one FETCH: what it holds is in memory at once, beside the batch that is decided.
_BATCH_BYTES = 32 * 1024 * 1024


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
    #: When the Sent folder, which could not be read, is looked into again (time.monotonic).
    unheard_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies on the server under some UIDs."""

    #: UIDs of mails from before go-live.
    early: list[int]
    mails: list[NewMail]
    #: What would have been too much to hold with the rest.
    later: list[list[Envelope]]


def fetch(rules: Rules, watch: Watch, uids: list[int]) -> Fetched:
    """Fetch a batch, or of one that is too large its beginning. Raises MailboxError."""
    validity = watch.selected.uidvalidity
    envelopes = watch.mailbox.envelopes(uids)
    ours = [e for e in envelopes if watch.go_live.covers(validity, e.uid, e.received_at)]
    early = {e.uid for e in envelopes} - {e.uid for e in ours}
    first, *later = _by_bytes(ours, rules.mailbox.max_size_bytes) or [[]]
    return Fetched(sorted(early), sources_of(rules, watch, first), later)


def sources_of(rules: Rules, watch: Watch, group: list[Envelope]) -> list[NewMail]:
    """Return the mails of these envelopes; of one that is too large, all but its bytes."""
    limit = rules.mailbox.max_size_bytes
    sources = watch.mailbox.sources([e.uid for e in group if e.size_bytes <= limit])
    return [
        new for e in group if (new := _new_mail(watch, e, sources.get(e.uid), e.size_bytes > limit))
    ]


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
