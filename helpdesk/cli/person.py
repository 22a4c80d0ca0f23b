"""`helpdesk person`, `helpdesk purge` and `helpdesk key`: personal data, kept and erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, now, print_json_lines, printable, shell_user
from helpdesk.desk import keys, persons
from helpdesk.desk.context import Refused

app = typer.Typer(help="One person's data (個人情報の開示と消去).", no_args_is_help=True)
key_app = typer.Typer(help="The keys that seal personal data.", no_args_is_help=True)

Address = Annotated[str | None, typer.Option("--address", metavar="ADDRESS", help="Of the person.")]
Member = Annotated[str | None, typer.Option("--member", metavar="NUMBER", help="会員番号.")]

_SECRET_BYTES = 64 * 1024


@app.command("export")
def export(
    context: typer.Context,
    address: Address = None,
    member: Member = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who asks.")] = None,
) -> None:
    """Print everything that is kept of a person, as JSON Lines."""
    who = user or shell_user()
    desk = invocation(context).desk
    print_json_lines(persons.export(desk, who, address=address, member_number=member))


@app.command("erase")
def erase(
    context: typer.Context,
    user: Annotated[str, typer.Option("--as", metavar="ADMIN", help="Who erases.")],
    address: Address = None,
    member: Member = None,
) -> None:
    """Erase a person from all closed cases; what was decided, and by whom, stays."""
    desk = invocation(context).desk
    done = persons.erase(desk, user, address=address, member_number=member)
    print(f"{done.cases} 件の案件から消去しました。 (erased; the registry itself is the portal's)")
    print(
        "メールサーバーのメール（下記と送信済みフォルダの控え）とバックアップは、別に消去してください。"
        " (mail on the server, copies in Sent, and backups are yours to erase)"
    )
    if done.unsure:
        print(
            "次の案件は、どなたのものか記録がないため、消去していません。内容を見て、"
            "アドレスで消去してください。 (look at these, and erase by --address): "
            + "、".join(done.unsure)
        )
    for folder, uid in done.places:
        print(printable(f"  {folder}  UID {uid}"))


def purge(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how much there is to erase.")
    ] = False,
) -> None:
    """Erase what is older than the rules keep it (retention); the daemon does so every day."""
    by = shell_user()
    counts = persons.purge(invocation(context).desk, now(), dry_run=dry_run, by=by)
    said = " / ".join(f"{kind} {count}" for kind, count in counts.items())
    print(f"{'試行' if dry_run else '消去しました'}: {said}")


@key_app.callback()
def _group() -> None:
    """Keep `rotate` a sub-command although it is the only one."""


@key_app.command("rotate")
def rotate(
    context: typer.Context,
    old_key_file: Annotated[
        Path | None,
        typer.Option("--old-key-file", metavar="FILE", help="HELPDESK_SECRET_KEY until now."),
    ] = None,
) -> None:
    """Seal all personal data under a new key; stop the daemon first."""
    old = _secret_in(old_key_file) if old_key_file else None
    name, count = keys.rotate(invocation(context).database, shell_user(), old)
    print(f"新しい鍵 {name} で {count} 行を暗号化し直しました。 (sealed anew)")


def _secret_in(path: Path) -> bytes:
    try:
        return path.read_bytes()[:_SECRET_BYTES].strip()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
