"""What is given twice, denied, unclear or somebody else's is asked for and never believed."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.names import same_physician
from helpdesk.domain.registry import Facility, RegistryIndex
from helpdesk.domain.request import Reading, read_request
from tests import mails


def read(**fields: str) -> Reading:
    lines = {
        "施設名": "みほん病院",
        "責任者": "見本 太郎",
        "会員番号または生年月日": "710002",
        "希望内容": "①",
    } | fields
    text = "\n".join(f"{label}：{value}" for label, value in lines.items() if value != "-")
    return read_request(read_message(mails.mail(text, message_id="<a@x.test>")))


@pytest.mark.parametrize(
    "identity",
    [
        "710002 または 710003",
        "710002か710003のどちらか",
        "710002・710003",
        "710002（違う場合は710003）",
        "710001 710002 710003",
        "1967年7月19日（戸籍上は7月20日）",
        "89071X",
        "890*19",
        "890719A",
        "890719（前責任者）",
        "710002（1967年7月71日）",
        "710002（昭和134年2月28日生）",
        "710002／59.2.28",
        "2005年4月1日入会",
        "（例：890719、1959年7月19日）",
    ],
)
def test_it_is_asked_for(identity: str) -> None:
    assert "identity" in read(会員番号または生年月日=identity).missing


def test_two_labels_that_differ_are_asked_about() -> None:
    reading = read(会員番号="710003")
    assert reading.member_number is None
    assert "identity" in reading.missing
    assert read(会員番号="0710002").missing == ()


@pytest.mark.parametrize(
    ("identity", "number"),
    [
        ("230978（訂正）→ 230987", "230987"),
        ("890719ではなく890718です", "890718"),
        ("812,345", "812345"),
        ("八一二三四五", "812345"),
        ("710002（認定医番号 4455）", "710002"),
    ],
)
def test_one_number_is_meant(identity: str, number: str) -> None:
    reading = read(会員番号または生年月日=identity)
    assert reading.member_number is not None
    assert (reading.member_number.value, reading.missing) == (number, ())


def test_proof_in_brackets_behind_the_physician() -> None:
    reading = read(
        責任者="見本 太郎（会員番号710002、1964年2月14日生）", 会員番号または生年月日="-"
    )
    values = reading.values()
    assert (values["member_number"], values["birthdate"]) == ("710002", "1964-02-14")


CHANGE = "②新しいメールアドレスの登録"


@pytest.mark.parametrize(
    "below",
    [
        "下記情報を学会事務局（office@society.example.jp）あてにご連絡ください。",
        f"{mails.DESK} 宛に送りました。",
        "新アドレスは別便でお送りします。\n\n見本 太郎 <m@mihon.example.jp>",
        "登録希望メールアドレス：\n\n見本 太郎\nメールアドレス：m@mihon.example.jp",
        "＿＿＿＿＿＿＿＿\nみほん病院　地域連携室\n室長　例示\n新しいメールアドレス：r@mihon.example.jp",
    ],
)
def test_an_address_that_nobody_wants_registered_is_not_taken(below: str) -> None:
    reading = read(希望内容=f"{CHANGE}\n\n{below}")
    assert (reading.new_address, reading.missing) == (None, ("new_address",))


@pytest.mark.parametrize("address", ["kanwa team@x.example.jp", "kanwa-shin-\nsei@x.example.jp"])
def test_a_part_of_an_address_is_none(address: str) -> None:
    assert read(希望内容=f"② {address}").new_address is None


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("メールアドレスの確認及び新規登録", "both"),
        ("①（○） ②（×）", "confirm_address"),
        ("[x] 確認希望\n[ ] 新規登録希望", "confirm_address"),
        ("(レ)確認希望　( )登録希望", "confirm_address"),
        ("メールアドレスの変更依頼は取り消してください", "other"),
        ("変更しないで、アドレスの確認だけお願いします", "confirm_address"),
        ("メールアドレスの登録状況の確認", "confirm_address"),
        ("①→②に訂正 new@mihon.example.jp", "change_address"),
    ],
)
def test_wish(wish: str, kind: str) -> None:
    request = read(希望内容=wish).request
    assert request is not None
    assert request.value == kind


def test_a_name_below_a_rule_fills_no_blank() -> None:
    reading = read(
        責任者="", 希望内容="①\n────────────\nみほん病院\n施設責任者：見本 太郎\nTEL 000-000-0000"
    )
    assert "responsible_physician" in reading.missing


def test_a_form_somebody_else_filled_in_is_not_the_sender_s() -> None:
    form = "\n".join(f"> {line}" for line in mails.form().splitlines())
    text = f"例示です。\n私にも下記と同じアドレスの情報を教えてください。\n\n{form}"
    reading = read_request(read_message(mails.mail(text, message_id="<a@x.test>")))
    assert reading.member_number is None
    assert reading.birthdate is None


@pytest.mark.parametrize(
    ("registered", "written"),
    [
        ("独立行政法人国立病院機構みほん医療センター", "独立行政法人国立病院機構 例示医療センター"),
        ("東京大学医学部附属病院", "京都大学医学部附属病院"),
        ("埼玉県立がんセンター", "群馬県立がんセンター"),
        ("東北大学病院", "東大病院"),
        ("横浜労災病院", "医療法人見本会 横浜病院"),
        ("見本市民病院", "見本市民病院例示診療所"),
        ("見本会見本病院", "見例会見例病院"),
    ],
)
def test_another_hospital_is_never_believed(registered: str, written: str) -> None:
    index = RegistryIndex([Facility("K1", registered, "core", "見本 太郎")])
    assert all(one.score < 0.7 for one in index.candidates(written, None))


@pytest.mark.parametrize("name", ["大崎市民病院\n　鹿島台分院", "国立病院機構\n大阪医療センター"])
def test_a_name_over_two_lines_is_read_whole(name: str) -> None:
    reading = read(施設名=name)
    assert reading.facility_name is not None
    assert reading.facility_name.value.replace(" ", "") == name.replace("\n　", "").replace(
        "\n", ""
    )


def test_a_private_use_character_stands_for_a_variant_alone() -> None:
    assert same_physician("\ue000橋 健", "髙橋 健", "")
    assert not same_physician("\ue000 英樹", "森 英樹", "")
