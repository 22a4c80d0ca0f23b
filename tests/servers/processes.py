"""The product itself as a process: the daemon and single commands."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.servers.commands import ForkServer
from tests.servers.net import LOOPBACK, free_port

REPOSITORY = Path(__file__).resolve().parents[2]

# What a service manager waits after SIGTERM, and so the product's promise.
STOP_S = 10.0


def product_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this machine's environment with no setting of the product but the given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    kept["PYTHONPATH"] = str(REPOSITORY)
    kept["PYTHONUNBUFFERED"] = "1"
    return {**kept, **settings}


def run_cli(
    env: Mapping[str, str],
    *arguments: str,
    input: str | bytes | None = None,  # noqa: A002 (the word that subprocess uses)
    cwd: Path | None = None,
    timeout_s: float = 60.0,
) -> subprocess.CompletedProcess[str]:
    """Run one command of helpdesk and return its status and what it printed, as text.

    `env` holds the product's settings; `cwd` is the folder that relative paths start from.
    Without `input` the command reads an empty standard input, never the test's own.
    """
    given = input.encode() if isinstance(input, str) else input or b""
    done = _COMMANDS.run(arguments, product_environment(env), given, cwd, timeout_s)
    return subprocess.CompletedProcess(
        done.args,
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


_COMMANDS, _DAEMONS = ForkServer(), ForkServer()


class Daemon:
    """One running `helpdesk run`."""

    def __init__(
        self,
        env: Mapping[str, str],
        folder: Path,
        arguments: tuple[str, ...],
        module: str = "helpdesk",
    ) -> None:
        """Start the process in `folder`; `wait_until_up` sees that it answers."""
        settings = dict(env)
        settings.setdefault("HELPDESK_CONSOLE_BIND", f"{LOOPBACK}:{free_port()}")
        #: Where the console and /healthz answer.
        self.base_url = f"http://{settings['HELPDESK_CONSOLE_BIND']}"
        self._log = folder / f"daemon-{time.monotonic_ns()}.log"
        self._process = _DAEMONS.start(
            module, arguments, product_environment(settings), folder, self._log
        )

    @property
    def pid(self) -> int:
        """Return the process's number."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Return what it wrote so far on its output and error output."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def log_lines(self) -> list[str]:
        """Return the lines of its log so far."""
        return self.log.splitlines()

    def is_running(self) -> bool:
        """Return whether the process has not ended."""
        return self._process.poll() is None

    def healthz(self) -> tuple[int, str] | None:
        """Return status and text of /healthz, or None where nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=5) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")
        except OSError:
            return None

    def wait_until_up(self, *, healthy: bool, timeout_s: float) -> None:
        """Wait until /healthz answers, with 200 if it is to be healthy."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self.healthz()
            if answer is not None and (answer[0] == 200 or not healthy):
                return
            if not self.is_running():
                raise AssertionError(
                    f"the daemon ended with status {self._process.returncode}:\n{self.tail()}"
                )
            if time.monotonic() >= deadline:
                raise AssertionError(f"/healthz says {answer} after {timeout_s} s:\n{self.tail()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it with SIGTERM; it must go within ten seconds with status 0."""
        if not self.is_running():
            raise AssertionError(
                f"the daemon had already ended, status {self._process.returncode}:\n{self.tail()}"
            )
        self._process.terminate()
        try:
            status = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end within {STOP_S} s of SIGTERM:\n{self.tail()}") from None
        if status != 0:
            raise AssertionError(f"SIGTERM ended it with status {status}:\n{self.tail()}")

    def kill(self) -> None:
        """End it with SIGKILL, wherever it stands; it may have ended already."""
        self._process.kill()
        self._process.wait(STOP_S)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGHUP, SIGSTOP or SIGCONT."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = 20.0) -> int:
        """Wait until it ends by itself and return its status (negative: a signal)."""
        return self._process.wait(timeout_s)

    def tail(self) -> str:
        """Return the end of its log, for a message."""
        return "\n".join(self.log_lines[-60:])


def start_daemon(
    env: Mapping[str, str],
    *,
    folder: Path,
    arguments: tuple[str, ...] = ("run",),
    module: str = "helpdesk",
    wait: bool = True,
    healthy: bool = True,
    timeout_s: float = 20.0,
) -> Daemon:
    """Start the daemon in `folder` and wait until it answers.

    `healthy`: wait until /healthz says 200; False is content with any answer, for tests
    in which a server cannot be reached. `wait=False` returns at once.
    """
    daemon = Daemon(env, folder, arguments, module)
    if wait:
        try:
            daemon.wait_until_up(healthy=healthy, timeout_s=timeout_s)
        except AssertionError:
            daemon.kill()
            raise
    return daemon
