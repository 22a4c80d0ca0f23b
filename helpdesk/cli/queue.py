"""`helpdesk queue`: the approval queue without the console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.common import invocation, iso, local, now, print_json_lines, print_table
from helpdesk.desk import approvals, queue
from helpdesk.desk.context import Refused
from helpdesk.desk.queue import ShownAction
from helpdesk.store.actions import Action

app = typer.Typer(help="What waits for a person (承認待ち).", no_args_is_help=True)

# Bytes: an edited letter is refused as too long far below this.
_LARGEST_LETTER = 256_000

AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="Who decides (see user add).")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Although staff answered from Outlook meanwhile.")
]
Topic = Annotated[
    str | None, typer.Option("--topic", metavar="TOPIC", help="Whose letter answers a question.")
]
ActionId = Annotated[int, typer.Argument(metavar="ID", help="The number in queue list.")]


@app.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Everything, decided or not.")] = False,
    json_: AsJson = False,
) -> None:
    """List what is undecided."""
    found = queue.listed(invocation(context).database, undecided_only=not all_)
    if json_:
        print_json_lines(_row(action) for action in found)
        return
    print_table(
        ("ID", "受付番号", "処理", "状態", "本人確認", "施設", "受付", ""),
        [
            (
                a.id,
                a.case_number,
                a.kind,
                a.state,
                a.verdict,
                _facility(a),
                local(a.created_at),
                "Outlookで返信済" if a.answered_outside_at else "",
            )
            for a in found
        ],
        empty="承認待ちはありません。 (nothing is waiting)",
    )


@app.command("show")
def show(context: typer.Context, action_id: ActionId, json_: AsJson = False) -> None:
    """Show one action: what was asked, what is known, what will be done."""
    shown = queue.shown(invocation(context).database, action_id)
    if json_:
        print_json_lines([_full_row(shown)])
        return
    for title, value in _lines(shown):
        print(f"{title}: {value}")


@app.command("approve")
def approve(
    context: typer.Context,
    action_id: ActionId,
    user: AsUser,
    anyway: Anyway = False,
    topic: Topic = None,
    edit: Annotated[
        Path | None,
        typer.Option("--edit", metavar="FILE", help="Send this text (see queue letter)."),
    ] = None,
) -> None:
    """Approve: a confirmation is answered; a change waits for the portal (反映待ち).

    A question is answered with the letter of its topic.
    """
    state = approvals.approve(
        invocation(context).desk,
        action_id,
        user,
        now(),
        anyway=anyway,
        topic=topic,
        edited=_edited(edit) if edit else None,
    )
    done = {
        "done": "承認しました。 (approved; done)",
        "portal": "承認しました。反映待ちです。 (approved; waits for the portal:"
        f" helpdesk queue reflected {action_id} --as {user})",
    }
    print(f"{action_id}: {done[state]}")


@app.command("letter")
def letter(
    context: typer.Context,
    action_id: ActionId,
    topic: Topic = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who signs it.")] = None,
) -> None:
    """Print the letter that an approval would send, to be edited in a file."""
    print(approvals.draft(invocation(context).desk, action_id, topic, user, now()), end="")


def _edited(path: Path) -> str:
    """Return an edited letter, in UTF-8 or as Windows' editor saves it. Raises Refused."""
    try:
        raw = path.read_bytes()[:_LARGEST_LETTER]
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(f"{path} is neither UTF-8 nor Shift_JIS; save it as UTF-8")


@app.command("reject")
def reject(
    context: typer.Context,
    action_id: ActionId,
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the file only.")],
    anyway: Anyway = False,
) -> None:
    """Reject: the reason stays here, the letter gives none."""
    approvals.reject(invocation(context).desk, action_id, user, reason, now(), anyway=anyway)
    print(f"{action_id}: 却下しました。 (rejected)")


@app.command("reflected")
def reflected(context: typer.Context, action_id: ActionId, user: AsUser) -> None:
    """The portal has the change: the registry changes, both addresses are told."""
    approvals.reflect(invocation(context).desk, action_id, user, now())
    print(f"{action_id}: 反映済みにしました。 (done; the registry has the new address)")


def _facility(action: Action) -> str:
    if not action.certification_number:
        return ""
    return f"{action.certification_number} {action.facility_name or ''}".strip()


def _row(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "case": action.case_number,
        "kind": action.kind,
        "state": action.state,
        "verdict": action.verdict,
        "facility": action.certification_number,
        "created_at": iso(action.created_at),
        "facility_name": action.facility_name,
        "new_address": action.new_address,
        "note": action.note or None,
        "letter": action.letter,
        "decided_by": action.decided_by,
        "decided_at": iso(action.decided_at),
        "reason": action.reason,
        "reflected_by": action.reflected_by,
        "reflected_at": iso(action.reflected_at),
        "answered_in_outlook_at": iso(action.answered_outside_at),
    }


def _full_row(shown: ShownAction) -> dict[str, Any]:
    return {
        **_row(shown.action),
        "correspondent": shown.case.correspondent,
        "subject": shown.case.subject,
        "case_state": shown.case.state,
        "fields": dict(shown.case.fields),
        "missing": list(shown.case.missing),
        "registered_address": shown.registered_address,
        "evidence": [
            {"part": part, "result": result, "reason": reason}
            for part, result, reason in shown.action.evidence
        ],
        "text": shown.text,
    }


def _lines(shown: ShownAction) -> list[tuple[str, object]]:
    action, case = shown.action, shown.case
    lines: list[tuple[str, object]] = [
        ("ID", action.id),
        ("受付番号", f"{case.number} ({case.state})"),
        ("処理", f"{action.kind} ({action.state})"),
        ("差出人", f"{case.correspondent} ({case.correspondent_name})"),
        ("件名", case.subject),
        ("本人確認", action.verdict or "-"),
        ("施設", _facility(action) or "-"),
        ("名簿のアドレス", shown.registered_address or "-"),
    ]
    lines += [(f"  {name}", value) for name, value in case.fields.items() if value]
    lines += [(f"  根拠 {part}", f"{result}: {why}") for part, result, why in action.evidence]
    if case.missing:
        lines.append(("不足", ", ".join(case.missing)))
    if action.answered_outside_at:
        lines.append(("返信", f"Outlookで返信済 {local(action.answered_outside_at)}"))
    if action.letter:
        lines.append(("案内文", f"{action.letter} (helpdesk queue letter {action.id})"))
    if action.note:
        lines.append(("メモ", action.note))
    if action.decided_by:
        lines.append(("決定", f"{action.decided_by} {local(action.decided_at)}"))
    if action.reason:
        lines.append(("理由", action.reason))
    lines.append(("本文", "\n" + (shown.text or "(なし)")))
    return lines
