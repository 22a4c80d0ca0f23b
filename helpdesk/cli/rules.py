"""`helpdesk rules`: mailbox_rules.yaml and the templates."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path, resolve_templates_path

app = typer.Typer(help="mailbox_rules.yaml and the templates.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `check` a sub-command although it is the only one."""


@app.command("check")
def check(context: typer.Context) -> None:
    """Say file, line and key of every mistake; needs no settings but the two paths."""
    rules_path, templates = _paths(context)
    rules = load_rules(rules_path)
    LetterBook.load(templates, rules)
    print(f"{rules_path}: 誤りはありません。 (no mistakes; templates in {templates} too)")


def _paths(_context: typer.Context) -> tuple[Path, Path]:
    rules = os.environ.get("HELPDESK_RULES")
    templates = os.environ.get("HELPDESK_TEMPLATES")
    return (
        resolve_rules_path(Path(rules or "mailbox_rules.yaml"), rules is not None),
        resolve_templates_path(Path(templates or "templates"), templates is not None),
    )
