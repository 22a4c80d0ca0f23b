"""Text as searches compare it: what is looked for and what is looked through alike."""

from __future__ import annotations

from helpdesk.domain.japanese import fold, to_katakana
from helpdesk.domain.proofs import without_any_number

# Characters of a mail that are looked through; a request has about 500.
_MAIL_TEXT = 2_000


def searchable(text: str) -> str:
    """Return text as searches compare it: variants and widths made one, all kana katakana."""
    return to_katakana(fold(text))


def words_of_mail(text: str) -> str:
    """Return what a mail or a note is found by: its first words, without dates and numbers."""
    return searchable(without_any_number(text[:_MAIL_TEXT]))
