"""What is kept of a question tells nothing about who asked it."""

from __future__ import annotations

from helpdesk.domain.anonymity import without_person


def test_question_stays_and_the_person_goes() -> None:
    text = (
        "事務局 佐々木様\n\nみほん中央病院の見本と申します。\n"
        "会員番号123456、1968年4月9日生まれです。連絡先は taro@mihon.example.jp、"
        "03-1234-5678 です。\n施設責任者の見本 太郎先生の欄ですが、申請ボタンが押せません。"
    )
    kept = without_person(text, ["見本 太郎", "医療法人見本会みほん中央病院"])
    assert "申請ボタンが押せません" in kept
    for secret in ("見本", "太郎", "みほん", "123456", "1968", "mihon", "1234-5678", "佐々木"):
        assert secret not in kept, kept
