"""Text as searches compare it: what is looked for and what is looked through alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpdesk.domain.japanese import fold, to_katakana
from helpdesk.domain.proofs import without_old_dates

# Characters of a mail that are looked through; a request has about 500.
_MAIL_TEXT = 2_000

# Birthdates and member numbers are not looked for, so they are not kept here either.
_DIGITS = re.compile(r"[0-9０-９]+")


def searchable(text: str) -> str:
    """Return text as searches compare it: variants and widths made one, all kana katakana."""
    return to_katakana(fold(text))


def words_of_mail(text: str, known: Mapping[str, str | None]) -> str:
    """Return what a mail or a note is found by: its first words, without dates and numbers.

    `known`: the fields that were read of it.
    """
    return searchable(_DIGITS.sub(" ", without_old_dates(text[:_MAIL_TEXT], known)))
