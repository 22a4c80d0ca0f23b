"""Named queries about changes of address on their way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    func,
    or_,
    select,
    union,
    update,
)

from helpdesk.store.database import Transaction
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import action, case, change, facility, letter

#: States of the action in which a change is on its way.
UNDER_WAY = ("waiting", "approved", "confirming", "cooling", "portal", "held", "expired")

#: States of a request that nobody, or one person of two, has approved.
NOT_BEGUN = ("waiting", "expired")


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of a change beside its action."""

    id: int
    action_id: int
    case_id: int
    case_number: str
    #: State of its action: the truth about where it stands.
    state: str
    certification_number: str
    old_address: str
    new_address: str
    token: str | None
    old_token: str | None
    round: int
    waits_for: str | None
    due_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str | None
    proof_from: str | None
    told_old_at: datetime | None
    old_failed_at: datetime | None
    asked_from_old: bool
    old_agreed_at: datetime | None
    stopped_at: datetime | None
    done_at: datetime | None
    frozen_until: datetime | None
    revertible_until: datetime | None
    reverted_at: datetime | None


_COLUMNS = (
    change.c.id,
    change.c.action_id,
    change.c.case_id,
    case.c.number,
    action.c.state,
    change.c.certification_number,
    change.c.old_address,
    change.c.new_address,
    change.c.token,
    change.c.old_token,
    change.c.round,
    change.c.waits_for,
    change.c.due_at,
    change.c.confirmed_at,
    change.c.confirmed_by,
    change.c.proof_from,
    change.c.told_old_at,
    change.c.old_failed_at,
    change.c.asked_from_old,
    change.c.old_agreed_at,
    change.c.stopped_at,
    change.c.done_at,
    change.c.frozen_until,
    change.c.revertible_until,
    change.c.reverted_at,
)
_SELECT = select(*_COLUMNS).select_from(
    change.join(action, action.c.id == change.c.action_id).join(case, case.c.id == change.c.case_id)
)
_INSERT = InsertOnce(change, "action_id")

# An address may be that of several facilities; what is under way comes first.
_ANSWERED = 30


def _change(row: Sequence[Any]) -> Change:
    return Change(*row)


def begin(
    tx: Transaction,
    *,
    action_id: int,
    case_id: int,
    certification_number: str,
    old_address: str,
    new_address: str,
    asked_from_old: bool,
) -> Change:
    """Return the change of an action, opened where this is its first approval."""
    _INSERT.run(
        tx,
        {
            "action_id": action_id,
            "case_id": case_id,
            "certification_number": certification_number,
            "old_address": old_address,
            "new_address": new_address,
            "asked_from_old": asked_from_old,
            "round": 0,
        },
    )
    found = change_of(tx, action_id)
    assert found is not None  # noqa: S101 - inserted above
    return found


def change_of(tx: Transaction, action_id: int) -> Change | None:
    """Return the change of an action, or None where it was never approved."""
    row = tx.execute(_SELECT.where(change.c.action_id == action_id)).first()
    return _change(row) if row else None


def update_change(tx: Transaction, one: Change, **values: Any) -> None:
    """Write down what happened to a change."""
    tx.execute(update(change).where(change.c.id == one.id).values(**values))


def answered_by(
    tx: Transaction, digests: Sequence[str], case_number: str | None, sender: str
) -> list[Change]:
    """Return the changes that a mail may speak of: by token, by case, by the old address."""
    known: list[ColumnElement[bool]] = []
    if digests:
        known += [change.c.token.in_(digests), change.c.old_token.in_(digests)]
    if case_number:
        known.append(case.c.number == case_number)
    if sender:
        known.append(func.lower(change.c.old_address) == sender.lower())
    if not known:
        return []
    under_way = action.c.state.in_(UNDER_WAY)
    order = (under_way.desc(), change.c.id.desc())
    query = _SELECT.where(or_(*known)).order_by(*order).limit(_ANSWERED)
    return [_change(row) for row in tx.execute(query)]


def old_addresses_among(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses (in small letters) that a change is to replace or replaced.

    Also where nobody has approved it yet.
    """
    return set(tx.execute(_OLD_AMONG, {"b_addresses": list(addresses)}).scalars())


def registered_among(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses (in small letters) that are a facility's registered one."""
    return set(tx.execute(_REGISTERED_AMONG, {"b_addresses": list(addresses)}).scalars())


_ADDRESSES: BindParameter[list[str]] = bindparam("b_addresses", expanding=True)
_OLD, _REGISTERED = func.lower(change.c.old_address), func.lower(facility.c.address)
_OLD_AMONG = union(
    select(_OLD).where(_OLD.in_(_ADDRESSES)),
    select(_REGISTERED)
    .join(action, action.c.certification_number == facility.c.certification_number)
    .where(
        action.c.kind == "change_address",
        action.c.state.in_(NOT_BEGUN),
        _REGISTERED.in_(_ADDRESSES),
    ),
)
_REGISTERED_AMONG = select(_REGISTERED).where(
    _REGISTERED.in_(_ADDRESSES), facility.c.removed_at.is_(None)
)


def requested_of(tx: Transaction, address: str) -> list[tuple[int, str]]:
    """Return action and case of the changes that wait for their first approval.

    Of the facilities whose registered address this is.
    """
    query = (
        select(action.c.id, case.c.number)
        .join(case, case.c.id == action.c.case_id)
        .join(facility, facility.c.certification_number == action.c.certification_number)
        .outerjoin(change, change.c.action_id == action.c.id)
        .where(
            action.c.kind == "change_address",
            action.c.state.in_(NOT_BEGUN),
            func.lower(facility.c.address) == address.lower(),
            facility.c.removed_at.is_(None),
            change.c.id.is_(None),
        )
        .order_by(action.c.id)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


def by_letter(tx: Transaction, message_id: str) -> list[Change]:
    """Return the changes of the case that a letter of ours belongs to."""
    query = _SELECT.where(
        change.c.case_id.in_(select(letter.c.case_id).where(letter.c.message_id == message_id))
    )
    return [_change(row) for row in tx.execute(query)]


def due(tx: Transaction, now: datetime) -> list[int]:
    """Return the actions whose wait is over, the longest ago first."""
    query = (
        select(change.c.action_id)
        .join(action, action.c.id == change.c.action_id)
        .where(change.c.due_at <= now, action.c.state.in_(("confirming", "cooling", "portal")))
    )
    return list(tx.execute(query.order_by(change.c.due_at)).scalars())


def failed_letters(tx: Transaction) -> list[tuple[str, int]]:
    """Return name and action of the letters of changes on their way that the relay refused."""
    query = (
        select(letter.c.letter, change.c.action_id, letter.c.purpose_key, change.c.round)
        .join(change, change.c.case_id == letter.c.case_id)
        .join(action, action.c.id == change.c.action_id)
        .where(
            letter.c.state == "failed",
            or_(
                and_(
                    letter.c.letter == "change_confirm",
                    action.c.state == "confirming",
                    letter.c.recipient == change.c.new_address,
                ),
                and_(
                    letter.c.letter == "change_notice",
                    action.c.state.in_(("cooling", "portal")),
                    change.c.old_failed_at.is_(None),
                    letter.c.recipient == change.c.old_address,
                ),
            ),
        )
    )
    # A letter of an earlier round says nothing about the one that is waited for.
    return [(row[0], row[1]) for row in tx.execute(query) if row[2].endswith(f":{row[3]}")]


@dataclass(frozen=True, slots=True)
class Notice:
    """How far a letter about a change has come."""

    state: str
    sent_at: datetime | None


def notice_of(tx: Transaction, purpose_key: str) -> Notice | None:
    """Return how far the letter of a purpose has come."""
    query = select(letter.c.state, letter.c.sent_at).where(letter.c.purpose_key == purpose_key)
    row = tx.execute(query).first()
    return Notice(row[0], row[1]) if row else None


def frozen_until(tx: Transaction, certification_number: str) -> datetime | None:
    """Return until when a facility's last change makes the next one an exception."""
    query = select(func.max(change.c.frozen_until)).where(
        change.c.certification_number == certification_number
    )
    return tx.execute(query).scalar()


def another_first(tx: Transaction, one: Change) -> bool:
    """Say whether another change of the facility is with the portal, or set out before."""
    before = and_(action.c.state.in_(("approved", "confirming", "cooling")), change.c.id < one.id)
    query = (
        select(change.c.id)
        .join(action, action.c.id == change.c.action_id)
        .where(
            change.c.certification_number == one.certification_number,
            change.c.id != one.id,
            or_(action.c.state == "portal", before),
        )
    )
    return tx.execute(query.limit(1)).first() is not None


def cases_of_others(tx: Transaction, certification_number: str, action_id: int) -> list[str]:
    """Return the cases of a facility's other changes that came first or are under way."""
    started = action.c.state.in_(("approved", "confirming", "cooling", "portal"))
    asked = and_(action.c.state.in_(("waiting", "held", "expired")), action.c.id < action_id)
    query = (
        select(case.c.number)
        .join(action, action.c.case_id == case.c.id)
        .where(
            action.c.kind == "change_address",
            action.c.certification_number == certification_number,
            action.c.verdict == "verified",
            action.c.id != action_id,
            or_(started, asked),
        )
        .order_by(action.c.id)
    )
    return list(dict.fromkeys(tx.execute(query).scalars()))


def of_old_address(tx: Transaction, address: str) -> list[Change]:
    """Return the changes that may still be made to facilities with this address."""
    query = _SELECT.where(
        func.lower(change.c.old_address) == address.lower(), action.c.state.in_(UNDER_WAY)
    )
    return [_change(row) for row in tx.execute(query.order_by(change.c.id))]


def newer_of(tx: Transaction, one: Change) -> bool:
    """Say whether the facility has had another change after this one."""
    query = select(change.c.id).where(
        change.c.certification_number == one.certification_number,
        change.c.done_at > one.done_at,
        change.c.reverted_at.is_(None),
    )
    return tx.execute(query.limit(1)).first() is not None
