"""`helpdesk correction`: what applicants must put right (データ修正依頼)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from helpdesk.cli.common import invocation, iso, now, print_json_lines, print_table
from helpdesk.desk import corrections
from helpdesk.desk.context import japan_date

app = typer.Typer(help="Correction requests (データ修正依頼).", no_args_is_help=True)

AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="Who decides (see user add).")]

_STATES = {
    "human": "担当者の対応待ち",
    "asked": "修正待ち",
    "done": "完了",
    "closed": "終了",
}


@app.command("new")
def new(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Certification number.")],
    user: AsUser,
    item: Annotated[list[str] | None, typer.Option("--item", help="One point, in words.")] = None,
    point: Annotated[
        list[str] | None, typer.Option("--point", help="A common point, by its key in the rules.")
    ] = None,
    due: Annotated[
        datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="Due date.")
    ] = None,
    reopens: Annotated[
        datetime | None,
        typer.Option("--reopens", formats=["%Y-%m-%d"], help="Day the screen is shown again."),
    ] = None,
) -> None:
    """Ask a facility to put points right; the letter leaves at once."""
    asked = corrections.new(
        invocation(context).desk,
        number,
        item or [],
        point or [],
        user,
        now(),
        due_on=due.date() if due else None,
        reopens_on=reopens.date() if reopens else None,
    )
    if asked.note is not None:
        print(f"{asked.id}: 担当者の対応が必要です。{asked.note} (for a person)")
        return
    print(f"{asked.id}: {asked.recipient} に依頼しました。期限 {asked.due_on} (asked)")


@app.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List correction requests, the longest overdue first."""
    found = corrections.listed(invocation(context).database, open_only=not all_)
    today = japan_date(now())
    if json_:
        print_json_lines(
            {
                "id": one.id,
                "case": one.case_number,
                "facility": one.certification_number,
                "items": list(one.items),
                "state": one.state,
                "due_on": one.due_on.isoformat() if one.due_on else None,
                "reopens_on": one.reopens_on.isoformat() if one.reopens_on else None,
                "overdue": one.state == "asked" and bool(one.due_on and one.due_on < today),
                "reminders": one.reminded,
                "created_at": iso(one.created_at),
                "created_by": one.created_by,
                "ended_by": one.ended_by,
                "reason": one.reason,
            }
            for one in found
        )
        return
    print_table(
        ("ID", "受付番号", "施設", "状態", "期限", "督促", "件数"),
        [
            (
                one.id,
                one.case_number,
                f"{one.certification_number} {one.facility_name}",
                "期限超過"
                if one.state == "asked" and one.due_on and one.due_on < today
                else _STATES[one.state],
                one.due_on,
                one.reminded,
                len(one.items),
            )
            for one in found
        ],
        empty="データ修正依頼はありません。 (no correction requests)",
    )


@app.command("close")
def close(
    context: typer.Context,
    correction_id: Annotated[int, typer.Argument(metavar="ID", help="Number in correction list.")],
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", help="For the file.")] = "",
) -> None:
    """End a request by hand; nobody is written to."""
    corrections.close(invocation(context).desk, correction_id, user, reason, now())
    print(f"{correction_id}: 終了しました。 (closed)")
