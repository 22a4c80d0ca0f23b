"""What became of each mail of the demo, read from the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from helpdesk.demo.society import DemoMail
from helpdesk.desk import outbox, queue
from helpdesk.store import mails
from helpdesk.store.actions import Action
from helpdesk.store.database import Database


@dataclass(slots=True)
class Outcome:
    """One mail of the demo and what happened to it so far."""

    mail: DemoMail
    sent: bool = False
    disposition: str | None = None
    case: str | None = None
    verdict: str | None = None
    letters: list[str] = field(default_factory=list)
    waits: bool = False

    @property
    def as_expected(self) -> bool:
        """Say whether the mail was taken for what it is."""
        return self.disposition == self.mail.disposition


def look(database: Database, outcomes: list[Outcome]) -> None:
    """Bring the outcomes up to date."""
    with database.read() as tx:
        found = mails.outcomes_by_hash(tx)
    letters = outbox.listed(database)
    actions = queue.listed(database, undecided_only=False)
    for one in outcomes:
        # The SMTP server ends lines with CR LF, whatever the sender wrote.
        if (hit := found.get(_sha256(one.mail.raw))) is not None:
            one.disposition, one.case = hit
    for number in {one.case for one in outcomes if one.case}:
        mine = [one for one in outcomes if one.case == number]
        sent = [row.letter for row in letters if row.case_number == number and row.state == "sent"]
        _share(mine, sent, [action for action in actions if action.case_number == number])


def _share(mine: list[Outcome], sent: list[str], actions: list[Action]) -> None:
    """Give each mail of a case its letters: the first mail got the first one."""
    mine[0].letters = sent[:1]
    for one in mine:
        one.verdict = actions[-1].verdict if actions else None
    if len(mine) > 1:
        mine[-1].letters = sent[1:]
    busy = [one for one in mine if one.letters]
    for one in mine:
        waiting = any(action.state == "waiting" for action in actions)
        one.waits = waiting and bool(busy) and one is busy[-1]


def _sha256(raw: bytes) -> str:
    lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return hashlib.sha256(lines).hexdigest()
