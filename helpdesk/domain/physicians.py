"""Field 2: the physician's name alone, out of titles, departments and readings."""

from __future__ import annotations

import re

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.fields import PLACEHOLDER, Field, Lines
from helpdesk.domain.japanese import is_kana, normalise_width
from helpdesk.domain.labels import Form

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
# One of these is in every such label, and in hardly a name.
_IN_NAME_LABEL = re.compile("名|者|担当")
_WHOLE_BRACKET = re.compile(
    r"([\s　]*)[（(【〔\[「]([^（()）【】〔〕\[\]「」]*)[）)】〕\]」]([\s　]*)"
)
_READING_LINE = re.compile(r"^[\s　（(]*(?:ふりがな|フリガナ|ﾌﾘｶﾞﾅ|カナ|かな|読み)")
_NAME_END = re.compile(
    r"[\s　]*(?:[。．、,，;；/／|・]|です|でございます|であります|と申します|と言います|になります|拝|より)[\s　]*$"
)


_NO_NAME = re.compile(r"\d{3}|@")


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
        if value and not PLACEHOLDER.match(value) and not _NO_NAME.search(fold_widths(value)):
            return Field(value, offset + start, offset + end)
    return None


_SPLIT = re.compile(r"[/／|｜、,，]")


def _name_span(line: str, form: Form) -> tuple[int, int] | None:
    """Return where in a line the name alone stands."""
    line = line.split("※", maxsplit=1)[0]
    if whole := _WHOLE_BRACKET.fullmatch(line):  # （見本 太郎）, with nothing beside it.
        line = f"{whole[1]} {whole[2]} {whole[3]}"
    masked = _BRACKETED.sub(lambda match: "\x00" * len(match.group()), line)
    if (inner := _kanji_in_brackets(line, masked)) is not None:
        return inner
    split = _SPLIT.search(masked)
    if split and is_kana(masked[split.end() :].replace("\x00", "").strip() or "x"):
        masked = masked[: split.start()]
    elif split and not masked[: split.start()].strip("\x00 　"):
        masked = " " * split.end() + masked[split.end() :]
    label = _NAME_LABEL.match(masked) if _IN_NAME_LABEL.search(masked) else None
    start = label.end() if label and masked[label.end() :].strip("\x00 　") else 0
    start, end = _trim(masked, start, len(masked))
    start, end = _without_titles(masked, start, end, form)
    end = start + len(_without_reading(masked[start:end]))
    start, end = _trim(masked, start, end)
    return (start, end) if end > start else None


_NAME_IN_KANJI = re.compile(
    r"[一-龠々〆ヶ\ue000-\uf8ff\U00020000-\U0003ffff]{1,5}[\s　]?[一-龠々ぁ-んァ-ヶー]{1,5}"
)


def _kanji_in_brackets(line: str, masked: str) -> tuple[int, int] | None:
    """Return the name of ミホン タロウ（見本 太郎）, where the reading came first."""
    outside = masked.replace("\x00", "").strip()
    inner = _BRACKETED.search(line)
    if inner is None or not outside or not is_kana(outside):
        return None
    start, end = inner.start() + 1, inner.end() - 1
    inside = line[start:end].strip()
    if _NAME_IN_KANJI.fullmatch(inside):
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


_BETWEEN_WORDS = re.compile(r"[\s　\x00]+")
_WORD = re.compile(r"[^\s　\x00]+")


def _leading(part: str, form: Form) -> int:
    """Return how many characters of a department or title stand before the name."""
    tokens = _BETWEEN_WORDS.split(part)
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
    if first.endswith(form.ranks) and any(
        first.endswith(rank) and len(first) > len(rank) + 1 for rank in form.ranks
    ):
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
    lowered = part.lower()
    if not lowered.endswith(form.title_ends):
        return len(part)
    for word in form.words.titles:
        if lowered.endswith(word.lower()):
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
    tokens = [(match.group(), match.start()) for match in _WORD.finditer(name)]
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
