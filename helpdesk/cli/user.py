"""`helpdesk user`: the people who may decide."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, now
from helpdesk.desk import users
from helpdesk.desk.context import Refused

app = typer.Typer(help="The people who may decide.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `add` a sub-command although it is the only one."""


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Log-in name.")],
    role: Annotated[str, typer.Option("--role", help="operator, approver or admin.")],
) -> None:
    """Add a user; the password is asked, or read from standard input."""
    if role not in users.ROLES:
        raise typer.BadParameter(f"one of: {', '.join(users.ROLES)}", param_hint="--role")
    users.add_user(invocation(context).database, name, role, _password(), now())
    print(f"{name}: 登録しました。 (added as {role})")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("パスワード (password): ")
    if getpass.getpass("もう一度 (again): ") != password:
        raise Refused("the two passwords differ; nothing was changed")
    return password
