"""An office to be measured: a mailbox in Dovecot, a sink, and `helpdesk run` as a process."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.letters_in import registry_csv
from benchmarks.sink import Sink
from tests import mails
from tests.servers.dovecot import Dovecot
from tests.servers.net import LOOPBACK
from tests.servers.processes import Daemon, run_cli, start_daemon

#: Where mails wait until all of them come into the inbox at one moment.
SPOOL = "Spool"

_RULES = {
    "desk": {"name": "日本みほん医学会 事務局", "address": mails.DESK},
    "mailbox": {"go_live": "2020-01-01"},
    # The caps protect a relay; here it is the speed without them that is asked for.
    "limits": {"letters_per_minute": 100000, "letters_per_hour": 100000},
}

# Mails in one MOVE out of the spool: a line of Dovecot's takes 64 kB.
_MOVE_AT_ONCE = 5000


class Office:
    """One mailbox, one database, one daemon."""

    def __init__(self, dovecot: Dovecot, sink: Sink) -> None:
        """Write rules and settings and import the registry; nothing runs yet."""
        self.dovecot, self.sink = dovecot, sink
        self.user = f"desk-{secrets.token_hex(5)}@example.test"
        self.folder = Path(tempfile.mkdtemp(prefix="hd-bench-"))
        rules = self.folder / "mailbox_rules.yaml"
        rules.write_text(json.dumps(_RULES, ensure_ascii=False), encoding="utf-8")
        self.env = {
            "HELPDESK_IMAP_URL": dovecot.imap_url(self.user),
            "HELPDESK_SMTP_URL": f"smtp://{LOOPBACK}:{sink.port}?starttls=never",
            "HELPDESK_DATABASE_URL": f"sqlite:///{self.folder}/var/helpdesk.db",
            "HELPDESK_RULES": str(rules),
            "HELPDESK_SECRET_KEY": "0123456789abcdef" * 4,
        }
        self._daemon: Daemon | None = None
        registry = self.folder / "registry.csv"
        registry.write_text(registry_csv(), encoding="utf-8")
        done = run_cli(self.env, "registry", "import", str(registry), cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def start(self) -> Daemon:
        """Start the daemon and wait until it is well."""
        self._daemon = start_daemon(self.env, folder=self.folder)
        return self._daemon

    def close(self) -> None:
        """Stop the daemon and take the folder away."""
        if self._daemon is not None:
            self._daemon.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, raws: Iterable[bytes]) -> None:
        """Deliver mails over LMTP, one connection."""
        self.dovecot.deliver_many(raws, self.user)

    def spool(self, raws: Iterable[bytes]) -> None:
        """Put mails where nobody looks, until `release`."""
        spool_mails(self.dovecot, self.user, raws)

    def release(self) -> None:
        """Bring all spooled mails into the inbox."""
        release_mails(self.dovecot, self.user)

    def count(self, folder: str) -> int:
        """Return how many mails lie in a folder; 0 where there is none."""
        with self.dovecot.client(self.user) as client:
            if not client.folder_exists(folder):
                return 0
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])


def spool_mails(dovecot: Dovecot, user: str, raws: Iterable[bytes]) -> None:
    """Put mails into a folder that nobody watches."""
    with dovecot.client(user) as client:
        client.create_folder(SPOOL)
        raw_list = list(raws)
        for start in range(0, len(raw_list), 100):
            client.multiappend(SPOOL, raw_list[start : start + 100])


def release_mails(dovecot: Dovecot, user: str) -> None:
    """Move everything from the spool into the inbox."""
    with dovecot.client(user) as client:
        client.select_folder(SPOOL)
        uids = sorted(client.search())
        for start in range(0, len(uids), _MOVE_AT_ONCE):
            part = uids[start : start + _MOVE_AT_ONCE]
            client.move([f"{part[0]}:{part[-1]}"], "INBOX")


def memory_mib(pid: int, line: str = "VmRSS") -> float:
    """Return a process's resident memory in MiB; `VmHWM` is its peak."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{line}:\s+(\d+) kB", status, re.MULTILINE)
    assert found, line
    return int(found[1]) / 1024
