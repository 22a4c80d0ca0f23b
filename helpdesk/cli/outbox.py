"""`helpdesk outbox`: letters and their states."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli.common import (
    invocation,
    iso,
    local,
    now,
    print_json_lines,
    print_table,
    shell_user,
)
from helpdesk.desk import outbox

app = typer.Typer(help="Letters and their states (送信箱).", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List every letter with its state."""
    found = outbox.listed(invocation(context).database)
    if json_:
        print_json_lines(
            {
                "id": one.id,
                "case": one.case_number,
                "letter": one.letter,
                "to": one.recipient,
                "state": one.state,
                "attempts": one.attempts,
                "message_id": one.message_id,
                "error": one.last_error,
                "sent_at": iso(one.sent_at),
            }
            for one in found
        )
        return
    print_table(
        ("ID", "受付番号", "メール", "宛先", "状態", "回数", "送信", "理由"),
        [
            (
                one.id,
                one.case_number,
                one.letter,
                one.recipient,
                one.state,
                one.attempts,
                local(one.sent_at),
                one.last_error,
            )
            for one in found
        ],
        empty="送信メールはありません。 (no letters)",
    )


@app.command("retry")
def retry(
    context: typer.Context,
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="The number in outbox list.")],
) -> None:
    """Send a stuck letter again: failed, unknown (it may arrive twice), held or deferred."""
    was = outbox.retry(invocation(context).database, letter_id, now(), shell_user(), "command")
    print(f"{letter_id}: 再送します。 (was {was}, queued again)")
