"""What is written beside what is known, character by character, for the eye.

A character may be the same, a variant of the same (髙 and 高, full and half width), or
stand on one side alone. Nothing is judged by this: it shows what the judgement saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from helpdesk.domain.japanese import fold

SAME, VARIANT, ONLY = "same", "variant", "only"

# Names and numbers are short; comparing grows with the square.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of one side, and how it stands to the other side."""

    kind: str  # same | variant | only
    text: str


def compare_texts(written: str, known: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces; joined again the pieces are the texts."""
    written, known = written[:_LONGEST], known[:_LONGEST]
    ours, theirs = [_fold_one(char) for char in written], [_fold_one(char) for char in known]
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, start, end, other, other_end in matcher.get_opcodes():
        if tag == "equal":
            for one, two in zip(written[start:end], known[other:other_end], strict=True):
                kind = SAME if one == two else VARIANT
                _add(left, kind, one)
                _add(right, kind, two)
        else:
            _add(left, _kind_alone(ours[start:end]), written[start:end])
            _add(right, _kind_alone(theirs[other:other_end]), known[other:other_end])
    return tuple(left), tuple(right)


def _fold_one(char: str) -> str:
    """Return what a character counts as; a blank or a mark counts as itself."""
    return fold(char) or char


def _kind_alone(folded: Sequence[str]) -> str:
    """Blanks and hyphens that one side has are no difference worth looking at."""
    return VARIANT if all(one.isspace() or one in "-・.," for one in folded) else ONLY


def _add(pieces: list[Piece], kind: str, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].kind == kind:
        pieces[-1] = Piece(kind, pieces[-1].text + text)
    else:
        pieces.append(Piece(kind, text))
