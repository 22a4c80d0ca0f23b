"""`helpdesk user`: the people who may decide."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, now, print_table, shell_user
from helpdesk.desk import own_records, users
from helpdesk.desk.context import Refused

app = typer.Typer(help="The people who may decide.", no_args_is_help=True)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Log-in name.")],
    role: Annotated[str, typer.Option("--role", help="operator, approver or admin.")],
) -> None:
    """Add a user; the password is asked, or read from standard input."""
    if role not in users.ROLES:
        raise typer.BadParameter(f"one of: {', '.join(users.ROLES)}", param_hint="--role")
    users.add_user(
        invocation(context).database,
        name,
        role,
        _password(),
        now(),
        by=shell_user(),
        cause="command",
    )
    print(f"{name}: 登録しました。 (added as {role})")


@app.command("own")
def own(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Log-in name.")],
    address: Annotated[
        list[str] | None, typer.Option("--address", metavar="ADDRESS", help="One of their own.")
    ] = None,
) -> None:
    """Say which member's record is a user's own: they never decide about it.

    The member number is asked, or read from standard input; empty where there is none.
    """
    count = own_records.keep(
        invocation(context).database, name, _member(), address or [], "operator"
    )
    print(f"{name}: 本人の記録 {count} 件を登録しました。 (kept; nobody decides about themselves)")


def _member() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass.getpass("会員番号 (member number): ").strip()


@app.command("password")
def password(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Log-in name.")],
) -> None:
    """Give a user a new password, asked or read from standard input; their log-ins end."""
    users.set_password(
        invocation(context).database, name, _password(), now(), by=shell_user(), cause="command"
    )
    print(f"{name}: パスワードを変えました。 (the password is changed)")


@app.command("list")
def list_users(context: typer.Context) -> None:
    """List the users with role and state."""
    rows = [
        (
            one.name,
            one.role,
            "停止 (stopped)" if one.disabled_at else "有効 (active)",
            "あり (yes)" if one.totp_secret else "なし (no)",
        )
        for one in users.listed(invocation(context).database)
    ]
    print_table(("name", "role", "state", "telephone code"), rows, "まだ誰もいません。 (nobody)")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("パスワード (password): ")
    if getpass.getpass("もう一度 (again): ") != password:
        raise Refused("the two passwords differ; nothing was changed")
    return password
