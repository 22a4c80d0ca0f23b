"""The two options of field 4 in words, as the guide prints them or as people shorten them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.domain.birthdates import fold_widths


class Option:
    """One option of field 4 in words, with its sign, its digit or without."""

    def __init__(self, words: Iterable[str], sign: str, digit: str) -> None:
        """Take the words of the rules."""
        self._words = sorted(map(fold_widths, words), key=len, reverse=True)
        joined = "|".join(map(re.escape, self._words)) or r"(?!)"
        number = rf"(?:{sign}|\(?{digit}\s*[).:]|\({digit}\))?"
        self._pattern = re.compile(rf"{number}[ \t]*(?:の|現在の|登録(?:中|済み?)の)?(?:{joined})")

    def replaced(self, by: str, text: str) -> str:
        """Return a text with something else in the option's place."""
        # Where no word of it stands, the pattern need not be tried at every character.
        if not any(word in text for word in self._words):
            return text
        return self._pattern.sub(by, text)
