"""Cells of a CSV file that a spreadsheet must not take for a formula (OWASP ASVS 1.2.10)."""

from __future__ import annotations

import unicodedata

# A spreadsheet runs what begins so; some trim blanks first, some fold full-width signs.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def safe_cell(value: object) -> str:
    """Return a value as a cell that is text whatever it begins with; breaks become blanks."""
    text = "" if value is None else str(value)
    folded = unicodedata.normalize("NFKC", text)
    dangerous = folded.lstrip(" \u3000\u00a0\u200b\ufeff").startswith(_STARTS) or folded.startswith(
        _STARTS
    )
    plain = " ".join(text.splitlines()) if len(text.splitlines()) > 1 else text
    plain = "".join(char if char.isprintable() else " " for char in plain)
    return f"'{plain}" if dangerous else plain
