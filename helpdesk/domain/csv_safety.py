"""Cells of a CSV file that a spreadsheet must not take for a formula (OWASP ASVS 1.2.10)."""

from __future__ import annotations

import unicodedata

# A spreadsheet runs what begins so, or trims or converts until it does.
_STARTS = frozenset("=+-@|%")

# Signs that look like one of them and that NFKC leaves alone: the minus sign, dashes,
# hyphens, the small and heavy ones, modifier letters, equals of other kinds.
_LOOK_ALIKE = frozenset(
    "\u2212\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2796\u2795\u30a0\ufe63\uff0d"
    "\u02d6\u207a\u208a\u2a75\u2a76\u2e40\u1400\u30fc\uff70\u3030\ua78a\ua60c\u207c\u208c\u2260\u2261"
    "\u2255\u2254\u229c\u2295\u2296\u29fa\u29fb\u2052\u06d4"
)

# Marks that nobody sees: a spreadsheet drops some, so what stands behind them begins.
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs")
_QUOTES = frozenset("'\"\u2018\u2019\u201c\u201d\u301d\u301f\u00b4\u0060")


def safe_cell(value: object) -> str:
    """Return a value as a cell that is text whatever it begins with; breaks become blanks."""
    text = "" if value is None else str(value)
    plain = "".join(char if char.isprintable() else " " for char in " ".join(text.splitlines()))
    return f"'{plain}" if _may_run(text) else plain


def _may_run(text: str) -> bool:
    """Say whether the first sign that can be seen begins a formula, or looks as if it did."""
    for char in text:
        if char in "\t\r\n" or char in _LOOK_ALIKE:
            return True
        folded = unicodedata.normalize("NFKC", char).strip()
        if not folded or unicodedata.category(char) in _UNSEEN or char in _QUOTES:
            continue
        return folded[0] in _STARTS or folded[0] in _LOOK_ALIKE
    return False
