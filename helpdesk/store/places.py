"""Named queries about where mails lie on the server and where they are to be filed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.schema import place


@dataclass(frozen=True, slots=True)
class Filing:
    """One mail that is to be moved on the server."""

    place_id: int
    uid: int
    folder: str


def known_uids(tx: Transaction, mailbox: str, uidvalidity: int) -> set[int]:
    """Return every UID that was recorded of a mailbox under this UIDVALIDITY."""
    query = select(place.c.uid).where(
        place.c.mailbox == mailbox, place.c.uidvalidity == uidvalidity
    )
    return set(tx.execute(query).scalars())


def highest_uid(tx: Transaction, mailbox: str, uidvalidity: int) -> int:
    """Return the highest recorded UID, or 0."""
    query = select(func.max(place.c.uid)).where(
        place.c.mailbox == mailbox, place.c.uidvalidity == uidvalidity
    )
    return tx.execute(query).scalar() or 0


def recorded_uids(tx: Transaction, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> set[int]:
    """Return those of the UIDs that were recorded already."""
    values = {"b_mailbox": mailbox, "b_uidvalidity": uidvalidity, "b_uids": uids}
    return set(tx.execute(_RECORDED, values).scalars())


_RECORDED = select(place.c.uid).where(
    place.c.mailbox == bindparam("b_mailbox"),
    place.c.uidvalidity == bindparam("b_uidvalidity"),
    place.c.uid.in_(bindparam("b_uids", expanding=True)),
)


def insert_places(tx: Transaction, rows: Sequence[dict[str, object]]) -> None:
    """Record many places that are certainly new."""
    if rows:
        tx.execute(insert(place), list(rows))


def want_filing(later: Later, mail_id: int, folder: str | None) -> None:
    """Say where a decided mail belongs; None: it is left where it lies."""
    filing = "pending" if folder else "left"
    later.add(_WANT, {"b_mail_id": mail_id, "b_filing": filing, "b_folder": folder})


_WANT = (
    update(place)
    .where(place.c.mail_id == bindparam("b_mail_id"), place.c.filing == "undecided")
    .values(filing=bindparam("b_filing"), folder=bindparam("b_folder"))
)


def refile(tx: Transaction, mail_id: int) -> None:
    """Take back where a mail belongs, because it is decided anew."""
    tx.execute(
        update(place)
        .where(place.c.mail_id == mail_id, place.c.filing.in_(("pending", "left")))
        .values(filing="undecided", folder=None)
    )


def pending_filings(
    tx: Transaction, mailbox: str, uidvalidity: int, but_not: Iterable[str], limit: int
) -> list[Filing]:
    """Return what is to be moved, oldest first, leaving out the folders in `but_not`."""
    values = {
        "b_mailbox": mailbox,
        "b_uidvalidity": uidvalidity,
        "b_but_not": list(but_not),
        "b_limit": limit,
    }
    return [Filing(*row) for row in tx.execute(_PENDING, values)]


_PENDING = (
    select(place.c.id, place.c.uid, place.c.folder)
    .where(
        place.c.filing == "pending",
        place.c.mailbox == bindparam("b_mailbox"),
        place.c.uidvalidity == bindparam("b_uidvalidity"),
        place.c.folder.not_in(bindparam("b_but_not", expanding=True)),
    )
    .order_by(place.c.id)
    .limit(bindparam("b_limit"))
)


def mark_filing(tx: Transaction, place_ids: Sequence[int], filing: str) -> None:
    """Write down how the filing ended: `filed`, or `left` where it could not be.

    A mail that is to be decided again meanwhile stays so.
    """
    tx.execute(_MARK, {"b_ids": place_ids, "b_filing": filing})


_MARK = (
    update(place)
    .where(place.c.id.in_(bindparam("b_ids", expanding=True)), place.c.filing == "pending")
    .values(filing=bindparam("b_filing"))
)


def follow_earlier(tx: Transaction, mail_id: int) -> None:
    """Let a new place of a mail that was decided before be filed as the earlier one was."""
    query = (
        select(place.c.filing, place.c.folder)
        .where(place.c.mail_id == mail_id, place.c.filing.in_(("pending", "filed", "left")))
        .order_by(place.c.id)
        .limit(1)
    )
    earlier = tx.execute(query).first()
    if earlier is not None:
        later = Later(tx)
        want_filing(later, mail_id, earlier.folder)
        later.write()
