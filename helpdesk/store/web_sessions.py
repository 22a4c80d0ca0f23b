"""Named queries about log-ins to the console, and tries at one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.schema import login_attempt, staff, web_session


@dataclass(frozen=True, slots=True)
class WebSession:
    """One log-in, with the person as they are now."""

    id: int
    staff_name: str
    role: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str
    has_totp: bool
    totp_required: bool


_OPEN = (
    select(
        web_session.c.id,
        web_session.c.staff_name,
        staff.c.role,
        web_session.c.created_at,
        web_session.c.seen_at,
        web_session.c.address,
        web_session.c.agent,
        staff.c.totp_secret.is_not(None),
        staff.c.totp_required,
    )
    .join(staff, staff.c.name == web_session.c.staff_name)
    .where(web_session.c.ended_at.is_(None), staff.c.disabled_at.is_(None))
)


def insert_session(
    tx: Transaction, digest: str, name: str, at: datetime, address: str, agent: str
) -> int:
    """Begin a session and return its id."""
    query = insert(web_session).values(
        digest=digest, staff_name=name, created_at=at, seen_at=at, address=address, agent=agent
    )
    return int(tx.execute(query.returning(web_session.c.id)).scalar_one())


def session_by_digest(tx: Transaction, digest: str) -> WebSession | None:
    """Return a session that was not ended, or None; its age is the caller's business."""
    row = tx.execute(_OPEN.where(web_session.c.digest == digest)).first()
    return WebSession(*row) if row else None


def open_sessions(tx: Transaction, since: datetime, name: str | None) -> list[WebSession]:
    """Return sessions seen since a time, of one person or of all, newest first."""
    query = _OPEN.where(web_session.c.seen_at > since).order_by(web_session.c.seen_at.desc())
    if name is not None:
        query = query.where(web_session.c.staff_name == name)
    return [WebSession(*row) for row in tx.execute(query)]


def owner_of(tx: Transaction, session_id: int) -> str | None:
    """Return whose a session is, or None."""
    query = select(web_session.c.staff_name).where(web_session.c.id == session_id)
    return tx.execute(query).scalar()


def touch(tx: Transaction, session_id: int, at: datetime) -> None:
    """Take note that somebody used a session."""
    tx.execute(update(web_session).where(web_session.c.id == session_id).values(seen_at=at))


def end_session(tx: Transaction, session_id: int, at: datetime, name: str | None = None) -> bool:
    """End one session, of one person or of anybody; False where there is none."""
    query = update(web_session).where(
        web_session.c.id == session_id, web_session.c.ended_at.is_(None)
    )
    if name is not None:
        query = query.where(web_session.c.staff_name == name)
    return tx.execute(query.values(ended_at=at)).rowcount == 1


def end_sessions_of(tx: Transaction, name: str, at: datetime, besides: int | None = None) -> None:
    """End every session of a person, except one."""
    query = update(web_session).where(
        web_session.c.staff_name == name, web_session.c.ended_at.is_(None)
    )
    if besides is not None:
        query = query.where(web_session.c.id != besides)
    tx.execute(query.values(ended_at=at))


def note_attempt(
    tx: Transaction, name: str, address: str, at: datetime, *, succeeded: bool
) -> None:
    """Write down one try to log in."""
    tx.execute(
        insert(login_attempt).values(staff_name=name, address=address, at=at, succeeded=succeeded)
    )


def failures(
    tx: Transaction, since: datetime, *, name: str | None = None, address: str | None = None
) -> int:
    """Count failed tries since a time, by name, by address, or by both."""
    query = select(func.count()).where(
        login_attempt.c.at > since, login_attempt.c.succeeded.is_(False)
    )
    if name is not None:
        query = query.where(login_attempt.c.staff_name == name)
    if address is not None:
        query = query.where(login_attempt.c.address == address)
    return int(tx.execute(query).scalar_one())


def forget_before(tx: Transaction, at: datetime) -> None:
    """Erase old tries and sessions that ended or were left long ago."""
    tx.execute(delete(login_attempt).where(login_attempt.c.at < at))
    tx.execute(delete(web_session).where(web_session.c.seen_at < at))
