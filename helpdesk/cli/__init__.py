"""The command `helpdesk`: one module a group of commands, no logic of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli import (
    audit,
    common,
    contact,
    correction,
    export,
    files,
    link,
    outbox,
    person,
    quarantine,
    queue,
    registry,
    rehearse,
    reminder,
    rules,
    user,
)
from helpdesk.errors import HelpdeskError

app = typer.Typer(
    name="helpdesk",
    help="Reads the secretariat's mailbox, queues what is to be decided, writes the letters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(registry.app, name="registry")
app.add_typer(queue.app, name="queue")
app.add_typer(outbox.app, name="outbox")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(user.app, name="user")
app.add_typer(rules.app, name="rules")
app.add_typer(correction.app, name="correction")
app.add_typer(link.app, name="link")
app.add_typer(contact.app, name="contact")
app.add_typer(audit.app, name="audit")
app.add_typer(reminder.app, name="reminder")
app.add_typer(export.app, name="export")
app.add_typer(person.app, name="person")
app.add_typer(person.key_app, name="key")
app.command("purge")(person.purge)
app.command("rehearse")(rehearse.rehearse)
app.command("parse")(files.parse)
app.command("show")(files.show)
app.command("init")(files.init)


@app.callback()
def _settings(
    context: typer.Context,
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", help="File with HELPDESK_… settings, one NAME=value a line."),
    ] = None,
) -> None:
    context.obj = common.Invocation(env_file)


@app.command("run")
def run(context: typer.Context) -> None:
    """Run the daemon: intake, outbox and console, until SIGTERM."""
    # Loaded here: the web server is not needed by the short commands.
    from helpdesk import daemon, log

    log.configure()
    daemon.run(common.invocation(context).settings)


@app.command("demo")
def demo(
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Run through and end with a summary.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the demo's folder.")] = False,
) -> None:
    """Show everything on an embedded mail server, with a made-up society."""
    from helpdesk.demo.run import run_demo

    if not run_demo(wait=not no_wait, keep=keep):
        raise typer.Exit(1)


def main() -> None:
    """Run one command; exit status 0 done, 1 failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        # Mails hold what no terminal can show; a line is printed all the same.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except HelpdeskError as error:
        print(f"helpdesk: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
