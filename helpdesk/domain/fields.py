"""A value of the form with its place, and the readers of fields 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.japanese import is_kana, normalise_width
from helpdesk.domain.labels import Form

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
_LETTERED = r"[A-Za-z]{1,3}[ \t]?[-‐－.]?[ \t]?\d{2,8}"
_CALLED = r"(?:施設)?認定(?:施設)?(?:番号|No\.?|№)|施設番号|番号|No\.?|№"
_LABELLED_NUMBER = re.compile(
    rf"(?:{_CALLED})\s*(?:は|が|[:=])?\s*第?\s?(?P<number>{_LETTERED}|[A-Za-z]?\d[\d\-]{{1,9}})\s?号?(?:です)?",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9@.])第?\s?(?P<number>{_LETTERED})(?![A-Za-z0-9@])\s?号?(?:です)?"
)
_EMPTY_BRACKETS = re.compile(
    rf"[（(〔［\[【＜<][\s　:：、,]*(?:{_CALLED}|可能なら認定番号)?[\s　:：、,号第]*[）)〕］\]】＞>]"
)
_PLACEHOLDER = re.compile(
    r"^[\s　]*(?:[-‐―ー─－_＿.…・/／?？\s　]+|なし|無し|未記入|空欄|不明|未定|未登録|後日|同上|〃|記入|○+|◯+|（\s*）|\(\s*\))?[\s　]*$"
)
_FACILITY_LABEL = re.compile(
    r"^[\s　]*(?:(?:当院|当施設|弊院|認定施設|基幹施設|連携施設)(?:である|の|、|は|[\s　])[\s　]*)?"
    r"(?:(?:現?(?:認定)?施設名|病院名|名称)[\s　]*[:：は][\s　]*)?"
)
_SENTENCE_END = re.compile(
    r"[\s　]*(?:です|でございます|になります|と申します)?[。．、,，]?[\s　]*$"
)
# みほん病院（旧 れい病院）: the name is the one that is not called old.
_FORMER = re.compile(
    r"[（(〔\[［][\s　]*(?:旧|元)[^）)〕\]］]*[）)〕\]］]|[\s　、]旧(?:施設名|名称)?[\s　]*[:：].*$"
)
_CURRENT = re.compile(
    r"[（(〔\[［][\s　]*現(?:在)?(?:施設名|名称)?[\s　:：、は]*(?P<name>[^）)〕\]］]+)[）)〕\]］]"
)


def read_facility(lines: Lines) -> tuple[Field | None, Field | None]:
    """Return the facility's name and its certification number from the first lines."""
    name = number = None
    for line, offset in lines[:3]:
        text = fold_widths(line)
        match = _LABELLED_NUMBER.search(text) or _BARE_NUMBER.search(text)
        if match and number is None:
            number = _number(match, offset)
            # Same length as `line`, so that places still hold.
            blank = " " * (match.end() - match.start())
            line = line[: match.start()] + blank + line[match.end() :]  # noqa: PLW2901
        if name is None:
            name = _facility_name(line, offset)
    return name, number


def _number(match: re.Match[str], offset: int) -> Field:
    plain = re.sub(r"[\s\-‐－.第号]", "", match["number"]).upper()
    return Field(plain, offset + match.start("number"), offset + match.end("number"))


def _facility_name(line: str, offset: int) -> Field | None:
    bare = _EMPTY_BRACKETS.sub(_blank, line)
    if current := _CURRENT.search(bare):
        start, kept = current.start("name"), current["name"]
    else:
        bare = _FORMER.sub(_blank, bare)
        label = _FACILITY_LABEL.match(bare)
        start = label.end() if label else 0
        kept = bare[start:]
    kept = kept[: _SENTENCE_END.search(kept).start()]  # type: ignore[union-attr]
    kept = kept.rstrip(" 　、,，:：;・/／|→")
    lead = len(kept) - len(kept.lstrip(' \t　、,，:：・/／|→■◆●○「『【〔（("“'))
    kept, start = kept[lead:], start + lead
    kept = _unwrapped(kept)
    value = normalise_width(kept)
    if not value or _PLACEHOLDER.match(value) or re.fullmatch(r"[（(【\[]?\W*[）)】\]]?", value):
        return None
    return Field(value, offset + start, offset + start + len(kept))


def _unwrapped(text: str) -> str:
    """Return text without a closing bracket whose opening one was cut."""
    text = text.rstrip(" 　")
    for opening, closing in ("「」", "『』", "【】", "〔〕", "（）", "()", '""', "“”"):
        if text.endswith(closing) and opening not in text[:-1]:
            return text[:-1].rstrip(" 　")
    return text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def read_certification(lines: Lines) -> Field | None:
    """Return a certification number behind its own label."""
    line, offset = lines[0]
    text = fold_widths(line)
    match = _BARE_NUMBER.search(text) or re.search(r"(?P<number>[A-Za-z]?\d[\d\-]{1,9})", text)
    return _number(match, offset) if match else None


_BRACKETED = re.compile(
    r"[（(〔［\[【<＜《〈][^（(〔［\[【<＜《〈）)〕］\]】>＞》〉]*[）)〕］\]】>＞》〉]"
)
# What the word for a unit of a hospital ends in; alone, it may end a family name (服部, 仁科).
_UNIT_END = re.compile(
    r"(?:科|部|センター|室|病棟|講座|教室|病院|医局|部門|チーム|課|クリニック|大学|学部|分野|ユニット|係|医院)(?:の)?$"
)
_UNIT_WORD = re.compile(
    r"内科|外科|ケア|医療|緩和|支持|麻酔|腫瘍|がん|癌|センター|病棟|病院|診療|看護|総合|放射線|精神|ペイン|婦人|産科"
    r"|泌尿|呼吸|消化|血液|化学療法|大学|講座|教室|医局|チーム|医事|総務|庶務|地域|連携|薬剤|事務|研修|クリニック|小児|神経"
)
_GLUED_UNIT = re.compile(
    r"^[^\s　]{1,16}?(?:科|部|センター|室|病棟|講座|教室|病院|医局|部門|チーム)(?:の)?"
    r"(?=(?:主任|副|診療|統括)?(?:部長|科長|室長|医長|院長|センター長|教授|准教授|講師|助教|医師))"
)
_NAME_LABEL = re.compile(
    r"^.{0,12}?(?:ご?氏名|お名前|責任者(?:名)?|申請者|担当者?)[\s　]*(?:[:：は]|[\s　])[\s　]*"
)
_WHOLE_BRACKET = re.compile(
    r"([\s　]*)[（(【〔\[「]([^（()）【】〔〕\[\]「」]*)[）)】〕\]」]([\s　]*)"
)
_READING_LINE = re.compile(r"^[\s　（(]*(?:ふりがな|フリガナ|ﾌﾘｶﾞﾅ|カナ|かな|読み)")
_NAME_END = re.compile(
    r"[\s　]*(?:[。．、,，;；/／|・]|です|でございます|であります|と申します|と言います|になります|拝|より)[\s　]*$"
)


def read_physician(lines: Lines, form: Form) -> Field | None:
    """Return the name alone: no title, department, reading in brackets or （本人）."""
    for index, (line, offset) in enumerate(lines[:2]):
        if index + 1 < len(lines) and _READING_LINE.match(line):
            continue
        span = _name_span(line, form)
        if span is None:
            continue
        start, end = span
        value = normalise_width(_BRACKETED.sub(" ", line[start:end]))
        if (
            value
            and not _PLACEHOLDER.match(value)
            and not re.search(r"\d{3}|@", fold_widths(value))
        ):
            return Field(value, offset + start, offset + end)
    return None


def _name_span(line: str, form: Form) -> tuple[int, int] | None:
    """Return where in a line the name alone stands."""
    line = line.split("※", maxsplit=1)[0]
    if whole := _WHOLE_BRACKET.fullmatch(line):  # （見本 太郎）, with nothing beside it.
        line = f"{whole[1]} {whole[2]} {whole[3]}"
    masked = _BRACKETED.sub(lambda match: "\x00" * len(match.group()), line)
    if (inner := _kanji_in_brackets(line, masked)) is not None:
        return inner
    split = re.search(r"[/／|｜、,，]", masked)
    if split and is_kana(masked[split.end() :].replace("\x00", "").strip() or "x"):
        masked = masked[: split.start()]
    elif split and not masked[: split.start()].strip("\x00 　"):
        masked = " " * split.end() + masked[split.end() :]
    label = _NAME_LABEL.match(masked)
    start = label.end() if label and masked[label.end() :].strip("\x00 　") else 0
    start, end = _trim(masked, start, len(masked))
    start, end = _without_titles(masked, start, end, form)
    end = start + len(_without_reading(masked[start:end]))
    start, end = _trim(masked, start, end)
    return (start, end) if end > start else None


def _kanji_in_brackets(line: str, masked: str) -> tuple[int, int] | None:
    """Return the name of ミホン タロウ（見本 太郎）, where the reading came first."""
    outside = masked.replace("\x00", "").strip()
    inner = _BRACKETED.search(line)
    if inner is None or not outside or not is_kana(outside):
        return None
    start, end = inner.start() + 1, inner.end() - 1
    inside = line[start:end].strip()
    if re.fullmatch(
        r"[一-龠々〆ヶ\ue000-\uf8ff\U00020000-\U0003ffff]{1,5}[\s　]?[一-龠々ぁ-んァ-ヶー]{1,5}",
        inside,
    ):
        return _trim(line, start, end) if inside not in ("本人", "自署") else None
    return None


_EDGE = '\x00 　\t・:：→-「」『』"“”'


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _without_titles(text: str, start: int, end: int, form: Form) -> tuple[int, int]:
    """Cut departments and titles before a name, titles and sentence ends behind it."""
    changed = True
    while changed:
        changed = False
        part = text[start:end]
        cut = _leading(part, form)
        if cut and part[cut:].strip(_EDGE):
            start, changed = start + cut, True
        part = text[start:end]
        keep = _trailing(part, form)
        if keep < len(part) and part[:keep].strip(_EDGE):
            end, changed = start + keep, True
        start, end = _trim(text, start, end)
    return start, end


def _leading(part: str, form: Form) -> int:
    """Return how many characters of a department or title stand before the name."""
    tokens = re.split(r"[\s　\x00]+", part)
    first = tokens[0]
    if glued := _GLUED_UNIT.match(part):
        title = form.titles.match(part, glued.end())
        if title and part[title.end() :].strip(_EDGE):  # Not 磯部部長.
            return glued.end()
    title = form.titles.match(part)
    if (
        title
        and (title.end() == len(first) or len(part) - title.end() >= 3)
        and len(title.group()) >= 2
    ):
        # 主任 alone and 会長 glued to a name would cut into 主税 or the like.
        return title.end()
    if len(tokens) < 2:
        return 0
    ends_in_title = any(
        first.endswith(word) and len(first) > len(word) + 1
        for word in form.words.titles
        if len(word) >= 2 and word.endswith(("長", "授", "師", "教", "任", "者"))
    )
    if ends_in_title:
        return len(first)
    if (
        _UNIT_END.search(first)
        and len(first) >= 2
        and (_UNIT_WORD.search(first) or (len(tokens) >= 3 and len(first) >= 3))
    ):
        return len(first)
    return 0


def _trailing(part: str, form: Form) -> int:
    """Return how much of a text is left without the title or phrase at its end."""
    if match := _NAME_END.search(part):
        return match.start()
    for word in form.words.titles:
        if part.lower().endswith(word.lower()):
            rest = part[: len(part) - len(word)]
            apart = rest.endswith((" ", "　", "\x00", "\t"))
            # 氏 and 様 glued to a name are titles only where a name is left.
            if len(rest.strip(_EDGE)) >= (1 if apart else 2):
                return len(_without_unit(rest.rstrip(_EDGE), word))
    return len(part)


def _without_unit(rest: str, title: str) -> str:
    """Cut the unit that a title belongs to: 見本 太郎 緩和ケア科 部長."""
    if not title.endswith(("長", "授", "師", "教", "任")):
        return rest
    head, gap, last = rest.rpartition(" " if " " in rest else "　")
    return head.rstrip(_EDGE) if gap and _UNIT_WORD.search(last) and head.strip(_EDGE) else rest


def _without_reading(name: str) -> str:
    """Cut a reading that stands behind a name in kanji: `見本 太郎 ミホン タロウ`."""
    tokens = [(match.group(), match.start()) for match in re.finditer(r"[^\s　\x00]+", name)]
    words = [word for word, _ in tokens]
    if not tokens or is_kana(words[0]):
        return name
    cut = _reading_begins(words)
    return name[: tokens[cut][1]].rstrip(" 　\x00") if cut else name


def _reading_begins(words: list[str]) -> int | None:
    """Return at which word of a name its reading begins; None where it has none.

    One kana word behind a family name is a given name: 山田 さくら.
    """
    # Characters that stand apart (森　さ　く　ら) are no reading.
    kana = [is_kana(word) and len(word) > 1 for word in words]
    if len(words) == 4 and kana[2] and kana[3]:
        return 2
    if len(words) == 3 and kana[2]:
        whole = len(words[0]) >= 3 and kana[1] and _script(words[1]) == _script(words[2])
        return 1 if whole else 2
    # 見本太郎 ミホンタロウ, but 勅使河原 みどり.
    if len(words) == 2 and kana[1] and len(words[1]) >= (5 if len(words[0]) >= 3 else 6):
        return 1
    return None


def _script(word: str) -> bool:
    return any("ぁ" <= char <= "ゖ" for char in word)
