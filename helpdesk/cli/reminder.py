"""`helpdesk reminder`: facilities that get no further letters of a campaign (辞退など)."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli.common import invocation, iso, local, now, print_json_lines, print_table
from helpdesk.desk import reminder_stops

app = typer.Typer(help="Stop the letters of a campaign to one facility.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Certification number.")]
AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="Who decides (see user add).")]
OfCampaign = Annotated[str, typer.Option("--campaign", metavar="ID", help="As in the rules.")]


@app.command("stop")
def stop(
    context: typer.Context,
    number: Number,
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", help="For the file.")],
    campaign: OfCampaign = "renewal",
) -> None:
    """Write no further letter of this year's campaign to a facility; nobody is told."""
    year = reminder_stops.stop(invocation(context).desk, number, campaign, user, reason, now())
    print(f"{number}: {campaign} {year} の案内を止めました。 (stopped)")


@app.command("resume")
def resume(
    context: typer.Context, number: Number, user: AsUser, campaign: OfCampaign = "renewal"
) -> None:
    """Let the letters that are still to come leave again."""
    year = reminder_stops.resume(invocation(context).desk, number, campaign, user, now())
    print(f"{number}: {campaign} {year} の案内を再開します。 (resumed)")


@app.command("list")
def list_(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List whose letters are stopped."""
    found = reminder_stops.listed(invocation(context).database)
    if json_:
        print_json_lines(
            {
                "facility": one.certification_number,
                "campaign": one.campaign,
                "year": one.year,
                "by": one.stopped_by,
                "at": iso(one.stopped_at),
                "reason": one.reason,
            }
            for one in found
        )
        return
    print_table(
        ("施設", "案内", "年", "止めた日時", "担当", "理由"),
        [
            (
                one.certification_number,
                one.campaign,
                one.year,
                local(one.stopped_at),
                one.stopped_by,
                one.reason,
            )
            for one in found
        ],
        empty="止めている案内はありません。 (nothing is stopped)",
    )
