"""`helpdesk export`: what leaves the building for the portal's staff."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, now, shell_user
from helpdesk.desk import portal
from helpdesk.desk.context import Refused

app = typer.Typer(help="Lists for the portal's staff (書き出し).", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `changes` a sub-command although it is the only one."""


@app.command("changes")
def changes(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also what the portal has.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Instead of standard output.")
    ] = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who exports.")] = None,
) -> None:
    """Write the approved changes that the portal does not have yet, as CSV for a spreadsheet."""
    who = user or shell_user()
    text = portal.export(invocation(context).desk, who, now(), every=all_)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        # With a mark in front, which spreadsheets need to know UTF-8 by.
        out.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Refused(f"{out} cannot be written ({error.strerror})") from error
    print(f"{out} に書き出しました。 (written)")
