"""An office: a mailbox in Dovecot, a relay, a registry, a clerk, and the daemon."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk.app import build_desk, open_database
from helpdesk.config import load_settings
from helpdesk.desk.context import Desk
from helpdesk.store.database import Database
from tests import mails, prepared
from tests.servers.dovecot import Dovecot
from tests.servers.net import eventually
from tests.servers.processes import Daemon
from tests.servers.smtp_sink import SmtpSink

REGISTRY = (
    "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス\n"
    "K0101,医療法人見本会みほん中央病院,基幹施設,見本 太郎,ミホン タロウ,123456,1968-04-09,"
    "old@mihon.example.jp\n"
    "R0102,みほん東病院,連携施設,例示 花子,レイジ ハナコ,234567,1975-01-02,east@mihon.example.jp\n"
)
CLERK = "sato"

# The database of the first office of this process, as its commands left it.
_opened: list[bytes] = []


class Office:
    """Everything a test needs to play clerk and facility head."""

    def __init__(
        self,
        folder: Path,
        dovecot: Dovecot,
        user: str,
        sink: SmtpSink,
        spawn: Callable[..., Daemon],
        cli: Callable[..., subprocess.CompletedProcess[str]],
    ) -> None:
        """Write the rules and the settings; nothing runs yet."""
        self.folder, self.dovecot, self.user, self.sink = folder, dovecot, user, sink
        self._spawn, self._cli = spawn, cli
        self._daemon: Daemon | None = None
        self.rules = folder / "mailbox_rules.yaml"
        self.write_rules()
        self.env = {
            "HELPDESK_IMAP_URL": dovecot.imap_url(user),
            "HELPDESK_SMTP_URL": sink.url(),
            "HELPDESK_DATABASE_URL": f"sqlite:///{folder}/var/helpdesk.db",
            "HELPDESK_RULES": str(self.rules),
            "HELPDESK_SECRET_KEY": "0123456789abcdef" * 4,
        }

    def write_rules(self, **keys: Any) -> None:
        """Write a rules file; keys stand beside the shipped defaults (dotted with __)."""
        rules: dict[str, Any] = {
            "desk": {"name": "日本みほん医学会 事務局", "address": mails.DESK},
            # Dates in the tests are fixed; the mails are to be handled whenever they run.
            "mailbox": {"go_live": "2020-01-01", "poll": "2s"},
            "limits": {"letters_per_minute": 100000, "letters_per_hour": 100000},
            "outbox": {"retry_first": "1s", "retry_longest": "1s"},
            # What the calendar writes depends on the day on which the tests run.
            "campaigns": [],
            "deadlines": {"digest": {"at": "23:58"}, "send_until": "23:59"},
        }
        for path, value in keys.items():
            here = rules
            *parents, last = path.split("__")
            for parent in parents:
                here = here.setdefault(parent, {})
            here[last] = value
        self.rules.write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")

    def open(self) -> None:
        """Import the registry and add a clerk; later offices have what the first one had then."""
        file = self.folder / "registry.csv"
        file.write_text(REGISTRY, encoding="utf-8")
        database = self.folder / "var/helpdesk.db"
        as_usual = self.env["HELPDESK_DATABASE_URL"] == f"sqlite:///{database}"
        if as_usual and _opened:
            database.parent.mkdir(mode=0o700)
            database.write_bytes(_opened[0])
            database.chmod(0o600)
            return
        self.run("registry", "import", str(file))
        self.run("user", "add", CLERK, "--role", "approver", input="correct horse battery\n")
        if as_usual:
            _opened.append(prepared.whole(database))

    def start(self, **options: Any) -> Daemon:
        """Start the daemon and wait until it is well."""
        self._daemon = self._spawn(self.env, **options)
        return self._daemon

    def stop(self) -> None:
        """End the daemon that was started last, as a service manager does."""
        assert self._daemon is not None
        self._daemon.stop()

    def run(self, *arguments: str, status: int = 0, input: str = "") -> str:  # noqa: A002
        """Run one command, see its exit status, and return what it printed."""
        done = self._cli(self.env, *arguments, input=input)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done.stdout + done.stderr

    def desk(self) -> Desk:
        """Return a desk on the same database: a command for every step takes too long."""
        file = self.folder / "settings.env"
        file.write_text("".join(f"{name}={value}\n" for name, value in self.env.items()))
        settings = load_settings(file)
        return build_desk(settings, open_database(settings))

    def look(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the database says: for what is asked until it is so, as commands start."""
        database = Database(self.env["HELPDESK_DATABASE_URL"])
        try:
            with database.read() as tx:
                return [tuple(row) for row in tx.execute(text(query))]
        finally:
            database.close()

    def letter_states(self) -> Counter[str]:
        """Return how many letters are in each state."""
        return Counter(state for (state,) in self.look("SELECT state FROM letter"))

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the JSON lines of a list command."""
        return [json.loads(line) for line in self.run(*arguments, "--json").splitlines()]

    def queue(self) -> list[dict[str, Any]]:
        """Return every action, decided or not."""
        return self.rows("queue", "list", "--all")

    def outbox(self) -> list[dict[str, Any]]:
        """Return every letter."""
        return self.rows("outbox", "list")

    def deliver(self, raw: bytes) -> None:
        """Put one mail into the mailbox over LMTP."""
        self.dovecot.deliver(raw, self.user)

    def inbox(self) -> list[bytes]:
        """Return what lies in the inbox."""
        return self.dovecot.messages(self.user)

    def folder_of(self, name: str) -> list[bytes]:
        """Return what lies in a folder, [] where it does not exist."""
        if name not in self.dovecot.folders(self.user):
            return []
        return self.dovecot.messages(self.user, name)

    def wait_for_letters(self, count: int, timeout_s: float = 15.0) -> list[Any]:
        """Wait until the relay has taken so many letters, and return them."""
        return list(self.sink.wait_for(count, timeout_s=timeout_s))

    def wait_until_handled(self, count: int) -> None:
        """Wait until so many mails lie in the folder of handled mail."""
        eventually(
            lambda: len(self.folder_of("helpdesk/処理済み")) >= count,
            timeout_s=20,
            what=f"{count} mails handled",
        )


@pytest.fixture
def office(
    tmp_path: Path,
    dovecot: Dovecot,
    user: str,
    smtp_sink: SmtpSink,
    spawn_daemon: Callable[..., Daemon],
    run_cli: Callable[..., subprocess.CompletedProcess[str]],
) -> Office:
    """Return an office with a registry and a clerk; its daemon is not started."""
    made = Office(tmp_path, dovecot, user, smtp_sink, spawn_daemon, run_cli)
    made.open()
    return made
