"""Mail that could not be handled: what lies there and why, and trying it again."""

from __future__ import annotations

from helpdesk.desk.context import Refused
from helpdesk.domain.audit import Event
from helpdesk.store import audit, mails, places
from helpdesk.store.database import Database
from helpdesk.store.mails import StoredMail


def listed(database: Database) -> list[StoredMail]:
    """Return what lies in quarantine, oldest first."""
    with database.read() as tx:
        return mails.quarantined(tx)


def source(database: Database, mail_id: int) -> tuple[StoredMail, bytes | None]:
    """Return one quarantined mail with its raw bytes (None: never fetched). Raises Refused."""
    with database.read() as tx:
        mail = mails.stored_mail(tx, mail_id)
        if mail is None or mail.disposition != "quarantined":
            raise Refused(f"mail {mail_id} is not in quarantine; see: helpdesk quarantine list")
        return mail, mails.source_of(tx, mail_id)


def replay(database: Database, mail_id: int, by: str, cause: str = "console") -> None:
    """Let the daemon decide a quarantined mail again, from the start. Raises Refused."""
    mail, raw = source(database, mail_id)
    if raw is None:
        raise Refused(
            f"mail {mail_id} was never fetched ({mail.error}); it lies on the server:"
            " answer it from there"
        )
    with database.begin() as tx:
        if not mails.release(tx, mail_id):
            raise Refused(f"mail {mail_id} is not in quarantine any more")
        places.refile(tx, mail_id)
        audit.note(tx, Event("mail_replayed", by[:80], cause, about={"mail": mail_id}))
