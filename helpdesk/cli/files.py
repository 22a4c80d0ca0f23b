"""Commands that need no settings and no database: parse, init."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, print_json_lines
from helpdesk.desk.parsing import describe, sort
from helpdesk.desk.showing import shown
from helpdesk.domain.registry import RegistryIndex
from helpdesk.domain.request import read_request
from helpdesk.log import silence_readers
from helpdesk.mail.reader import MailReader
from helpdesk.registry_file import read_registry_file
from helpdesk.rules import load_rules
from helpdesk.shipped import copy_out


def parse(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help=".eml files or folders.")],
    registry: Annotated[
        Path | None, typer.Option("--registry", help="Registry file to judge against.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Text, quotation, attachments, defects and more.")
    ] = False,
) -> None:
    """Read mails and print one JSON object a line; no database is touched."""
    rules = load_rules(invocation(context).rules_paths()[0])
    index = RegistryIndex(read_registry_file(registry).facilities) if registry else None
    silence_readers()
    reader = MailReader()
    failed = False
    for name, path in _mails(paths):
        try:
            raw = path.read_bytes()
        except OSError as error:
            print(f"helpdesk: {path}: {error.strerror}", file=sys.stderr)
            failed = True
            continue
        print_json_lines([describe(raw, name, rules, index, reader, full=full)])
    reader.close()
    if failed:
        raise typer.Exit(1)


def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.eml", help="One mail.")],
) -> None:
    """Show one mail for people: what was decoded how, what was quoted, which marks decided."""
    rules = load_rules(invocation(context).rules_paths()[0])
    try:
        raw = file.read_bytes()
    except OSError as error:
        print(f"helpdesk: {file}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(1) from None
    silence_readers()
    reader = MailReader()
    message = reader.read(raw)
    reader.close()
    sys.stdout.write(shown(message, sort(message, read_request(message), rules), rules))


def _mails(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the name to print and the path of each mail; folders give their *.eml, sorted."""
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*.eml")):
                yield found.relative_to(path).as_posix(), found
        else:
            yield path.name, path


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the copies.")],
) -> None:
    """Copy mailbox_rules.yaml and templates/ into a folder, to be edited there."""
    for path in copy_out(folder):
        print(path)
