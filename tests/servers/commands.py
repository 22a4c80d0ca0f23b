"""The product in processes of its own that need not load it again.

One process loads the product once and forks for each command and each daemon: that is
the same code in a process of its own, in a twentieth of the time. Commands and daemons
have a forking process each, so that no daemon waits for a long command.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import io
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# As linux/prctl.h has it.
_PR_SET_PDEATHSIG = 1

_REPOSITORY = Path(__file__).resolve().parents[2]

# What an interpreter is told before it starts: no fork can follow it afterwards.
_BEFORE_START = (
    "LD_PRELOAD", "FAKETIME_CACHE_DURATION", "FAKETIME_DONT_FAKE_MONOTONIC", "PYTHONMALLOC",
    "PYTHONDEVMODE",
)  # fmt: skip

# The desk of nearly every test: whether letters can be written for it is tried once for all.
_OFFICE = {"name": "日本みほん医学会 事務局", "address": "desk@society.example.jp"}

# libfaketime looks at FAKETIME anew in the second after the one in which it did last.
_NEXT_LOOK_S = 1.1


class ForkServer:
    """The process that forks; it ends with its last user's standard input."""

    def __init__(self, before_start: Mapping[str, str] | None = None) -> None:
        """Start nothing yet. `before_start`: what its interpreter is told besides."""
        self._before_start = dict(before_start or {})
        self._others: dict[frozenset[tuple[str, str]], ForkServer] = {}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], env: Mapping[str, str], given: bytes, cwd: Path | None,
        timeout_s: float,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """Run one command; raises TimeoutExpired where it takes longer."""
        with tempfile.TemporaryDirectory(prefix="hd-command-") as folder:
            stdin, stdout, stderr = (Path(folder) / name for name in ("in", "out", "err"))
            stdin.write_bytes(given)
            files = (stdin, stdout, stderr)
            asked = _asked("helpdesk", arguments, env, cwd or Path.cwd(), files)
            status = self._ask({"do": "run", "timeout_s": timeout_s, **asked})
            command = ["helpdesk", *arguments]
            if status is None:
                raise subprocess.TimeoutExpired(command, timeout_s)
            return subprocess.CompletedProcess(
                command, status, stdout.read_bytes(), stderr.read_bytes()
            )

    def start(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path
    ) -> ForkedProcess:
        """Start `python -m MODULE` as the leader of a session, and leave it running."""
        before = {name: env[name] for name in _BEFORE_START if name in env}
        if before != self._before_start:
            key = frozenset(before.items())
            other = self._others.setdefault(key, ForkServer(before))
            return other.start(module, arguments, env, cwd, log)
        log.touch()
        files = (Path(os.devnull), log, log)
        pid = self._ask({"do": "start", **_asked(module, arguments, env, cwd, files)})
        assert pid is not None
        return ForkedProcess(self, pid)

    def status_of(self, pid: int) -> int | None:
        """Return the status of a started process (negative: a signal), None while it runs."""
        return self._ask({"do": "status", "pid": pid})

    def _ask(self, asked: Mapping[str, object]) -> int | None:
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            answer: int | None = json.loads(process.stdout.readline())
            return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.commands"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_REPOSITORY,
                env={**os.environ, **self._before_start},
                text=True,
            )
        return self._process


class ForkedProcess:
    """A process that a fork server started, with the manners of subprocess.Popen."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        """Take over a process that runs."""
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """Return its status, None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.status_of(self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Return its status as soon as it has one; raises TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.01)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal; a process that has ended is never mistaken for a later one."""
        if self.poll() is None:  # Nobody but the server reaps it, so the number is still its own.
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _asked(
    module: str, arguments: Sequence[str], env: Mapping[str, str], cwd: Path, files: Sequence[Path]
) -> dict[str, object]:
    return {
        "module": module,
        "arguments": list(arguments),
        "env": dict(env),
        "cwd": str(cwd),
        "files": [str(file) for file in files],
    }


def _serve() -> None:
    from helpdesk import cli, daemon
    from helpdesk.mail.letters import LetterBook
    from helpdesk.rules import load_rules
    from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder

    del cli, daemon  # Only loaded, as the shipped files are: every fork finds them there.
    with tempfile.NamedTemporaryFile("w", suffix=RULES_NAME, encoding="utf-8") as own:
        own.write(json.dumps({"desk": _OFFICE}))
        own.flush()
        for file in (shipped_folder() / RULES_NAME, Path(own.name)):
            LetterBook.load(shipped_folder() / TEMPLATES_NAME, load_rules(file))
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_done(json.loads(line))) + "\n")
        sys.stdout.flush()


def _done(asked: dict[str, Any]) -> int | None:
    match asked["do"]:
        case "run":
            return _run_out(_fork(asked), asked["timeout_s"])
        case "start":
            return _fork(asked)
        case "status":
            pid, status = os.waitpid(asked["pid"], os.WNOHANG)
            return os.waitstatus_to_exitcode(status) if pid else None
    raise ValueError(asked["do"])


def _fork(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(asked)
    return pid


def _run_out(pid: int, timeout_s: float) -> int | None:
    """Wait for the child; None where it took too long and was killed."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(timeout_s, kill)
    timer.start()
    _, status = os.waitpid(pid, 0)
    timer.cancel()
    timer.join()
    return None if late.is_set() else os.waitstatus_to_exitcode(status)


def _become(asked: dict[str, Any]) -> None:
    """Be `python -m MODULE` with these arguments, environment, folder and files."""
    status = 70
    try:
        os.setsid()
        # Where a run is cut off, its daemons end with it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        time.tzset()
        if "FAKETIME" in os.environ:
            select.select([], [], [], _NEXT_LOOK_S)  # The library refuses a sleep.
        added = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for number, path in enumerate(asked["files"]):
            opened = os.open(path, added if number else os.O_RDONLY, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - ends with the process
        sys.stdout, sys.stderr = _unbuffered(1), _unbuffered(2)
        sys.argv = [asked["module"], *asked["arguments"]]
        status = _ended(asked["module"])
        # As at the interpreter's end: a thread that hangs there hangs here.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _unbuffered(number: int) -> io.TextIOWrapper:
    """Return a stream as PYTHONUNBUFFERED has it: a process killed has said all it said."""
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", write_through=True)


def _ended(module: str) -> int:
    """Return the exit status as the interpreter would have it."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 - the interpreter prints whatever it is
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
