"""`helpdesk rules explain`: why a mail is read as it is, and the rules' words at work."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpdesk.desk.explaining import explain
from helpdesk.desk.parsing import describe
from helpdesk.rules import RulesError, load_rules
from tests import mails

REGISTRY = (
    "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,旧施設名\n"
    "K0101,みほん病院,基幹施設,見本 太郎,ミホン タロウ,012345,1968-04-09,むかしの病院\n"
    "R0102,みほん病院,連携施設,例示 花子,レイジ ハナコ,222222,1970-01-01,\n"
)
MINIMAL = "desk:\n  name: 日本みほん医学会 事務局\n  address: desk@society.example.jp\n"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "mail.eml").write_bytes(
        mails.mail(mails.form("みほん病院"), message_id="<a@x.test>")
    )
    return tmp_path


def told(run_cli: Run, folder: Path) -> dict[str, Any]:
    done = run_cli({}, "rules", "explain", "mail.eml", "--registry", "registry.csv", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_each_rule_that_hit_or_missed_is_shown(run_cli: Run, folder: Path) -> None:
    hits = {one["rule"]: one["hit"] for one in told(run_cli, folder)["rules"]}
    assert hits["machine.mailing_list"] is False
    assert hits["mailbox.ours"] is True
    assert hits["form.labels.facility"] is True
    assert hits["form.labels.certification"] is False
    assert hits["read_from.labels"] is True
    assert hits["read_from.prose"] is False


def test_each_field_has_its_place(run_cli: Run, folder: Path) -> None:
    fields = {one["field"]: one for one in told(run_cli, folder)["fields"]}
    assert fields["birthdate"]["value"] == "1968-04-09"
    assert fields["birthdate"]["written"] == "1968年4月9日"
    line = mails.form("みほん病院").splitlines()[fields["birthdate"]["line"] - 1]
    assert line[fields["birthdate"]["column"] - 1 :] == "1968年4月9日"
    assert fields["member_number"]["value"] is None


def test_each_candidate_has_its_score_and_the_row_that_decided_is_named(
    run_cli: Run, folder: Path
) -> None:
    found = told(run_cli, folder)
    numbers = [(one["certification_number"], one["birthdate"]) for one in found["candidates"]]
    assert numbers == [("K0101", "agrees"), ("R0102", "differs")]
    assert all(0 < one["score"] <= 1 for one in found["candidates"])
    assert found["verdict"] == "verified"
    assert found["table"][-1] == {
        "row": "one facility agrees in everything",
        "hit": True,
        "outcome": "verified",
    }
    assert found["verdict_reasons"][1].startswith("decided by")


def test_it_is_written_for_people_and_without_a_registry_too(run_cli: Run, folder: Path) -> None:
    done = run_cli({}, "rules", "explain", "mail.eml")
    assert done.returncode == 0, done.stderr
    assert "扱い: request" in done.stdout
    assert "birthdate = 1968-04-09" in done.stdout
    assert "候補" not in done.stdout


def test_mail_that_is_not_there_is_said(run_cli: Run, folder: Path) -> None:
    done = run_cli({}, "rules", "explain", "none.eml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "none.eml" in done.stderr


def test_date_that_is_none_is_shown_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    raw = mails.mail(mails.form(identity="68.4.9"), message_id="<a@x.test>")
    doubts = [one for one in explain(raw, load_rules(path), None).fields if one["field"] == "doubt"]
    assert [(one["written"], one["note"]) for one in doubts] == [("68.4.9", "two_digit_year")]


def test_words_of_the_rules_are_read_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        MINIMAL
        + "form:\n  labels:\n    facility: [ご勤務先の病院]\n  titles: [宗匠]\n"
        + "  options: {confirm: [宛名の照会]}\n",
        encoding="utf-8",
    )
    body = "ご勤務先の病院：みほん病院\n施設責任者：見本 太郎 宗匠\n会員番号：012345\n希望内容：宛名の照会\n"
    raw = mails.mail(body, message_id="<a@x.test>")
    fields = describe(raw, "a.eml", load_rules(path), None)["fields"]
    assert fields["facility_name"] == "みほん病院"
    assert fields["responsible_physician"] == "見本 太郎"
    assert fields["request"] == "confirm_address"
    path.write_text(MINIMAL, encoding="utf-8")
    assert describe(raw, "a.eml", load_rules(path), None)["fields"]["facility_name"] is None


def test_one_label_for_two_fields_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(MINIMAL + "form:\n  labels:\n    facility: [氏名]\n", encoding="utf-8")
    with pytest.raises(
        RulesError, match="the label 氏名 stands under facility and under physician"
    ):
        load_rules(path)
