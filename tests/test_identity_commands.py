"""The commands about identity, as an office without a daemon runs them."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REGISTRY = (
    "認定番号,施設名,施設種別,責任者氏名,会員番号,生年月日,メールアドレス,代表電話\n"
    "K0101,みほん病院,基幹施設,見本 太郎,123456,1968-04-09,old@mihon.example.jp,03-1234-5678\n"
)
RULES = '{"desk": {"name": "日本みほん医学会 事務局", "address": "desk@society.example.jp"}}'

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, run_cli: Callable[..., subprocess.CompletedProcess[str]]) -> Run:
    """Return a runner of commands in an office with a registry and two people."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    env = {
        "HELPDESK_DATABASE_URL": f"sqlite:///{tmp_path}/helpdesk.db",
        "HELPDESK_RULES": str(tmp_path / "rules.yaml"),
        "HELPDESK_SECRET_KEY": "first" * 8,
    }

    def command(*arguments: str, status: int = 0, given: str = "", **more: str) -> str:
        done = run_cli({**env, **more}, *arguments, input=given)
        assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    command("registry", "import", str(tmp_path / "registry.csv"))
    for name, role in (("sato", "approver"), ("kato", "operator"), ("boss", "admin")):
        command("user", "add", name, "--role", role, given="correct horse battery\n")
    return command


def enter(run: Run, identity: str, *more: str, kind: str = "confirm_address") -> None:
    new = (
        *("queue", "new", "--as", "kato", "--kind", kind, "--facility", "K0101"),
        *("--physician", "見本 太郎", "--answer-to", "z@x.test", *more),
    )
    run(*new, given=f"{identity}\n")


def test_request_of_a_call_goes_its_whole_way_by_commands(run: Run, tmp_path: Path) -> None:
    enter(run, "123456", "--new-address", "new@mihon.example.jp", kind="change_address")
    (row,) = map(json.loads, run("queue", "list", "--json").splitlines())
    assert (row["verdict"], row["entered_by"]) == ("verified", "kato")
    shown = run("queue", "show", "1")
    assert "代表電話（名簿）: 03-1234-5678" in shown
    digest = next(line for line in shown.splitlines() if line.startswith("事実")).split()[1]
    run("queue", "approve", "1", "--as", "sato", "--facts", digest)
    said = run("queue", "reflected", "1", "--as", "sato", status=1)
    assert "has not answered yet" in said
    run("queue", "confirm", "1", "--as", "sato", status=1)
    assert "03-1234-5678" in run("queue", "call-back", "1", "--as", "sato")
    assert "held" in run("queue", "hold", "1", "--as", "sato", "--reason", "電話で")
    run("queue", "reject", "1", "--as", "sato", "--reason", "取り下げ")
    out = tmp_path / "changes.csv"
    run("export", "changes", "--out", str(out))
    assert len(list(csv.reader(out.read_text("utf-8-sig").splitlines()))) == 1
    story = run("audit", "show", row["case"])
    for words in ("電話・FAX", "承認しました", "代表電話での確認", "却下", "kato", "sato"):
        assert words in story
    assert "異常はありません" in run("audit", "verify")


def test_identity_that_is_not_confirmed_is_asked_about(run: Run) -> None:
    enter(run, "1968年4月10日")
    assert "mismatch" in run("queue", "approve", "1", "--as", "sato", status=1)
    assert "責任者変更待ち" in run("queue", "ask", "1", "--as", "sato")
    assert "責任者変更待ち" in run("queue", "show", "1")
    run("queue", "ask", "1", "--as", "sato", status=1)


def test_person_is_shown_and_erased_and_keys_are_changed(run: Run, tmp_path: Path) -> None:
    enter(run, "昭和43年4月9日")
    rows = [json.loads(line) for line in run("person", "export", "--member", "123456").splitlines()]
    assert {row["record"] for row in rows} == {"facility", "case"}
    assert rows[0]["birthdate"] == "1968-04-09"
    run("person", "export", status=1)
    run("person", "erase", "--address", "z@x.test", "--as", "boss", status=1)
    run("queue", "approve", "1", "--as", "sato")
    assert "1 件" in run("person", "erase", "--address", "z@x.test", "--as", "boss")
    assert "cases 0" in run("purge", "--dry-run")
    run("purge")
    run("key", "rotate")
    # The secret key itself changes: the old one opens the data keys once more.
    old = tmp_path / "old.key"
    old.write_text("first" * 8)
    second = {"HELPDESK_SECRET_KEY": "second" * 8}
    assert "another HELPDESK_SECRET_KEY" in run("registry", "list", "--json", status=1, **second)
    run("key", "rotate", "--old-key-file", str(old), **second)
    (facility,) = map(json.loads, run("registry", "list", "--json", **second).splitlines())
    assert facility["member_number"] == "123456"
    assert "異常はありません" in run("audit", "verify", **second)


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://portal.example.jp/hook", "s" * 32, "https://"),
        ("https://portal.example.jp/hook", "short", "at least 16 characters"),
    ],
)
def test_webhook_is_refused_in_clear_or_without_a_secret(
    run: Run, url: str, secret: str, said: str
) -> None:
    hook = {"HELPDESK_WEBHOOK_URL": url, "HELPDESK_WEBHOOK_SECRET": secret}
    assert said in run("queue", "approve", "1", "--as", "sato", status=1, **hook)
