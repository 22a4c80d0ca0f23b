"""The demo as a newcomer sees it: one command, a summary, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

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
