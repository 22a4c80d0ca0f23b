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
