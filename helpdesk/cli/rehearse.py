"""`helpdesk rehearse`: every letter about a deadline that would leave, and who gets none."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated, Any

import typer

from helpdesk.cli.common import invocation, now, print_json_lines, print_table
from helpdesk.desk.rehearsal import Rehearsed
from helpdesk.desk.rehearsal import rehearse as run_rehearsal
from helpdesk.domain.campaign import SKIPS


def rehearse(
    context: typer.Context,
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, Japan time.")
    ],
    last: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")
    ],
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
    without_imports: Annotated[
        bool, typer.Option("--without-imports", help="Nobody imports the registry any more.")
    ] = False,
) -> None:
    """Show what would leave on a simulated clock; nothing is sent and nothing is changed.

    The registry is taken to be imported each day just as it stands now.
    """
    if last < first:
        raise typer.BadParameter("--to lies before --from")
    found = _rehearsed(context, first.date(), last.date(), imports=not without_imports)
    if json_:
        print_json_lines(_row(one) for one in found)
        return
    print_table(
        ("日時", "種類", "案内", "段階", "施設", "宛先", "メール", "送らない理由"),
        [
            (
                one.at.strftime("%Y-%m-%d %H:%M"),
                one.kind,
                one.campaign,
                one.step,
                one.facility,
                one.to if one.skipped is None else None,
                one.letter if one.skipped is None else None,
                SKIPS.get(one.skipped, one.skipped) if one.skipped else None,
            )
            for one in found
        ],
        empty="この期間に送るメールはありません。 (nothing would leave)",
    )
    sent = sum(one.skipped is None for one in found)
    print(f"{sent} 通を送り、{len(found) - sent} 件は送りません。", file=sys.stderr)
    if not without_imports:
        print("（名簿を毎日取り込むものとして数えています）", file=sys.stderr)


def _rehearsed(
    context: typer.Context, first: date, last: date, *, imports: bool
) -> list[Rehearsed]:
    desk = invocation(context).desk
    return list(run_rehearsal(desk, first, last, now(), imports=imports))


def _row(one: Rehearsed) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "kind": one.kind,
        "campaign": one.campaign,
        "step": one.step,
        "facility": one.facility,
        "to": one.to,
        "letter": one.letter,
        "skipped": one.skipped,
    }
