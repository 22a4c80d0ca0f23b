"""The benchmark runs through; what it measures is for a machine at rest, not for a test."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.servers import needs
from tests.servers.processes import REPOSITORY


def bench(*arguments: str) -> str:
    needs.program("dovecot", "dovecot-core, dovecot-imapd and dovecot-lmtpd")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.intake", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.server
def test_benchmark_prints_rate_ratio_memory_and_latency() -> None:
    said = bench("--mails", "20", "--runs", "1", "--latency-mails", "2")
    for line in (
        r"taken in and acknowledged +\d+ mails/s",
        r"peak memory of the daemon +\d+ MiB",
        r"of the bare pipeline, compat32 +\d+\.\d\d",
        r"of the bare pipeline, policy.default +\d+\.\d\d",
        r"bare pipeline, policy.default +\d+ +\d+\.\d+",
        r"SMTP, four connections +\d+ +\d+\.\d+",
        r"whole +\d+\.\d +\d+\.\d ms  \(2 mails\)",
    ):
        assert re.search(line, said), f"{line} is not in:\n{said}"


@pytest.mark.server
def test_memory_is_shown_until_the_last_mail_is_answered() -> None:
    said = bench("--memory", "20")
    assert re.search(r"^ +20 +\d+\.\d +\d+\.\d$", said, re.MULTILINE), said
