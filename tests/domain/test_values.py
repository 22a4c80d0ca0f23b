"""Fields 1 to 3 in the writing of many hands, row by row."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import Reading, read_request
from tests import mails

DAY = "1968-04-09"


def read(
    facility: str = "みほん病院",
    physician: str = "見本 太郎",
    identity: str = "1968年4月9日",
    label: str = "施設責任者会員番号または生年月日（本人確認用）",
) -> Reading:
    body = (
        f"1）認定施設名（可能なら認定番号）\n{facility}\n2）施設責任者氏名\n{physician}\n"
        f"3）{label}\n{identity}\n4）対応希望内容\n①\n"
    )
    return read_request(read_message(mails.mail(body, message_id="<a@x.test>")))


#: Text, member number, birthdate.
IDENTITIES: list[tuple[str, str | None, str | None]] = [
    ("昭和43年4月9日", None, DAY),
    ("昭和４３年４月９日", None, DAY),
    ("昭和43.4.9", None, DAY),
    ("S43/4/9", None, DAY),
    ("s43.04.09", None, DAY),
    ("昭43-4-9", None, DAY),
    ("昭和四十三年四月九日", None, DAY),
    ("昭和四三年四月九日", None, DAY),
    ("一九六八年四月九日", None, DAY),
    ("１９６８年４月９日", None, DAY),
    ("1968年04月09日(57歳)", None, DAY),
    ("1968-04-09", None, DAY),
    ("1968/04/09", None, DAY),
    ("1968.04.09", None, DAY),
    ("19680409", None, DAY),
    ("１９６８０４０９", None, DAY),
    ("April 9, 1968", None, DAY),
    ("9 April 1968", None, DAY),
    ("Apr 9 1968", None, DAY),
    ("APR. 9, 1968", None, DAY),
    ("9th April, 1968", None, DAY),
    ("09-Apr-1968", None, DAY),
    ("Apr/9/1968", None, DAY),
    ("1968 4 9", None, DAY),
    ("1968年 4月 9日", None, DAY),
    ("1968，4，9", None, DAY),
    ("西暦1968年4月9日", None, DAY),
    ("Showa 43.4.9", None, DAY),
    ("昭和43年（1968）4月9日", None, DAY),
    ("1968（昭和43）年4月9日", None, DAY),
    ("昭和43（1968）年4月9日", None, DAY),
    ("平成元年1月8日", None, "1989-01-08"),
    ("H1.1.8", None, "1989-01-08"),
    ("平1.1.8", None, "1989-01-08"),
    ("昭和64年1月7日", None, "1989-01-07"),
    ("昭和元年12月25日", None, "1926-12-25"),
    ("㍼43年4月9日", None, DAY),
    ("S430409", None, DAY),
    ("昭和43年４月９日生", None, DAY),
    ("生年月日：昭和43年4月9日", None, DAY),
    ("誕生日は4月9日、1968年です", None, None),
    ("昭和43年4月9日（会員番号は不明）", None, DAY),
    ("1968年4月9日　※会員番号は分かりません", None, DAY),
    ("昭和65年1月1日", None, None),
    ("昭和64年1月8日", None, None),
    ("平成元年1月7日", None, None),
    ("平成31年5月1日", None, None),
    ("令和元年4月30日", None, None),
    ("大正15年12月25日", None, None),
    ("1968年2月30日", None, None),
    ("1968年13月1日", None, None),
    ("68年4月9日", None, None),
    ("'68.4.9", None, None),
    ("43.4.9", None, None),
    ("43年4月9日", None, None),
    ("4/9/68", None, None),
    ("04/09/1968", None, None),
    ("13/04/1968", None, "1968-04-13"),
    ("1968", None, None),
    ("1968年", None, None),
    ("4月9日", None, None),
    ("昭和43年", None, None),
    ("昭和43年4月", None, None),
    ("S43", None, None),
    ("123456", "123456", None),
    ("１２３４５６", "123456", None),
    ("No.123456", "123456", None),
    ("No. 123456", "123456", None),
    ("№123456", "123456", None),
    ("#123456", "123456", None),
    ("JSPM123456", "123456", None),
    ("JSPM-123456", "123456", None),
    ("JSPM－１２３４５６", "123456", None),
    ("M-123456", "123456", None),
    ("会員No：123456", "123456", None),
    ("会員番号123456", "123456", None),
    ("123-456", "123456", None),
    ("12-34-56", "123456", None),
    ("123 456", "123456", None),
    ("123－456", "123456", None),
    ("１２３‐４５６", "123456", None),
    ("0012345", "0012345", None),
    ("12345", "12345", None),
    ("1234", "1234", None),
    ("会員番号：第123456号", "123456", None),
    ("123456（見本太郎）", "123456", None),
    ("会員番号　：　123456", "123456", None),
    ("会員ID:123456", "123456", None),
    ("ID 123456", "123456", None),
    ("123456 / 1968.4.9", "123456", DAY),
    ("123456、昭和43年4月9日", "123456", DAY),
    ("会員番号：123456　生年月日：S43.4.9", "123456", DAY),
    ("生年月日 1968/4/9、会員番号 123456", "123456", DAY),
    ("会員番号123456 生年月日19680409", "123456", DAY),
    ("123456\n1968年4月9日", "123456", DAY),
    ("19680409 123456", "123456", DAY),
    ("123456 19680409", "123456", DAY),
    ("123456・昭和43年4月9日", "123456", DAY),
    ("123456または1968年4月9日", "123456", DAY),
    ("123456(1968/4/9)", "123456", DAY),
    ("不明", None, None),
    ("後日連絡", None, None),
    ("-", None, None),
    ("", None, None),
    ("お電話ください 03-1234-5678", None, None),
    ("090-1234-5678", None, None),
    ("不明（1968年4月9日生まれ）", None, DAY),
    ("？", None, None),
]


@pytest.mark.parametrize(("text", "member", "birthdate"), IDENTITIES)
def test_identity_is_read_and_never_repaired(
    text: str, member: str | None, birthdate: str | None
) -> None:
    reading = read(identity=text)
    values = reading.values()
    assert (values["member_number"], values["birthdate"]) == (member, birthdate)
    assert ("identity" in reading.missing) == (member is None and birthdate is None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("昭和65年1月1日", "impossible"),
        ("1968年2月30日", "impossible"),
        ("68.4.9", "two_digit_year"),
        ("04/09/1968", "day_or_month"),
        ("昭和43年4月9日（1968/4/10）", "two dates that differ"),
        ("昭和43年（1969年）4月9日", "impossible"),
    ],
)
def test_date_that_is_none_says_why(text: str, why: str) -> None:
    reading = read(identity=text)
    assert reading.birthdate is None
    assert reading.doubt is not None
    assert reading.doubt.note == why


@pytest.mark.parametrize("number", ["20680409", "19680409", "12345678", "1968"])
def test_where_the_member_number_is_asked_for_eight_digits_are_one(number: str) -> None:
    assert read(identity=number, label="施設責任者会員番号").values()["member_number"] == number


#: Text, and the name alone.
PHYSICIANS = [
    ("見本\u3000太郎", "見本太郎"),
    ("見本 太郎 (ミホン タロウ)", "見本太郎"),
    ("ミホン タロウ", "ミホンタロウ"),
    ("みほん たろう", "みほんたろう"),
    ("ﾐﾎﾝ ﾀﾛｳ", "ミホンタロウ"),
    ("見本太郎（みほん・たろう）", "見本太郎"),
    ("見本\u3000太郎 ／ ミホン\u3000タロウ", "見本太郎"),
    ("緩和医療科\u3000見本太郎", "見本太郎"),
    ("緩和医療科 科長 見本太郎", "見本太郎"),
    ("緩和ケアセンター長\u3000見本太郎", "見本太郎"),
    ("副院長兼緩和ケア内科部長\u3000見本太郎", "見本太郎"),
    ("病院長 見本太郎", "見本太郎"),
    ("院長\u3000見本\u3000太郎\u3000先生", "見本太郎"),
    ("医師\u3000見本太郎", "見本太郎"),
    ("Dr.見本太郎", "見本太郎"),
    ("見本太郎 M.D.", "見本太郎"),
    ("見本太郎（緩和医療科部長）", "見本太郎"),
    ("見本太郎（施設責任者）", "見本太郎"),
    ("見本太郎 殿", "見本太郎"),
    ("見本太郎（代理：例示花子）", "見本太郎"),
    ("見本 太郎（記入者：例示 花子）", "見本太郎"),
    ("見本 太郎\u3000※代理記入", "見本太郎"),
    ("服部 太郎", "服部太郎"),
    ("阿部\u3000一", "阿部一"),
    ("磯部部長", "磯部"),
    ("渡部 誠 部長", "渡部誠"),
    ("仁科 花子 科長", "仁科花子"),
    ("医長\u3000氏家 太郎", "氏家太郎"),
    ("長 太郎", "長太郎"),
    ("部長 長 太郎", "長太郎"),
    ("殿村 花子", "殿村花子"),
    ("様本 太郎様", "様本太郎"),
    ("主税 町子", "主税町子"),
    ("佐々木 〆子", "佐々木〆子"),
    ("西園寺\u3000龍之介", "西園寺龍之介"),
    ("山田 さくら", "山田さくら"),
    ("南 さくら（ミナミ サクラ）", "南さくら"),
    ("ジョン・スミス", "ジョン・スミス"),
    ("John Smith", "JohnSmith"),
    ("見本太郎です", "見本太郎"),
    ("氏名：見本太郎", "見本太郎"),
    ("見本太郎（1968年生）", "見本太郎"),
    ("みほん病院 見本太郎", "見本太郎"),
    ("みほん病院\u3000緩和ケア科\u3000見本太郎", "見本太郎"),
    ("特任教授・見本太郎", "見本太郎"),
    ("見本太郎 教授", "見本太郎"),
    ("見本\u3000太郎\u3000（みほん\u3000たろう）\u3000部長", "見本太郎"),
    ("部長：見本太郎", "見本太郎"),
    ("担当：見本太郎", "見本太郎"),
    ("見本太郎\n（ミホンタロウ）", "見本太郎"),
    ("ふりがな\u3000みほん\u3000たろう\n見本\u3000太郎", "見本太郎"),
    ("見󠄀本 太郎", "見本太郎"),
    ("髙﨑 眞", "髙﨑眞"),
    ("見\ue000 太郎", "見\ue000太郎"),
    ("緩和ケア内科部長見本太郎", "見本太郎"),
    ("消化器外科 主任部長（緩和ケアチーム） 見本 太郎", "見本太郎"),
    ("見本 太郎（旧姓：例示）", "見本太郎"),
]


@pytest.mark.parametrize(("text", "name"), PHYSICIANS)
def test_physician_is_the_name_alone(text: str, name: str) -> None:
    found = read(physician=text).values()["responsible_physician"]
    assert (found or "").replace(" ", "") == name


#: Text, name, certification number.
FACILITIES: list[tuple[str, str, str | None]] = [
    ("みほん病院", "みほん病院", None),
    ("みほん病院（K0101）", "みほん病院", "K0101"),
    ("みほん病院（認定番号K0101）", "みほん病院", "K0101"),
    ("K0101", "", "K0101"),
    ("認定番号K-0101", "", "K0101"),
    ("みほん病院 認定番号：Ｋ０１０１", "みほん病院", "K0101"),
    ("みほん病院／K0101", "みほん病院", "K0101"),
    ("みほん病院\nK0101", "みほん病院", "K0101"),
    ("みほん病院（認定番号\u3000\u3000\u3000）", "みほん病院", None),
    ("「みほん病院」", "みほん病院", None),
    ("みほん病院です。", "みほん病院", None),
    ("みほん病院（旧：れい病院）", "みほん病院", None),
    ("旧れい病院（現みほん病院）", "みほん病院", None),
    ("みほん病院 No.K0101", "みほん病院", "K0101"),
    ("みほん病院（K0101号）", "みほん病院", "K0101"),
    ("みほん病院（k0101）", "みほん病院", "K0101"),
    ("(K0101)みほん病院", "みほん病院", "K0101"),
    ("みほん病院 K 0101", "みほん病院", "K0101"),
    ("不明", "", None),
]


@pytest.mark.parametrize(("text", "name", "number"), FACILITIES)
def test_facility_is_name_and_number(text: str, name: str, number: str | None) -> None:
    values = read(facility=text).values()
    assert (values["facility_name"] or "", values["certification_number"]) == (name, number)
