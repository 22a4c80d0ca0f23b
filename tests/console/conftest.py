"""The real console over a real store: logged-in browsers without a browser."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpdesk.console.ask import csrf_token
from helpdesk.console.metrics import Metrics
from helpdesk.console.parts import Files, Parts, Site
from helpdesk.console.web import build_app
from helpdesk.desk import handling, registry_import, sessions, users
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.errors import HelpdeskError
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import Rules, load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store import mails as stored_mails
from helpdesk.store import web_sessions
from helpdesk.store.database import Database
from helpdesk.store.mails import NewMail
from helpdesk.store.migrate import migrate
from tests import mails

PASSWORD = "correct horse battery"
PEOPLE = {"ando": "operator", "baba": "approver", "chiba": "admin"}
REGISTRY = (
    "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス,"
    "基幹施設認定番号,申請状況,代表電話\n"
    "K0101,医療法人見本会みほん中央病院,基幹施設,見本 太郎,ミホン タロウ,123456,1968-04-09,"
    "old@mihon.example.jp,,未申請,03-0000-0101\n"
    "R0102,みほん東病院,連携施設,例示 花子,レイジ ハナコ,234567,1975-01-02,"
    "east@mihon.example.jp,K0101,未申請,03-0000-0102\n"
    "R0103,みほん髙橋クリニック,連携施設,髙橋 一郎,タカハシ イチロウ,345678,1970-05-06,"
    ",K0101,申請済,03-0000-0103\n"
)


def healthy(now: datetime) -> Health:
    """Return the state of a daemon that works."""
    made = Health(("mailbox", "relay", "token"), now)
    for part in made.snapshot():
        made.report(part, now)
    return made


@dataclass
class Secretariat:
    """A store with a registry and three people, and the real web application over it."""

    folder: Path
    database: Database
    desk: Desk
    woken: list[str] = field(default_factory=list)
    base: str = ""
    play: Callable[[bytes, str], None] | None = None
    health: Health = field(default_factory=lambda: healthy(datetime.now(UTC)))
    _number: int = 0

    def parts(self) -> Parts:
        return Parts(
            database=self.database,
            desk=lambda: self.desk,
            health=self.health,
            metrics=Metrics(self.database, self.health),
            site=Site.of(f"http://testserver{self.base}", "127.0.0.1"),
            files=Files(
                rules=_there(self.folder / RULES_NAME),
                templates=_there(self.folder / TEMPLATES_NAME),
            ),
            wake_sender=lambda: self.woken.append("sender"),
            wake_watcher=lambda: self.woken.append("watcher"),
            reload=self.reload,
            play=self.play,
        )

    def reload(self) -> str | None:
        try:
            rules = load_rules(self.folder / RULES_NAME)
            book = LetterBook.load(self.folder / TEMPLATES_NAME, rules)
        except HelpdeskError as error:
            return str(error)
        self.desk = Desk(self.database, rules, book, self.desk.key)
        return None

    def browser(self, name: str = "", language: str = "ja") -> Browser:
        """Return a browser, logged in where a name is given: as the log-in does, but quicker."""
        client = TestClient(build_app(self.parts()), base_url="http://testserver")
        made = Browser(client, self.base, self.desk.key)
        made.client.cookies.set("helpdesk_language", language)
        if name:
            token = secrets.token_urlsafe(32)
            with self.database.begin() as tx:
                digest = sessions.digest_of(token)
                web_sessions.insert_session(tx, digest, name, datetime.now(UTC), "test", "test")
            client.cookies.set("helpdesk_session", token, path=self.base or "/")
        return made

    def arrive(self, raw: bytes, now: datetime | None = None) -> int:
        """Let one mail come in and be handled; return its id."""
        now = now or datetime.now(UTC)
        self._number += 1
        new = NewMail("INBOX", 1, self._number, len(raw), now, raw, hashlib.sha256(raw).hexdigest())
        with self.database.begin() as tx:
            (mail_id,) = stored_mails.insert_mails(tx, [new], now)
        while handling.handle_waiting(self.desk, now):
            pass
        return mail_id

    def request(self, sender: str = mails.HEAD, **changes: str) -> str:
        """Let a request that is right come in; return its case's number."""
        mail_id = self.arrive(
            mails.mail(mails.form(**changes), message_id=f"<r{self._number}@x.test>", sender=sender)
        )
        return self.case_of(mail_id)

    def case_of(self, mail_id: int) -> str:
        from sqlalchemy import select

        from helpdesk.store.schema import case, mail

        query = select(case.c.number).join(mail, mail.c.case_id == case.c.id)
        with self.database.read() as tx:
            return str(tx.execute(query.where(mail.c.id == mail_id)).scalar_one())


def _there(path: Path) -> str | None:
    return str(path) if path.exists() else None


class Browser:
    """What a person's browser does, forms and all."""

    def __init__(self, client: TestClient, base: str, key: bytes) -> None:
        self.client, self.base, self._key = client, base, key

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(f"{self.base}{path}", follow_redirects=False, **options)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return str(answer.text)

    def csrf(self) -> str:
        token = next(one.value for one in self.client.cookies.jar if one.name == "helpdesk_session")
        return csrf_token(self._key, token or "")

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        headers = {"Origin": "http://testserver", **options.pop("headers", {})}
        given = dict(data or {})
        if "csrf" not in given and any(
            one.name == "helpdesk_session" for one in self.client.cookies.jar
        ):
            given["csrf"] = self.csrf()
        return self.client.post(
            f"{self.base}{path}", data=given, headers=headers, follow_redirects=False, **options
        )

    def do(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> str:
        """Send a form that is taken; return where it leads."""
        answer = self.post(path, data, **options)
        assert answer.status_code == 303, f"{path}: {answer.status_code} {said(answer.text)}"
        return str(answer.headers["location"])

    def log_in(self, name: str, password: str = PASSWORD, code: str = "") -> Any:
        return self.post("/login", {"name": name, "password": password, "code": code, "csrf": ""})


def said(html: str) -> str:
    """Return what a page says went wrong."""
    found = re.search(r'class="problem"[^>]*>(.*?)</p>', html, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else html[:300]


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules(shipped_folder() / RULES_NAME)


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> tuple[Path, LetterBook]:
    """Return a store with registry and people, made once: argon2 and migrations take time."""
    folder = tmp_path_factory.mktemp("prepared")
    database = Database(f"sqlite:///{folder}/helpdesk.db")
    migrate(database)
    now = datetime.now(UTC)
    for name, role in PEOPLE.items():
        users.add_user(database, name, role, PASSWORD, now, by="test")
    file = folder / "registry.csv"
    file.write_text(REGISTRY, encoding="utf-8")
    registry_import.import_registry(database, file, now=now, dry_run=False, by="chiba")
    database.close()
    return folder, LetterBook.load(shipped_folder() / TEMPLATES_NAME, rules)


@pytest.fixture
def secretariat(
    tmp_path: Path, _prepared: tuple[Path, LetterBook], rules: Rules
) -> Iterator[Secretariat]:
    prepared, book = _prepared
    shutil.copyfile(prepared / "helpdesk.db", tmp_path / "helpdesk.db")
    database = Database(f"sqlite:///{tmp_path}/helpdesk.db")
    yield Secretariat(tmp_path, database, Desk(database, rules, book, b"k" * 32))
    database.close()


@pytest.fixture
def clerk(secretariat: Secretariat) -> Browser:
    """Return the browser of somebody who may decide."""
    return secretariat.browser("baba")


@pytest.fixture
def admin(secretariat: Secretariat) -> Browser:
    return secretariat.browser("chiba")


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Any]:
    """Return the one browser of a worker."""
    from .browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def page(chromium_browser: Any, secretariat: Secretariat) -> Iterator[Any]:
    """Return a page whose every mishap and outside request is a failure."""
    context = chromium_browser.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    trouble: list[str] = []
    made.on("pageerror", lambda error: trouble.append(str(error)))
    made.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    made.on(
        "console",
        lambda message: (
            trouble.append(message.text)
            # What a mail tried to load and was refused is as it should be.
            if message.type == "error"
            and "Content Security Policy" in message.text
            and "/canary/" not in message.text
            else None
        ),
    )
    made.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "about:", "data:"))
            else trouble.append(request.url)
        ),
    )
    yield made
    context.close()
    assert trouble == []
