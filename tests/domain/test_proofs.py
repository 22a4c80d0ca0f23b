"""What letters repeat and lists show holds no birthdate and no member number."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.fields import Field
from helpdesk.domain.proofs import (
    fold_digits,
    holds_proof,
    may_be_proof,
    without_known_proofs,
    without_old_dates,
    without_proofs,
    without_proofs_in_names,
)
from helpdesk.domain.request import Reading

WRITINGS = (
    "1960/04/01",
    "1960/4/1",
    "1960-04-01",
    "1960.4.1",
    "1960年4月1日",
    "1960年4月1日生",
    "1960年 4月 1日 生まれ",
    "１９６０年４月１日",
    "１９６０／０４／０１",
    "19600401",
    "１９６００４０１",
    "1 9 6 0 0 4 0 1",
    "1 9 6 0 年 4 月 1 日",
    "1960\u200b0401",
    "昭和35年4月1日",
    "昭和３５年４月１日生まれ",
    "昭和 35 年 4 月 1 日",
    "昭和三十五年四月一日",
    "昭35.4.1",
    "S35.4.1",
    "S35.4.1生",
    "Ｓ３５．４．１",
    "S35/4/1",
    "s350401",
    "㍼35年4月1日",
    "一九六〇年四月一日",
    "十九六〇年四月一日",
    "April 1, 1960",
    "1 April 1960",
    "04/01/1960",
    "60.4.1",
    "60/04/01",
    "1960年生",
    "昭和35年生まれ",
    "4月1日生まれ",
    "生年月日：1960年4月1日",
    "生年月日 S35.4.1",
    "会員番号123456",
    "会員番号：１２３４５６",
    "会員番号 1 2 3 4 5 6",
    "会員番号 123-456",
    "会員No.123456",
    "会員番号 一二三四五六",
    "会員番号A123456",
    "会員番号 987",
    "123456",
    "123 456",
    "１２３４５６",
    "(123456)",
    "[123456／1960.4.1]",
    "会員番号123456 1960年4月1日生",
)


def _digits(text: str) -> str:
    return re.sub(
        r"[^0-9〇一二三四五六七八九]", "", fold_digits(unicodedata.normalize("NFKC", text))
    )


@pytest.mark.parametrize("written", WRITINGS)
@pytest.mark.parametrize(
    "around",
    ["施設マイページ：メールアドレスについて{}", "見本 太郎（{}）", "{}　みほん中央病院", "{}"],
)
def test_nothing_is_left_of_a_proof_in_any_writing(written: str, around: str) -> None:
    bare = without_proofs(around.format(written))
    assert _digits(bare) == "", bare
    for word in ("生年", "会員番号", "昭和", "（）", "生まれ"):
        assert word not in bare, bare


@pytest.mark.parametrize(
    "subject",
    [
        "施設マイページ：メールアドレスについて",
        "2027年度 施設認定の更新について",
        "令和8年度更新申請（2027年2月28日締切）の件",
        "平成30年度の認定証",
        "更新申請 2027/2/28 まで",
        "①メールアドレスの確認希望連絡",
        "第2病院 3階 4西病棟",
        "【再送】1）認定施設名 2）氏名",
        "受付番号 2026-000123 の件",
        "見本 一二三",
        "五十嵐 八十吉",
        "国立病院機構第二みほん病院",
        "二、三お尋ねします",
    ],
)
def test_what_is_no_proof_stays(subject: str) -> None:
    assert without_proofs(subject) == subject


def test_a_name_is_what_is_left_of_it() -> None:
    assert without_proofs("見本 太郎（1968年4月9日生）") == "見本 太郎"
    assert without_proofs("見本 太郎 会員番号123456") == "見本 太郎"
    assert without_proofs("みほん中央病院 1968/4/9") == "みほん中央病院"
    assert (
        without_proofs("施設マイページ：アドレスについて（会員番号123456 1968年4月9日生）")
        == "施設マイページ：アドレスについて"
    )


def test_a_short_number_goes_where_the_form_says_what_it_is() -> None:
    assert "2030" not in without_proofs("アドレスの件 2030", {"member_number": "2030"})


KNOWN = {"member_number": "0123456", "birthdate": "1968-04-09"}


@pytest.mark.parametrize(
    "text",
    [
        "会員番号123456でよろしいですか",
        "お客様番号は 1 2 3 4 5 6 です",
        "１２３-４５６",
        "昭和43年4月9日のお生まれ",
        "S43.4.9",
        "1968 年 4 月 9 日",
        "１９６８０４０９",
        "68.4.9",
        "昭和四十三年四月九日",
    ],
)
def test_a_known_proof_is_seen_in_any_writing(text: str) -> None:
    assert holds_proof(text, KNOWN)
    assert not holds_proof(without_known_proofs(text, KNOWN), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "電話 03-1234-5678",
        "2026-123456 の件",
        "受付番号 2026-000123",
        "1234567",
        "1968年4月10日",
        "2026年11月25日（水）10:00",
    ],
)
def test_other_numbers_are_no_known_proof(text: str) -> None:
    assert not holds_proof(text, KNOWN)
    assert without_known_proofs(text, KNOWN) == text


def test_a_letter_of_staff_keeps_its_telephone_and_loses_the_birthdate() -> None:
    text = "会員番号123456、1968年4月9日生の件、2026年12月1日までに 03-1234-5678 へ。"
    bare = without_old_dates(text)
    assert "03-1234-5678" in bare
    assert "2026年12月1日" in bare
    assert "123456" not in bare
    assert "1968" not in bare


def test_a_certification_number_may_be_somebodys_own_number() -> None:
    assert not may_be_proof("K0101")
    assert not may_be_proof("101")
    assert may_be_proof("123456")
    assert may_be_proof("S430409")
    assert may_be_proof("１９６８０４０９")


def test_a_field_that_was_nothing_but_a_proof_is_missing() -> None:
    reading = Reading(
        facility_name=Field("1968年4月9日", 0, 9),
        responsible_physician=Field("見本 太郎 S43.4.9生", 10, 20),
    )
    bare = without_proofs_in_names(reading)
    assert bare.facility_name is None
    assert bare.missing == ("facility",)
    assert bare.responsible_physician is not None
    assert bare.responsible_physician.value == "見本 太郎"


@given(st.text(max_size=80))
def test_any_text_comes_through(text: str) -> None:
    without_proofs(text, KNOWN)
    without_old_dates(text, KNOWN)
    assert not holds_proof(without_known_proofs(text, KNOWN), KNOWN)
