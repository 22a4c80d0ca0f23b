"""The letters as their readers see them, and templates that must be refused."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from helpdesk.domain.marks import own_case_number, plain_subject
from helpdesk.mail.letters import LetterBook, LettersError, Rendered
from helpdesk.mail.wording import CHANGE_TRIALS, FOR_STAFF, NOTICES, notice_trials, trials
from helpdesk.mail.wording import LETTERS as ALL_LETTERS
from helpdesk.rules import Rules, load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder

#: Letters to people outside; those to staff have no case and no greeting.
LETTERS = tuple(letter for letter in ALL_LETTERS if letter not in FOR_STAFF)
AUTOMATIC = (
    "receipt",
    "receipt_inquiry",
    "receipt_again",
    "missing_fields",
    "change_confirm",
    "change_notice",
    "change_stopped",
    *NOTICES,
)
BY_HAND = tuple(letter for letter in LETTERS if letter not in AUTOMATIC)
NOTE = "※このメールは自動送信です。このままご返信いただけます。"

VALUES: dict[str, Any] = {
    **notice_trials()[0],
    **CHANGE_TRIALS[0],
    "case_number": "2026-000123",
    "subject": "施設マイページ：メールアドレスについて",
    "addressee": "みほん病院　見本 太郎 先生",
    "received_at": "2026年11月24日（火）10:15",
    "reply_by": "2026年11月27日（金）",
    "changed_at": "2026年11月24日（火）",
    "period": {
        "state": "before",
        "opens": "2027年2月1日（月）0:00",
        "closes": "2027年2月28日（日）23:59",
        "next_opens": "2028年2月1日（火）0:00",
        "next_closes": "2028年2月28日（月）23:59",
        "days_left": 96,
    },
    "directory_url": "https://society.example.jp/list",
    "core_requirements": ("「緩和医療指導医」が1名以上常勤していること",),
    "affiliate_requirements": ("基幹施設と連携していること",),
    "state": None,
    "address": "registered@hospital.example.jp",
    "clerk": "事務 花子",
    "missing": ["responsible_physician"],
    "form": {
        "facility": "みほん病院（認定番号 K9001）",
        "physician": None,
        "identity_received": True,
        "request": "change_address",
        "new_address": "new@hospital.example.jp",
    },
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(shipped_folder() / RULES_NAME)


@pytest.fixture(scope="module")
def book(rules: Rules) -> LetterBook:
    return LetterBook.load(shipped_folder() / TEMPLATES_NAME, rules)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(shipped_folder() / TEMPLATES_NAME, tmp_path / "templates")
    return tmp_path / "templates"


def write(book: LetterBook, letter: str, **changed: Any) -> Rendered:
    values = {**VALUES, "automatic": letter in AUTOMATIC, **changed}
    return book.render(letter, values)


def refused(folder: Path, rules: Rules) -> tuple[str, ...]:
    with pytest.raises(LettersError) as caught:
        LetterBook.load(folder, rules)
    return caught.value.mistakes


def test_receipt_reads_as_a_whole(book: LetterBook) -> None:
    letter = write(book, "receipt")
    assert letter.subject == (
        "Re: 施設マイページ：メールアドレスについて 【日本みほん医学会】［受付番号 2026-000123］"
    )
    assert (
        letter.body
        == """\
みほん病院　見本 太郎 先生

平素より本学会の活動にご協力を賜り、厚く御礼申し上げます。
日本みほん医学会 事務局でございます。

このたびはご連絡をいただき、ありがとうございます。
ご依頼を、下記のとおり受け付けました。

　受付番号：2026-000123
　受付日時：2026年11月24日（火）10:15

担当者が確認のうえ、通常3営業日以内に
（2026年11月27日（金）まで）ご連絡いたします。
それまでの間、改めてお送りいただく必要はございません。

■パスワードについて
パスワードは、事務局ではお調べすることも、お知らせすることも
できません。ご不明の場合は、施設マイページのログイン画面にある
「パスワードをお忘れの方はこちら」から再設定をお願いいたします。
　https://mypage.society.example.jp/login

お急ぎの場合は、お電話でも承ります。受付番号をお伝えください。
　電話：03-0000-0000（平日 10:00～17:00）

※このメールは自動送信です。このままご返信いただけます。

────────────────────
日本みほん医学会 事務局
メール：desk@society.example.jp
電話：03-0000-0000（受付時間 平日 10:00～17:00）
休業日：土曜・日曜・祝日、12月29日～1月3日
────────────────────
"""
    )


def test_missing_fields_shows_the_form_with_what_is_known(book: LetterBook) -> None:
    body = write(book, "missing_fields").body
    assert "次の1点をお知らせください。\n\n　・施設責任者の氏名\n\n" in body
    assert (
        """
------------------------------------------
1）認定施設名（可能なら認定番号）：みほん病院（認定番号 K9001）
2）施設責任者氏名：
3）施設責任者会員番号または生年月日（本人確認用）：受領済
4）対応希望内容：②新しいメールアドレス登録希望連絡
　　新しいメールアドレス：new@hospital.example.jp
------------------------------------------
"""
        in body
    )
    assert "当学会の認定取得者" in body
    assert "このままご返信ください。\n他の項目の再記入は不要です。" in body


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("facility", "・認定施設名（おわかりでしたら認定番号も）"),
        ("responsible_physician", "・施設責任者の氏名"),
        ("identity", "・施設責任者の会員番号または生年月日"),
        ("request", "・ご希望の対応（①メールアドレスの確認、"),
        ("new_address", "・新しく登録するメールアドレス"),
    ],
)
def test_each_missing_item_is_asked_for_in_words(
    book: LetterBook, missing: str, words: str
) -> None:
    assert words in write(book, "missing_fields", missing=[missing]).body


@pytest.mark.parametrize(
    ("request_kind", "line"),
    [
        (None, "4）対応希望内容：\n"),
        ("confirm_address", "4）対応希望内容：①メールアドレスの確認希望連絡\n"),
        ("change_address", "4）対応希望内容：②新しいメールアドレス登録希望連絡\n"),
        (
            "both",
            "①メールアドレスの確認希望連絡\n　　　　　　　　②新しいメールアドレス登録希望連絡\n",
        ),
        ("other", "4）対応希望内容：先にお知らせいただいたとおり\n"),
    ],
)
def test_form_shows_the_request_as_it_was_understood(
    book: LetterBook, request_kind: str | None, line: str
) -> None:
    form = {**VALUES["form"], "request": request_kind, "identity_received": False}
    body = write(book, "missing_fields", form=form).body
    assert line in body
    assert "（本人確認用）：\n" in body


def test_registered_address_stands_in_no_letter_but_the_one_that_tells_it(
    book: LetterBook,
) -> None:
    holding = [name for name in LETTERS if VALUES["address"] in write(book, name).body]
    assert sorted(holding) == ["address_at_registered", "address_told"]


def test_old_address_is_told_of_the_change_but_not_the_new_address(book: LetterBook) -> None:
    letter = write(book, "change_done_old")
    assert "お心当たりのない場合は至急ご連絡ください。" in letter.body
    assert "new@" not in letter.body
    assert not letter.subject.startswith("Re:")


@pytest.mark.parametrize("letter", ["declined", "declined_inquiry"])
def test_refusal_gives_no_reason_away(book: LetterBook, letter: str) -> None:
    body = write(book, letter).body
    for word in ("一致", "本人確認", "会員番号", "生年月日", "名簿", "登録がありません"):
        assert word not in body
    assert "03-0000-0000" in body


def test_refused_request_says_who_may_ask_and_how_to_report_a_change(book: LetterBook) -> None:
    body = write(book, "declined").body
    assert "病院長など施設としての責任者ではなく、\n当学会の認定取得者" in body
    assert "交代された場合は" in body


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_keeps_to_the_house_style(book: LetterBook, letter: str) -> None:
    for values in trials(letter):
        rendered = book.render(letter, values)
        assert "【日本みほん医学会】［受付番号 2026-000123］" in rendered.subject
        assert own_case_number([], rendered.subject) == "2026-000123"
        assert rendered.body.startswith(f"{values['addressee']}\n\n平素より本学会の活動に")
        for word in ("不備", "無効", "エラー", "御中"):
            assert word not in rendered.body
        assert "\n\n\n" not in rendered.body
        assert (NOTE in rendered.body) is values["automatic"]
        for line in rendered.body.splitlines():
            assert line == line.rstrip()
            assert width(line) <= 70, line


def width(line: str) -> int:
    """Return the columns of a line; a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


@pytest.mark.parametrize("letter", LETTERS)
def test_signature_is_the_end_and_the_automatic_note_stands_above_it(
    book: LetterBook, rules: Rules, letter: str
) -> None:
    body = write(book, letter).body
    assert body.endswith(f"\n\n{rules.desk.signature}\n")
    if letter in AUTOMATIC:
        assert body.endswith(f"\n\n{NOTE}\n\n{rules.desk.signature}\n")


@pytest.mark.parametrize("letter", BY_HAND)
def test_letter_of_a_person_names_the_clerk_and_is_not_automatic(
    book: LetterBook, letter: str
) -> None:
    body = write(book, letter).body
    assert "担当：事務 花子（受付番号 2026-000123）" in body
    assert NOTE not in body


def test_subject_of_our_letter_leads_back_to_that_of_the_sender(book: LetterBook) -> None:
    assert plain_subject(write(book, "receipt").subject) == VALUES["subject"]


def test_mail_without_subject_gets_one(book: LetterBook) -> None:
    subject = write(book, "receipt", subject="").subject
    assert subject == "ご依頼の受付について 【日本みほん医学会】［受付番号 2026-000123］"


@pytest.mark.parametrize(
    "payload",
    [
        "{{7*7}}",
        "{% for x in 'ab' %}x{% endfor %}",
        "{{cycler.__init__.__globals__}}",
        "{{ ''.__class__.__mro__ }}",
        "{% include 'parts/closing.txt' %}",
        "{# hidden #}",
    ],
)
def test_value_is_never_a_template(book: LetterBook, payload: str) -> None:
    form = {**VALUES["form"], "facility": payload}
    letter = write(book, "missing_fields", form=form, subject=payload, addressee=payload)
    assert letter.body.startswith(f"{payload}\n")
    assert f"（可能なら認定番号）：{payload}\n" in letter.body
    assert letter.subject.startswith(f"Re: {payload} ")


@pytest.mark.parametrize(
    ("given", "shown", "why"),
    [
        ("みほん\r\nBcc: x@example.jp", "みほん Bcc: x@example.jp", "a header"),
        ("みほん\u2028病院", "みほん 病院", "a line separator"),
        ("みほん\u2029病院", "みほん 病院", "a paragraph separator"),
        ("みほん\x00病\x1b[31m院", "みほん病[31m院", "NUL and terminal escapes"),
        ("みほん\u202e病院\u2066", "みほん病院", "marks that turn the direction"),
        ("みほん\ud800病院", "みほん病院", "half a surrogate"),
        ("https://evil.example/", "", "a link, to be delivered by us"),
    ],
)
def test_value_cannot_break_out_of_its_line(
    book: LetterBook, given: str, shown: str, why: str
) -> None:
    form = {**VALUES["form"], "facility": given}
    letter = write(book, "missing_fields", form=form, subject=given)
    assert f"（可能なら認定番号）：{shown}\n" in letter.body, why
    assert "\n" not in letter.subject
    assert shown in letter.subject
    letter.body.encode()


def test_long_values_are_cut(book: LetterBook) -> None:
    letter = write(book, "receipt", subject="長" * 5000, addressee="長" * 5000)
    assert len(letter.subject) < 120
    assert max(map(len, letter.body.splitlines())) <= 200


def test_letter_without_portal_and_telephone_has_no_gaps(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("desk: {name: みほん 事務局, address: a@b.example}\n", encoding="utf-8")
    book = LetterBook.load(shipped_folder() / TEMPLATES_NAME, load_rules(file))
    for letter in LETTERS:
        body = write(book, letter).body
        assert "None" not in body
        assert "電話" not in body
        assert "\n\n\n" not in body


def test_absent_value_is_an_error_that_names_the_variable(book: LetterBook) -> None:
    values = {name: value for name, value in VALUES.items() if name != "reply_by"}
    with pytest.raises(LettersError, match=r"receipt .*'reply_by' is undefined"):
        book.render("receipt", {**values, "automatic": True})


def test_unknown_letter_is_an_error(book: LetterBook) -> None:
    with pytest.raises(LettersError, match="no letter of that name"):
        book.render("no_such_letter", VALUES)


@pytest.mark.parametrize(
    ("file", "content", "line", "words"),
    [
        ("receipt/body.txt", "a\n{% if %}\n", 2, "Expected an expression"),
        ("receipt/body.txt", "a\n{% for x in missing %}\n", 2, "Unexpected end of template"),
        ("receipt/body.txt", "a\n\n{{ adress }}\n", 3, "the letter receipt has no value adress"),
        ("receipt/body.txt", "{{ clerk }}\n", 1, "has no value clerk"),
        ("receipt/subject.txt", "{{ nobody }}\n", 1, "has no value nobody"),
        ("parts/closing.txt", "a\n{{ birthdate }}\n", 2, "has no value birthdate"),
        ("parts/form.txt", "a\n{{ form.birthdate }}\n", 2, "no attribute 'birthdate'"),
        ("receipt/body.txt", "{% include 'parts/nothing.txt' %}\n", 1, "no part parts/nothing.txt"),
        ("receipt/body.txt", "a\n{% include '../../etc/passwd' %}", 2, "no part ../../etc/passwd"),
        ("receipt/body.txt", "{% include subject %}\n", 1, "as a text in quotes"),
        ("receipt/body.txt", "{{ subject|format }}\n", 1, "No filter named 'format'"),
        ("receipt/body.txt", "a\n{{ 'x' * 10**9 }}\n", 2, "cannot calculate"),
        ("receipt/body.txt", "{{ subject.__class__ }}\n", 1, "__class__"),
        ("receipt/body.txt", "{{ subject.upper() }}\n", 1, "upper"),
        ("receipt/body.txt", "{{ range(9) }}\n", 1, "no value range"),
        ("receipt/body.txt", "{{ cycler.__init__ }}\n", 1, "no value cycler"),
        ("receipt/body.txt", "\n", 1, "nothing is written here"),
        ("receipt/body.txt", "長" * 20_001, 1, "longer than 20000"),
        ("receipt/body.txt", b"\x8a\xc7", 1, "save it as UTF-8"),
        ("receipt/body.txt", None, 1, "the file is missing"),
        ("receipt/body.txt", "{% include 'receipt/body.txt' %}", 1, "recursion"),
        ("receipt/body.txt", "x" * 70_000, 1, "larger than 64 kB"),
    ],
)  # fmt: skip
def test_bad_template_is_refused_at_load_with_file_and_line(
    folder: Path, rules: Rules, file: str, content: str | bytes | None, line: int, words: str
) -> None:
    path = folder / "letters" / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mistakes = refused(folder, rules)
    assert any(one.startswith(f"{path}:{line}: ") and words in one for one in mistakes), mistakes


def test_all_mistakes_are_listed_at_once(folder: Path, rules: Rules) -> None:
    (folder / "letters/receipt/body.txt").write_text("{{ nobody }}", encoding="utf-8")
    (folder / "letters/declined/body.txt").write_text("{% if %}", encoding="utf-8")
    (folder / "letters/declined/subject.txt").unlink()
    assert len(refused(folder, rules)) == 3


def test_absent_folder_is_told(tmp_path: Path, rules: Rules) -> None:
    mistakes = refused(tmp_path / "nowhere", rules)
    assert len(mistakes) == 2 * len(ALL_LETTERS)


def test_letters_stay_as_they_were_read_when_files_change(folder: Path, rules: Rules) -> None:
    book = LetterBook.load(folder, rules)
    before = write(book, "receipt")
    (folder / "letters/receipt/body.txt").write_text("{% if", encoding="utf-8")
    (folder / "letters/parts/closing.txt").unlink()
    assert write(book, "receipt") == before


def test_notice_asks_for_an_agreement_only_where_it_ends_the_wait(book: LetterBook) -> None:
    until = "2026年11月27日（金）10:15"
    shorter = write(book, "change_notice", until=until, agreeing_ends_wait=True).body
    strict = write(book, "change_notice", until=until, agreeing_ends_wait=False).body
    at_once = write(book, "change_notice", until=None, agreeing_ends_wait=True).body
    assert "同意します" in shorter
    assert until in shorter
    assert until in strict
    assert "同意します" not in strict + at_once
    assert "中止" in strict
    assert "中止" in at_once
    assert "\n\n\n" not in shorter + strict + at_once
