"""Comparing a physician's name as written with the registry's."""

from __future__ import annotations

import re
import unicodedata

from helpdesk.domain.japanese import fold, has_variants, is_kana, to_katakana

_BRACKETED = re.compile(r"[（(〔［\[<＜][^）)〕］\]>＞]*[）)〕］\]>＞]")
_TITLE = re.compile(r"(?:先生|医師|殿|様|さん|氏|教授|部長|院長|医長|科長)+$")
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def same_physician(written: str, registered: str, registered_kana: str) -> bool:
    """Say whether two names are the same person's as far as writing goes.

    Widths, blanks, titles, readings in brackets and variant characters do not count. A
    name in kana alone is compared with the registry's reading.
    """
    bare = _TITLE.sub("", _BRACKETED.sub("", written).strip())
    if not bare or not registered:
        return False
    if _folded(bare) == _folded(registered):
        return True
    if is_kana(bare) and registered_kana:
        return _reading(bare) == _reading(registered_kana)
    return _with_gaiji(_folded(bare), _folded(registered))


def _folded(name: str) -> str:
    return fold(re.sub(r"[・･,，.．]", "", name))


def _reading(name: str) -> str:
    return re.sub(r"[\s・･]", "", to_katakana(unicodedata.normalize("NFKC", name)))


def _with_gaiji(written: str, registered: str) -> bool:
    """Compare where one side holds a private-use character: it stands for one kanji.

    Only for one that has rare forms: whoever can type 森 has no need of a character of
    their own.
    """
    if len(written) != len(registered) or not _PRIVATE.search(written + registered):
        return False
    pairs = list(zip(written, registered, strict=True))
    unknown = [
        (_PRIVATE.match(a) and has_variants(b)) or (_PRIVATE.match(b) and has_variants(a))
        for a, b in pairs
    ]
    # One character may be unknown, the others must agree and be more than half.
    agree = all(found or a == b for (a, b), found in zip(pairs, unknown, strict=True))
    return agree and sum(map(bool, unknown)) == 1 and len(pairs) >= 3
