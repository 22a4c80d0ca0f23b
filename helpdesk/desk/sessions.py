"""Logging in to the console, staying in, and being logged out.

A session is a row; the cookie holds 256 random bits of which only the digest is kept.
A wrong name, a wrong password, a wrong code, a locked account and too many tries get
one answer, after the same work.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import BoundedSemaphore

import pyotp
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from helpdesk.desk.context import Refused
from helpdesk.desk.drafts import KEPT as DRAFTS_KEPT
from helpdesk.domain.audit import Event
from helpdesk.errors import HelpdeskError
from helpdesk.store import audit, drafts, staff, web_sessions
from helpdesk.store.database import Database, DatabaseBusy, Transaction
from helpdesk.store.staff import Account
from helpdesk.store.web_sessions import WebSession

log = structlog.get_logger(__name__)

#: Unused for so long, a session is over (OWASP ASVS 7.3.1).
IDLE = timedelta(minutes=30)
#: A session is over after a working day, however much it is used (ASVS 7.3.2).
ABSOLUTE = timedelta(hours=10)

# Writing at every page would make every page wait for the database's one writer.
_TOUCH_EVERY = timedelta(minutes=1)

# Failed tries within a quarter of an hour, by name and address together, and by each.
_WINDOW = timedelta(minutes=15)
_TRIES_TOGETHER = 5
_TRIES_OF_NAME = 20
_TRIES_OF_ADDRESS = 50

# Tries and sessions older than this prove nothing any more.
_KEPT = timedelta(days=90)

_STEP_S = 30

# argon2 takes 64 MB a try: guessing must not fill the machine.
_AT_ONCE = BoundedSemaphore(2)
# A try waits so long for its turn; a flood of them must not hold up the other pages.
_PATIENCE_S = 3.0


class LoginRefused(Refused):
    """Name, password or code is wrong, or there were too many tries."""


class LoginBusy(HelpdeskError):
    """So many log in at once that nobody looked at this password: it is no wrong one."""

    temporary = True


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session: what goes into the cookie, and whose it is."""

    token: str
    session_id: int
    name: str


def log_in(
    database: Database,
    name: str,
    password: str,
    code: str,
    now: datetime,
    *,
    address: str,
    agent: str,
) -> LoggedIn:
    """Begin a session under a new id.

    Raises LoginRefused, always with the same words; LoginBusy or DatabaseBusy where nothing
    was looked at, and nothing was counted.
    """
    name, address = name.strip()[:80], address[:60]
    with database.read() as tx:
        account = staff.account_at_login(tx, name)
    right = _password_is(account, password)  # Done for nobody too: it takes the same time.
    # Tries are counted by the person: each spelling of a name would give five more.
    name = account.name if account else staff.folded(name)[:80]
    token = secrets.token_urlsafe(32)
    session_id = None
    with database.begin() as tx:
        # Counted where the try is written down, so that many at once do not slip through.
        throttled = _is_throttled(tx, name, address, now)
        good = account and right and not throttled and account.disabled_at is None
        if account and good and (not account.totp_secret or _code_is(tx, account, code, now)):
            digest = digest_of(token)
            session_id = web_sessions.insert_session(tx, digest, name, now, address, agent[:200])
        if not throttled:  # What is refused anyway needs no row: nobody fills the disk.
            web_sessions.note_attempt(tx, name, address, now, succeeded=session_id is not None)
        web_sessions.forget_before(tx, now - _KEPT)
        drafts.forget_before(tx, now - DRAFTS_KEPT)
    if session_id is None:
        log.warning("login_refused", throttled=throttled)
        raise LoginRefused("name, password or code is wrong, or there were too many tries")
    log.info("logged_in", session=session_id)
    return LoggedIn(token, session_id, name)


def _is_throttled(tx: Transaction, name: str, address: str, now: datetime) -> bool:
    since = now - _WINDOW
    return (
        web_sessions.failures(tx, since, name=name, address=address) >= _TRIES_TOGETHER
        or web_sessions.failures(tx, since, name=name) >= _TRIES_OF_NAME
        or web_sessions.failures(tx, since, address=address) >= _TRIES_OF_ADDRESS
    )


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _password_is(account: Account | None, password: str) -> bool:
    """Say whether a password is right; takes as long where there is no account.

    Raises LoginBusy.
    """
    known = account.password_hash if account else _nobodys_hash()
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise LoginBusy("the log-in is busy; try again in a moment")
    try:
        _hasher().verify(known, password[:1024])
    except (Argon2Error, InvalidHashError):
        return False
    finally:
        _AT_ONCE.release()
    return account is not None


def _code_is(tx: Transaction, account: Account, code: str, now: datetime) -> bool:
    """Say whether a code is right, and use it up: each opens once (RFC 6238 5.2)."""
    assert account.totp_secret is not None  # noqa: S101 - asked only where there is one
    step = right_step(account.totp_secret, code, now)
    return step is not None and staff.use_step(tx, account.name, step)


def right_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is: now, or one before or after; else None."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", code) if char in "0123456789")
    current = int(now.timestamp()) // _STEP_S
    made = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(made.generate_otp(step), digits):
            return step
    return None


def digest_of(token: str) -> str:
    """Return what is kept of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(database: Database, token: str, now: datetime, *, used: bool) -> WebSession | None:
    """Return the session of a cookie, or None where it is over.

    `used`: a person did something; what a page asks for by itself keeps no session alive.
    """
    with database.read() as tx:
        found = web_sessions.session_by_digest(tx, digest_of(token))
    if found is None or now - found.created_at > ABSOLUTE or now - found.seen_at > IDLE:
        return None
    if used and now - found.seen_at > _TOUCH_EVERY:
        # A page is not refused because the database is busy: it is written next time.
        with suppress(DatabaseBusy), database.begin() as tx:
            web_sessions.touch(tx, found.id, now)
    return found


def log_out(database: Database, session_id: int, now: datetime) -> None:
    """End a session here, whatever the browser does with its cookie."""
    with database.begin() as tx:
        web_sessions.end_session(tx, session_id, now)


def listed(database: Database, now: datetime, name: str | None = None) -> list[WebSession]:
    """Return the sessions that are alive, of one person or of all."""
    with database.read() as tx:
        found = web_sessions.open_sessions(tx, now - IDLE, name)
    return [one for one in found if now - one.created_at <= ABSOLUTE]


def revoke(database: Database, session_id: int, now: datetime, name: str | None, by: str) -> None:
    """End a session of a person, or of anybody where `name` is None. Raises Refused."""
    with database.begin() as tx:
        if not web_sessions.end_session(tx, session_id, now, name):
            raise Refused("there is no such session; it may have ended already")
        about = {"user": web_sessions.owner_of(tx, session_id) or ""}
        audit.note(tx, Event("session_ended", by, "console", about=about))
