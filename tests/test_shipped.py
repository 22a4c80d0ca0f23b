"""Where rules and templates are found, and copying them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import (
    ShippedFilesError,
    copy_out,
    resolve_rules_path,
    resolve_templates_path,
    shipped_folder,
)


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_shipped_copies_serve_where_the_default_paths_are_absent() -> None:
    assert resolve_rules_path(Path("mailbox_rules.yaml"), was_given=False).is_file()
    assert (resolve_templates_path(Path("templates"), was_given=False) / "letters").is_dir()


def test_own_files_at_the_default_paths_serve_before_the_shipped_ones() -> None:
    Path("mailbox_rules.yaml").write_text("desk:", encoding="utf-8")
    Path("templates").mkdir()
    assert resolve_rules_path(Path("mailbox_rules.yaml"), was_given=False) == Path(
        "mailbox_rules.yaml"
    )
    assert resolve_templates_path(Path("templates"), was_given=False) == Path("templates")


def test_path_that_was_named_and_is_absent_is_an_error() -> None:
    with pytest.raises(ShippedFilesError, match=r"HELPDESK_RULES names here\.yaml"):
        resolve_rules_path(Path("here.yaml"), was_given=True)
    with pytest.raises(ShippedFilesError, match="HELPDESK_TEMPLATES names here"):
        resolve_templates_path(Path("here"), was_given=True)


def test_copies_are_whole_and_usable(tmp_path: Path) -> None:
    copied = copy_out(tmp_path / "new" / "desk")
    assert copied == sorted(copied)
    for path in copied:
        source = shipped_folder() / path.relative_to(tmp_path / "new" / "desk")
        assert path.read_bytes() == source.read_bytes()
    rules = load_rules(tmp_path / "new" / "desk" / "mailbox_rules.yaml")
    LetterBook.load(tmp_path / "new" / "desk" / "templates", rules)


def test_nothing_is_overwritten_and_then_nothing_is_copied(tmp_path: Path) -> None:
    own = tmp_path / "desk" / "templates" / "letters" / "receipt" / "body.txt"
    own.parent.mkdir(parents=True)
    own.write_text("ours", encoding="utf-8")
    with pytest.raises(ShippedFilesError, match=r"body\.txt is there already"):
        copy_out(tmp_path / "desk")
    assert own.read_text(encoding="utf-8") == "ours"
    assert not (tmp_path / "desk" / "mailbox_rules.yaml").exists()


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ShippedFilesError, match="cannot be written"):
        copy_out(tmp_path / "file")
