"""The labels of the form as people write them, and where they stand in a text.

A label is a word of the rules behind a number, a bullet or a bracket, joined with
others (会員番号または生年月日), and followed by a colon, a tab, blanks or the end of the
line. All patterns are made once from the rules' words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from helpdesk.domain import form_words as kinds
from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.form_words import FormWords
from helpdesk.domain.options import Option

#: Finds a line that holds a label of the form, for telling a form from a signature.
ANY_LABEL = re.compile(
    r"施設責任者|会員番号|生年月日|希望内容|認定番号|認定施設名|施設名\s*[:：]|(?:新しい|変更後の?)(?:メール)?アドレス"
)

# Lines with a label and nothing else are the form's own: they come with nearly every mail,
# and hold nothing but the rules' words. So many of them are kept with what was found.
_MOST_BARE = 200

# A longer line is no line of a form.
_MAX_LINE = 2_000

_NUMBER = (
    r"(?:[(〔\[【]\s*[1-5一二三四五]\s*[)〕\]】]|[①②③④⑤]"
    r"|[1-5一二三四五]\s*(?:[)、・\]]|[.:,](?!\d))|[1-5](?=[ \t]))"
)
_BULLET = r"[ \t>]*(?:[・•◆■●○◇□▪▼▽☆★*\-–—‐|│┃※→]\s*)?"
_OPEN = r"(?:[【〔\[「『<≪《〈(]\s*)?"
_CLOSE = r"(?:\s*[】〕\]」』>≫》〉)])?"
_JOIN = (
    r"(?:\s*(?:または|又は|もしくは|若しくは|あるいは|および|及び|or|OR|・|/|、|,|か)\s*"
    r"|\s*の\s*|\s*様の\s*|)"
)
# Two words with nothing but a blank between them, as in 施設責任者 氏名.
_BLANK_JOIN = r"[ \t]"
_WORD_ENDS = r"(?=[\s:=→⇒|(【】)〕\]」』>≫》〉]|$)"
# Words of the notes that the form itself carries in brackets.
_NOTE_WORDS = (
    r"可能なら|可能であれば|できれば|分かれば|わかれば|または|又は|もしくは|および|必須|任意|必要|本人確認用?"
    r"|のため|ご?記入(?:して)?(?:ください)?|の場合|のみ|いずれか|どちらか(?:一方)?|から選択|を?選択|を残して|ください"
    r"|西暦|和暦|ご本人|フリガナ|ふりがな|漢字|も|に|を|の|[①②12一・/、, 　]"
)
_SEPARATOR = r"(?P<sep>\s*(?:[:=→⇒|│┃]+|[…‥・.]{2,})|[,、](?=\S)|/(?=\S)|[ \t]*[-–—―‐][ \t]+|[–—―‐](?=\S)|\t|[ \t]+(?![-–—―‐])|$|(?=[①②])|(?=[(【〔\[「]))?"
# A sentence goes on where a value would begin.
_SENTENCE = re.compile(
    r"^(?:[がはをにのでともへや](?![\s:])|について|に関|変更(?!後|先|前|希望)|宛|登録(?!希望)|確認|より|から|です|として)"
)
_PARTICLE = re.compile(r"[がはをに](?![\s:])|について|に関")
_NUMBERED_PARTICLE = re.compile(r"[はが](?=[\s、,])[\s、,]*")
# What parts a label from its value as it parts the words of a list.
_LISTING = re.compile(r"[,、/]|[ \t]*[-–—―‐][ \t]*")
_OPENING = ("(", "【", "〔", "[", "「")
_OPTION_NUMBER = re.compile(r"[①②12]")
_BARE_DIGIT = re.compile(r"[1-5]\s*[,、:・]?")
# Where a second label may begin on one line.
_INSIDE = re.compile(r"(?<=[ \t、。,;/|」)）】・])(?=\S)|(?=[【〔])")

# Words so common that they need a colon, a number or brackets, or company.
_WEAK = frozenset(
    ("施設", "責任者", "氏名", "お名前", "ご氏名", "名前", "希望", "ご希望", "用件", "ご用件", "要望", "ご要望",
     "勤務先", "施設責任者", "認定施設", "医療機関", "本人確認", "誕生日")
)  # fmt: skip
# Of these only a colon makes a label.
_NEEDS_COLON = frozenset({kinds.OTHER, kinds.ADDRESS, kinds.OLD_ADDRESS})
_ADDRESSES = frozenset({kinds.NEW_ADDRESS, kinds.OLD_ADDRESS, kinds.ADDRESS})
_SHORT_ADDRESS = frozenset({"新", "旧", "変更後", "変更前", "変更先", "現在"})


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
    #: Whether it counts only in the company of others.
    weak: bool = False


class Form:
    """The rules' words, made into patterns once."""

    def __init__(self, words: FormWords) -> None:
        """Keep the words; the patterns are made when first asked for."""
        self.words = words
        self._kinds = {
            _squeezed(word): kind for kind, group in words.labels.by_kind() for word in group
        }
        self._bare: dict[str, Label] = {}

    @cached_property
    def _word(self) -> str:
        # Longest first: a short label is the beginning of a longer one.
        ordered = sorted(self._kinds, key=len, reverse=True)
        # Most places fail at the first character, so that one is asked first.
        first = "".join(sorted({re.escape(word[0]) for word in ordered}))
        return f"(?=[{first}{first.lower()}])(?:" + "|".join(map(spaced, ordered)) + ")"

    @cached_property
    def _lead(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?P<bullet>{_BULLET})(?P<outer>{_OPEN})(?P<number>{_NUMBER})?(?:\s*[】\]])?\s*(?P<open>{_OPEN})"
        )

    @cached_property
    def _first(self) -> re.Pattern[str]:
        return re.compile(self._word, re.IGNORECASE)

    @cached_property
    def _more(self) -> re.Pattern[str]:
        close = rf"{_JOIN}(?P<word>{self._word})"
        return re.compile(
            rf"{close}|{_BLANK_JOIN}(?P<apart>{self._word}){_WORD_ENDS}", re.IGNORECASE
        )

    @cached_property
    def _after(self) -> re.Pattern[str]:
        # A bracket that holds nothing but signs, (1), is a value.
        words = rf"(?![①②12一・/、, ]+[)】〕\]])(?:{_NOTE_WORDS}|{self._word})+"
        note = rf"(?:\s*[(【〔\[](?P<note>{words})[)】〕\]])?"
        return re.compile(rf"{note}{_CLOSE}(?:\s*[(]{words}[)])?{_SEPARATOR}")

    @cached_property
    def in_subject(self) -> re.Pattern[str]:
        """Finds a subject that speaks of a request."""
        return re.compile("|".join(map(re.escape, self.words.subjects)) or r"(?!)")

    @cached_property
    def titles(self) -> re.Pattern[str]:
        """Matches one title at the beginning of a text."""
        ordered = sorted(self.words.titles, key=len, reverse=True)
        return re.compile("(?:" + "|".join(map(re.escape, ordered)) + ")", re.IGNORECASE)

    @cached_property
    def title_ends(self) -> tuple[str, ...]:
        """The titles in small letters, for str.endswith."""
        return tuple(word.lower() for word in self.words.titles)

    @cached_property
    def ranks(self) -> tuple[str, ...]:
        """The titles that may stand glued to a department."""
        ends = ("長", "授", "師", "教", "任", "者")
        return tuple(word for word in self.words.titles if len(word) >= 2 and word.endswith(ends))

    @cached_property
    def option_1(self) -> Option:
        """Finds option ① in words."""
        return Option(self.words.options.confirm, "①", "1")

    @cached_property
    def option_2(self) -> Option:
        """Finds option ② in words."""
        return Option(self.words.options.change, "②", "2")

    def find_labels(self, line: str, offset: int) -> list[Label]:
        """Return the labels of one line, in order; `offset` is where the line begins."""
        if len(line) > _MAX_LINE:
            return []
        text = fold_widths(line)
        if (bare := self._bare.get(text)) is not None:
            return [replace(bare, start=offset, end=offset + bare.end)]
        if self._first.search(text) is None:  # Most lines: one look instead of one at each place.
            return []
        found = self._labels_in(text, offset)
        if len(found) == 1 and len(self._bare) < _MOST_BARE:
            start, end = found[0].start - offset, found[0].end - offset
            if start == 0 and end == len(text):
                self._bare[text] = replace(found[0], start=0, end=end)
        return found

    def _labels_in(self, text: str, offset: int) -> list[Label]:
        found: list[Label] = []
        position = 0
        if (label := self._label_at(text, 0, offset, inside=False)) is not None:
            found.append(label)
            position = label.end - offset
        for place in _INSIDE.finditer(text, position):
            if place.start() < position:
                continue
            label = self._label_at(text, place.start(), offset, inside=True)
            if label is not None:
                found.append(label)
                position = label.end - offset
        return found

    def _label_at(self, text: str, position: int, offset: int, *, inside: bool) -> Label | None:
        lead = self._lead.match(text, position)
        assert lead is not None  # noqa: S101 - every part of the pattern is optional
        first = self._first.match(text, lead.end())
        if first is None:
            return None
        words, end = [first.group()], first.end()
        while (more := self._more.match(text, end)) is not None:
            words.append(more["word"] or more["apart"])
            end = more.end()
        after = self._after.match(text, end)
        assert after is not None  # noqa: S101 - every part of the pattern is optional
        found = [self._kind_named(word) for word in words]
        noted = [self._kind_named(w.group()) for w in self._first.finditer(after["note"] or "")]
        kind = _kind_of(found, noted)
        number, separator, end = lead["number"], after["sep"], after.end()
        numbered = number is not None
        bracketed = bool(lead["open"].strip() or lead["outer"].strip())
        # A comma, a dash or a bracket parts label and value only in a whole form of such.
        listed = (separator is not None and _LISTING.fullmatch(separator) is not None) or (
            separator == "" and text.startswith(_OPENING, end)
        )
        separated = bool(separator and separator.strip()) and not listed
        if numbered and _OPTION_NUMBER.search(number) and kind in _ADDRESSES:
            # Option ② with the address behind it: the number is the wish's, not the label's.
            if not separated:
                return None
            position, numbered = lead.end("number"), False
        if inside and numbered and _BARE_DIGIT.fullmatch(number):
            # Such a digit inside a line ends the value before: S. 28. 2. 2 【…】, 1950/1/4，会員番号.
            position, numbered = lead.end("number"), False
        if number in ("①", "②") and kind == kinds.REQUEST:
            return None  # ①希望 is a choice.
        shape = _Shape(kind, words, separator, numbered, bracketed, separated, inside)
        if not shape.is_label or (
            not (separated or bracketed or numbered) and _goes_on(text[end:], separator)
        ):
            return None
        if (numbered or bracketed) and (particle := _NUMBERED_PARTICLE.match(text, end)):
            end = particle.end()
        weak = shape.is_weak or (listed and not (numbered or bracketed))
        return Label(kind, position + offset, end + offset, numbered, separated, weak)

    def _kind_named(self, word: str) -> str:
        """Return what a word asks for, in whatever case and with whatever blanks it stands."""
        return self._kinds.get(word) or self._kinds[_squeezed(word)]

    def kind_of_cell(self, text: str) -> str | None:
        """Return what a cell of a table asks for, where it holds a label and nothing else."""
        label = self._label_at(fold_widths(text), 0, 0, inside=False)
        return label.kind if label and not text[label.end :].strip() else None


def _goes_on(rest: str, separator: str | None) -> bool:
    """Say whether a sentence goes on where a value would begin."""
    return (_PARTICLE if separator else _SENTENCE).match(rest.strip()) is not None


@dataclass(slots=True)
class _Shape:
    """How a word stands in its line."""

    kind: str
    words: list[str]
    separator: str | None
    numbered: bool
    bracketed: bool
    separated: bool
    inside: bool

    @property
    def is_label(self) -> bool:
        """Say whether the word is a label here and not the beginning of a sentence."""
        if len(self.words) == 1 and self.words[0] in _SHORT_ADDRESS:
            return self.separated
        if self.kind in _NEEDS_COLON:
            return self.separated or (self.bracketed and self.kind != kinds.OTHER)
        if self.inside:
            return self.separated or self.bracketed or self.numbered
        return self.separator is not None or self.numbered or self.bracketed

    @property
    def is_weak(self) -> bool:
        """Say whether it is a label only where others are."""
        if self.separated or self.numbered or self.bracketed:
            return False
        return len(self.words) == 1 and _squeezed(self.words[0]) in _WEAK


def _kind_of(found: list[str], noted: list[str]) -> str:
    """Return what joined labels ask for: 施設責任者の会員番号または生年月日 asks for identity."""
    every = {*found, *noted}
    if kinds.REQUEST in found[-1:] or found == [kinds.REQUEST]:
        return kinds.REQUEST
    if {kinds.MEMBER, kinds.BIRTH} <= every:
        return kinds.IDENTITY
    if found[0] == kinds.FACILITY and kinds.CERTIFICATION in found[1:]:
        return kinds.FACILITY
    return found[-1]


def _squeezed(word: str) -> str:
    return "".join(fold_widths(word).split()).upper()


def spaced(word: str) -> str:
    """Return a pattern for a word whose characters may stand apart (施 設 名)."""
    chars = _squeezed(word)
    joint = "[ \t]*" if not chars.isascii() else ""
    return joint.join(re.escape(char) for char in chars)


@lru_cache(maxsize=8)
def compiled_form(words: FormWords) -> Form:
    """Return the patterns of a set of words, made once."""
    return Form(words)


def shipped_form() -> Form:
    """Return the form with the words that come with the product."""
    return compiled_form(FormWords())


_RULER = re.compile(
    r"^[\s　]*(?:[-‐―ー─━═=＝*＊_＿~～〜◇◆□■○●◎☆★+＋・.…|┌┐└┘├┤┬┴┼│]\s?){4,}[\s　]*$"
)
_NOTE_LINE = re.compile(
    r"^[\s　]*(?:[※*＊]|[（(](?:可能なら|可能であれば|できれば|本人確認用|施設の代表アドレス|必須|任意|どちらか)"
    r"[^）)]{0,40}[）)][\s　]*$)"
)
_CLOSING = re.compile(
    r"^[\s　]*(?:以上(?!の)|(?:どうぞ|何卒|なにとぞ|大変|お手数|ご多忙|お忙しい|恐れ入り"
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
