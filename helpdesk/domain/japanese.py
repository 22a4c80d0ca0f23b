"""Folding Japanese text for comparison. What is stored and shown stays as written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ja_itaiji import Itaiji

# Families of characters that stand for each other in names, common form first. Written
# out because the table of variants is a dictionary's: it also joins 人 with 児 and 田 with
# 佃, and who joins those believes the wrong person.
_FAMILIES = (
    "斎斉齋齊齎 高髙 崎﨑嵜碕 辺邊邉 浜濱濵 真眞 寿壽 国國圀囯 恵惠 徳德 桜櫻 沢澤 広廣"
    " 島嶋嶌 富冨 栄榮 吉𠮷 瀬瀨 緒緖 郎郞 黒黑 青靑 清淸 増增 竜龍 滝瀧 渋澁澀 学學斈"
    " 関關 静靜 渓溪 桧檜 条條 曽曾 藪薮 弥彌 礼禮 円圓 塩鹽 万萬 与與 両兩 亀龜 伝傳"
    " 児兒 勲勳 厳嚴 囲圍 壮壯 奥奧 将將 尭堯 峰峯 巌巖 戸戶 暁曉 楽樂 槙槇 横橫 歩步"
    " 歳歲 浅淺 温溫 満滿 為爲 猪豬 県縣 祢禰 穂穗 粛肅 経經 総總 緑綠 縄繩 聡聰 芦蘆"
    " 芸藝 荘莊 蔵藏 薫薰 蛍螢 衛衞 豊豐 鉄鐵 隠隱 霊靈 顕顯 館舘 鶏鷄 麦麥 黄黃 遥遙"
    " 凛凜 亘亙 晋晉 晃晄 穣穰 実實 宝寶寳 萌萠 橋槗 柳栁 桑桒 杉杦 野埜 岳嶽 頼賴 来來"
    " 乗乘 仏佛 会會 区區 医醫 団團 応應 拝拜 権權 気氣 沖冲 済濟 独獨 穏穩 糸絲 継繼"
    " 寛寬 兎兔莵 煕熙凞 恒恆 舎舍 讃讚 間閒 侠俠 闘鬪 莱萊 鉱鑛 祇祗 磯礒 並竝 壱壹"
    " 誉譽 隣鄰 船舩 鴎鷗 土圡 駒駒 尚尙 内內 呂吕 者者 突突 節節 都都 鶴鶴"
).split()

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ｰ－－─━"), "-")
_WAVES = dict.fromkeys(map(ord, "〜～∼"), "~")
# Variation selectors (two blocks) and zero-width characters; as ranges, because each
# single character beyond U+FFFF would be compared with every character of a text.
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200d\ufeff]")

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


@lru_cache(maxsize=1)
def _variants() -> dict[int, str]:
    """Return the common form of each variant character.

    Beyond the families above, a rare character stands for the one common character that
    the table of variants gives it, if both name each other and there is only one.
    """
    found: dict[int, str] = {}
    for char, family in Itaiji.dictionary.items():
        if len(char) != 1 or _is_common(char):
            continue
        common = [one for one in family if len(one) == 1 and _is_common(one)]
        if len(common) == 1 and char in Itaiji.dictionary.get(common[0], ()):
            found[ord(char)] = common[0]
    for family in _FAMILIES:
        found.update({ord(char): family[0] for char in family[1:]})
        found.pop(ord(family[0]), None)
    # A variant of a variant: what the table maps to a member follows that member.
    return {code: found.get(ord(common), common) for code, common in found.items()}


@lru_cache(maxsize=1)
def _folded() -> dict[int, str]:
    """Return what `fold` puts for one character: dashes, waves and variants in one table."""
    return {**_variants(), **_WAVES, **_DASHES}


@lru_cache(maxsize=1)
def _foldable() -> re.Pattern[str]:
    """Return what finds the characters of `_folded`: a text holds few, or none."""
    return re.compile("[" + "".join(map(re.escape, map(chr, sorted(_folded())))) + "]")


def _common_form(match: re.Match[str]) -> str:
    return _folded()[ord(match[0])]


@lru_cache(maxsize=1)
def _common_of_variants() -> frozenset[str]:
    return frozenset(_variants().values())


def has_variants(char: str) -> bool:
    """Say whether a character is written in several forms, its common one or another."""
    return char in _common_of_variants() or ord(char) in _variants()


def _is_common(char: str) -> bool:
    """Say whether a character is one of JIS level 1: those of daily writing."""
    try:
        octets = char.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return len(octets) == 2 and octets <= b"\x98\x72"


def _composed(run: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", run[0])


# Names recur, and are this short; whole letters come once and would fill the memory.
_RECURRING_LENGTH = 64


def fold(text: str) -> str:
    """Return text for comparison: widths, variants, case, blanks and dashes made one."""
    return _fold_once(text) if len(text) <= _RECURRING_LENGTH else _fold(text)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _SELECTOR.sub("", text))
    return "".join(_foldable().sub(_common_form, plain).split()).casefold()


_fold_once = lru_cache(maxsize=20_000)(_fold)


def to_katakana(text: str) -> str:
    """Return text with hiragana made katakana and half-width kana made full-width."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA)


_KANA = re.compile(r"[\s・･=＝]*[ぁ-ヺー-ヿ][\s・･=＝ぁ-ヿ]*")
_OF_ONE_WIDTH = re.compile("[！-ﾟ　]")
_VOICE_MARKS = re.compile("[\u3099\u309a]")


def is_kana(text: str) -> bool:
    """Say whether a name is written in kana alone (blanks and dots aside)."""
    return _KANA.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def normalise_width(text: str) -> str:
    """Return text with widths made one and blanks single; characters stay as written."""
    kept = _SELECTOR.sub("", text)
    # Character by character: NFKC would also turn ① into 1 and ㈱ into (株).
    wide = _OF_ONE_WIDTH.sub(_composed, kept)
    if _VOICE_MARKS.search(wide):
        wide = unicodedata.normalize("NFC", wide)
    return " ".join(wide.split())
