"""Named queries about one person's data: found, and erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from helpdesk.store.changes import UNDER_WAY
from helpdesk.store.database import Transaction
from helpdesk.store.facilities import member_index
from helpdesk.store.schema import (
    action,
    case,
    case_note,
    case_text,
    change,
    example,
    facility,
    letter,
    letter_source,
    mail,
    mail_source,
    place,
    portal_change,
    unreachable_address,
)
from helpdesk.store.vault import vault_of


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that speak of a person."""

    facilities: tuple[str, ...]
    cases: tuple[int, ...]
    #: Numbers of cases about these facilities that nothing says to be this member's.
    unsure: tuple[str, ...] = ()


def find(tx: Transaction, address: str | None, member_number: str | None) -> Found:
    """Return the facilities and cases of a person, by address or member number."""
    numbers: list[str] = []
    unsure: list[str] = []
    if member_number:
        wanted = member_index(vault_of(tx), member_number)
        query = select(facility.c.certification_number).where(facility.c.member_index == wanted)
        numbers += tx.execute(query).scalars()
    if address:
        lower = address.lower()
        columns = (facility.c.address, facility.c.application_address, facility.c.member_address)
        query = select(facility.c.certification_number).where(
            or_(*(func.lower(one) == lower for one in columns))
        )
        numbers += tx.execute(query).scalars()
    known = [func.lower(case.c.correspondent) == address.lower()] if address else []
    if member_number:
        # What was known and typed at its time counts, whoever came after at the facility.
        known += [case.c.member_index == wanted, case.c.typed_index == wanted]
        of_nobody = and_(case.c.member_index == "", case.c.typed_index == "")
        query = select(case.c.number).where(
            of_nobody, case.c.certification_number.in_(numbers), case.c.correspondent != ""
        )
        unsure += tx.execute(query.order_by(case.c.id)).scalars()
    ids = tx.execute(select(case.c.id).where(or_(*known)).order_by(case.c.id)).scalars()
    return Found(tuple(dict.fromkeys(numbers)), tuple(ids), tuple(unsure))


def mails_of(tx: Transaction, case_ids: Sequence[int]) -> list[tuple[int, str, datetime, bytes]]:
    """Return id, disposition, arrival and bytes of the mails of cases, as far as kept."""
    vault = vault_of(tx)
    query = (
        select(mail.c.id, mail.c.disposition, mail.c.received_at, mail_source.c.raw)
        .join(mail_source, mail_source.c.mail_id == mail.c.id)
        .where(mail.c.case_id.in_(case_ids))
        .order_by(mail.c.id)
    )
    return [(row[0], row[1], row[2], vault.open_bytes(row[3])) for row in tx.execute(query)]


def letters_of(tx: Transaction, case_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return name, recipient, state and moment of sending of the letters of cases."""
    query = (
        select(letter.c.letter, letter.c.recipient, letter.c.state, letter.c.sent_at)
        .where(letter.c.case_id.in_(case_ids))
        .order_by(letter.c.id)
    )
    return [tuple(row) for row in tx.execute(query)]


def open_among(tx: Transaction, case_ids: Sequence[int]) -> list[str]:
    """Return the numbers of those of these cases that are not closed."""
    query = select(case.c.number).where(case.c.id.in_(case_ids), case.c.state != "closed")
    return list(tx.execute(query.order_by(case.c.id)).scalars())


def erase_cases(tx: Transaction, case_ids: Sequence[int]) -> int:
    """Erase who wrote, what was said, and the mails and letters themselves, in these cases.

    That there was a case, what was decided and by whom stays.
    """
    ids = list(case_ids)
    mails = select(mail.c.id).where(mail.c.case_id.in_(ids))
    # What others are told still leaves, such as the notice to the registered address.
    ended = and_(letter.c.case_id.in_(ids), letter.c.state.in_(("sent", "cancelled", "failed")))
    letters = select(letter.c.id).where(ended)
    actions = select(action.c.id).where(action.c.case_id.in_(ids))
    tx.execute(delete(mail_source).where(mail_source.c.mail_id.in_(mails)))
    tx.execute(delete(letter_source).where(letter_source.c.letter_id.in_(letters)))
    tx.execute(delete(example).where(example.c.action_id.in_(actions)))
    for letter_id, purpose in tx.execute(
        select(letter.c.id, letter.c.purpose_key).where(ended, letter.c.purpose_key.contains("@"))
    ).all():
        bare = f"{purpose.rpartition(':')[0]}:erased:{letter_id}"
        tx.execute(update(letter).where(letter.c.id == letter_id).values(purpose_key=bare))
    tx.execute(update(letter).where(ended).values(recipient="", last_error=None))
    tx.execute(
        update(action)
        .where(action.c.case_id.in_(ids))
        .values(new_address=None, note="", reason=None)
    )
    tx.execute(
        update(portal_change)
        .where(portal_change.c.action_id.in_(actions))
        .values(address_before="", address_after="", last_error=None)
    )
    tx.execute(delete(case_note).where(case_note.c.case_id.in_(ids)))
    tx.execute(delete(case_text).where(case_text.c.case_id.in_(ids)))
    tx.execute(update(mail).where(mail.c.case_id.in_(ids)).values(message_id=None, error=None))
    tx.execute(
        update(change)
        .where(change.c.case_id.in_(ids))
        .values(old_address="", new_address="", proof_from=None)
    )
    return tx.execute(
        update(case)
        .where(case.c.id.in_(ids))
        .values(
            correspondent="",
            correspondent_name="",
            subject="",
            fields={},
            thread=[],
            member_index="",
            typed_index="",
        )
    ).rowcount


def changes_naming(
    tx: Transaction, case_ids: Sequence[int], address: str | None, now: datetime
) -> list[int]:
    """Return actions whose change of address still needs the addresses.

    Undecided or on its way, from or to this address; or in force and still to be undone.
    """
    theirs: list[ColumnElement[bool]] = [action.c.case_id.in_(case_ids)]
    if address:
        columns = (change.c.old_address, change.c.new_address, action.c.new_address)
        theirs += [func.lower(one) == address.lower() for one in (*columns, facility.c.address)]
    query = (
        select(action.c.id)
        .outerjoin(change, change.c.action_id == action.c.id)
        .outerjoin(facility, facility.c.certification_number == action.c.certification_number)
        .where(
            action.c.kind == "change_address",
            or_(*theirs),
            or_(
                action.c.state.in_(UNDER_WAY),
                and_(action.c.state == "done", change.c.revertible_until > now),
            ),
        )
    )
    return sorted(set(tx.execute(query).scalars()))


def untold(tx: Transaction, case_ids: Sequence[int], address: str | None) -> list[int]:
    """Return actions whose change the portal has not taken yet: it needs the addresses."""
    query = select(portal_change.c.action_id).join(action, action.c.id == portal_change.c.action_id)
    named: list[ColumnElement[bool]] = [action.c.case_id.in_(case_ids)]
    if address:
        columns = (portal_change.c.address_before, portal_change.c.address_after)
        named += [func.lower(one) == address.lower() for one in columns]
    query = query.where(portal_change.c.state == "waiting", or_(*named))
    return sorted(set(tx.execute(query).scalars()))


def places_of(tx: Transaction, case_ids: Sequence[int]) -> list[tuple[str, int]]:
    """Return folder and UID where mails of cases lie on the mail server, as far as known."""
    query = (
        select(place.c.folder, place.c.mailbox, place.c.uid)
        .join(mail, mail.c.id == place.c.mail_id)
        .where(mail.c.case_id.in_(case_ids))
        .order_by(place.c.id)
    )
    return [(row.folder or row.mailbox, row.uid) for row in tx.execute(query)]


def forget_address(tx: Transaction, address: str) -> None:
    """Forget that an address could not be reached."""
    tx.execute(delete(unreachable_address).where(unreachable_address.c.address == address.lower()))


def old_mails(tx: Transaction, before: datetime) -> list[int]:
    """Return mails whose bytes are kept and whose matter ended before a time."""
    query = (
        select(mail_source.c.mail_id)
        .join(mail, mail.c.id == mail_source.c.mail_id)
        .outerjoin(case, case.c.id == mail.c.case_id)
        .where(
            mail.c.decided_at < before,
            or_(
                mail.c.case_id.is_(None), and_(case.c.state == "closed", case.c.updated_at < before)
            ),
            mail.c.disposition != "quarantined",
        )
    )
    return list(tx.execute(query).scalars())


def old_quarantine(tx: Transaction, before: datetime) -> list[int]:
    """Return mails that nobody could handle before a time, and whose bytes are kept."""
    query = (
        select(mail_source.c.mail_id)
        .join(mail, mail.c.id == mail_source.c.mail_id)
        .where(mail.c.decided_at < before, mail.c.disposition == "quarantined")
    )
    return list(tx.execute(query).scalars())


def old_letters(tx: Transaction, before: datetime) -> list[int]:
    """Return letters whose text is kept and that left, or never will, before a time."""
    query = (
        select(letter_source.c.letter_id)
        .join(letter, letter.c.id == letter_source.c.letter_id)
        .where(
            letter.c.created_at < before,
            letter.c.state.in_(("sent", "cancelled", "failed")),
            letter.c.sent_copy.in_(("none", "saved")),
        )
    )
    return list(tx.execute(query).scalars())


def old_cases(tx: Transaction, before: datetime) -> list[int]:
    """Return cases that were closed before a time and still name somebody."""
    query = select(case.c.id).where(
        case.c.state == "closed", case.c.updated_at < before, case.c.correspondent != ""
    )
    return list(tx.execute(query).scalars())


def drop_mails(tx: Transaction, ids: Sequence[int]) -> None:
    """Erase the bytes of mails; the rows stay, so that each mail is accounted for."""
    tx.execute(delete(mail_source).where(mail_source.c.mail_id.in_(ids)))


def drop_letters(tx: Transaction, ids: Sequence[int]) -> None:
    """Erase the text of letters."""
    tx.execute(delete(letter_source).where(letter_source.c.letter_id.in_(ids)))
