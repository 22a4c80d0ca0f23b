"""The stage: Dovecot, a relay that takes everything, and the daemon, all real processes."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import traffic
from tests import mails
from tests.servers.dovecot import Dovecot
from tests.servers.net import free_port, greets
from tests.servers.processes import REPOSITORY, Daemon, run_cli, start_daemon


class Sink:
    """The process of `benchmarks.sink`, and what it has noted."""

    def __init__(self, folder: Path) -> None:
        """Start it and wait until it listens."""
        self.port = free_port()
        self._notes = folder / f"sink-{self.port}.txt"
        with self._notes.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.sink", str(self.port)],
                stdout=out,
                cwd=REPOSITORY,
            )
        while not greets(self.port, b"220"):
            time.sleep(0.02)

    def notes(self) -> list[tuple[float, str]]:
        """Return time and answered Message-ID of every letter so far."""
        lines = self._notes.read_text(encoding="ascii").split("\n")[:-1]
        return [(float(at), answered) for at, answered in (line.split(" ", 1) for line in lines)]

    def wait_for(self, count: int, patience_s: float) -> list[tuple[float, str]]:
        """Return the notes once there are so many; TimeoutError where they do not come."""
        deadline = time.monotonic() + patience_s
        while self._notes.stat().st_size < count * 20 or len(self.notes()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.notes())} of {count} letters in {patience_s} s")
            time.sleep(0.02)
        return self.notes()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(10)


class Stage:
    """One mailbox, one relay and the settings of a daemon between them."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: Sink) -> None:
        """Import the registry; nothing runs yet."""
        self.folder, self.dovecot, self.sink = folder, dovecot, sink
        self.user = f"desk-{secrets.token_hex(4)}@example.test"
        rules = folder / "mailbox_rules.yaml"
        rules.write_text(
            json.dumps(
                {
                    "desk": {"name": "日本みほん医学会 事務局", "address": mails.DESK},
                    "mailbox": {"go_live": "2020-01-01"},
                    "limits": {"letters_per_minute": 100_000, "letters_per_hour": 100_000},
                },
                ensure_ascii=False,
            ),
            encoding="utf-8",
        )
        self.env = {
            "HELPDESK_IMAP_URL": dovecot.imap_url(self.user),
            "HELPDESK_SMTP_URL": f"smtp://127.0.0.1:{sink.port}?starttls=never",
            "HELPDESK_DATABASE_URL": f"sqlite:///{folder}/var/helpdesk.db",
            "HELPDESK_RULES": str(rules),
            "HELPDESK_SECRET_KEY": "0123456789abcdef" * 4,
        }
        registry = folder / "registry.csv"
        registry.write_text(traffic.registry_csv(), encoding="utf-8")
        done = run_cli(self.env, "registry", "import", str(registry), cwd=folder)
        if done.returncode:
            raise RuntimeError(done.stderr)

    @contextmanager
    def daemon(self) -> Iterator[Daemon]:
        """Run the daemon until the end of the block."""
        running = start_daemon(self.env, folder=self.folder)
        try:
            yield running
        finally:
            with contextlib.suppress(AssertionError):
                running.stop()
            running.kill()


@contextmanager
def stage(dovecot: Dovecot | None = None) -> Iterator[Stage]:
    """Build everything in a temporary folder; it is gone at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hd-bench-")))
        if dovecot is None:
            dovecot = Dovecot()
            stack.callback(dovecot.remove)
            dovecot.start()
        sink = Sink(folder)
        stack.callback(sink.close)
        yield Stage(folder, dovecot, sink)


def resident_mib(pid: int, peak: bool = False) -> float:
    """Return the memory a process holds, or held at most (Linux counts in kB)."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no memory figures: this is not Linux")
