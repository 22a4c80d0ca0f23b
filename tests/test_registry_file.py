"""The portal's export as it is saved by people, taken whole or refused whole."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from helpdesk.registry_file import RegistryFileError, read_registry_file

HEADER = [
    "認定番号",
    "施設名",
    "施設種別",
    "責任者氏名",
    "会員番号",
    "生年月日",
    "メールアドレス",
    "認定終了日",
    "申請書",
    "備考",
]
ROW = [
    "K0001",
    "みほん病院",
    "基幹施設",
    "髙﨑 太郎",
    "012345",
    "昭和43年4月9日",
    "A@H.Example.JP",
    "2027/3/31",
    "済",
    "x",
]


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_csv_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    (found,) = read_registry_file(
        write(tmp_path / "r.csv", [HEADER, ROW, [""] * 10], encoding)
    ).facilities
    assert (found.physician, found.member_number, found.kind) == ("髙﨑 太郎", "012345", "core")
    assert (found.birthdate, found.certified_until) == (date(1968, 4, 9), date(2027, 3, 31))
    assert found.address == "A@h.example.jp"
    assert (found.application_form, found.summary_form) == (True, None)
    assert found.extra == (("備考", "x"),)


def test_excel_with_real_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(
        [
            "K0001",
            "みほん病院",
            "連携施設",
            "見本 太郎",
            12345,
            datetime(1968, 4, 9),
            None,
            date(2027, 3, 31),
            None,
            1.5,
        ]
    )
    book.save(tmp_path / "r.xlsx")
    (found,) = read_registry_file(tmp_path / "r.xlsx").facilities
    assert (found.member_number, found.birthdate) == ("12345", date(1968, 4, 9))
    assert (found.kind, found.application_form) == ("affiliate", False)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, "", "認定番号 is blank"),
        (1, " ", "施設名 is blank"),
        (2, "協力施設", "施設種別 is neither"),
        (5, "昭和65年1月1日", "生年月日 is not a date"),
        (5, "1968/2/30", "生年月日 is not a date"),
        (6, "a@b,c", "メールアドレス is not one mail address"),
        (8, "○", "申請書 is neither 済 nor blank"),
    ],
)
def test_row_in_error_is_named_by_its_number_and_without_its_value(
    tmp_path: Path, column: int, value: str, said: str
) -> None:
    bad = ROW.copy()
    bad[0], bad[column] = "K0002", value
    with pytest.raises(RegistryFileError) as caught:
        read_registry_file(write(tmp_path / "r.csv", [HEADER, ROW, bad]))
    (error,) = caught.value.errors
    assert error.startswith("row 3: ")
    assert said in error
    assert not value.strip() or value not in error


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    rows = [HEADER, ["", *ROW[1:]], ["K1", "", *ROW[2:]], ROW, ROW]
    with pytest.raises(RegistryFileError) as caught:
        read_registry_file(write(tmp_path / "r.csv", rows))
    assert [error.split(":")[0] for error in caught.value.errors] == ["row 2", "row 3", "row 5"]


def test_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryFileError, match="施設種別、責任者氏名"):
        read_registry_file(write(tmp_path / "r.csv", [["認定番号", "施設名"], ["a", "b"]]))


def test_repeated_member_number_is_only_a_warning(tmp_path: Path) -> None:
    other = ["K0002", *ROW[1:]]
    assert read_registry_file(write(tmp_path / "r.csv", [HEADER, ROW, other])).warnings == (
        "row 3: 会員番号 stands in row 2 too",
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old excel", b"\xff\xfe\x00\x00", b'"unclosed'],
)
def test_file_that_is_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(RegistryFileError) as caught:
        read_registry_file(path)
    assert len(caught.value.errors) == 1


def test_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RegistryFileError, match="cannot be read"):
        read_registry_file(tmp_path / "none.csv")
