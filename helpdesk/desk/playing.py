"""The demo's other side: a mail as a facility head would write it, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from helpdesk.desk import outbox
from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.calendar import JST
from helpdesk.domain.message import Message, read_message
from helpdesk.store.database import Database
from helpdesk.store.outbox_view import OutboxRow

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter of the desk, as the facility head finds it."""

    row: OutboxRow
    message: Message


def written(
    desk: Desk, address: str, name: str, subject: str, body: str, answers: str, now: datetime
) -> bytes:
    """Return the mail that somebody writes. Raises Refused where it could not be sent."""
    if not is_mail_address(address):
        raise Refused("the new address is no mail address; nothing was sent")
    if not body.strip():
        raise Refused("write at least a line; nothing was sent")
    mail = EmailMessage()
    mail["From"] = _from(name, address)
    mail["To"] = desk.rules.desk.address
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(now.astimezone(JST))
    mail["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    if answers.startswith("<") and answers.endswith(">") and answers.isascii():
        mail["In-Reply-To"] = answers
        mail["References"] = answers
    mail.set_content(body, cte="base64")
    return mail.as_bytes()


def _from(name: str, address: str) -> Address | str:
    """Return the sender; the mail library quotes a name that has commas, quotes or brackets."""
    plain = " ".join("".join(char for char in name if char.isprintable()).split())
    user, _, domain = address.rpartition("@")
    try:
        return Address(plain, user, domain)
    except (ValueError, HeaderParseError):  # An address of a kind that the library does not take.
        return address


def arrived(database: Database, address: str) -> list[Arrived]:
    """Return the newest letters that left for an address."""
    found = outbox.page(database, ("sent",), address, number=1, size=_SHOWN)
    rows = [row for row in found.rows if row.recipient.lower() == address.lower()]
    return [Arrived(row, read_message(outbox.shown(database, row.id)[0].source)) for row in rows]
