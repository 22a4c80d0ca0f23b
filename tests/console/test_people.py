"""People and their passwords: nothing easily guessed, and every act of administration is kept."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.desk import auditing, users
from helpdesk.desk.context import Refused
from helpdesk.desk.passwords import require_good
from helpdesk.store import audit
from helpdesk.store.database import Database

from .conftest import Browser, Secretariat, said

GOOD = "plum kite engine"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Xk3-plumT", "nine characters"),
        ("1234567890", "a row of digits"),
        ("password2026", "a common one with a year"),
        ("weak2weak2weak2", "the user's name"),
        ("helpdesk2026", "the product's name"),
        ("Helpdesk!!", "the product's name with signs"),
        ("jimukyoku1234", "the secretariat"),
        ("qwertyuiop", "a row of the keyboard"),
        ("１２３４５６７８９０", "a row of digits in full width"),
        ("aaaaaaaaaaaa", "one letter"),
        ("weak2-weak2-weak2", "the name, joined"),
    ],
)
def test_password_that_is_easily_guessed_is_refused(password: str, why: str) -> None:
    with pytest.raises(Refused, match="easily guessed"):
        require_good(password, "weak2")


@pytest.mark.parametrize("password", ["correct horse battery", "海辺で青い自転車を磨く", GOOD, "N3kLscBMn_WL"])  # fmt: skip
def test_password_that_nobody_guesses_is_taken(password: str) -> None:
    require_good(password, "weak2")


def test_weak_password_is_refused_on_every_page_with_one_sentence(
    secretariat: Secretariat, admin: Browser
) -> None:
    for path, data in (
        ("/users", {"name": "doi", "role": "admin", "password": "12345678"}),
        ("/users/baba/password", {"password": "helpdesk2026"}),
        ("/account/password", {"old": "correct horse battery", "new": "chiba-chiba"}),
    ):
        answer = admin.post(path, data)
        assert answer.status_code == 409
        assert said(answer.text).endswith("関係のない言葉を三つ並べてください。"), path


def test_weak_password_is_refused_by_the_command(
    tmp_path: Path, run_cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    env = {"HELPDESK_DATABASE_URL": f"sqlite:///{tmp_path}/h.db", "HELPDESK_SECRET_KEY": "k" * 40}

    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return run_cli(env, *arguments, input=given)

    refused = run("user", "add", "sato", "--role", "admin", given="sato-sato-1\n")
    assert (refused.returncode, "easily guessed" in refused.stderr) == (1, True)
    assert run("user", "add", "sato", "--role", "admin", given=GOOD + "\n").returncode == 0
    assert run("user", "password", "sato", given="password1234\n").returncode == 1
    assert run("user", "password", "sato", given="violet ladder moss\n").returncode == 0
    assert "sato" in run("user", "list").stdout
    with Database(env["HELPDESK_DATABASE_URL"], b"k" * 40).read() as tx:
        actors = [one.event.actor for one in audit.entries(tx) if "user" in one.event.about]
    assert len(actors) == 2
    assert all(one.endswith("(shell)") for one in actors), "the machine's account is kept"


ACTS = (
    (
        "/users",
        {"name": "doi", "role": "approver", "password": GOOD},
        "利用者 doi を登録（承認者）",
    ),
    ("/users/baba/role", {"role": "operator"}, "利用者 baba：権限を変えた（承認者 → 運用担当）"),
    ("/users/baba/password", {"password": GOOD}, "利用者 baba：パスワードを変えた"),
    ("/users/baba/enabled", {"enabled": "0"}, "利用者 baba：停止した"),
    ("/users/baba/enabled", {"enabled": "1"}, "利用者 baba：停止を解いた"),
    ("/users/baba/totp", {"what": "demand"}, "利用者 baba：確認コードを必須にした"),
    ("/users/baba/totp", {"what": "release"}, "利用者 baba：確認コードを任意にした"),
    ("/users/baba/totp", {"what": "remove"}, "利用者 baba：確認コードを解除した"),
    ("/campaigns/renewal/pause", {}, "一斉案内「更新申請のご案内」を止めた"),
    ("/campaigns/renewal/resume", {}, "一斉案内「更新申請のご案内」を再開した"),
    ("/snippets", {"name": "結び", "text": "よろしく"}, "定型文「結び」を保存"),
)


def test_every_act_of_administration_is_kept_with_who_did_it(
    secretariat: Secretariat, admin: Browser
) -> None:
    for path, data, _ in ACTS:
        admin.do(path, data)
    secretariat.browser("ando")
    page = admin.page("/users")
    session = re.findall(r"/sessions/\d+/end", page)[0]
    admin.do(session)
    told = re.sub(r"<[^>]+>|\s+", " ", admin.page("/audit"))
    for _, _, words in (*ACTS, ("", {}, "利用者 ando のログインを終わらせた")):
        assert re.search(rf"操作 +chiba +{re.escape(words)}", told), words
    assert GOOD not in told
    english = secretariat.browser("chiba", language="en").page("/audit")
    assert "Role changed (Approver → Operator)" in english
    assert auditing.verify(secretariat.database)[1] == []


def test_who_changed_the_own_account_is_kept(secretariat: Secretariat, clerk: Browser) -> None:
    clerk.do("/account/password", {"old": "correct horse battery", "new": GOOD})
    assert "利用者 baba：パスワードを変えた" in clerk.page("/audit")


def test_name_that_would_turn_a_path_is_refused(secretariat: Secretariat) -> None:
    for name in ("..", ".", "-x", ""):
        with pytest.raises(Refused, match="a user name has"):
            users.add_user(secretariat.database, name, "admin", GOOD, datetime.now(UTC), by="chiba")
