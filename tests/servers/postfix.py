"""A real Postfix that relays every letter to a Dovecot, whatever its address."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.servers import needs
from tests.servers.net import LOOPBACK, eventually, free_port, greets
from tests.servers.proc import end_session

_HERE = Path(__file__).parent
_PACKAGE = "postfix"
_DAEMONS = ("/usr/lib/postfix/sbin", "/usr/libexec/postfix")


class Postfix:
    """One relay in a folder of its own; `stop` and `start` again keep port and queue."""

    def __init__(self, lmtp_port: int, *, settings: str = "") -> None:
        """Prepare a relay; `settings` is added to the end of main.cf as it is."""
        self._command = needs.program("postfix", _PACKAGE)
        self._root = _root_prefix()
        self.folder = Path(tempfile.mkdtemp(prefix="hd-postfix-"))
        # Postfix's own users must reach the queue and the log.
        self.folder.chmod(0o755)
        self.smtp_port = free_port()
        values = {
            "DIR": str(self.folder),
            "DAEMONS": next((name for name in _DAEMONS if Path(name).is_dir()), _DAEMONS[0]),
            "LMTP": str(lmtp_port),
            "SMTP": str(self.smtp_port),
        }
        for name in ("main.cf", "master.cf"):
            text = (_HERE / f"postfix-{name}").read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", value)
            extra = settings if name == "main.cf" else ""
            (self.folder / name).write_text(f"{text}{extra}\n")
        for name in ("spool", "data"):
            (self.folder / name).mkdir()
        self._as_root("chown", "postfix", str(self.folder / "data"))
        # Postfix warns about configuration that is not root's.
        self._as_root("chown", "-R", "root", str(self.folder / "spool"))

    @property
    def smtp_url(self) -> str:
        """Return the address of the relay as the settings take it."""
        return f"smtp://{LOOPBACK}:{self.smtp_port}?starttls=never"

    def start(self) -> None:
        """Start and wait for the greeting."""
        self._as_root(self._command, "-c", str(self.folder), "start")
        try:
            eventually(
                lambda: greets(self.smtp_port, b"220 "), timeout_s=20.0, what="Postfix's greeting"
            )
        except TimeoutError as error:
            raise RuntimeError(f"Postfix does not answer: {self.log()[-2000:]}") from error

    def stop(self) -> None:
        """End the relay and every process of it; letters in the queue stay there."""
        pid = self._pid()
        if pid is None:
            return
        # The master ends its whole process group; `postfix stop` does the same and then
        # looks only once a second whether it is gone.
        self._as_root("sh", "-c", f"kill {pid}")
        end_session(pid)

    def remove(self) -> None:
        """Stop, and take the folder away."""
        self.stop()
        self._as_root("rm", "-rf", str(self.folder))

    def log(self) -> str:
        """Return what the relay logged."""
        path = self.folder / "maillog"
        if not path.exists():
            return ""
        return self._as_root("cat", str(path))

    def queue_length(self) -> int:
        """Return how many letters wait in the queue."""
        queues = [str(self.folder / "spool" / name) for name in ("incoming", "active", "deferred")]
        return len(self._as_root("find", *queues, "-type", "f").splitlines())

    def _pid(self) -> int | None:
        path = self.folder / "spool" / "pid" / "master.pid"
        try:
            pid = int(self._as_root("cat", str(path)))
        except (RuntimeError, ValueError):
            return None
        return pid if _runs(pid) else None

    def _as_root(self, *command: str) -> str:
        done = subprocess.run(
            [*self._root, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.strip()}")
        return done.stdout


def _root_prefix() -> list[str]:
    """Return what makes a command run as root, or skip or fail the test."""
    if needs.is_root():
        return []
    prefix = ["sudo", "-n"]
    try:
        may = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        may = False
    if not may:
        needs.missing("Postfix starts only as root, or with sudo that asks for no password.")
    return prefix


def _runs(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"postfix" in command
