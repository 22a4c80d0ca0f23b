"""`helpdesk link`: core facilities that are asked to accept an affiliate (連携依頼)."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from helpdesk.cli.common import invocation, iso, now, print_json_lines, print_table
from helpdesk.desk import links
from helpdesk.domain.links import TROUBLES

app = typer.Typer(help="Link requests (連携依頼).", no_args_is_help=True)

AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="Who decides (see user add).")]
LinkId = Annotated[int, typer.Argument(metavar="ID", help="The number in link list.")]

_STATES = {
    "planned": "予定",
    "asked": "回答待ち",
    "accepting": "承諾の回答あり（要確認）",
    "declining": "辞退の回答あり（要確認）",
    "accepted": "承諾",
    "declined": "辞退",
    "human": "担当者の対応待ち",
    "closed": "終了",
}


@app.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """List link requests, the earliest first day first."""
    found = links.listed(invocation(context).database, open_only=not all_)
    if json_:
        print_json_lines(
            {
                "id": one.id,
                "case": one.case_number,
                "affiliate": one.affiliate_number,
                "core": one.core_number or None,
                "begins_on": one.begins_on.isoformat() if one.begins_on else None,
                "state": one.state,
                "trouble": one.trouble,
                "late": one.late,
                "asked_on": one.asked_on.isoformat() if one.asked_on else None,
                "reminders": one.reminded,
                "answered_at": iso(one.answered_at),
                "ended_by": one.ended_by,
                "reason": one.reason,
            }
            for one in found
        )
        return
    print_table(
        ("ID", "受付番号", "連携施設", "基幹施設", "認定開始日", "状態", "督促", ""),
        [
            (
                one.id,
                one.case_number,
                f"{one.affiliate_number} {one.affiliate_name}",
                f"{one.core_number} {one.core_name or ''}",
                one.begins_on,
                _STATES[one.state],
                one.reminded,
                "、".join(
                    ([TROUBLES[one.trouble]] if one.trouble else [])
                    + ["認定開始日より後の承認"] * one.late
                ),
            )
            for one in found
        ],
        empty="連携依頼はありません。 (no link requests)",
    )


@app.command("confirm")
def confirm(
    context: typer.Context,
    link_id: LinkId,
    user: AsUser,
    answer: Annotated[
        Literal["accepted", "declined"] | None,
        typer.Option("--answer", help="accepted or declined; without it as answered by mail."),
    ] = None,
) -> None:
    """Confirm what the core facility decided; the affiliate is told."""
    decided = links.confirm(invocation(context).desk, link_id, answer, user, now())
    print(f"{link_id}: {_STATES[decided]}で確定し、連携施設にお知らせします。 ({decided})")


@app.command("close")
def close(
    context: typer.Context,
    link_id: LinkId,
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", help="For the file.")],
) -> None:
    """End a link request; nobody is written to."""
    links.close(invocation(context).desk, link_id, user, reason, now())
    print(f"{link_id}: 終了しました。 (closed)")
