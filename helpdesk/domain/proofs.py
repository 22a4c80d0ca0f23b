"""Text without what proves who somebody is: birthdates and member numbers.

People write them where they do not belong: in the subject, behind the hospital's name, in
the name of their account. What letters repeat and lists show goes through here, so that
no letter carries them on and nothing of them outlives the case. A subject may lose a
telephone number that way; a birthdate may not stay for its sake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from helpdesk.domain.birthdates import find_dates, fold_widths
from helpdesk.domain.request import Reading

_Fields = Mapping[str, str | None]

# Marks without a width stand between digits that were copied from a web page.
_HIDDEN = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
_BLANK = rf"[\s_{_HIDDEN}]"
_GAP = rf"[\s_.,/\-‐‑‒–—―−－ー・､、年月{_HIDDEN}]{{0,4}}"
_KANJI = "〇零一二三四五六七八九十"

_DIGIT = re.compile(rf"[0-9{_KANJI}]")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
# Fewer digits are no date and no number, unless one of these stands beside them.
_FEWEST_DIGITS = 3
_HINT = re.compile(r"会員|生|誕|明治|大正|昭和|平成|令和|member|birth|DOB|No|ID|№", re.IGNORECASE)

# What stands around a proof and says nothing without it.
_LABEL = (
    r"(?:(?:学会|本学会|日本\S{1,12}学会)?会員\s*(?:証?番号|No\.?|№|ID|＃|#)|会員\s*(?=[:：0-9])"
    r"|生年月日|誕生日|birth\s*date|date\s+of\s+birth|DOB|member\s*(?:number|No\.?|ID))"
    r"\s*(?:[:：=は/／]|または|及び|、)?\s*"
)
_BORN = rf"(?:{_BLANK}*(?:[年月日]{_BLANK}*)?(?:生まれ|生年月日|誕生|生(?![命活物理協])))?"

# Kept: no physician was born in them, and subjects speak of fiscal years and deadlines.
_KEPT = re.compile(
    r"受付番号\s*20[2-9]\d-\d{6,}"
    r"|(?<![0-9])(?:(?:19|20)\d\d|(?:平成|令和)\s*(?:\d{1,2}|元))\s*年度"
    # A certification number, K0101; a date packed behind an era's letter has six digits.
    r"|(?<![A-Za-z0-9])(?!(?i:no|id))[A-Za-z]{1,3}-?\d{2,5}(?!\s*[.\-/年,]?\s*[0-9])"
    r"|令和\s*(?:\d{1,2}|元)\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)?"
    r"|(?<![0-9])20(?:2[1-9]|[3-9]\d)(?![0-9])"
    r"(?:\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)?|([/.\-])\d{1,2}(?![0-9])(?:\1\d{1,2}(?![0-9]))?)?"
)
_LABELLED = re.compile(
    rf"{_LABEL}[A-Za-z]{{0,3}}[\-.]?(?:[0-9](?:{_GAP}[0-9])*|[{_KANJI}]{{3,}})日?{_BORN}",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?:{_LABEL})?(?<![A-Za-z])(?:[A-Za-z]{{1,3}}\s?[\-.]?)?[0-9](?:{_GAP}[0-9]){{3,}}日?{_BORN}",
    re.IGNORECASE,
)
_IN_KANJI = re.compile(
    rf"(?:明治|大正|昭和|平成)?(?:[{_KANJI}]{{6,}}|[{_KANJI}]{{1,4}}年[{_KANJI}]{{1,3}}月[{_KANJI}]{{1,3}}日?){_BORN}"
)
_YEAR_OF_BIRTH = re.compile(
    rf"(?:明治|大正|昭和)\s*(?:[0-9]{{1,2}}|[{_KANJI}]{{1,3}}|元)\s*年?{_BORN}"
    rf"|平成\s*(?:[0-9]{{1,2}}|元)\s*年?\s*生まれ?"
    rf"|[0-9]{{1,2}}\s*月\s*[0-9]{{1,2}}\s*日\s*(?:生まれ?|誕生日?)"
)
_ANY_NUMBER = re.compile(
    rf"\d+|[{_KANJI}]{{4,}}|(?:明治|大正|昭和|平成|令和)\s*[{_KANJI}元]{{1,4}}"
    rf"|[{_KANJI}]{{1,4}}\s*[年月日](?:\s*[{_KANJI}]{{1,3}}\s*[月日])*"
)
_AROUND_DATE = re.compile(_BORN)
_BEFORE = re.compile(rf"{_LABEL}$", re.IGNORECASE)

_EMPTY = re.compile(r"[（(［\[〔【「<＜][\s　、,，・/／:：;；・]*[）)］\]〕】」>＞]")
_ENDS = " \t　、,，・/／;；:：-−－_"

#: What stands for a proof in a text that people read on.
MARK = "〈伏字〉"

# Shorter numbers are hours, floors and numbers of beds too.
_SHORTEST_KNOWN = 4


def without_proofs(text: str, known: _Fields | None = None) -> str:
    """Return one line without anything that may be a birthdate or a member number.

    `known`: fields that were read of the same mail; what they hold goes in any writing.
    """
    folded = fold_digits(text)
    digits = len(_DIGIT.findall(folded))
    if not digits or (digits < _FEWEST_DIGITS and not _HINT.search(folded)):
        return text
    gone = [False] * len(text)
    for start, end in (*_known_places(folded, known or {}), *_all_places(folded)):
        gone[start:end] = [True] * (end - start)
    if not any(gone):
        return text
    kept = "".join("\0" if out else char for char, out in zip(text, gone, strict=True))
    return _tidy(re.sub("\0+", " ", kept))


def without_known_proofs(text: str, known: _Fields) -> str:
    """Return a text in which a birthdate and a member number that are known are marked out."""
    folded = fold_digits(text)
    places = sorted(_known_places(folded, known))
    out, at = [], 0
    for start, end in places:
        if end <= at:
            continue
        out += [text[at : max(at, start)], MARK]
        at = end
    return "".join([*out, text[at:]]) if places else text


def without_old_dates(text: str, known: _Fields | None = None) -> str:
    """Return a letter's text without dates on which people are born, and labelled numbers.

    What is left alone are telephone numbers and the dates of today's business.
    """
    text = without_known_proofs(text, known or {})
    folded = _KEPT.sub(lambda match: "\0" * len(match.group()), fold_digits(text))
    places = [match.span() for match in _LABELLED.finditer(folded)]
    places += [match.span() for match in _IN_KANJI.finditer(folded)]
    places += [match.span() for match in _YEAR_OF_BIRTH.finditer(folded)]
    places += list(_date_places(folded))
    out, at = [], 0
    for start, end in sorted(places):
        if start < at:
            at = max(at, end)
            continue
        out += [text[at:start], MARK]
        at = end
    return "".join([*out, text[at:]]) if places else text


def without_any_number(text: str) -> str:
    """Return a text without digits, and without what may be a date in kanji."""
    return _ANY_NUMBER.sub(" ", text)


def holds_proof(text: str, known: _Fields) -> bool:
    """Say whether a text holds the birthdate or the member number of a request."""
    return any(True for _ in _known_places(fold_digits(text), known))


def typed_proofs(text: str) -> list[dict[str, str | None]]:
    """Return the birthdates and labelled numbers in a mail, as fields that are known."""
    folded = fold_digits(text)
    rest = _KEPT.sub(lambda match: "\0" * len(match.group()), folded)
    found: list[dict[str, str | None]] = [
        {"birthdate": one.day.isoformat()} for one in find_dates(rest) if one.day
    ]
    for match in _LABELLED.finditer(folded):
        number = re.sub(r"\D", "", match.group())
        if len(number) >= _SHORTEST_KNOWN and not find_dates(match.group()):
            found.append({"member_number": number})
    return found


def may_be_proof(number: str) -> bool:
    """Say whether what was read as a certification number may be somebody's own number.

    A certification number of letters and digits (K0101) is none, unless it is a date of
    an era (S430409).
    """
    folded = fold_digits(number)
    if any(one.day for one in find_dates(folded)):
        return True
    digits = re.sub(r"\D", "", folded)
    return len(digits) >= _SHORTEST_KNOWN and not re.search(r"[A-Za-z]", folded)


def without_proofs_in_names(reading: Reading) -> Reading:
    """Return a reading whose names hold no proof; a name that was nothing else is missing."""
    known = reading.values()
    missing = list(reading.missing)
    changed: dict[str, Any] = {}
    for name, part in (("facility_name", "facility"), ("responsible_physician",) * 2):
        field = getattr(reading, name)
        if field is None or (value := without_proofs(field.value, known)) == field.value:
            continue
        changed[name] = replace(field, value=value) if value else None
        numbered = part == "facility" and reading.certification_number is not None
        if not value and not numbered and part not in missing:
            missing.append(part)
    if not changed:
        return reading
    return replace(reading, **changed, missing=tuple(missing))


def fold_digits(text: str) -> str:
    """Return text with digits of any script and full-width signs in ASCII, place by place."""
    if text.isascii():
        return text
    return _FOREIGN_DIGIT.sub(
        lambda match: str(unicodedata.decimal(match.group())), fold_widths(text)
    )


def _all_places(folded: str) -> Iterator[tuple[int, int]]:
    for match in _LABELLED.finditer(folded):
        yield match.span()
    rest = _KEPT.sub(lambda match: "\0" * len(match.group()), folded)
    yield from _date_places(rest)
    for pattern in (_NUMBER, _IN_KANJI, _YEAR_OF_BIRTH):
        for match in pattern.finditer(rest):
            yield match.span()


def _date_places(folded: str) -> Iterator[tuple[int, int]]:
    for one in find_dates(folded):
        born = _AROUND_DATE.match(folded, one.end)
        before = _BEFORE.search(folded[: one.start])
        yield before.start() if before else one.start, born.end() if born else one.end


def _known_places(folded: str, known: _Fields) -> Iterator[tuple[int, int]]:
    """Yield where a known member number or birthdate stands, digits apart or together."""
    member = re.sub(r"\D", "", fold_digits(known.get("member_number") or "")).lstrip("0")
    # A pattern of its own for each number is dear: only where its digits follow each other.
    if member and member in re.sub(r"\D", "", folded):
        apart = rf"{_BLANK}{{0,2}}[\-.,]?{_BLANK}{{0,2}}".join(member)
        if len(member) >= _SHORTEST_KNOWN:
            pattern = rf"(?<![0-9])(?<![0-9][\-.])0*{apart}(?![0-9])(?![\-.][0-9])"
        else:
            pattern = rf"{_LABEL}[A-Za-z]{{0,3}}[\-.]?0*{apart}(?![0-9])"
        for match in re.finditer(pattern, folded, re.IGNORECASE):
            yield match.span()
    birth = known.get("birthdate") or ""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", birth):
        yield from _places_of_day(folded, birth)


def _places_of_day(folded: str, birth: str) -> Iterator[tuple[int, int]]:
    squeezed, places = _squeezed(folded)
    for one in find_dates(squeezed):
        digits = re.sub(r"\D", "", squeezed[one.start : one.end])
        short = f"{birth[2:4]}{int(birth[5:7])}{int(birth[8:])}"
        if (one.day and one.day.isoformat() == birth) or digits in (
            short,
            birth[2:].replace("-", ""),
            birth.replace("-", ""),
        ):
            yield places[one.start], places[one.end - 1] + 1


def _squeezed(folded: str) -> tuple[str, list[int]]:
    """Return a text without blanks beside digits, and where each character stood."""
    kept = [
        at
        for at, char in enumerate(folded)
        if not (re.match(_BLANK, char) and _beside_digits(folded, at))
    ]
    return "".join(folded[at] for at in kept), kept


def _beside_digits(folded: str, at: int) -> bool:
    before = re.sub(rf"{_BLANK}+$", "", folded[max(0, at - 4) : at])[-1:]
    behind = re.sub(rf"^{_BLANK}+", "", folded[at : at + 5])[:1]
    return bool(re.match(rf"[0-9年月/.\-{_KANJI}]", before)) and bool(
        re.match(rf"[0-9年月日/.\-{_KANJI}]", behind)
    )


def _tidy(text: str) -> str:
    while (fewer := _EMPTY.sub(" ", text)) != text:
        text = fewer
    text = re.sub(rf"{_LABEL}(?=$|[\s　）)」])", "", text, flags=re.IGNORECASE)
    while (fewer := _EMPTY.sub(" ", text)) != text:
        text = fewer
    return re.sub(r"[ 　]{2,}", " ", text).strip(_ENDS)
