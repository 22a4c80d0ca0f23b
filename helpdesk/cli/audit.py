"""`helpdesk audit`: what happened, and whether the log of it is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli.common import invocation, iso, local, print_json_lines, printable
from helpdesk.desk import auditing
from helpdesk.domain.audit import in_words

app = typer.Typer(help="What happened, by whom and why (監査記録).", no_args_is_help=True)


@app.command("verify")
def verify(
    context: typer.Context,
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="HEAD", help="A head that was printed and noted before."),
    ] = None,
) -> None:
    """Look for entries that were altered or are missing; exit status 1 where there are any.

    It prints the log's head. Note that outside this machine, and give it to --expect later:
    then a log that was put back to an earlier state as a whole is found, too.
    """
    head, faults = auditing.verify(invocation(context).database, expect)
    for fault in faults:
        print(f"異常 {fault}")
    if faults:
        raise typer.Exit(1)
    print(f"{head.number} 件、異常はありません。 (the log is whole)")
    print(f"HEAD {head}")


@app.command("show")
def show(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Its number, 2026-000123.")],
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """Print the story of a case."""
    found = auditing.story(invocation(context).database, case)
    if json_:
        print_json_lines(
            {
                "id": one.id,
                "at": iso(one.at),
                "event": one.event.event,
                "actor": one.event.actor,
                "cause": one.event.cause,
                "about": dict(one.event.about),
            }
            for one in found
        )
        return
    for one in found:
        event = one.event
        print(printable(f"{local(one.at)}  {in_words(event)}  [{event.actor}／{event.cause}]"))
