"""Dates of the registry: ISO 8601, 2026/4/1, or with a Japanese era."""

from __future__ import annotations

import re
from datetime import date

from helpdesk.domain.birthdates import ERA_DATE, fold_widths, read_era_date

_PLAIN = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?"
)


def read_date(text: str) -> date | None:
    """Return the date that a whole cell is, or None; nothing is repaired."""
    folded = fold_widths(text).strip()
    if match := _PLAIN.fullmatch(folded):
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
    match = ERA_DATE.match(folded)
    if match and folded[match.end() :].strip() in ("", "日"):
        return read_era_date(match)
    return None
