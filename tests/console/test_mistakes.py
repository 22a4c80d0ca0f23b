"""Mistakes in files: the line, the matter and the remedy, in the clerk's language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from helpdesk.console.mistakes import in_japanese
from helpdesk.errors import HelpdeskError
from helpdesk.mail.letters import LetterBook
from helpdesk.registry_file import read_registry_file
from helpdesk.rules import Rules, load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder

from .conftest import REGISTRY, Browser, Secretariat, said
from .test_office import edit_form, own_files, upload

__all__ = ["own_files"]

#: No sentence is left as it came.
_AS_IT_CAME = "書き方に誤りがあります"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mode: live", "mode: [live", "22行目：書き方が途中で切れています"),
        ("mode: live", "mode: loud", "19行目（mode）：'loud' は使えません"),
        ("mode: live", "mode:", "値がありません"),
        ("mode: live", "mode: live\nmode: live", "同じ項目が19行目にもあります"),
        ("mode: live", "mode: live\nmodes: live", "この項目はありません"),
        ("mode: live", "mode: live\n\tx: 1", "タブ文字があります"),
        ("cool_off: 72h", "cool_off: soon", "'soon' は期間として読めません"),
        ("letters_per_minute: 120", "letters_per_minute: many", "'many' は整数ではありません"),
        ("letters_per_minute: 120", "letters_per_minute: 0", "1 以上にしてください"),
        ("02-28 23:59", "02-31 23:59", "毎年ある日ではありません"),
        ("closes-14d", "closing-14d", "期間の日として読めません"),
        ("send_at: 09:00", "send_at: noon", "時刻として読めません"),
    ],
)
def test_mistakes_in_the_rules_are_told_in_japanese(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = (shipped_folder() / RULES_NAME).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / RULES_NAME).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HelpdeskError) as raised:
        load_rules(tmp_path / RULES_NAME)
    shown = in_japanese(str(raised.value))
    assert words in shown
    assert _AS_IT_CAME not in shown
    assert str(tmp_path) not in shown


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("{{ nothing }}", "差し込み「nothing」はこの文面では使えません"),
        ("{% if address %}", "「{% endif %}」を書き加えてください"),
        ("{{ society", "書き方が途中で切れています"),
        ("{{ society|shout }}", "「|shout」という加工はありません"),
        ("{% shout %}", "「{% shout %}」という指定はありません"),
        ("{{ society.__class__ }}", "文面の中で使えない指定です"),
        ("{% include 'x' %}", "差し込む部品「x」がありません"),
    ],
)
def test_mistakes_in_letters_are_told_in_japanese(
    tmp_path: Path, rules: Rules, more: str, words: str
) -> None:
    shutil.copytree(shipped_folder() / TEMPLATES_NAME, tmp_path / TEMPLATES_NAME)
    body = tmp_path / TEMPLATES_NAME / "letters/address_told/body.txt"
    body.write_text(body.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.raises(HelpdeskError) as raised:
        LetterBook.load(tmp_path / TEMPLATES_NAME, rules)
    shown = in_japanese(str(raised.value))
    assert words in shown
    assert re.match(r"\d+行目：", shown)
    assert _AS_IT_CAME not in shown


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("基幹施設,見本 太郎", "病院,見本 太郎", "2行目：「施設種別」は「基幹施設」か「連携施設」"),
        ("1968-04-09", "いつか", "2行目：「生年月日」が日付として読めません"),
        ("east@mihon.example.jp", "east", "3行目：「メールアドレス」が一つのメールアドレスではありません"),
        ("R0103,", "R0102,", "4行目：「認定番号」が3行目と同じです"),
        ("見本 太郎,", ",", "「責任者氏名」が空欄です"),
        ("未申請", "なんとなく", "「申請状況」は次のどれかにしてください"),
        ("認定番号,", "番号,", "「認定番号」の列がありません"),
        ("責任者氏名カナ", "施設名", "「施設名」が二つあります"),
    ],
)  # fmt: skip
def test_mistakes_in_the_registry_are_told_in_japanese(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = tmp_path / "名簿.csv"
    file.write_text(REGISTRY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HelpdeskError) as raised:
        read_registry_file(file)
    shown = in_japanese(str(raised.value))
    assert words in shown
    assert _AS_IT_CAME not in shown
    assert "row" not in shown


def test_pages_show_them_so(
    secretariat: Secretariat, own_files: Path, clerk: Browser, admin: Browser
) -> None:
    upload(clerk, REGISTRY.replace("基幹施設,見本 太郎", "病院,見本 太郎"))
    assert "2行目：「施設種別」は" in clerk.page("/registry")
    form = edit_form(admin, "/letters/address_told")
    form["body"] += "{{ nothing }}"
    assert "差し込み「nothing」" in said(admin.post("/letters/address_told", form).text)
    rules = edit_form(admin, "/rules")
    rules["text"] = rules["text"].replace("mode: live", "mode: loud", 1)
    assert "19行目（mode）" in said(admin.post("/rules", rules).text)
