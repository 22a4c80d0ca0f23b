"""`helpdesk rules`: mailbox_rules.yaml and the templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, print_json_lines
from helpdesk.desk.examples import Difference, try_rules
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules

app = typer.Typer(help="mailbox_rules.yaml and the templates.", no_args_is_help=True)


@app.command("check")
def check(context: typer.Context) -> None:
    """Say file, line and key of every mistake; needs no settings but the two paths."""
    rules_path, templates = invocation(context).rules_paths()
    rules = load_rules(rules_path)
    LetterBook.load(templates, rules)
    print(f"{rules_path}: 誤りはありません。 (no mistakes; templates in {templates} too)")


@app.command("try")
def try_(
    context: typer.Context,
    new_file: Annotated[Path, typer.Argument(metavar="NEW_FILE", help="A changed rules file.")],
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """Say what a changed rules file would read differently; nothing is put in force."""
    changed = load_rules(new_file)
    trial = try_rules(invocation(context).desk, changed)
    if json_:
        print_json_lines(_row(one) for one in trial.differences)
        return
    for one in trial.differences:
        print(_line(one))
    print(
        f"{trial.tried} 件を読み、{len(trial.differences)} 件の扱いが変わります。"
        f" ({trial.tried} kept mails and examples, {len(trial.differences)} read differently)"
    )


def _line(one: Difference) -> str:
    chosen = f"  担当者の選択: {one.expected}" if one.expected else ""
    subject = "".join(char for char in one.subject if char.isprintable())
    return f"{one.what}: {one.now_read} → {one.would_be}{chosen}  {subject}"


def _row(one: Difference) -> dict[str, str | None]:
    return {
        "what": one.what,
        "now": one.now_read,
        "would_be": one.would_be,
        "chosen_by_staff": one.expected,
        "subject": one.subject,
    }
