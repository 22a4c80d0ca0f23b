"""The people who may decide."""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from helpdesk.desk.context import Refused
from helpdesk.desk.passwords import MAX_PASSWORD_LENGTH, hashed, require_good
from helpdesk.desk.sessions import right_step
from helpdesk.domain.audit import Event
from helpdesk.store import audit, staff, web_sessions
from helpdesk.store.database import Database, Transaction
from helpdesk.store.staff import Account

ROLES = ("operator", "approver", "admin")

# It begins with a letter or a digit: `..` in a path would be another page.
_NAME = re.compile(r"\w[\w.@-]{0,79}")


def add_user(
    database: Database,
    name: str,
    role: str,
    password: str,
    now: datetime,
    *,
    by: str,
    cause: str = "console",
) -> None:
    """Add a person with a role and a password. Raises Refused."""
    if not _NAME.fullmatch(name):
        raise Refused("a user name has 1 to 80 letters, digits, dots, hyphens or underscores")
    _require_role(role)
    require_good(password, name)
    kept = hashed(password)
    with database.begin() as tx:
        if not staff.insert_staff(tx, name, role, kept, now):
            raise Refused(
                f"there is a user {name} already, or one whose name differs by case or width alone"
            )
        audit.note(tx, Event("user_added", by[:80], cause, about={"user": name, "role": role}))


def listed(database: Database) -> list[Account]:
    """Return every account by name."""
    with database.read() as tx:
        return staff.all_accounts(tx)


def account(database: Database, name: str) -> Account:
    """Return one account. Raises Refused."""
    with database.read() as tx:
        return _existing(tx, name)


def anybody(database: Database) -> bool:
    """Say whether anybody could log in at all."""
    with database.read() as tx:
        return staff.anybody(tx)


def set_role(database: Database, name: str, role: str, now: datetime, *, by: str) -> None:
    """Give a person another role; their sessions end. Raises Refused."""
    _require_role(role)
    with database.begin() as tx:
        known = _existing(tx, name)
        if known.role == "admin" and role != "admin":
            _require_other_admin(tx, known)
        staff.change_account(tx, name, role=role)
        web_sessions.end_sessions_of(tx, name, now)
        _note(tx, name, "role", by, before=known.role, after=role)


def set_enabled(database: Database, name: str, now: datetime, *, enabled: bool, by: str) -> None:
    """Lock a person out, or let them in again. Raises Refused."""
    with database.begin() as tx:
        known = _existing(tx, name)
        if not enabled and known.role == "admin":
            _require_other_admin(tx, known)
        staff.change_account(tx, name, disabled_at=None if enabled else now)
        web_sessions.end_sessions_of(tx, name, now)
        _note(tx, name, "enabled" if enabled else "stopped", by)


def set_password(
    database: Database, name: str, password: str, now: datetime, *, by: str, cause: str = "console"
) -> None:
    """Give a person a new password; their sessions end. Raises Refused."""
    require_good(password, name)
    kept = hashed(password)
    with database.begin() as tx:
        _existing(tx, name)
        staff.change_account(tx, name, password_hash=kept)
        web_sessions.end_sessions_of(tx, name, now)
        _note(tx, name, "password", by, cause)


def change_own_password(
    database: Database, name: str, old: str, new: str, now: datetime, session_id: int
) -> None:
    """Change one's own password; all sessions but this one end. Raises Refused."""
    known = account(database, name)
    try:
        PasswordHasher().verify(known.password_hash, old[:MAX_PASSWORD_LENGTH])
    except Argon2Error:
        raise Refused("the present password is wrong; nothing was changed") from None
    require_good(new, name)
    kept = hashed(new)
    with database.begin() as tx:
        staff.change_account(tx, name, password_hash=kept)
        web_sessions.end_sessions_of(tx, name, now, besides=session_id)
        _note(tx, name, "password", name)


def demand_totp(database: Database, name: str, *, demanded: bool, by: str) -> None:
    """Demand codes of the telephone from a person, or demand them no more. Raises Refused."""
    with database.begin() as tx:
        _existing(tx, name)
        staff.change_account(tx, name, totp_required=demanded)
        _note(tx, name, "code_demanded" if demanded else "code_free", by)


def remove_totp(database: Database, name: str, now: datetime, *, by: str) -> None:
    """Forget the secret of a lost telephone; the person's sessions end. Raises Refused."""
    with database.begin() as tx:
        _existing(tx, name)
        staff.change_account(tx, name, totp_secret=None, totp_step=None)
        web_sessions.end_sessions_of(tx, name, now)
        _note(tx, name, "code_removed", by)


def new_totp_secret() -> str:
    """Return a secret for a telephone, base32, 160 bits."""
    return pyotp.random_base32()


def totp_address(name: str, secret: str, issuer: str) -> str:
    """Return what a telephone scans (otpauth://…)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def is_totp_secret(text: str) -> bool:
    """Say whether a text has the form of a secret that `new_totp_secret` draws."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def confirm_totp(database: Database, name: str, secret: str, code: str, now: datetime) -> None:
    """Put a secret in force once a first code proves the telephone has it. Raises Refused."""
    if not is_totp_secret(secret):
        raise Refused("this is no secret of ours; begin again")
    step = right_step(secret, code, now)
    if step is None:
        raise Refused("the code is wrong; look whether the telephone's clock is right")
    with database.begin() as tx:
        if _existing(tx, name).totp_secret is not None:
            raise Refused("a telephone is set up already; an admin can remove it")
        staff.change_account(tx, name, totp_secret=secret, totp_step=step)
        _note(tx, name, "code_set", name)


def _note(
    tx: Transaction, name: str, what: str, by: str, cause: str = "console", **about: str
) -> None:
    """Keep who changed what of a person's account: never a password, never a code."""
    about = {"user": name, "what": what, **about}
    audit.note(tx, Event("user_changed", by[:80], cause, about=about))


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise Refused(f"the role is one of: {', '.join(ROLES)}")


def _existing(tx: Transaction, name: str) -> Account:
    found = staff.account_by_name(tx, name)
    if found is None:
        raise Refused("there is no user of that name")
    return found


def _require_other_admin(tx: Transaction, known: Account) -> None:
    if known.disabled_at is None and staff.active_admins(tx) < 2:
        raise Refused("the last admin stays one; make another admin first")
