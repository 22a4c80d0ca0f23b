"""Folding Japanese text for comparison. What is stored and shown stays as written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ja_itaiji import Itaiji

# Families that people mix in their own names although the table keeps them apart.
_MIXED = (
    "斎斉齋齊齎 髙高 﨑崎嵜碕 邊邉辺 濱浜濵 眞真 壽寿 國国 惠恵 德徳 櫻桜 澤沢 廣広 嶋島嶌 冨富"
    " 榮栄 吉𠮷 瀨瀬 緖緒 郞郎 黑黒 靑青 淸清 增増 龍竜"
).split()

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ｰ－－─━"), "-")
_WAVES = dict.fromkeys(map(ord, "〜～∼"), "~")
# Variation selectors (two blocks) and zero-width characters.
_INVISIBLE = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x200B, 0x200C, 0x200D, 0xFEFF)
_SELECTORS: dict[int, None] = dict.fromkeys(_INVISIBLE)

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


@lru_cache(maxsize=1)
def _variants() -> dict[int, str]:
    """Return one representative for each character of every variant family."""
    parent: dict[str, str] = {}

    def root(char: str) -> str:
        while parent.setdefault(char, char) != char:
            char = parent[char]
        return char

    families = [[char, *family] for char, family in Itaiji.dictionary.items()]
    for family in [*families, *map(list, _MIXED)]:
        singles = [one for one in family if len(one) == 1]
        for other in singles[1:]:
            first, second = root(singles[0]), root(other)
            if first != second:
                # The smallest code point stands for all, whatever the order of the table.
                low, high = sorted((first, second))
                parent[high] = low
    return {ord(char): root(char) for char in parent if root(char) != char}


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return text for comparison: widths, variants, case, blanks and dashes made one."""
    plain = unicodedata.normalize("NFKC", text.translate(_SELECTORS))
    plain = plain.translate(_DASHES).translate(_WAVES).translate(_variants())
    return re.sub(r"\s+", "", plain).casefold()


def to_katakana(text: str) -> str:
    """Return text with hiragana made katakana and half-width kana made full-width."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA)


def is_kana(text: str) -> bool:
    """Say whether a name is written in kana alone (blanks and dots aside)."""
    kept = re.sub(r"[\s・･=＝]", "", unicodedata.normalize("NFKC", text))
    return bool(kept) and all("\u3041" <= char <= "\u30ff" for char in kept)


def normalise_width(text: str) -> str:
    """Return text with widths made one and blanks single; characters stay as written."""
    kept = text.translate(_SELECTORS)
    # Character by character: NFKC would also turn ① into 1 and ㈱ into (株).
    wide = "".join(
        unicodedata.normalize("NFKC", char) if "！" <= char <= "ﾟ" or char == "　" else char
        for char in kept
    )
    if any("\u3099" <= char <= "\u309a" for char in wide):
        wide = unicodedata.normalize("NFC", wide)
    return " ".join(wide.split())
