"""`helpdesk rules`: mailbox_rules.yaml and the templates."""

from __future__ import annotations

import typer

from helpdesk.cli.common import invocation
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules

app = typer.Typer(help="mailbox_rules.yaml and the templates.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `check` a sub-command although it is the only one."""


@app.command("check")
def check(context: typer.Context) -> None:
    """Say file, line and key of every mistake; needs no settings but the two paths."""
    rules_path, templates = invocation(context).rules_paths()
    rules = load_rules(rules_path)
    LetterBook.load(templates, rules)
    print(f"{rules_path}: 誤りはありません。 (no mistakes; templates in {templates} too)")
