"""A desk over a real database and a registry file, driven by `now` alone."""

from __future__ import annotations

import csv
import email
import sqlite3
from datetime import datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

from sqlalchemy import event

from helpdesk.desk import deadlines, outbox, registry_import
from helpdesk.desk.context import Desk
from helpdesk.domain.calendar import JST
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import Rules, load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store import delivery, letters, staff
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from tests.prepared import prepare

RULES = load_rules(shipped_folder() / RULES_NAME)
KEY = b"0123456789abcdef" * 2
CLERK = "sato"

HEADER = (
    "認定番号,施設名,施設種別,責任者氏名,メールアドレス,基幹施設認定番号,申請状況,"
    "認定開始日,認定終了日,申請書,概要書,公印書類,申請アドレス,代表電話,連携状況"
).split(",")


def row(number: str, **columns: str) -> dict[str, str]:
    """Return one line of the portal's export; a facility with an address, not yet applied."""
    core = number.startswith("K")
    return {
        "認定番号": number,
        "施設名": f"みほん{number}病院",
        "施設種別": "基幹施設" if core else "連携施設",
        "責任者氏名": "見本 太郎",
        "メールアドレス": f"{number.lower()}@mihon.example.jp",
        "申請状況": "未申請",
        "認定終了日": "",
        **columns,
    }


_books: list[tuple[Rules, LetterBook]] = []


def _book(rules: Rules) -> LetterBook:
    """Return the letters for these rules; reading them again would only take time."""
    for known, book in _books:
        if known is rules:
            return book
    _books.append((rules, LetterBook.load(shipped_folder() / TEMPLATES_NAME, rules)))
    return _books[-1][1]


def _open(url: str) -> Database:
    """Open a database without waiting for the disk: no test of a bureau cuts the power."""
    database = Database(url)
    if database.is_sqlite:

        @event.listens_for(database.engine, "connect")
        def _hurry(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    return database


class Bureau:
    """A secretariat: its desk, its registry, and the letters that have left."""

    def __init__(self, url: str, folder: Path, rules: Rules = RULES) -> None:
        """Open the database at `url`."""
        self.url, self.folder, self.rules = url, folder, rules
        prepare(url)
        self.database = _open(url)
        migrate(self.database)
        with self.database.begin() as tx:
            if staff.staff_by_name(tx, CLERK) is None:
                staff.insert_staff(tx, CLERK, "approver", "x", at(2026, 1, 1))
        self.desk = self._desk()

    def _desk(self) -> Desk:
        return Desk(self.database, self.rules, _book(self.rules), KEY)

    def use(self, **deadline_rules: Any) -> None:
        """Put changed rules in force: keys of `deadlines`."""
        changed = self.rules.deadlines.model_copy(update=deadline_rules)
        self.rules = self.rules.model_copy(update={"deadlines": changed})
        self.desk = self._desk()

    def restart(self) -> None:
        """Forget everything that is not in the database."""
        self.database.close()
        self.database = _open(self.url)
        self.desk = self._desk()

    def import_(
        self, rows: list[dict[str, str]], now: datetime, *, dry_run: bool = False
    ) -> registry_import.ImportReport:
        """Take an export in."""
        path = self.folder / "registry.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        return registry_import.import_registry(
            self.database, path, now=now, dry_run=dry_run, by="test", desk=self.desk
        )

    def turn(self, now: datetime) -> int:
        """Let the calendar do what is due."""
        return deadlines.turn(self.desk, now)

    def send(self, now: datetime, answer: str = "sent", error: str = "") -> int:
        """Let everything leave that may; return how many letters to facilities did."""
        sent = idle = 0
        # A look may come to nothing because what was due is not any more; the caps of the
        # minute make every look come to nothing.
        while idle < 3 and outbox.something_due(self.desk, now):
            claimed = outbox.claim_due(self.desk, "worker", now)
            idle = 0 if claimed else idle + 1
            with self.database.begin() as tx:
                for one in claimed:
                    delivery.begin_handing_over(tx, [one], now + timedelta(seconds=10))
                    if answer == "sent":
                        delivery.mark_sent(tx, [(one, now)], keep_copy=False)
                    else:
                        delivery.mark_not_sent(tx, one, answer, error)
            sent += sum(one.matter != "digest" for one in claimed)
        return sent

    def day(self, now: datetime) -> None:
        """Do and send what is due at a moment."""
        self.turn(now)
        self.send(now)

    def outbox(self, letter: str | None = None) -> list[letters.ListedLetter]:
        """Return every letter, or those of one name."""
        return [one for one in outbox.listed(self.database) if letter in (None, one.letter)]

    def mail(self, letter_id: int) -> Any:
        """Return one letter as a mail reader shows it."""
        from sqlalchemy import select

        from helpdesk.store.schema import letter_source

        with self.database.read() as tx:
            raw = tx.execute(
                select(letter_source.c.source).where(letter_source.c.letter_id == letter_id)
            ).scalar_one()
        return email.message_from_bytes(raw, policy=policy.default)

    def body(self, letter_id: int) -> str:
        """Return the text of one letter."""
        part = self.mail(letter_id).get_body()
        return str(part.get_content())


def at(*parts: int) -> datetime:
    """Return a time in Japan."""
    return datetime(*parts, tzinfo=JST)  # type: ignore[misc,arg-type]
