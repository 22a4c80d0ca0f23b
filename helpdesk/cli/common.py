"""What the commands share: settings, the parts they need, and printing."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from helpdesk import log
from helpdesk.app import build_desk, open_database
from helpdesk.config import Settings, load_settings
from helpdesk.desk import auditing
from helpdesk.desk.context import Desk
from helpdesk.domain.calendar import JST
from helpdesk.shipped import resolve_rules_path, resolve_templates_path
from helpdesk.store.database import Database

RULES_FILE = "mailbox_rules.yaml"
TEMPLATES_FOLDER = "templates"

_PIPE_WIDTH = 400


class Invocation:
    """One call of the command: settings and parts, built when first asked for."""

    def __init__(self, env_file: Path | None) -> None:
        """Remember where the settings are to be read from."""
        self._env_file = env_file

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises SettingsError."""
        return load_settings(self._env_file)

    def rules_paths(self) -> tuple[Path, Path]:
        """Return where rules and templates are; no other setting needs to be right."""
        if self._env_file is not None:
            found = self.settings
            rules, templates = found.rules, found.templates
            rules_given, templates_given = found.rules_given, found.templates_given
        else:
            given = os.environ.get("HELPDESK_RULES"), os.environ.get("HELPDESK_TEMPLATES")
            rules, templates = Path(given[0] or RULES_FILE), Path(given[1] or TEMPLATES_FOLDER)
            rules_given, templates_given = bool(given[0]), bool(given[1])
        return (
            resolve_rules_path(rules, rules_given),
            resolve_templates_path(templates, templates_given),
        )

    @cached_property
    def database(self) -> Database:
        """The database, created or migrated. Raises DatabaseError."""
        return open_database(self.settings)

    @cached_property
    def desk(self) -> Desk:
        """The desk with its rules and letters. Raises RulesError or LettersError."""
        log.configure()
        return build_desk(self.settings, self.database)


def invocation(context: typer.Context) -> Invocation:
    """Return what the callback of `helpdesk` prepared."""
    found = context.find_object(Invocation)
    assert found is not None  # noqa: S101 - the callback always runs first
    return found


def now() -> datetime:
    """Return the time of this command."""
    return datetime.now(UTC)


def shell_user() -> str:
    """Return who calls, for the audit log: the machine knows the account, not the person."""
    return f"{getpass.getuser()} (shell)"


def note_seen(database: Database, what: str, which: str = "-") -> None:
    """Keep in the audit log that somebody at the shell looked at what speaks of persons."""
    auditing.note_seen(database, what, which, shell_user(), "command")


def print_json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print JSON Lines, one object a line."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """Print rows for people, or the sentence `empty`."""
    if not rows:
        print(empty)
        return
    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        # Text objects: what stands in a mail is no markup of rich.
        table.add_row(*("" if cell is None else printable(str(cell)) for cell in row))
    # In a pipe nothing is cut off.
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def printable(text: str) -> str:
    """Return text without the control characters that could steer a terminal."""
    return "".join(char if char.isprintable() or char == " " else "�" for char in text)


def local(at: datetime | None) -> str:
    """Return a time as staff read it, in Japan time."""
    return at.astimezone(JST).strftime("%Y-%m-%d %H:%M") if at else ""


def iso(at: datetime | None) -> str | None:
    """Return a time as programs read it."""
    return at.isoformat() if at else None
