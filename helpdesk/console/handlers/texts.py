"""Letters and rules: looked at, tried, put in force, each change kept."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Any

from helpdesk.console import refusals
from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.words import N_
from helpdesk.desk import texts
from helpdesk.desk.context import Refused
from helpdesk.errors import HelpdeskError
from helpdesk.shipped import RULES_NAME
from helpdesk.store.texts import TextChange

# Letters of the rules' file: it has 53 kB as it is shipped.
_LONGEST_RULES = 256_000

# Differences of a trial that are shown; the number is always whole.
_SHOWN = 100


def _sources(ask: Ask) -> texts.Sources:
    files = ask.parts.files
    return texts.Sources(
        Path(files.rules) if files.rules else None,
        Path(files.templates) if files.templates else None,
    )


def letters_page(ask: Ask) -> Answer:
    """Every letter by name, with the beginning of its subject."""
    sources = _sources(ask)
    found = [(name, sources.letter_text(name)[0].strip()) for name in texts.NAMES]
    return Page("letters.html", {"title": ask.words.gettext(N_("文面")), "found": found})


def letter_page(ask: Ask) -> Answer:
    """One letter's template, to be changed."""
    subject, body = _letter(ask)
    return _letter_page(ask, subject, body)


def _letter(ask: Ask) -> tuple[str, str]:
    try:
        return _sources(ask).letter_text(ask.params["name"])
    except Refused as error:
        raise NotFound(str(error)) from error


def _letter_page(ask: Ask, subject: str, body: str, **more: Any) -> Page:
    name = ask.params["name"]
    on_disk = _letter(ask)
    history = [
        one
        for part in ("body.txt", "subject.txt")
        for one in texts.changes(ask.desk, f"letters/{name}/{part}")
    ]
    values = {
        "title": ask.words.label("letter", name),
        "name": name,
        "subject": subject,
        "body": body,
        "seen": texts.fingerprint("\0".join(on_disk)),
        "history": [(one, _difference(one)) for one in history],
        "editable": ask.parts.files.templates is not None,
        "preview": None,
        "case_number": ask.line("case", 20),
        "problem": "",
        **more,
    }
    return Page("letter_edit.html", values, 409 if values["problem"] else 200)


def _difference(change: TextChange) -> list[str]:
    lines = unified_diff(change.before.split("\n"), change.after.split("\n"), lineterm="", n=1)
    return list(lines)[2:]


def _words(ask: Ask, error: HelpdeskError) -> str:
    """Return what is wrong: a mistake in a file is told with its line."""
    return refusals.in_words(error, ask.words)


def preview_letter(ask: Ask) -> Answer:
    """The letter as it would read, on a real case where one is named."""
    subject, body = ask.line("subject", 500), ask.text("body")
    try:
        found = texts.preview_letter(
            ask.desk, _sources(ask), ask.params["name"], subject, body, ask.line("case", 20)
        )
    except HelpdeskError as error:
        return _letter_page(ask, subject, body, problem=_words(ask, error))
    return _letter_page(ask, subject, body, preview=found)


def save_letter(ask: Ask) -> Answer:
    """Put the letter in force."""
    subject, body = ask.line("subject", 500) + "\n", ask.text("body")
    try:
        texts.save_letter(
            ask.desk,
            _sources(ask),
            ask.params["name"],
            (subject, body),
            ask.line("seen", 40),
            ask.user,
            ask.now,
            ask.parts.reload,
        )
    except HelpdeskError as error:
        return _letter_page(ask, subject, body, problem=_words(ask, error))
    return Go(f"/letters/{ask.params['name']}", "in_force")


def rules_page(ask: Ask) -> Answer:
    """The rules' file, to be changed."""
    return _rules_page(ask, _sources(ask).rules_text())


def _rules_page(ask: Ask, text: str, **more: Any) -> Page:
    values = {
        "title": ask.words.gettext(N_("ルール")),
        "text": text,
        "seen": texts.fingerprint(_sources(ask).rules_text()),
        "history": [(one, _difference(one)) for one in texts.changes(ask.desk, RULES_NAME)],
        "editable": ask.parts.files.rules is not None,
        "trial": None,
        "shown": _SHOWN,
        "problem": "",
        **more,
    }
    return Page("rules.html", values, 409 if values["problem"] else 200)


def try_rules(ask: Ask) -> Answer:
    """What would be read otherwise of all mails so far; nothing is changed."""
    text = ask.text("text", _LONGEST_RULES)
    try:
        trial = texts.try_rules(ask.desk, text)
    except HelpdeskError as error:
        return _rules_page(ask, text, problem=_words(ask, error))
    return _rules_page(ask, text, trial=trial)


def save_rules(ask: Ask) -> Answer:
    """Put the rules in force."""
    text = ask.text("text", _LONGEST_RULES)
    try:
        texts.save_rules(
            ask.desk, _sources(ask), text, ask.line("seen", 40), ask.user, ask.now, ask.parts.reload
        )
    except HelpdeskError as error:
        return _rules_page(ask, text, problem=_words(ask, error))
    return Go("/rules", "in_force")
