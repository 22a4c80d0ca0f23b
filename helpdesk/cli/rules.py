"""`helpdesk rules`: mailbox_rules.yaml and the templates."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from helpdesk.cli.common import invocation, print_json_lines, printable
from helpdesk.desk.examples import Difference, try_rules
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules

app = typer.Typer(help="mailbox_rules.yaml and the templates.", no_args_is_help=True)


@app.command("check")
def check(context: typer.Context) -> None:
    """Say file, line and key of every mistake; needs no settings but the two paths."""
    rules_path, templates = invocation(context).rules_paths()
    rules = load_rules(rules_path)
    LetterBook.load(templates, rules)
    print(f"{rules_path}: 誤りはありません。 (no mistakes; templates in {templates} too)")


@app.command("explain")
def explain(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.eml", help="The mail.")],
    registry: Annotated[
        Path | None, typer.Option("--registry", help="Registry file to judge against.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show why a mail is read as it is: rules that hit or missed, fields, candidates."""
    from helpdesk.desk.explaining import explain as explained
    from helpdesk.domain.registry import RegistryIndex
    from helpdesk.registry_file import read_registry_file

    rules = load_rules(invocation(context).rules_paths()[0])
    index = RegistryIndex(read_registry_file(registry).facilities) if registry else None
    try:
        raw = file.read_bytes()
    except OSError as error:
        print(f"helpdesk: {file}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(1) from error
    told = asdict(explained(raw, rules, index))
    if as_json:
        print_json_lines([told])
        return
    for line in _lines(told):
        print(printable(line))


def _lines(told: dict[str, Any]) -> list[str]:
    topic = f"（質問の種類 {told['topic']}）" if told["topic"] else ""
    out = [f"扱い: {told['disposition']}{topic}  理由: {', '.join(told['reasons'])}", "", "規則"]
    out += [_rule_line(one) for one in told["rules"]]
    out += ["", "項目（行:桁）"] + [_field_line(one) for one in told["fields"]]
    out.append(f"  不足: {', '.join(told['missing']) or 'なし'}")
    if told["asks_besides"]:
        sure = "案内文で答えます" if told["asks_surely"] else "担当者にお知らせします"
        out.append(f"  依頼に添えられた質問: {told['asks_besides']}（{sure}）")
    writer = told["written_by"]
    out.append(f"  書いた人: {writer['kind']}  {_quoted(writer['words'])}")
    if told["verdict"] is None:
        return out
    out += ["", "候補"] + [_candidate_line(one) for one in told["candidates"]]
    out += ["", f"本人確認結果: {told['verdict']}（{'; '.join(told['verdict_reasons'])}）"]
    return out + [f"  {_mark(row['hit'])} {row['row']} → {row['outcome']}" for row in told["table"]]


def _mark(hit: bool) -> str:
    return "○" if hit else "－"


def _rule_line(rule: dict[str, Any]) -> str:
    detail = f"  {rule['detail']}" if rule["detail"] else ""
    return f"  {_mark(rule['hit'])} {rule['rule']}{detail}"


def _quoted(words: str) -> str:
    return f"「{' '.join(words.split())}」" if words else ""


def _field_line(field: dict[str, Any]) -> str:
    if "line" not in field:
        return f"  － {field['field']}"
    note = f"  （{field['note']}）" if field["note"] else ""
    place = f"{field['line']}:{field['column']}"
    mark = _mark(field["value"] is not None)
    said = f"{field['field']} = {field['value'] or ''}"
    return f"  {mark} {said}  {place} {_quoted(field['written'])}{note}"


_PARTS = ("responsible_physician", "member_number", "birthdate")


def _candidate_line(one: dict[str, Any]) -> str:
    parts = "  ".join(f"{name} {one[name]}" for name in _PARTS)
    return (
        f"  {one['score']:.2f} {one['certification_number']} {one['name']}"
        f"（{one['found_by']}）  {parts}"
    )


@app.command("try")
def try_(
    context: typer.Context,
    new_file: Annotated[Path, typer.Argument(metavar="NEW_FILE", help="A changed rules file.")],
    json_: Annotated[bool, typer.Option("--json", help="JSON Lines for programs.")] = False,
) -> None:
    """Say what a changed rules file would read differently; nothing is put in force."""
    changed = load_rules(new_file)
    trial = try_rules(invocation(context).desk, changed)
    if json_:
        print_json_lines(_row(one) for one in trial.differences)
        return
    for one in trial.differences:
        print(_difference_line(one))
    print(
        f"{trial.tried} 件を読み、{len(trial.differences)} 件の扱いが変わります。"
        f" ({trial.tried} kept mails and examples, {len(trial.differences)} read differently)"
    )


def _difference_line(one: Difference) -> str:
    chosen = f"  担当者の選択: {one.expected}" if one.expected else ""
    subject = "".join(char for char in one.subject if char.isprintable())
    return f"{one.what}: {one.now_read} → {one.would_be}{chosen}  {subject}"


def _row(one: Difference) -> dict[str, str | None]:
    return {
        "what": one.what,
        "now": one.now_read,
        "would_be": one.would_be,
        "chosen_by_staff": one.expected,
        "subject": one.subject,
    }
