"""Commands of the product in fresh processes that need not load it again.

One process loads the product once and forks for each command: that is the same code in
a process of its own, in a twentieth of the time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]


class CommandServer:
    """The process that forks; it ends with its last user's standard input."""

    def __init__(self) -> None:
        """Start nothing yet."""
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
            asked = {
                "arguments": list(arguments),
                "env": dict(env),
                "cwd": str(cwd or Path.cwd()),
                "files": [str(stdin), str(stdout), str(stderr)],
                "timeout_s": timeout_s,
            }
            status = self._ask(asked)
            command = ["helpdesk", *arguments]
            if status is None:
                raise subprocess.TimeoutExpired(command, timeout_s)
            return subprocess.CompletedProcess(
                command, status, stdout.read_bytes(), stderr.read_bytes()
            )

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
                text=True,
            )
        return self._process


def _serve() -> None:
    from helpdesk import cli

    for line in sys.stdin:
        sys.stdout.write(json.dumps(_fork(cli, json.loads(line))) + "\n")
        sys.stdout.flush()


def _fork(cli: object, asked: dict[str, object]) -> int | None:
    pid = os.fork()
    if pid == 0:
        _become(cli, asked)
    return _status_of(pid, float(str(asked["timeout_s"])))


def _status_of(pid: int, timeout_s: float) -> int | None:
    """Wait for the child; None where it took too long and was killed."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        os.kill(pid, 9)

    timer = threading.Timer(timeout_s, kill)
    timer.start()
    _, status = os.waitpid(pid, 0)
    timer.cancel()
    timer.join()
    return None if late.is_set() else os.waitstatus_to_exitcode(status)


def _become(cli: object, asked: dict[str, object]) -> None:
    """Be `python -m helpdesk` with these arguments, environment, folder and files."""
    status = 70
    try:
        os.setsid()
        os.chdir(str(asked["cwd"]))
        env, files = asked["env"], asked["files"]
        assert isinstance(env, dict)
        assert isinstance(files, list)
        os.environ.clear()
        os.environ.update(env)
        modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
        for number, (path, mode) in enumerate(zip(files, modes, strict=True)):
            opened = os.open(path, mode, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - ends with the process
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = ["helpdesk", *asked["arguments"]]  # type: ignore[misc]
        status = _ended(cli)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _ended(cli: object) -> int:
    """Return the exit status as the interpreter would have it."""
    import traceback

    try:
        cli.main()  # type: ignore[attr-defined]
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
