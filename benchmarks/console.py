"""How long the console's pages take over 50,000 cases on SQLite.

    python -m benchmarks.console [--cases 50000] [--runs 5]

The store is filled by statements, not by mails; the pages are the real application,
asked in this process, so that only our own time is in the figures.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from starlette.testclient import TestClient

from helpdesk.console.metrics import Metrics
from helpdesk.console.parts import Parts, Site
from helpdesk.console.web import build_app
from helpdesk.desk import search, sessions
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.domain.registry import Facility
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store import facilities, staff, web_sessions
from helpdesk.store.database import Database
from helpdesk.store.facilities import ImportRecord
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import action, case, letter, letter_source, mail, mail_source
from tests import mails

NOW = datetime.now(UTC)
_SURNAMES = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田".split()
_GIVEN = "太郎 花子 一郎 恵子 健 直美 誠 由美 隆 久美子".split()
_PLACES = "中央 東 西 南 北 緑 桜 港 旭 泉".split()

PAGES = (
    "/queue", "/queue?kind=change_address", "/cases/{case}", "/search?q=高橋", "/search?q=髙橋　緑",
    "/search?q=みつからないことば", "/facilities", "/facilities?q=桜", "/facilities/K00001", "/outbox", "/outbox?state=all",
    "/portal", "/reports", "/audit", "/registry", "/corrections", "/links", "/unreachable", "/letters", "/quarantine",
)  # fmt: skip


def fill(database: Database, count: int) -> None:
    """Put facilities, cases, mails, actions and letters into the store."""
    draw = random.Random(7)
    people = [f"{a} {b}" for a in _SURNAMES for b in _GIVEN]
    with database.begin() as tx:
        facilities.insert_facilities(
            tx,
            [
                Facility(f"K{n:05}", f"みほん{draw.choice(_PLACES)}{n}病院", "core", draw.choice(people),
                         member_number=f"{n:06}", address=f"k{n}@hospital.example.jp")
                for n in range(1, 3001)
            ],
        )  # fmt: skip
        facilities.record_import(tx, ImportRecord(NOW, "x.csv", "", "clerk", 3000, 0, 0, 0))
        staff.insert_staff(tx, "clerk", "admin", "x", NOW)
    raw = mails.mail(mails.form(), message_id="<x@x.test>")
    for start in range(1, count + 1, 5000):
        rows = range(start, min(start + 5000, count + 1))
        at = {n: NOW - timedelta(minutes=7 * (count - n)) for n in rows}
        with database.begin() as tx:
            _insert(tx, case, [_case(n, at[n], draw, people) for n in rows])
            _insert(tx, mail, [_mail(n, at[n], len(raw)) for n in rows])
            _insert(tx, mail_source, [{"mail_id": n, "raw": raw} for n in rows])
            _insert(tx, action, [_action(n, at[n], count) for n in rows])
            _insert(tx, letter, [_letter(n, at[n]) for n in rows])
            _insert(tx, letter_source, [{"letter_id": n, "source": raw} for n in rows])


def _insert(tx: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    tx.execute(insert(table), rows)


def _case(n: int, at: datetime, draw: random.Random, people: list[str]) -> dict[str, Any]:
    name = draw.choice(people)
    return {
        "id": n, "number": f"{at.year}-{n:06}", "state": "closed", "correspondent": f"p{n % 9000}@x.example.jp",
        "correspondent_name": name, "subject": mails.SUBJECT, "created_at": at, "updated_at": at, "missing": [],
        "fields": {"facility_name": f"みほん{draw.choice(_PLACES)}{n % 3000 + 1}病院", "responsible_physician": name,
                   "request": "confirm_address", "certification_number": None, "member_number": f"{n % 3000 + 1:06}",
                   "birthdate": None, "new_address": None},
        "verdict": "verified", "certification_number": f"K{n % 3000 + 1:05}", "thread": [],
    }  # fmt: skip


def _mail(n: int, at: datetime, size: int) -> dict[str, Any]:
    return {
        "id": n, "sha256": f"{n:064x}", "size_bytes": size, "received_at": at, "taken_at": at, "mailbox": "INBOX",
        "uidvalidity": 1, "uid": n, "disposition": "request", "reasons": [], "case_id": n, "decided_at": at, "attempts": 1,
    }  # fmt: skip


def _action(n: int, at: datetime, count: int) -> dict[str, Any]:
    waiting = n > count - 120
    return {
        "id": n, "purpose_key": f"mail:{n}:confirm_address", "case_id": n, "kind": "confirm_address",
        "state": "waiting" if waiting else "done", "verdict": "verified", "certification_number": f"K{n % 3000 + 1:05}",
        "facility_version": 1, "evidence": [["facility", "agrees", "found by its name"]], "note": "", "created_at": at,
        "decided_at": None if waiting else at + timedelta(hours=2), "decided_by": None if waiting else "clerk",
    }  # fmt: skip


def _letter(n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": n, "purpose_key": f"receipt:{n}", "case_id": n, "letter": "receipt", "recipient": f"p{n % 9000}@x.example.jp",
        "message_id": f"<{n}@x.test>", "automatic": True, "state": "sent", "priority": 0, "created_at": at, "due_at": at,
        "sent_at": at, "sent_copy": "saved",
    }  # fmt: skip


def browser(database: Database) -> TestClient:
    """Return somebody who is logged in."""
    rules = load_rules(shipped_folder() / RULES_NAME)
    desk = Desk(
        database, rules, LetterBook.load(shipped_folder() / TEMPLATES_NAME, rules), b"k" * 32
    )
    health = Health(("imap",), NOW)
    parts = Parts(
        database,
        lambda: desk,
        health,
        Metrics(database, health),
        Site.of("http://testserver", "127.0.0.1"),
    )
    began = time.perf_counter()
    while search.catch_up(desk, NOW):
        pass
    print(f"search made ready          {time.perf_counter() - began:8.1f} s")
    with database.begin() as tx:
        web_sessions.insert_session(tx, sessions.digest_of("token"), "clerk", NOW, "x", "x")
    client = TestClient(build_app(parts), base_url="http://testserver")
    client.cookies.set("helpdesk_session", "token")
    return client


def measure(client: TestClient, path: str, runs: int) -> tuple[float, float]:
    """Return the median and the longest time of a page, in milliseconds."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        answer = client.get(path, follow_redirects=False)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return statistics.median(times[1:]), max(times[1:])


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}/helpdesk.db")
        migrate(database)
        fill(database, asked.cases)
        client = browser(database)
        newest = re.findall(r"/cases/(\d{4}-\d{6})", client.get("/queue").text)[0]
        print(f"{'page':38}  median  longest  (ms, {asked.cases:,} cases, {asked.runs} runs)")
        for path in PAGES:
            median, longest = measure(client, path.replace("{case}", newest), asked.runs)
            print(f"{path:38} {median:7.0f} {longest:8.0f}")
        database.close()


if __name__ == "__main__":
    main()
