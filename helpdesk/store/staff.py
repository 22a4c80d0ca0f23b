"""Named queries about the people who may decide."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import staff


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person of the secretariat, with the role that says what they may do."""

    name: str
    role: str  # operator | approver | admin


@dataclass(frozen=True, slots=True)
class Account:
    """A person with everything that a log-in needs."""

    name: str
    role: str
    password_hash: str
    created_at: datetime
    totp_secret: str | None
    totp_step: int | None
    totp_required: bool
    disabled_at: datetime | None


_ACCOUNT = (
    staff.c.name,
    staff.c.role,
    staff.c.password_hash,
    staff.c.created_at,
    staff.c.totp_secret,
    staff.c.totp_step,
    staff.c.totp_required,
    staff.c.disabled_at,
)


def folded(name: str) -> str:
    """Return what a user name is compared by: neither case nor width tells people apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def insert_staff(tx: Transaction, name: str, role: str, password_hash: str, at: datetime) -> bool:
    """Add a person; False where the name, or one that differs by case or width, is taken."""
    if folded(name) in map(folded, tx.execute(select(staff.c.name)).scalars()):
        return False
    tx.execute(
        insert(staff).values(
            name=name, role=role, password_hash=password_hash, created_at=at, totp_required=False
        )
    )
    return True


def staff_by_name(tx: Transaction, name: str) -> StaffMember | None:
    """Return the person with this name, or None; who was locked out is nobody."""
    query = select(staff.c.name, staff.c.role).where(
        staff.c.name == name, staff.c.disabled_at.is_(None)
    )
    row = tx.execute(query).first()
    return StaffMember(*row) if row else None


def account_by_name(tx: Transaction, name: str) -> Account | None:
    """Return a person's account, or None; locked ones included."""
    row = tx.execute(select(*_ACCOUNT).where(staff.c.name == name)).first()
    return Account(*row) if row else None


def account_at_login(tx: Transaction, typed: str) -> Account | None:
    """Return the account that a typed name means, whatever its case and width, or None.

    Names that differed by these alone were taken once: such a one is typed exactly.
    """
    wanted = folded(typed)
    # All are looked at in any case: how long it takes says nothing of who is known.
    alike = [one for one in all_accounts(tx) if folded(one.name) == wanted]
    exact = [one for one in alike if one.name == typed]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def all_accounts(tx: Transaction) -> list[Account]:
    """Return every account by name."""
    return [Account(*row) for row in tx.execute(select(*_ACCOUNT).order_by(staff.c.name))]


def active_admins(tx: Transaction) -> int:
    """Return how many admins can log in; nobody else changes that until the transaction ends."""
    query = select(staff.c.name).where(staff.c.role == "admin", staff.c.disabled_at.is_(None))
    return len(tx.execute(query.with_for_update()).all())


def anybody(tx: Transaction) -> bool:
    """Say whether there is any account at all."""
    return tx.execute(select(staff.c.name).limit(1)).first() is not None


def change_account(tx: Transaction, name: str, **values: object) -> None:
    """Change columns of an account that is known to exist."""
    tx.execute(update(staff).where(staff.c.name == name).values(**values))


def use_step(tx: Transaction, name: str, step: int) -> bool:
    """Take note that the code of a time step was used; False where it was used before."""
    used = update(staff).where(
        staff.c.name == name, (staff.c.totp_step.is_(None)) | (staff.c.totp_step < step)
    )
    return tx.execute(used.values(totp_step=step)).rowcount == 1
