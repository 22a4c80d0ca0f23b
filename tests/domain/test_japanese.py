"""What counts as the same when names are compared, and what must not."""

from __future__ import annotations

import pytest

from helpdesk.domain.japanese import fold, is_kana, normalise_width
from helpdesk.domain.names import same_physician

SAME = [
    ("髙﨑", "高崎"),
    ("渡邉", "渡邊"),
    ("渡辺", "渡邊"),
    ("斎藤", "齋藤"),
    ("斉藤", "齋藤"),  # another family by the dictionary, mixed by their bearers
    ("眞壁", "真壁"),
    ("澤田", "沢田"),
    ("嶋田", "島田"),
    ("渡邊", "渡辺"),
    ("渡邉", "渡邊"),
    ("齊藤", "斎藤"),
    ("寬子", "寛子"),
    ("恆夫", "恒夫"),
    ("吉田", "𠮷田"),
    ("葛\U000e0100城", "葛城"),  # an ideographic variation selector
    ("ｶﾅ病院", "カナ病院"),
    ("㈱みほん", "(株)みほん"),
    ("A－1", "a-1"),
    ("第一　病院", "第一病院"),
]
DIFFERENT = [
    ("太田", "大田"),
    ("人見", "児見"),  # the dictionary of variants joins these,
    ("沢田", "沢佃"),  # and these,
    ("河合", "河閤"),  # and these
    ("河野", "川野"),
    ("藤井", "藤居"),
    ("渡辺", "渡部"),
    ("太郎", "太朗"),
    ("裕子", "祐子"),
    ("絋一", "紘二"),
    ("伊藤", "伊東"),
    ("みほん病院", "みほん医院"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_variants_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_values_keep_their_characters_and_circled_numbers() -> None:
    assert normalise_width("髙﨑　①　Ａｂ") == "髙﨑 ① Ab"


@pytest.mark.parametrize(
    ("written", "registered", "kana", "same"),
    [
        ("見本　太郎", "見本 太郎", "", True),
        ("見本太郎（ミホンタロウ）", "見本 太郎", "", True),
        ("見本太郎先生", "見本 太郎", "", True),
        ("ミホン タロウ", "見本 太郎", "ミホン タロウ", True),
        ("みほん たろう", "見本 太郎", "ミホンタロウ", True),
        ("ミホン ジロウ", "見本 太郎", "ミホン タロウ", False),
        ("みほん たろう", "見本 太郎", "", False),  # no reading to compare with
        ("見本 次郎", "見本 太郎", "", False),
        ("見本", "見本 太郎", "", False),  # a family name alone is nobody
        ("見\ue000太郎", "見本 太郎", "", True),  # one private-use character
        ("\ue000\ue001太郎", "見本 太郎", "", False),
        ("", "見本 太郎", "", False),
        ("見本 太郎", "", "", False),
    ],
)
def test_physicians(written: str, registered: str, kana: str, same: bool) -> None:
    assert same_physician(written, registered, kana) is same


def test_kana_is_told_from_kanji() -> None:
    assert is_kana("ミホン・たろう")
    assert not is_kana("見本")
    assert not is_kana("")
