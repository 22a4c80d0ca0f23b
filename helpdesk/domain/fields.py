"""The values of fields 1 to 3 as they are written behind their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.domain.birthdates import find_birthdate, fold_widths
from helpdesk.domain.japanese import is_kana, normalise_width

Lines = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Field:
    """A value with the place it was read from: offsets into `Message.body`."""

    value: str
    start: int
    end: int
    #: What was peculiar about it, in English, without the value.
    note: str = ""


# Letters and digits as the society gives them out; a hyphen and a blank may stand between.
_NUMBER_SHAPE = r"[A-Za-z]{1,3}\s?[-‐－]?\s?\d{2,8}"
_LABELLED_NUMBER = re.compile(
    rf"(?:認定(?:施設)?番号|施設番号|認定No\.?|No\.?|№|番号)\s*(?:は|が|[:：])?\s*(?P<number>第?\s?(?:{_NUMBER_SHAPE}|[A-Za-z]?[\d\-]{{2,10}})\s?号?)",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(rf"(?<![A-Za-z0-9@.])(?P<number>{_NUMBER_SHAPE})(?![A-Za-z0-9@])")
_EMPTY_BRACKETS = re.compile(
    r"[（(〔［\[【][\s　:：]*(?:認定番号|認定施設番号|施設番号"
    r"|可能なら認定番号)?[\s　:：]*[）)〕］\]】]"
)
_PLACEHOLDER = re.compile(
    r"^[\s　]*(?:[-‐―ー─_＿.…・/／\s　]+|なし|無し|未記入|同上|〃|記入|○+|◯+|（\s*）"
    r"|\(\s*\))?[\s　]*$"
)


def read_facility(lines: Lines) -> tuple[Field | None, Field | None]:
    """Return the facility's name and its certification number from the first lines."""
    name = number = None
    for line, offset in lines[:3]:
        text = fold_widths(line)
        match = _LABELLED_NUMBER.search(text) or _BARE_NUMBER.search(text)
        if match and number is None:
            number = Field(
                _plain_number(match["number"]),
                offset + match.start("number"),
                offset + match.end("number"),
            )
            # Same length as `line`, so that places still hold.
            blank = " " * (match.end() - match.start())
            rest = line[: match.start()] + blank + line[match.end() :]
        else:
            rest = line
        if name is None:
            name = _facility_name(rest, offset)
    return name, number


def _plain_number(text: str) -> str:
    return re.sub(r"[\s\-‐－第号]", "", fold_widths(text)).upper()


def _facility_name(line: str, offset: int) -> Field | None:
    bare = _EMPTY_BRACKETS.sub(lambda m: " " * len(m.group()), line)
    start = len(bare) - len(bare.lstrip(" 　:：、,，/／・「『"))
    kept = bare[start:].rstrip(" 　、,，。/／（(」』:：です")
    value = normalise_width(kept)
    if not value or _PLACEHOLDER.match(value) or re.fullmatch(r"(?:認定)?番号[:：]?", value):
        return None
    return Field(value, offset + start, offset + start + len(kept))


def read_certification(lines: Lines) -> Field | None:
    """Return a certification number behind its own label."""
    line, offset = lines[0]
    text = fold_widths(line)
    match = _BARE_NUMBER.search(text) or re.search(r"(?P<number>[A-Za-z]?[\d][\d\-]{1,9})", text)
    if not match:
        return None
    return Field(
        _plain_number(match["number"]), offset + match.start("number"), offset + match.end("number")
    )


_BRACKETED = re.compile(r"[（(〔［\[【<＜《][^（(〔［\[【<＜）)〕］\]】>＞》]*[）)〕］\]】>＞》]")
_TITLE = re.compile(
    r"[\s　]*(?:先生|医師|殿|様|さん|氏|教授|准教授|講師|助教|部長|副部長|科長|室長"
    r"|医長|院長|副院長|センター長|理事長|名誉院長|診療部長|医局長|主任|Dr\.?"
    r"|M\.?D\.?|Ph\.?D\.?|[、,，。]|です|と申します|でございます)+[\s　]*$"
)
_LEADING = re.compile(
    r"^[\s　]*(?:(?:施設)?責任者(?:は|の)?|氏名|名前|Dr\.?|医師|[:：、,，・]"
    r"|[^\s　、,，]{1,20}?(?:内科|外科|科|部|センター|室|病棟|講座|教室|課|病院|医局"
    r"|部門|チーム)(?:の)?(?:[\s　]+|(?=(?:部長|科長|室長|医長|教授|准教授|講師"
    r"|助教)))"
    r"|(?:副?部長|科長|室長|医長|教授|准教授|講師|助教|副?院長|センター長|理事長"
    r"|主任|特任教授|診療部長)[\s　]*)"
)


def read_physician(lines: Lines) -> Field | None:
    """Return the name alone: no title, department, reading in brackets or （本人）."""
    for line, offset in lines[:2]:
        masked = _BRACKETED.sub(lambda match: "\x00" * len(match.group()), line)
        # A reading behind a slash or a comma.
        split = re.search(r"[/／|｜]", masked)
        if split and is_kana(masked[split.end() :].replace("\x00", "").strip() or "x"):
            masked = masked[: split.start()]
        start = 0
        text = masked
        while match := _LEADING.match(text):
            if not match.end() or not text[match.end() :].strip("\x00 　"):
                break
            start += match.end()
            text = text[match.end() :]
        kept = text.rstrip("\x00 　")
        while match := _TITLE.search(kept):
            if not kept[: match.start()].strip():
                break
            kept = kept[: match.start()].rstrip("\x00 　")
        lead = len(kept) - len(kept.lstrip("\x00 　"))
        kept, start = kept[lead:], start + lead
        kept = _without_reading(kept)
        value = normalise_width(kept.replace("\x00", " "))
        if value and not _PLACEHOLDER.match(value) and not value.isdigit():
            return Field(value, offset + start, offset + start + len(kept))
    return None


def _without_reading(name: str) -> str:
    """Cut a reading that stands behind a name in kanji: `見本 太郎 ミホン タロウ`."""
    tokens = [(match.group(), match.start()) for match in re.finditer(r"[^\s　\x00]+", name)]
    first_kana = next((i for i, (token, _) in enumerate(tokens) if is_kana(token)), None)
    if first_kana is None or first_kana == 0:
        return name
    if not all(is_kana(token) for token, _ in tokens[first_kana:]):
        return name
    kanji = sum(len(token) for token, _ in tokens[:first_kana])
    # One kana word behind a family name is a given name: 山田 さくら.
    if len(tokens) - first_kana >= 2 or first_kana >= 2 or kanji >= 4:
        return name[: tokens[first_kana][1]].rstrip(" 　\x00")
    return name


_MEMBER = re.compile(r"(?<![\d@])(?:[A-Za-z]{1,6}[\s\-.]?)?(?P<digits>\d[\d\- ]{2,14}\d)(?![\d@])")


def read_identity(lines: Lines, kind: str) -> tuple[Field | None, Field | None]:
    """Return member number and birthdate from the value of field 3.

    Eight digits that are a date are one, unless the label asks for the member number
    alone.
    """
    member = birth = None
    for line, offset in lines[:4]:
        text = fold_widths(line)
        found = (
            None
            if kind == "member" and re.fullmatch(r"\s*\d{4,10}\s*", text)
            else find_birthdate(line)
        )
        if found:
            if found.day and birth is None:
                birth = Field(found.day.isoformat(), offset + found.start, offset + found.end)
            text = text[: found.start] + "@" * (found.end - found.start) + text[found.end :]
        match = _MEMBER.search(text)
        if match and member is None and kind != "birth" and not _is_telephone(text):
            digits = re.sub(r"\D", "", match["digits"])
            if 3 <= len(digits) <= 10:
                member = Field(digits, offset + match.start("digits"), offset + match.end("digits"))
    return member, birth


def _is_telephone(text: str) -> bool:
    return (
        re.search(r"(?:TEL|Tel|電話|FAX|携帯)|(?<!\d)0\d{1,4}-\d{1,4}-\d{4}(?!\d)", text)
        is not None
    )
