"""`helpdesk quarantine`: mail that could not be handled."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from helpdesk.cli.common import (
    invocation,
    iso,
    local,
    note_seen,
    print_json_lines,
    print_table,
    shell_user,
)
from helpdesk.desk import quarantine

app = typer.Typer(help="Mail that could not be handled (隔離).", no_args_is_help=True)

MailId = Annotated[int, typer.Argument(metavar="ID", help="The number in quarantine list.")]


@app.command("list")
def list_(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List what lies there and why."""
    found = quarantine.listed(invocation(context).database)
    if json_:
        print_json_lines(
            {
                "id": mail.id,
                "reason": mail.error,
                "received_at": iso(mail.received_at),
                "size": mail.size_bytes,
                "sha256": mail.sha256,
                "mailbox": mail.mailbox,
                "uid": mail.uid,
            }
            for mail in found
        )
        return
    print_table(
        ("ID", "受信", "バイト", "理由"),
        [(mail.id, local(mail.received_at), mail.size_bytes, mail.error) for mail in found],
        empty="隔離されたメールはありません。 (nothing is in quarantine)",
    )


@app.command("show")
def show(context: typer.Context, mail_id: MailId) -> None:
    """Print one mail as it came, byte for byte, on standard output."""
    mail, raw = quarantine.source(invocation(context).database, mail_id)
    note_seen(invocation(context).database, "quarantine", str(mail_id))
    print(f"{mail_id}: {mail.error}", file=sys.stderr)
    if raw is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)


@app.command("replay")
def replay(context: typer.Context, mail_id: MailId) -> None:
    """Try one mail again from the start; the daemon does it at its next look."""
    quarantine.replay(invocation(context).database, mail_id, shell_user(), "command")
    print(f"{mail_id}: 再処理します。 (queued for the daemon)")
