"""The people who may decide."""

from __future__ import annotations

import re
from datetime import datetime

from argon2 import PasswordHasher

from helpdesk.desk.context import Refused
from helpdesk.domain.audit import Event
from helpdesk.store import audit, staff
from helpdesk.store.database import Database

ROLES = ("operator", "approver", "admin")

# NIST 800-63B 5.1.1.2; length beats rules about digits and signs.
MIN_PASSWORD_LENGTH = 8

# argon2 reads all of it; more is no password but a way to keep the machine busy.
MAX_PASSWORD_LENGTH = 1024

_NAME = re.compile(r"[\w.@-]{1,80}")


def add_user(database: Database, name: str, role: str, password: str, now: datetime) -> None:
    """Add a person with a role and a password. Raises Refused."""
    if not _NAME.fullmatch(name):
        raise Refused("a user name has 1 to 80 letters, digits, dots, hyphens or underscores")
    if role not in ROLES:
        raise Refused(f"the role is one of: {', '.join(ROLES)}")
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise Refused(
            f"a password has at least {MIN_PASSWORD_LENGTH} characters"
            f" and at most {MAX_PASSWORD_LENGTH}"
        )
    hashed = PasswordHasher().hash(password)
    with database.begin() as tx:
        if not staff.insert_staff(tx, name, role, hashed, now):
            raise Refused(f"there is a user {name} already")
        about = {"user": name, "role": role}
        audit.note(tx, Event("user_added", "operator", "command", about=about))
