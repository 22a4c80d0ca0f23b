"""What of a mail's text are the words of a letter of ours that it repeats without marks.

Some mail programs quote without `>` and without a line that announces it. What our letter
says of 「中止」 is then no word of whoever answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from helpdesk.domain.change_words import insists_on_stop, says_stop

# A shorter line may well be somebody's own.
_LONG_ENOUGH = 8

# One line that agrees may be chance, or a person who takes up our wording.
_LINES = 3

# Mail programs fold lines, and put marks in front of some of them.
_GAP = r"[\s>＞|]*"


def without_our_words(text: str, letter: str) -> str:
    """Return a text without the lines of a letter that it repeats; as it is if it repeats none.

    Each line is taken out once, from below: who writes one of them as their own has
    written it.
    """
    found = unicodedata.normalize("NFKC", text)
    lines = {re.sub(r"\s+", "", one) for one in unicodedata.normalize("NFKC", letter).split("\n")}
    known = [one for one in lines if len(one) >= _LONG_ENOUGH]
    taken = 0
    for line in sorted(known, key=len, reverse=True):
        places = list(re.finditer(_GAP.join(map(re.escape, line)), found))
        if places:
            found = f"{found[: places[-1].start()]}\n{found[places[-1].end() :]}"
            taken += 1
    if taken < _LINES:
        return text
    short = {one for one in lines if len(one) < _LONG_ENOUGH and not says_stop(one)}
    return "\n".join(one for one in found.split("\n") if re.sub(r"[\s>＞|]+", "", one) not in short)


def stops_between(aside: str, letters: Iterable[str]) -> bool:
    """Say whether somebody wrote a stop between the lines of our letter, or below it.

    Many programs quote without `>`; what is not ours there may be the only words of whoever
    answers. Lines with a mark are somebody's repeated.
    """
    ours = "".join(_letters_alone(one) for one in letters)
    own = [
        one
        for one in aside.split("\n")
        if not one.lstrip().startswith((">", "＞", "|")) and _letters_alone(one) not in ours
    ]
    return insists_on_stop("\n".join(own))


def _letters_alone(text: str) -> str:
    """Return a text without blanks and signs: mail programs change those."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
