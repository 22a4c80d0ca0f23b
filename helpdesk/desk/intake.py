"""Taking mail in: what is new, what came before go-live, and storing it whole.

Everything here is committed before the server is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.domain.audit import Event
from helpdesk.rules import Rules
from helpdesk.store import audit, facts, mails, places
from helpdesk.store.database import Database, Transaction
from helpdesk.store.later import Later
from helpdesk.store.mails import NewMail

_GO_LIVE = "go_live"

# Rows in one INSERT when an old mailbox of many thousand mails is recorded.
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class GoLive:
    """From when on mail is ours to handle."""

    at: datetime
    #: State of the mailbox at the first start: a mail with this UID or a higher one
    #: came later, whatever its date says. None where the rules name a date.
    uidvalidity: int | None = None
    uidnext: int | None = None

    def covers(self, uidvalidity: int, uid: int, received_at: datetime) -> bool:
        """Say whether a mail came after go-live."""
        if received_at >= self.at:
            return True
        return uidvalidity == self.uidvalidity and self.uidnext is not None and uid >= self.uidnext


def go_live(
    database: Database, rules: Rules, mailbox: str, uidvalidity: int, uidnext: int, now: datetime
) -> GoLive:
    """Return the go-live of the rules, or else the first start, which is remembered."""
    if rules.mailbox.go_live is not None:
        return GoLive(rules.mailbox.go_live)
    name = f"{_GO_LIVE}:{mailbox}"
    with database.read() as tx:
        known = facts.read_fact(tx, name)
    if known is None:
        # INTERNALDATE has whole seconds: a mail of this very second is not from before.
        known = {
            "at": now.replace(microsecond=0).isoformat(),
            "uidvalidity": uidvalidity,
            "uidnext": uidnext,
        }
        with database.begin() as tx:
            facts.write_fact(tx, name, known)
    return GoLive(
        datetime.fromisoformat(known["at"]), known.get("uidvalidity"), known.get("uidnext")
    )


def unseen(database: Database, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
    """Return those UIDs that were never recorded, ascending."""
    with database.read() as tx:
        known = places.known_uids(tx, mailbox, uidvalidity)
    return sorted(uid for uid in uids if uid not in known)


def sha256_of(raw: bytes) -> str:
    """Return the name of a mail's bytes: SHA-256, hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def take_in(database: Database, rules: Rules, batch: Sequence[NewMail], now: datetime) -> int:
    """Store a batch of mails whole, in one transaction; return how many were new.

    The batch comes from one mailbox under one UIDVALIDITY. Bytes that are stored already
    (the same mail seen under another UID) get a second place and no second row, so they
    are handled once. A mail that is too large was not fetched; it goes into quarantine
    at once.
    """
    with database.begin() as tx:
        known = mails.ids_by_hash(tx, (new.sha256 for new in batch if new.sha256))
        fresh = _first_of_each(batch, known)
        ids = mails.insert_mails(tx, fresh, now)
        known |= {new.sha256: i for new, i in zip(fresh, ids, strict=True) if new.sha256}
        audit.note(tx, *(Event("mail_taken", "system", "mailbox", about={"mail": i}) for i in ids))
        stored = {new.uid: i for new, i in zip(fresh, ids, strict=True)}
        again = {new.uid: known[new.sha256 or ""] for new in batch if new.uid not in stored}
        _place(tx, batch, stored | again)
        for mail_id in again.values():
            places.follow_earlier(tx, mail_id)
        for new in fresh:
            if new.sha256 is None:
                _set_aside(tx, rules, stored[new.uid], new.size_bytes, now)
    return len(fresh)


def _first_of_each(batch: Sequence[NewMail], known: Mapping[str, int]) -> list[NewMail]:
    """Return the mails whose bytes are neither stored nor earlier in the batch."""
    fresh, met = [], set(known)
    for new in batch:
        if new.sha256 is None or new.sha256 not in met:
            fresh.append(new)
        if new.sha256 is not None:
            met.add(new.sha256)
    return fresh


def _place(tx: Transaction, batch: Sequence[NewMail], ids: Mapping[int, int]) -> None:
    """Record where each mail lies; a place that is known already stays as it is."""
    if not batch:
        return
    mailbox, uidvalidity = batch[0].mailbox, batch[0].uidvalidity
    recorded = places.recorded_uids(tx, mailbox, uidvalidity, list(ids))
    rows: list[dict[str, object]] = [
        {
            "mailbox": mailbox,
            "uidvalidity": uidvalidity,
            "uid": uid,
            "mail_id": mail_id,
            "filing": "undecided",
        }
        for uid, mail_id in ids.items()
        if uid not in recorded
    ]
    places.insert_places(tx, rows)


def _set_aside(tx: Transaction, rules: Rules, mail_id: int, size_bytes: int, now: datetime) -> None:
    """Put a mail that was too large to be fetched into quarantine."""
    folder = rules.mailbox.folders.quarantine
    mails.quarantine(tx, mail_id, f"too large to be read ({size_bytes} bytes)", now)
    later = Later(tx)
    places.want_filing(later, mail_id, None if folder == "leave" else folder)
    later.write()


def record_before_go_live(
    database: Database, mailbox: str, uidvalidity: int, uids: Iterable[int]
) -> None:
    """Remember mails from before go-live by their place alone; they are left alone."""
    rows: list[dict[str, object]] = [
        {
            "mailbox": mailbox,
            "uidvalidity": uidvalidity,
            "uid": uid,
            "mail_id": None,
            "filing": "before_go_live",
            "folder": None,
        }
        for uid in uids
    ]
    with database.begin() as tx:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            places.insert_places(tx, rows[start : start + _ROWS_AT_ONCE])
