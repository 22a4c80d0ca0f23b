"""The demo from start to end: servers, society, daemon, a morning's mail, and a look at it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from rich.console import Console

from helpdesk.app import build_desk, open_database
from helpdesk.config import ImapUrl, Settings, SmtpUrl, load_settings
from helpdesk.demo import society
from helpdesk.demo.ending import Ending
from helpdesk.demo.progress import Outcome, look
from helpdesk.demo.servers import (
    Arrived,
    DemoError,
    Post,
    free_port,
    imap_server,
    require_servers,
    start,
    stop,
)
from helpdesk.demo.show import Show, commands, invitation
from helpdesk.demo.society import DESK, DemoMail
from helpdesk.desk import approvals, queue, registry_import, users
from helpdesk.mail.transport import Relay
from helpdesk.shipped import shipped_folder
from helpdesk.store.database import Database

CLERK = "demo"

# All of it takes about ten seconds; a slow machine takes a minute.
_PATIENCE_S = 90.0


def run_demo(*, wait: bool, keep: bool) -> bool:
    """Show the demo; True where everything became what it should. Raises DemoError."""
    require_servers()
    outside = _without_settings()
    ending = Ending()
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-demo-"))
    try:
        return _run(console, folder, ending, _own_command(outside), wait=wait)
    finally:
        if keep:
            console.print(f"{folder}: 残しました。 (kept)")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _without_settings() -> list[str]:
    """Forget what is set outside, and return its names.

    The environment stands over a file, and where somebody's own office is set there, its
    registry would be replaced by the demo's.
    """
    outside = sorted(name for name in os.environ if name.upper().startswith("HELPDESK_"))
    for name in outside:
        del os.environ[name]
    return outside


def _own_command(outside: list[str]) -> str:
    """Return how this very helpdesk is called from another terminal, where `outside` is set too."""
    beside = Path(sys.executable).with_name("helpdesk")
    found = shutil.which("helpdesk")
    command = str(beside) if beside.exists() else f"{sys.executable} -m helpdesk"
    if found is not None and Path(found).resolve() == beside.resolve():
        command = "helpdesk"
    unset = " ".join(f"-u {name}" for name in outside)
    return f"env {unset} {command}" if unset else command


def _run(console: Console, folder: Path, ending: Ending, command: str, *, wait: bool) -> bool:
    letters = folder / "letters"
    letters.mkdir()
    console.print("用意しています…  setting up (IMAP, SMTP, registry, daemon)")
    with imap_server(folder / "imap.log", ending) as imap, _post(imap, letters) as post:
        env_file = _write_settings(folder, imap, post.port)
        settings = load_settings(env_file)
        database = open_database(settings)
        try:
            password = _open_office(database, folder)
            with _daemon(env_file, folder, settings, ending):
                outcomes, first = _play(console, database, post)
                good = all(one.as_expected for one in outcomes)
                if wait:
                    address = "http://{}:{}".format(*settings.console_address)
                    console.print(invitation(address, CLERK, password))
                    own = f"{command} --env-file {env_file}"
                    # Not folded: what is folded cannot be copied.
                    print(commands(own, CLERK, first, str(letters)), flush=True)  # noqa: T201
                    _until_interrupted()
                else:
                    good = _approve_and_read(console, settings, database, post, first) and good
                    console.print(_summary(outcomes, good=good))
        finally:
            database.close()
    return good


@contextmanager
def _post(imap: ImapUrl, letters: Path) -> Iterator[Post]:
    post = Post(imap, letters)
    try:
        yield post
    finally:
        post.close()


def _write_settings(folder: Path, imap: ImapUrl, smtp_port: int) -> Path:
    """Write the settings and rules of the demo, as an operator would."""
    rules, templates = folder / "mailbox_rules.yaml", folder / "templates"
    shipped = (shipped_folder() / "mailbox_rules.yaml").read_text(encoding="utf-8")
    rules.write_text(_without_season(shipped), encoding="utf-8")
    shutil.copytree(shipped_folder() / "templates", templates)
    env_file = folder / "demo.env"
    lines = (
        f"HELPDESK_IMAP_URL=imap://{imap.user}:{imap.password}@127.0.0.1:{imap.port}/INBOX",
        f"HELPDESK_SMTP_URL=smtp://127.0.0.1:{smtp_port}?starttls=never",
        f"HELPDESK_DATABASE_URL=sqlite:///{folder}/var/helpdesk.db",
        f"HELPDESK_RULES={rules}",
        f"HELPDESK_TEMPLATES={templates}",
        f"HELPDESK_DEMO_SMTP_URL=smtp://127.0.0.1:{smtp_port}?starttls=never",
        f"HELPDESK_CONSOLE_BIND=127.0.0.1:{free_port()}",
        f"HELPDESK_SECRET_KEY={secrets.token_hex(32)}",
    )
    env_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    env_file.chmod(0o600)
    return env_file


def _without_season(rules: str) -> str:
    """Return the rules with their campaigns at rest: the demo is the same all the year."""
    lines = [line for line in rules.split("\n") if not line.startswith("    paused: ")]
    return "\n".join(lines).replace("    opens: ", "    paused: true\n    opens: ")


def _open_office(database: Database, folder: Path) -> str:
    """Import the registry and let somebody in; return their password."""
    registry = folder / "registry.csv"
    registry.write_text(society.registry_csv(), encoding="utf-8")
    now = datetime.now(UTC)
    registry_import.import_registry(database, registry, now=now, dry_run=False, by=CLERK)
    password = secrets.token_urlsafe(9)
    users.add_user(database, CLERK, "admin", password, now, by="demo", cause="command")
    return password


@contextmanager
def _daemon(env_file: Path, folder: Path, settings: Settings, ending: Ending) -> Iterator[None]:
    """Run the real daemon, as a process of its own, until the end."""
    command = [sys.executable, "-m", "helpdesk", "--env-file", str(env_file), "run"]
    process = None
    try:
        with ending.held_back():
            process = start(command, folder / "daemon.log")
        host, port = settings.console_address
        _wait_until_well(f"http://{host}:{port}/healthz", process)
        yield
    finally:
        if process is not None:
            stop(process)


def _wait_until_well(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(URLError, HTTPError, OSError), urlopen(url, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise DemoError("the daemon does not start; see daemon.log with --keep")


def _play(console: Console, database: Database, post: Post) -> tuple[list[Outcome], int | None]:
    """Send the morning's mails, answer what comes back, and show what becomes of them."""
    outcomes = [Outcome(mail) for mail in society.morning()]
    with Show(console) as show:
        for one in outcomes:
            asyncio.run(_send(post.port, one.mail))
            one.sent = True
            _watch(show, database, outcomes, 0.3)
        arrived = _collect(show, database, outcomes, post)
        for answer in _answers(arrived):
            asyncio.run(_send(post.port, answer))
            outcomes.append(Outcome(answer, sent=True))
        _settle(show, database, outcomes)
        show.finish(outcomes)
    waiting = [a for a in queue.listed(database, undecided_only=True) if a.verdict == "verified"]
    confirm = [action.id for action in waiting if action.kind == "confirm_address"]
    return outcomes, confirm[0] if confirm else None


async def _send(port: int, mail: DemoMail) -> None:
    relay = Relay(SmtpUrl("127.0.0.1", port, None, None, "never"), mail.envelope)
    await relay.open()
    await relay.offer(DESK)
    await relay.hand_over(mail.raw)
    await relay.quit()


def _watch(show: Show, database: Database, outcomes: list[Outcome], seconds: float) -> None:
    look(database, outcomes)
    show.update(outcomes)
    time.sleep(seconds)


def _collect(
    show: Show, database: Database, outcomes: list[Outcome], post: Post
) -> dict[str, Arrived]:
    """Return the letters by recipient once those that are answered have arrived."""
    wanted = {outcomes[0].mail.sender, "higashi@higashi.example.jp"}
    arrived: dict[str, Arrived] = {}
    deadline = time.monotonic() + _PATIENCE_S
    while not wanted <= set(arrived):
        if time.monotonic() > deadline:
            raise DemoError("the letters do not arrive; see daemon.log with --keep")
        _watch(show, database, outcomes, 0.2)
        with contextlib.suppress(Empty):
            while True:
                letter = post.arrived.get_nowait()
                arrived.setdefault(letter.recipient, letter)
    return arrived


def _answers(arrived: dict[str, Arrived]) -> list[DemoMail]:
    receipt, question = arrived["taro@chuo.example.jp"], arrived["higashi@higashi.example.jp"]
    return [
        society.thanks(receipt.subject, receipt.message_id),
        society.missing_answer(question.subject, question.message_id),
    ]


def _settle(show: Show, database: Database, outcomes: list[Outcome]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while any(one.disposition is None for one in outcomes) and time.monotonic() < deadline:
        _watch(show, database, outcomes, 0.2)
    _watch(show, database, outcomes, 0.7)  # The last receipts are on their way.
    look(database, outcomes)


def _approve_and_read(
    console: Console, settings: Settings, database: Database, post: Post, action_id: int | None
) -> bool:
    """Play the clerk once, and read the answer as the facility head does."""
    if action_id is None:
        return False
    desk = build_desk(settings, database)
    approvals.approve(desk, action_id, CLERK, datetime.now(UTC))
    console.print(f"\n承認しました（{action_id}）。  approved; the answer that came back:\n")
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(Empty):
            letter = post.arrived.get(timeout=0.2)
            # The registered address is told in full; who asked gets a hint at it.
            if "ご登録のメールアドレス" in letter.subject:
                console.print(
                    f"To: {letter.recipient}\n{letter.subject}\n\n{letter.text}", markup=False
                )
                return True
    return False


def _summary(outcomes: list[Outcome], *, good: bool) -> str:
    right = sum(one.as_expected for one in outcomes)
    word = "成功  all as expected" if good else "失敗  not as expected"
    wrong = [one.mail.label for one in outcomes if not one.as_expected]
    return f"{right}/{len(outcomes)} {word} {' / '.join(wrong)}".strip()


def _until_interrupted() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
