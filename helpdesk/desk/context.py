"""What every use case needs, built once and handed in."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from datetime import date, datetime

from helpdesk.desk.early_answers import EarlyAnswers
from helpdesk.domain.calendar import JST
from helpdesk.domain.registry import RegistryIndex
from helpdesk.errors import HelpdeskError
from helpdesk.hook import Webhook
from helpdesk.mail.letters import LetterBook
from helpdesk.mail.reader import MailReader
from helpdesk.rules import Rules
from helpdesk.store import facilities
from helpdesk.store.database import Database, Transaction


class Refused(HelpdeskError):
    """What was asked for is not allowed or does not fit the state of things."""


class FactsMoved(Refused):
    """The facts are not those that the person has seen: they look once more first."""


class Registry:
    """The registry's index, built anew only when its version moved."""

    def __init__(self) -> None:
        """Start empty; nothing is read before the first look-up."""
        self._version: int | None = None
        self._index = RegistryIndex(())
        self._versions: dict[str, int] = {}
        #: The transaction that was last answered; within one the registry stands still.
        self._asked_by: weakref.ref[Transaction] | None = None

    def index(self, tx: Transaction) -> RegistryIndex:
        """Return the index of the registry as `tx` sees it."""
        if self._asked_by is not None and self._asked_by() is tx:
            return self._index
        version = facilities.registry_version(tx)
        if version != self._version:
            self._index = RegistryIndex(facilities.all_facilities(tx))
            self._versions = facilities.all_versions(tx)
            self._version = version
        self._asked_by = weakref.ref(tx)
        return self._index

    def version_of(self, certification_number: str) -> int | None:
        """Return the version of a facility's row as of the last `index`."""
        return self._versions.get(certification_number)


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that use cases share. Rules and letters change together, as a new Desk."""

    database: Database
    rules: Rules
    letters: LetterBook
    #: Key of the marks in our Message-IDs.
    key: bytes
    registry: Registry = field(default_factory=Registry)
    #: Reads mails; its child process starts with the first mail that needs it.
    reader: MailReader = field(default_factory=MailReader)
    #: What staff answered to mails that are still to be decided.
    early_answers: EarlyAnswers = field(default_factory=EarlyAnswers)
    #: Where the portal is told of changes; None: its staff read the list.
    webhook: Webhook | None = None

    @property
    def mail_domain(self) -> str:
        """The part after @ of the desk's address."""
        return self.rules.desk.address.rpartition("@")[2]


def japan_date(at: datetime) -> date:
    """Return the day in Japan, whatever the server's zone."""
    return at.astimezone(JST).date()
