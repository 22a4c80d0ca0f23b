"""The embedded mail servers: IMAP by pymap, SMTP by aiosmtpd, on loopback."""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

from helpdesk.config import ImapUrl
from helpdesk.demo.ending import Ending
from helpdesk.demo.society import DESK
from helpdesk.errors import HelpdeskError
from helpdesk.mail.mailbox import Mailbox
from helpdesk.mail.mailbox_errors import MailboxError

USER, PASSWORD = "desk", "demo"

# pymap loads in about a second; a slow machine takes a few.
_START_S = 30.0


class DemoError(HelpdeskError):
    """The demo cannot be shown."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter that reached a facility."""

    recipient: str
    subject: str
    message_id: str
    text: str


def require_servers() -> None:
    """Say what to install where the embedded servers are absent. Raises DemoError."""
    if find_spec("pymap") is None or find_spec("aiosmtpd") is None:
        raise DemoError("the demo needs mail servers of its own: pip install 'helpdesk[demo]'")


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def imap_server(log: Path, ending: Ending) -> Iterator[ImapUrl]:
    """Run an IMAP server with one empty mailbox; it is stopped at the end."""
    port = free_port()
    program = "import sys; from pymap.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "--host", "127.0.0.1", "--port", str(port),
               "--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]  # fmt: skip
    process = None
    try:
        with ending.held_back():
            process = start(command, log)
        url = ImapUrl("127.0.0.1", port, USER, PASSWORD, "INBOX", tls=False)
        _wait_for(url, process, log)
        yield url
    finally:
        if process is not None:
            stop(process)


def start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process of ours that writes what it says into a file."""
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )


def _wait_for(url: ImapUrl, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(MailboxError):
            Mailbox.connect(url).close()
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise DemoError(f"the embedded IMAP server does not start ({said or 'it says nothing'})")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours: politely, then at once."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Post:
    """The SMTP server: mail to the desk goes into the mailbox, letters to facilities are kept."""

    def __init__(self, imap: ImapUrl, folder: Path) -> None:
        """Listen on a free port; letters are also written to `folder` for reading."""
        from aiosmtpd.controller import Controller

        self._folder = folder
        self._inbox: queue.Queue[bytes | None] = queue.Queue()
        self.arrived: queue.Queue[Arrived] = queue.Queue()
        self._count = 0
        self._mailbox = Mailbox.connect(imap)
        self._carrier = Thread(target=self._carry, name="carrier", daemon=True)
        self._carrier.start()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.port: int = self._controller.port

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take one mail (aiosmtpd looks this up by its name)."""
        raw = bytes(envelope.original_content)
        for recipient in envelope.rcpt_tos:
            if recipient == DESK:
                self._inbox.put(raw)
            else:
                self._keep(recipient, raw)
        return "250 2.0.0 taken"

    def _carry(self) -> None:
        while (raw := self._inbox.get()) is not None:
            self._mailbox.append("INBOX", raw, datetime.now(UTC))

    def _keep(self, recipient: str, raw: bytes) -> None:
        parsed = BytesParser(EmailMessage, policy=default).parsebytes(raw)
        text = parsed.get_content()
        self._count += 1
        name = f"{self._count:02d}-{recipient.replace('@', '_at_')}"
        (self._folder / f"{name}.eml").write_bytes(raw)
        (self._folder / f"{name}.txt").write_text(
            f"{parsed['Subject']}\n\n{text}", encoding="utf-8"
        )
        self.arrived.put(
            Arrived(recipient, str(parsed["Subject"]), str(parsed["Message-ID"]), text)
        )

    def close(self) -> None:
        """Stop listening."""
        self._controller.stop()
        self._inbox.put(None)
        self._carrier.join(5)
        self._mailbox.close()
