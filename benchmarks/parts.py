"""What the parts could do at best on this machine, each alone: the yardstick of the whole."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header
from pathlib import Path

import aiosmtplib

from benchmarks.letters_in import address_of, mail_of
from benchmarks.office import release_mails, spool_mails
from benchmarks.sink import Sink
from helpdesk.desk.reading import read_stored
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path
from helpdesk.store.mails import StoredMail
from tests import mails as made_up
from tests.servers.dovecot import Dovecot
from tests.servers.net import LOOPBACK
from tests.servers.processes import REPOSITORY

_BATCH = 50
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")

#: Gives the decoded headers and the text of a mail.
Parse = Callable[[bytes], tuple[list[str], str]]


def parse_bare(raw: bytes) -> tuple[list[str], str]:
    """Decode headers and body with compat32 and nothing else: no form, no defects, no care."""
    message = message_from_bytes(raw, policy=policy.compat32)
    headers = [
        "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii", "replace")
            for part, charset in decode_header(message[name] or "")
        )
        for name in _HEADERS
    ]
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    return headers, body.decode(message.get_content_charset() or "ascii", "replace")


def parse_default(raw: bytes) -> tuple[list[str], str]:
    """Decode the same as the standard library would have it today: by policy.default."""
    message = message_from_bytes(raw, policy=policy.default)
    return [str(message[name] or "") for name in _HEADERS], str(message.get_content())


@contextmanager
def _table(folder: Path) -> Iterator[sqlite3.Connection]:
    """Give a database of one table with the settings of the product's own."""
    with closing(sqlite3.connect(folder / f"{time.monotonic_ns()}.db")) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE mail (id INTEGER PRIMARY KEY, sender TEXT, subject TEXT, raw BLOB)"
        )
        yield connection


_INSERT = "INSERT INTO mail (sender, subject, raw) VALUES (?, ?, ?)"


def bare_pipeline(raws: list[bytes], folder: Path, parse: Parse) -> float:
    """Return mails/s of the least that can be called taking in: parse, one FULL commit a mail."""
    with _table(folder) as connection:
        started = time.perf_counter()
        for raw in raws:
            headers, _ = parse(raw)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_INSERT, (headers[0], headers[2], raw))
            connection.execute("COMMIT")
        return len(raws) / (time.perf_counter() - started)


def commits(raws: list[bytes], folder: Path, batch: int) -> float:
    """Return mails/s stored, so many a transaction."""
    with _table(folder) as connection:
        started = time.perf_counter()
        for start in range(0, len(raws), batch):
            connection.execute("BEGIN IMMEDIATE")
            rows = (("", "", raw) for raw in raws[start : start + batch])
            connection.executemany(_INSERT, rows)
            connection.execute("COMMIT")
        return len(raws) / (time.perf_counter() - started)


def parsing(raws: list[bytes]) -> tuple[float, float]:
    """Return mails/s of the bare parse, and of the product's whole reading of a mail."""
    started = time.perf_counter()
    for raw in raws:
        parse_bare(raw)
    bare = len(raws) / (time.perf_counter() - started)
    rules = load_rules(resolve_rules_path(REPOSITORY / "mailbox_rules.yaml", was_given=True))
    stored = StoredMail(1, None, 0, datetime.now(UTC), "INBOX", 1, None, None, None, 0, None)
    started = time.perf_counter()
    for raw in raws:
        read_stored(rules, b"0" * 32, stored, raw)
    return bare, len(raws) / (time.perf_counter() - started)


def imap(dovecot: Dovecot, raws: list[bytes]) -> tuple[float, float]:
    """Return mails/s of FETCH and of MOVE, fifty a command."""
    user = f"parts-{time.monotonic_ns()}@example.test"
    spool_mails(dovecot, user, raws)
    release_mails(dovecot, user)
    with dovecot.client(user) as client:
        client.create_folder("Done")
        client.select_folder("INBOX")
        uids = sorted(client.search())
        batches = [uids[start : start + _BATCH] for start in range(0, len(uids), _BATCH)]
        started = time.perf_counter()
        for batch in batches:
            client.fetch(batch, ["BODY.PEEK[]"])
        fetched = time.perf_counter()
        for batch in batches:
            client.move(batch, "Done")
        moved = time.perf_counter()
    return len(uids) / (fetched - started), len(uids) / (moved - fetched)


def smtp(letters: int, lanes: int) -> float:
    """Return letters/s handed to the sink over so many connections."""
    with ExitStack() as stack:
        sink = Sink()
        stack.callback(sink.close)
        started = time.perf_counter()
        asyncio.run(_send(sink.port, letters, lanes))
        return letters / (time.perf_counter() - started)


async def _send(port: int, letters: int, lanes: int) -> None:
    await asyncio.gather(*(_lane(port, range(lane, letters, lanes)) for lane in range(lanes)))


async def _lane(port: int, numbers: range) -> None:
    source = mail_of(0)
    async with aiosmtplib.SMTP(hostname=LOOPBACK, port=port, start_tls=False) as client:
        for number in numbers:
            await client.mail(made_up.DESK)
            await client.rcpt(address_of(number))
            await client.data(source)


def measure(dovecot: Dovecot, mails: int) -> list[tuple[str, float]]:
    """Return name and mails/s of every part."""
    raws = [mail_of(number) for number in range(mails)]
    with tempfile.TemporaryDirectory(prefix="hd-bench-") as name:
        folder = Path(name)
        bare, read = parsing(raws)
        fetched, moved = imap(dovecot, raws)
        return [
            ("parse, bare compat32", bare),
            ("read by the product", read),
            ("commit, FULL, one a mail", commits(raws, folder, 1)),
            ("commit, FULL, 50 mails", commits(raws, folder, _BATCH)),
            ("IMAP FETCH, 50 a command", fetched),
            ("IMAP MOVE, 50 a command", moved),
            ("SMTP, one connection", smtp(mails, 1)),
            ("SMTP, four connections", smtp(mails, 4)),
        ]
