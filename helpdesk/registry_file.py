"""The portal's export, CSV or Excel, read whole or refused whole.

Every mistake is one sentence with its row as Excel numbers it. Values of persons are
not repeated in it, because it may be logged or sent around.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.era_dates import read_date
from helpdesk.domain.registry import APPLICATION_STATES, Facility
from helpdesk.errors import HelpdeskError

# An export of all of Japan's hospitals has 3 MB.
MAX_FILE_BYTES = 50_000_000
MAX_ROWS = 200_000

# Bytes that a workbook may unpack to: a small file can hold gigabytes of zeros.
_MAX_UNPACKED = 500_000_000

# One screen of mistakes; who has more has the wrong file.
_MAX_ERRORS = 50

_REQUIRED = ("認定番号", "施設名", "施設種別", "責任者氏名")
_KINDS = {"基幹施設": "core", "連携施設": "affiliate"}
_DATES = ("生年月日", "認定開始日", "認定終了日")
_ADDRESSES = ("メールアドレス", "申請アドレス", "会員登録メールアドレス")
_DOCUMENTS = ("申請書", "概要書", "公印書類")
_KNOWN = (
    *_REQUIRED,
    *_DATES,
    *_ADDRESSES,
    *_DOCUMENTS,
    "責任者氏名カナ",
    "会員番号",
    "基幹施設認定番号",
    "申請状況",
    "代表電話",
    "旧施設名",
)

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"
)
_FORMER_SEPARATOR = re.compile(r"[;；、,，\n／/]")


class RegistryFileError(HelpdeskError):
    """The file cannot be taken; nothing of it is."""

    def __init__(self, errors: Sequence[str]) -> None:
        """Keep every mistake, one sentence each."""
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """A file in which every row is right."""

    facilities: tuple[Facility, ...]
    warnings: tuple[str, ...]


Row = tuple[int, dict[str, str]]


def read_registry_file(path: Path) -> RegistryFile:
    """Read .csv or .xlsx. Raises RegistryFileError with every mistake."""
    table = _table(path)
    if not table:
        raise RegistryFileError([f"{path.name} is empty"])
    header = [_column_name(cell) for cell in table[0]]
    _check_header(path, header)
    rows = [
        (number, _row(header, cells))
        for number, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    errors: list[str] = []
    facilities = [facility for row in rows if (facility := _facility(row, header, errors))]
    errors += _repeated_numbers(rows)
    if errors:
        errors.sort(key=_row_of)
        more = len(errors) - _MAX_ERRORS
        shown = errors[:_MAX_ERRORS] + ([f"… and {more} more mistakes"] if more > 0 else [])
        raise RegistryFileError(shown)
    if not facilities:
        raise RegistryFileError([f"{path.name} has a header and no rows"])
    return RegistryFile(tuple(facilities), tuple(_repeated_members(rows)))


def _table(path: Path) -> list[list[str]]:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise RegistryFileError([f"{path.name} is larger than {MAX_FILE_BYTES} bytes"])
        raw = path.read_bytes()
    except OSError as error:
        raise RegistryFileError([f"{path} cannot be read ({error.strerror})"]) from error
    if raw.startswith(b"PK\x03\x04"):
        return _excel(path, raw)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise RegistryFileError(
            [f"{path.name} is an old or encrypted Excel file; save it as .xlsx or as CSV"]
        )
    return _csv(path, raw)


def _csv(path: Path, raw: bytes) -> list[list[str]]:
    for charset in ("utf-8-sig", "cp932"):
        try:
            text = raw.decode(charset)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise RegistryFileError(
            [f"{path.name} is neither UTF-8 nor Shift_JIS; save it as CSV UTF-8"]
        )
    if "\x00" in text:
        raise RegistryFileError([f"{path.name} is no text; give the CSV or .xlsx of the export"])
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise RegistryFileError([f"{path.name} is no proper CSV: {error}"]) from error
    if len(rows) > MAX_ROWS:
        raise RegistryFileError([f"{path.name} has more than {MAX_ROWS} rows"])
    return rows


def _excel(path: Path, raw: bytes) -> list[list[str]]:
    # Loaded here: it takes 6 MB and a tenth of a second that only an import needs.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise RegistryFileError([f"{path.name} unpacks to more than any registry has"])
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_cell(value) for value in row]
            for row in sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True)
        ]
    except RegistryFileError:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        OSError,
        EOFError,
        AttributeError,
        SyntaxError,
    ) as error:
        raise RegistryFileError([f"{path.name} is no readable .xlsx; save it once more"]) from error
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _cell(value: object) -> str:
    """Return a cell as it was typed: Excel makes dates and numbers of what looks like them."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _column_name(cell: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell.replace("\ufeff", "")))


def _check_header(path: Path, header: list[str]) -> None:
    absent = [name for name in _REQUIRED if name not in header]
    if absent:
        columns = "、".join(absent)
        raise RegistryFileError(
            [f"{path.name}: row 1 has no column {columns}; the first row holds the columns' names"]
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise RegistryFileError([f"{path.name}: row 1 has the column {'、'.join(twice)} twice"])


def _row(header: list[str], cells: list[str]) -> dict[str, str]:
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {
        name: " ".join(cell.split()) if name != "旧施設名" else cell.strip()
        for name, cell in zip(header, padded, strict=False)
        if name
    }


def _row_of(error: str) -> int:
    found = re.match(r"row (\d+)", error)
    return int(found[1]) if found else 0


def _facility(row: Row, header: list[str], errors: list[str]) -> Facility | None:
    number, cells = row
    before = len(errors)
    errors += [f"row {number}: {name} is blank" for name in _REQUIRED if not cells.get(name)]
    kind = _KINDS.get(cells.get("施設種別", ""))
    if cells.get("施設種別") and kind is None:
        errors.append(f"row {number}: 施設種別 is neither 基幹施設 nor 連携施設")
    state = cells.get("申請状況", "")
    if state and state not in APPLICATION_STATES:
        errors.append(f"row {number}: 申請状況 is none of {'|'.join(APPLICATION_STATES)}")
    days = {name: _day(number, name, cells.get(name, ""), errors) for name in _DATES}
    addresses = {name: _address(number, name, cells.get(name, ""), errors) for name in _ADDRESSES}
    documents = {name: _document(number, name, cells, errors) for name in _DOCUMENTS}
    if len(errors) > before or kind is None:
        return None
    return Facility(
        certification_number=fold_widths(cells["認定番号"]),
        name=cells["施設名"],
        kind=kind,
        physician=cells["責任者氏名"],
        physician_kana=cells.get("責任者氏名カナ", ""),
        member_number=fold_widths(cells.get("会員番号", "")),
        birthdate=days["生年月日"],
        address=addresses["メールアドレス"],
        core_number=fold_widths(cells.get("基幹施設認定番号", "")),
        application_state=state,
        certified_from=days["認定開始日"],
        certified_until=days["認定終了日"],
        application_form=documents["申請書"],
        summary_form=documents["概要書"],
        sealed_documents=documents["公印書類"],
        application_address=addresses["申請アドレス"],
        member_address=addresses["会員登録メールアドレス"],
        main_phone=cells.get("代表電話", ""),
        former_names=_former_names(cells.get("旧施設名", "")),
        extra=tuple((name, cells.get(name, "")) for name in header if name and name not in _KNOWN),
    )


def _former_names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in _FORMER_SEPARATOR.split(cell) if name.strip())


def _day(number: int, name: str, cell: str, errors: list[str]) -> date | None:
    if not cell:
        return None
    found = read_date(cell)
    if found is None:
        errors.append(
            f"row {number}: {name} is not a date; write 2026-04-01, 2026/4/1 or 令和8年4月1日"
        )
    return found


def _address(number: int, name: str, cell: str, errors: list[str]) -> str:
    address = fold_widths(cell).strip()
    if address and not _ADDRESS.fullmatch(address):
        errors.append(f"row {number}: {name} is not one mail address")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}" if address else ""


def _document(number: int, name: str, cells: dict[str, str], errors: list[str]) -> bool | None:
    if name not in cells:
        return None
    if cells[name] not in ("", "済"):
        errors.append(f"row {number}: {name} is neither 済 nor blank")
    return cells[name] == "済"


def _repeated_numbers(rows: Iterable[Row]) -> list[str]:
    first: dict[str, int] = {}
    errors = []
    for number, cells in rows:
        value = fold_widths(cells.get("認定番号", "")).upper()
        if value and value in first:
            errors.append(f"row {number}: 認定番号 stands in row {first[value]} too")
        first.setdefault(value, number)
    return errors


def _repeated_members(rows: Iterable[Row]) -> list[str]:
    first: dict[str, int] = {}
    warnings = []
    for number, cells in rows:
        value = fold_widths(cells.get("会員番号", "")).lstrip("0")
        if value and value in first:
            warnings.append(f"row {number}: 会員番号 stands in row {first[value]} too")
        first.setdefault(value, number)
    return warnings
