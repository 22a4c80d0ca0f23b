"""`helpdesk registry`: the certified facilities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.common import (
    invocation,
    note_seen,
    now,
    print_json_lines,
    print_table,
    shell_user,
)
from helpdesk.desk import registry_import
from helpdesk.domain.registry import Facility

app = typer.Typer(help="The certified facilities (名簿).", no_args_is_help=True)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV (UTF-8 or CP932) or .xlsx, the portal's export.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    user: Annotated[
        str | None, typer.Option("--as", metavar="USER", help="Who takes it: may decide.")
    ] = None,
) -> None:
    """Take the portal's export in, all of it or nothing.

    Where it changes an address, a telephone number or a person known here, decisions about
    that facility are marked for a while, whoever took the import (see docs/identity.md).
    """
    report = registry_import.import_registry(
        invocation(context).database,
        file,
        now=now(),
        dry_run=dry_run,
        by=user or shell_user(),
        vouched=user is not None,
        desk=invocation(context).desk,
    )
    print(report)


@app.command("list")
def list_(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List the facilities as they stand here."""
    found = registry_import.listed(invocation(context).database)
    note_seen(invocation(context).database, "registry.json" if json_ else "registry")
    if json_:
        print_json_lines(_row(facility) for facility in found)
        return
    print_table(
        ("認定番号", "施設名", "種別", "責任者", "申請状況", "メールアドレス"),
        [
            (f.certification_number, f.name, f.kind, f.physician, f.application_state, f.address)
            for f in found
        ],
        empty="名簿は空です。 (the registry is empty; helpdesk registry import FILE)",
    )


def _row(facility: Facility) -> dict[str, Any]:
    def day(value: Any) -> str | None:
        return value.isoformat() if value else None

    return {
        "certification_number": facility.certification_number,
        "facility_name": facility.name,
        "kind": facility.kind,
        "responsible_physician": facility.physician,
        "responsible_physician_kana": facility.physician_kana or None,
        "member_number": facility.member_number or None,
        "birthdate": day(facility.birthdate),
        "address": facility.address or None,
        "core_certification_number": facility.core_number or None,
        "application_state": facility.application_state or None,
        "certified_from": day(facility.certified_from),
        "certified_until": day(facility.certified_until),
        "application_form": facility.application_form,
        "summary_form": facility.summary_form,
        "sealed_documents": facility.sealed_documents,
        "application_address": facility.application_address or None,
        "member_address": facility.member_address or None,
        "main_phone": facility.main_phone or None,
        "former_names": list(facility.former_names),
    }
