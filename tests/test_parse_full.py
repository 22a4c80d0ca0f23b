"""`helpdesk parse --full` for programs and `helpdesk show` for people."""

from __future__ import annotations

import hashlib
import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from helpdesk.cli import app
from tests import mails
from tests.domain.test_bounce import CASES

RULES = Path(__file__).parents[1] / "mailbox_rules.yaml"


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), env={"HELPDESK_RULES": str(RULES)})
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mails.HEAD, mails.DESK, mails.SUBJECT
    letter["Message-ID"] = "<a@x.test>"
    letter.set_content(
        f"{mails.form()}\n-- \nみほん病院\n\n差出人: 事務局 <{mails.DESK}>\n送信日時: x\n件名: y\n\n元の文\n"
    )
    letter.add_attachment(b"PK", maintype="application", subtype="pdf", filename="../申請①.pdf")
    (tmp_path / "1.eml").write_bytes(letter.as_bytes())
    (tmp_path / "2.eml").write_bytes(CASES["docomo"][0])
    (tmp_path / "3.eml").write_bytes(
        mails.outlook_mail("会費の件です。", message_id="<c@x.test>") + b"\xff"
    )
    return tmp_path


def test_full_adds_exactly_the_fixed_keys(folder: Path) -> None:
    plain = [json.loads(line) for line in run("parse", str(folder)).splitlines()]
    full = [json.loads(line) for line in run("parse", "--full", str(folder)).splitlines()]
    for short, long in zip(plain, full, strict=True):
        assert {name: long[name] for name in short} == short
        assert list(long)[len(short) :] == [
            "text", "quoted", "signature", "attachments", "defects", "written_by", "bounce"
        ]  # fmt: skip


def test_full_tells_own_words_quotation_signature_and_attachments(folder: Path) -> None:
    line = json.loads(run("parse", "--full", str(folder / "1.eml")))
    assert line["disposition"] == "request"
    assert "みほん中央病院" in line["text"]
    assert "元の文" in line["quoted"]
    assert "みほん病院" in line["signature"]
    assert line["attachments"] == [
        {
            "name": "申請①.pdf",
            "type": "application/pdf",
            "size": 2,
            "sha256": hashlib.sha256(b"PK").hexdigest(),
        }
    ]
    assert line["written_by"] in ("self", "proxy", "unknown")
    assert line["bounce"] is None


def test_full_tells_what_bounced(folder: Path) -> None:
    line = json.loads(run("parse", "--full", str(folder / "2.eml")))
    expected = CASES["docomo"][1]
    assert line["disposition"] == "bounce"
    assert line["bounce"] == {
        "address": expected.address,
        "permanent": expected.permanent,
        "original_message_id": expected.original_message_id,
    }


def test_show_says_how_it_was_decoded_what_was_quoted_and_which_marks_decided(folder: Path) -> None:
    shown = run("show", str(folder / "1.eml"))
    assert "── 引用 ──" in shown
    assert "申請①.pdf" in shown
    bounced = run("show", str(folder / "2.eml"))
    assert "不達通知（bounce）" in bounced
    assert "機械の印    return-path" in bounced
    assert "jis（表示は iso-2022-jp）" in bounced


def test_show_lets_nothing_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"From: a@x.test\r\nSubject: \x1b]0;x\x07\r\n\r\n\x1b[2J\x9b31m\r\n")
    assert not set(run("show", str(file))) & set("\x1b\x07\x9b\r")
