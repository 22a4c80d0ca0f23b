"""`helpdesk contact`: facilities that no mail reaches (電話・郵送の連絡先一覧)."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli.common import (
    invocation,
    iso,
    local,
    note_seen,
    now,
    print_json_lines,
    print_table,
)
from helpdesk.desk import unreachable
from helpdesk.store.contacts import Task

app = typer.Typer(help="Whom to telephone or write to (電話・郵送).", no_args_is_help=True)

_REASONS = {"no_address": "アドレスの登録なし", "unreachable": "メールが届かない"}
_RULE = "─" * 34


@app.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
    paper: Annotated[bool, typer.Option("--print", help="A list for the printer.")] = False,
) -> None:
    """List whom to telephone or write to, the nearest date first."""
    found = unreachable.listed(invocation(context).database, open_only=not all_)
    note_seen(invocation(context).database, "contacts")
    if json_:
        print_json_lines(
            {
                "id": one.id,
                "facility": one.certification_number,
                "facility_name": one.facility_name,
                "responsible_physician": one.physician,
                "main_phone": one.main_phone or None,
                "postal_address": one.postal_address or None,
                "subject": one.subject,
                "reason": one.reason,
                "due_on": one.due_on.isoformat() if one.due_on else None,
                "state": one.state,
                "created_at": iso(one.created_at),
                "ended_by": one.ended_by,
            }
            for one in found
        )
    elif paper:
        print(_paper(found))
    else:
        print_table(
            ("ID", "施設", "責任者", "代表電話", "用件", "理由", "期限"),
            [
                (
                    one.id,
                    f"{one.certification_number} {one.facility_name}",
                    one.physician,
                    one.main_phone,
                    one.subject,
                    _REASONS.get(one.reason, one.reason),
                    one.due_on,
                )
                for one in found
            ],
            empty="電話・郵送の連絡先はありません。 (nobody to telephone)",
        )


def _paper(found: list[Task]) -> str:
    """Return the list as it is printed: a box to tick and room for a note at each line."""
    lines = [f"電話・郵送の連絡先一覧　{local(now())} 現在　{len(found)}件", _RULE]
    for one in found:
        lines += [
            f"□ {one.facility_name}（{one.certification_number}）　{one.physician} 先生",
            f"　 電話：{one.main_phone or '登録なし'}",
            *([f"　 住所：{one.postal_address}"] if one.postal_address else []),
            f"　 用件：{one.subject}（{_REASONS.get(one.reason, one.reason)}）"
            + (f"　期限：{one.due_on}" if one.due_on else ""),
            f"　 結果：　　　　　　　　　　　　　　日付・担当：　　　　　　　 No.{one.id}",
            _RULE,
        ]
    return "\n".join(lines)


@app.command("done")
def done(
    context: typer.Context,
    task_id: Annotated[int, typer.Argument(metavar="ID", help="The number in contact list.")],
    user: Annotated[str, typer.Option("--as", metavar="USER", help="Who saw to it.")],
    reachable: Annotated[
        bool, typer.Option("--reachable", help="Mail gets to the address again.")
    ] = False,
) -> None:
    """Mark one as done."""
    unreachable.done(invocation(context).database, task_id, user, now(), reachable=reachable)
    print(f"{task_id}: 連絡済みにしました。 (done)")
