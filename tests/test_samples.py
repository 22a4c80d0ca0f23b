"""The sample mails with the truth beside them, scored whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.servers.processes import REPOSITORY, product_environment


def test_every_sample_is_read_and_judged_right(shared_folder: Path) -> None:
    samples = shared_folder / "samples"
    done = subprocess.run(
        [
            sys.executable,
            str(samples / "score.py"),
            str(samples / "requests"),
            "--helpdesk",
            f"{sys.executable} -m helpdesk",
            "--floor",
            "1.0",
        ],
        capture_output=True,
        text=True,
        env=product_environment({}),
        cwd=REPOSITORY,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
