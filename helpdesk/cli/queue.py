"""`helpdesk queue`: the approval queue without the console."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.common import (
    Invocation,
    invocation,
    iso,
    local,
    now,
    print_json_lines,
    print_table,
    shell_user,
)
from helpdesk.desk import approvals, auditing, awaiting, change_acts, entering, queue
from helpdesk.desk.context import FactsMoved, Refused
from helpdesk.desk.entering import Entered
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
def show(
    context: typer.Context,
    action_id: ActionId,
    json_: AsJson = False,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who looks.")] = None,
) -> None:
    """Show one action: what was asked, what is known, what will be done."""
    _show(invocation(context), action_id, user or shell_user(), json_)


def _show(here: Invocation, action_id: int, who: str, json_: bool) -> None:
    shown = queue.shown(here.database, action_id)
    about = queue.about(here.desk, shown, now())
    auditing.note_view(here.database, action_id, shown.case.number, who, about.facts)
    if json_:
        print_json_lines([{**_full_row(shown), **about.row()}])
        return
    for title, value in [*_lines(shown), *about.lines()]:
        print(f"{title}: {value}")
    print(f"本文: \n{shown.text or '(なし)'}")


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
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="WHO", help="Tell the address: registered, sender, member."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why so.")] = "",
    copy_to: Annotated[
        str | None,
        typer.Option("--copy-to", metavar="ADDRESS", help="One in Cc gets the result too."),
    ] = None,
    shown: Annotated[
        str | None,
        typer.Option("--facts", metavar="DIGEST", help="The facts that queue show printed."),
    ] = None,
) -> None:
    """Approve: the address is told, or a change asks its new address first.

    A question is answered with the letter of its topic. See docs/identity.md.
    """
    here = invocation(context)
    try:
        state = approvals.approve(
            here.desk,
            action_id,
            user,
            now(),
            anyway=anyway,
            topic=topic,
            edited=_edited(edit) if edit else None,
            to=to,
            reason=reason,
            copy_to=copy_to,
            shown=shown,
        )
    except FactsMoved:  # What nobody has seen is not approved: this is how it is now.
        _show(here, action_id, user, json_=False)
        raise
    print(f"{action_id}: {_state_in_words(state, action_id, user)}")


def _state_in_words(state: str, action_id: int, user: str) -> str:
    second = "一人目の承認を記録しました。もう一人の承認が必要です。 (a second person must approve)"
    return {
        "done": "承認しました。 (approved; done)",
        "confirming": "承認しました。新しいアドレスに確認のメールを送ります。"
        " (approved; waits for the new address)",
        "cooling": "承認しました。旧アドレスからのお申し出を待ちます。 (approved; cooling)",
        "portal": "承認しました。反映待ちです。 (approved; waits for the portal:"
        f" helpdesk queue reflected {action_id} --as {user})",
    }.get(state, second)


@app.command("ask")
def ask(context: typer.Context, action_id: ActionId, user: AsUser, anyway: Anyway = False) -> None:
    """Identity not confirmed: send the ready letter, and wait (責任者変更待ち)."""
    awaiting.ask(invocation(context).desk, action_id, user, now(), anyway=anyway)
    print(f"{action_id}: 案内を送りました。責任者変更待ちです。 (held; judged at each import)")


@app.command("new")
def new(
    context: typer.Context,
    user: AsUser,
    kind: Annotated[str, typer.Option("--kind", help="confirm_address or change_address.")],
    facility: Annotated[str, typer.Option("--facility", metavar="NAME", help="As it was said.")],
    physician: Annotated[str, typer.Option("--physician", metavar="NAME", help="As it was said.")],
    new_address: Annotated[
        str | None, typer.Option("--new-address", metavar="ADDRESS", help="Of a change.")
    ] = None,
    answer_to: Annotated[
        str, typer.Option("--answer-to", metavar="ADDRESS", help="Where letters go.")
    ] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="For the file.")] = "",
) -> None:
    """Enter a request from a call or a fax; somebody else must approve it.

    Member number or birthdate is asked, or read from standard input: what stands in a
    command line can be seen by others.
    """
    entered = Entered(kind, facility, physician, _identity(), new_address, answer_to, note)
    action_id = entering.enter(invocation(context).desk, entered, user, now())
    print(f"{action_id}: 登録しました。 (queued; another person must approve)")


def _identity() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass.getpass("会員番号または生年月日 (member number or birthdate): ").strip()


@app.command("confirm")
def confirm(context: typer.Context, action_id: ActionId, user: AsUser) -> None:
    """Take a token that came from another address for the new address's answer."""
    state = change_acts.confirm(invocation(context).desk, action_id, user, now())
    print(f"{action_id}: {_state_in_words(state, action_id, user)}")


@app.command("call-back")
def call_back(context: typer.Context, action_id: ActionId, user: AsUser) -> None:
    """Record that you spoke with the facility by the registry's 代表電話."""
    phone = change_acts.call_back(invocation(context).desk, action_id, user, now())
    print(f"{action_id}: 代表電話 {phone} での確認を記録しました。 (call-back recorded)")


@app.command("hold")
def hold(
    context: typer.Context,
    action_id: ActionId,
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Who said so.")],
) -> None:
    """Stop a change on its way; it waits for a person then."""
    change_acts.hold(invocation(context).desk, action_id, user, reason, now())
    print(f"{action_id}: 止めました。 (held)")


@app.command("revert")
def revert(
    context: typer.Context,
    action_id: ActionId,
    user: AsUser,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Who said so.")],
) -> None:
    """Undo a change that is in force: the address before it is registered again."""
    change_acts.revert(invocation(context).desk, action_id, user, reason, now())
    print(f"{action_id}: 元のアドレスに戻しました。 (reverted; the portal must follow)")


@app.command("letter")
def letter(
    context: typer.Context,
    action_id: ActionId,
    topic: Topic = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who signs it.")] = None,
) -> None:
    """Print the letter that an approval would send, to be edited in a file."""
    here = invocation(context)
    draft = approvals.draft(here.desk, action_id, topic, user, now())
    number = queue.shown(here.database, action_id).case.number
    auditing.note_view(here.database, action_id, number, user or shell_user())
    print(draft, end="")


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
    state = change_acts.reflect(invocation(context).desk, action_id, user, now())
    has = {
        "done": "the registry has the new address",
        "reverted": "the portal has undone it",
        "withdrawn": "the portal will not make it",
    }[state]
    print(f"{action_id}: 反映済みにしました。 (done; {has})")


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
        "marks": list(action.marks),
        "entered_by": action.entered_by,
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
    return lines
