"""The demo as a newcomer sees it: one command, a summary, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.servers.net import eventually
from tests.servers.processes import product_environment


def test_demo_runs_through_and_leaves_nothing_behind(tmp_path: Path) -> None:
    own = tmp_path / "own.db"
    # Somebody's own office is set outside; the demo must not touch it.
    outside = {"HELPDESK_DATABASE_URL": f"sqlite:///{own}", "HELPDESK_RULES": "/nowhere.yaml"}
    env = product_environment(outside) | {"TMPDIR": str(tmp_path), "COLUMNS": "200"}
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
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, "Ctrl-C twice"])
def test_demo_that_is_ended_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals | str
) -> None:
    env = product_environment({}) | {"TMPDIR": str(tmp_path), "COLUMNS": "200"}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        eventually(
            lambda: list(tmp_path.glob("helpdesk-demo-*/daemon.log")), timeout_s=60, what="a daemon"
        )
        if isinstance(number, signal.Signals):
            process.send_signal(number)
        else:  # A terminal sends it to all of them, and somebody is impatient.
            for _ in range(2):
                os.killpg(process.pid, signal.SIGINT)
                time.sleep(0.05)
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


def commands_in(text: str) -> list[str]:
    """Return the commands that the demo says to try, as somebody copies them."""
    return [
        line for line in text.splitlines() if re.match(r"env |cat |.*helpdesk --env-file ", line)
    ]


def terminal(command: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, env=env, timeout=60, check=True
    )
    return done.stdout


def test_demo_opens_with_the_console_and_a_page_to_play_on(tmp_path: Path) -> None:
    import httpx2

    outside = {"HELPDESK_DATABASE_URL": f"sqlite:///{tmp_path}/own.db"}
    env = product_environment(outside) | {"TMPDIR": str(tmp_path), "COLUMNS": "72"}
    out = tmp_path / "out.txt"
    with out.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk", "demo"],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=tempfile.gettempdir(),
        )
    try:
        eventually(lambda: "Ctrl-C" in out.read_text("utf-8"), timeout_s=90, what="the invitation")
        text = out.read_text("utf-8")
        address = re.findall(r"(http://127\.0\.0\.1:\d+)/queue", text)[0]
        password = re.findall(r"password: (\S+)", text)[0]
        with httpx2.Client(base_url=address, headers={"Origin": address}) as browser:
            answer = browser.post("/login", data={"name": "demo", "password": password})
            assert answer.status_code == 303, answer.text
            assert re.search(r"\d{4}-\d{6}", browser.get("/queue").text)
            page = browser.get("/play").text
            fields = dict(re.findall(r'name="(csrf|subject|name)" value="([^"]*)"', page))
            body = re.findall(r'<textarea name="body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[0]
            mine = "mihon@hospital.example.jp"
            answer = browser.post("/play", data=fields | {"address": mine, "body": body})
            assert answer.status_code == 303, answer.text
            listed, approved, *_ = said = [terminal(one, env) for one in commands_in(text)]
            assert len(said) == 3, text
            assert re.search(r"\d{4}-\d{6}", listed)
            assert "approved" in approved
            (read,) = commands_in(text)[2:]
            eventually(
                lambda: "お待たせいたしました" in terminal(read, env),
                timeout_s=30,
                what="a letter",
            )
            eventually(
                lambda: "受付番号" in browser.get("/play/inbox", params={"address": mine}).text,
                timeout_s=30,
                what="the receipt",
            )
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.kill()
    assert list(tmp_path.iterdir()) == [out]
