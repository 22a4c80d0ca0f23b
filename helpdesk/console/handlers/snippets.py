"""Sentences for letters (定型文)."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import N_
from helpdesk.desk import snippets


def snippets_page(ask: Ask) -> Answer:
    """Every sentence, to be changed."""
    found = snippets.listed(ask.database)
    values = {"title": ask.words.gettext(N_("定型文")), "found": found}
    return Page("snippets.html", values)


def save(ask: Ask) -> Answer:
    """Keep a sentence."""
    snippets.save(ask.database, ask.line("name", 80), ask.text("text"), ask.user, ask.now)
    return Go("/snippets", "saved")


def remove(ask: Ask) -> Answer:
    """Forget a sentence."""
    snippets.remove(ask.database, ask.number("id"), ask.user)
    return Go("/snippets", "saved")
