"""Text as searches compare it: what is looked for and what is looked through alike."""

from __future__ import annotations

import re

from helpdesk.domain.japanese import fold, to_katakana

# Characters of a mail that are looked through; a request has about 500.
_MAIL_TEXT = 2_000

# Birthdates and member numbers are not looked for, so they are not kept here either.
_DIGITS = re.compile(r"[0-9０-９]+")


def searchable(text: str) -> str:
    """Return text as searches compare it: variants and widths made one, all kana katakana."""
    return to_katakana(fold(text))


def without_digits(text: str) -> str:
    """Return text with every number taken out."""
    return _DIGITS.sub(" ", text)


def words_of_mail(text: str) -> str:
    """Return what a mail is found by: its first words, without numbers."""
    return searchable(without_digits(text[:_MAIL_TEXT]))
