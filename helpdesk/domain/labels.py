"""The labels of the form as people write them, and where they stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

FACILITY, CERTIFICATION, PHYSICIAN, MEMBER, BIRTH, IDENTITY, REQUEST, NEW_ADDRESS, OTHER = (
    "facility",
    "certification",
    "physician",
    "member",
    "birth",
    "identity",
    "request",
    "new_address",
    "other",
)

_OR = r"(?:\s*(?:または|又は|もしくは|若しくは|あるいは|および|及び|or|OR|・|／|/|、|,|，|か)\s*)"
_WHO = r"(?:(?:認定)?施設)?(?:責任者)?(?:ご本人)?(?:様)?の?"

# Longest first within a kind: a short label is the beginning of a longer one.
_LABELS: tuple[tuple[str, str], ...] = (
    (IDENTITY, rf"{_WHO}(?:会員番号|会員No\.?|会員ID){_OR}(?:{_WHO})?(?:生年月日|誕生日)"),
    (IDENTITY, rf"{_WHO}(?:生年月日|誕生日){_OR}(?:{_WHO})?会員番号"),
    (IDENTITY, r"本人確認(?:用|情報|事項)?(?:の?情報)?"),
    (MEMBER, rf"{_WHO}(?:学会)?(?:会員番号|会員No\.?|会員ＮＯ|会員ID|会員№)"),
    (BIRTH, rf"{_WHO}(?:生年月日|誕生日)"),
    (NEW_ADDRESS,
        (r"(?:新しい|新しく登録する|新規の?|新たな|新|変更後の?|変更先の?|登録希望の?"
        r"|登録したい|希望する?"
        r"|ご希望の)(?:登録)?(?:する)?(?:の)?(?:ご?登録)?(?:の)?(?:[eE]-?"
        r"|[Ｅｅ]-?)?(?:メール|[mM]ail)?アドレス(?:（②の場合）|\(②の場合\))?")),
    (OTHER,
        (r"(?:旧|現在の?|現在登録(?:中|されている)?の?|変更前の?|これまでの?|従来の?|現"
        r"|以前の)(?:ご?登録)?(?:の)?(?:メール)?アドレス")),
    (FACILITY,
        (r"(?:認定)?(?:研修)?施設(?:の)?(?:名称|名)|認定(?:研修)?施設|(?:医療)?機関名"
        r"|病院名|(?:ご)?所属(?:施設|機関)?(?:名)?|貴施設名|施設")),
    (CERTIFICATION, r"(?:施設)?認定(?:施設)?番号|施設(?:認定)?番号"),
    (PHYSICIAN,
        (r"(?:認定)?施設責任者(?:の)?(?:ご?氏名|お?名前|名)|責任者(?:の)?(?:ご?氏名"
        r"|お?名前|名)|(?:認定)?施設責任者|責任者|(?:ご)?氏名|お?名前")),
    (REQUEST,
        (r"(?:ご)?対応(?:の)?(?:ご)?希望(?:の)?(?:内容|事項)?"
        r"|(?:ご)?希望(?:の)?(?:する)?(?:内容|事項|対応)|(?:ご)?依頼(?:内容|事項)"
        r"|(?:ご)?要望(?:内容|事項)?|(?:ご)?用件|対応内容|(?:ご)?希望")),
    (OTHER,
        (r"件名|宛先|差出人|所属|電話(?:番号)?|TEL|FAX|連絡先|住所|所在地|E-?mail"
        r"|(?:メール)?アドレス|担当者?(?:名|氏名)?|備考|その他")),
)  # fmt: skip

_NUMBER = (
    r"(?:[（(〔［\[]\s*[1-5１-５一二三四五]\s*[)）〕］\]]|[①②③④⑤]"
    r"|[1-5１-５一二三四五]\s*[)）.．、:：,，・\]］]|[1-5１-５](?=[\s　]))"
)
_BULLET = r"[ \t　>＞]*(?:[・•◆■●○◇□▪▼▽☆★*＊\-－–—‐]\s*)?"
_OPEN = r"[【〔［\[「『<＜≪《]?\s*"
# Notes of the form that may stand behind a label and are no values.
_NOTE = (
    r"(?:\s*[（(【〔](?:可能なら|可能であれば|できれば|分かれば|わかれば)?(?:認定番号)?(?:も)?"
    r"(?:本人確認用?|本人確認のため|必須|任意|必要)?(?:に)?(?:も)?"
    r"(?:ご記入ください|の場合)?[)）】〕])*"
)

_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _LABELS)
_LEAD = re.compile(rf"(?P<bullet>{_BULLET})(?P<number>{_NUMBER})?\s*(?P<open>{_OPEN})")
_AFTER = re.compile(
    rf"(?:\s*[】〕］\]」』>＞≫》])?(?P<note>{_NOTE})(?P<sep>[\s　]*[:：＝=→⇒]|\t"
    rf"|[ 　]+|$|(?=[①②]))?"
)
# Where a second label may begin on one line.
_INSIDE = re.compile(
    rf"(?:(?<=[\s　、。，,;；/／|｜」)）])|(?=[【〔［]))(?={_OPEN}(?:{_NUMBER})?\s*{_OPEN}[^\s\d])"
)

#: Finds a line that holds a label of the form, for telling a form from a signature.
ANY_LABEL = re.compile(
    r"施設責任者|会員番号|生年月日|希望内容|認定番号|認定施設名|施設名\s*[:：]|(?:新しい|変更後の?)(?:メール)?アドレス"
)

# Words so common that only a separator, a number or brackets make them a label.
_WEAK = re.compile(r"(?:施設|責任者|(?:ご)?氏名|お?名前|(?:ご)?希望|(?:ご)?用件|所属|(?:ご)?所属)")

# A longer line is no line of a form.
_MAX_LINE = 2_000

_SENTENCE = re.compile(r"^(?:[がはをにのでともへや]|について|に関|変更|宛|登録|確認)")


@dataclass(frozen=True, slots=True)
class Label:
    """One label at its place: offsets into the text."""

    kind: str
    start: int
    #: Where the value begins.
    end: int
    numbered: bool
    #: Whether a colon or the like stood behind it.
    separated: bool


def find_labels(line: str, offset: int) -> list[Label]:
    """Return the labels of one line, in order; `offset` is where the line begins."""
    if len(line) > _MAX_LINE:
        return []
    found: list[Label] = []
    position = 0
    if (label := _label_at(line, 0, inside=False)) is not None:
        found.append(label)
        position = label.end
    for place in _INSIDE.finditer(line, position):
        if place.start() < position:
            continue
        label = _label_at(line, place.start(), inside=True)
        if label is not None:
            found.append(label)
            position = label.end
    return [
        Label(one.kind, one.start + offset, one.end + offset, one.numbered, one.separated)
        for one in found
    ]


def _label_at(line: str, position: int, *, inside: bool) -> Label | None:
    lead = _LEAD.match(line, position)
    assert lead is not None  # noqa: S101 - every part of the pattern is optional
    best: tuple[int, str] | None = None
    for kind, pattern in _PATTERNS:
        match = pattern.match(line, lead.end())
        if match and (best is None or match.end() > best[0]):
            best = (match.end(), kind)
    if best is None:
        return None
    after = _AFTER.match(line, best[0])
    assert after is not None  # noqa: S101 - every part of the pattern is optional
    numbered, bracketed = lead["number"] is not None, bool(lead["open"].strip())
    separated = bool(after["sep"] and after["sep"].strip())
    word = line[lead.end() : best[0]]
    if not _is_label(best[1], word, after["sep"], numbered, bracketed, separated, inside):
        return None
    rest = line[after.end() :].strip()
    if not separated and not bracketed and _SENTENCE.match(rest):
        return None
    return Label(best[1], position, after.end(), numbered, separated)


def _is_label(
    kind: str,
    word: str,
    separator: str | None,
    numbered: bool,
    bracketed: bool,
    separated: bool,
    inside: bool,
) -> bool:
    """Say whether a word at this place is a label and not the beginning of a sentence."""
    if inside or kind == OTHER or _WEAK.fullmatch(word):
        return separated or bracketed or (numbered and kind != OTHER)
    return separator is not None or numbered or bracketed


_RULER = re.compile(r"^[\s　]*(?:[-‐―ー─━═=＝*＊_＿~～〜◇◆□■○●◎☆★+＋・.…]\s?){4,}[\s　]*$")
_NOTE_LINE = re.compile(
    r"^[\s　]*(?:[※*＊]|[（(](?:可能なら|可能であれば|できれば|本人確認用"
    r"|施設の代表アドレス|必須|任意|どちらか)[^）)]{0,40}[）)][\s　]*$)"
)
_CLOSING = re.compile(
    r"^[\s　]*(?:以上|(?:どうぞ|何卒|なにとぞ|大変|お手数|ご多忙|お忙しい|恐れ入り"
    r"|恐縮|ご確認|ご対応|ご査収|取り急ぎ|とりいそぎ|それでは|では)"
    r"|(?:よろしく|宜しく)(?:お願い|御願い|おねがい))"
)


def is_ruler(line: str) -> bool:
    """Say whether a line is drawn and not written."""
    return _RULER.match(line) is not None


def is_note(line: str) -> bool:
    """Say whether a line is a note of the form that was left in."""
    return _NOTE_LINE.match(line) is not None


def is_closing(line: str) -> bool:
    """Say whether a line begins the closing phrases of a letter."""
    return _CLOSING.match(line) is not None
