"""The demo as a newcomer sees it: one command, a summary, and nothing left behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.servers.net import eventually
from tests.servers.processes import product_environment


def test_demo_runs_through_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = product_environment({}) | {"TMPDIR": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", "demo", "--no-wait"],
        capture_output=True,
        text=True,
        env=env,
        cwd=tempfile.gettempdir(),
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12/12" in done.stdout
    assert "kanwa@chuo.example.jp" in done.stdout  # the answer that a clerk approved
    assert "受信箱に残しました" in done.stdout  # the mail about fees
    assert list(tmp_path.glob("helpdesk-demo-*")) == []


def test_demo_without_its_servers_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'pymap' else find(name, *rest)\n"
        "sys.argv = ['helpdesk', 'demo', '--no-wait']\n"
        "from helpdesk.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=product_environment({}) | {"TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("pip install 'helpdesk[demo]'")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    env = product_environment({}) | {"TMPDIR": str(tmp_path), "COLUMNS": "200"}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd=tempfile.gettempdir(),
    )
    try:
        eventually(
            lambda: list(tmp_path.glob("helpdesk-demo-*/daemon.log")), timeout_s=60, what="a daemon"
        )
        process.send_signal(number)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    assert list(tmp_path.glob("helpdesk-demo-*")) == []
    assert processes_of(tmp_path) == []


def processes_of(folder: Path) -> list[str]:
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = one.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in command:
                found.append(command)
    return found
