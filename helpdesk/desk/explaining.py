"""Why a mail was read as it was: every rule asked, every field with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpdesk.desk.reading import scope_of
from helpdesk.domain import form_words as kinds
from helpdesk.domain.besides import asked_besides
from helpdesk.domain.disposition import Scope, Sorting, about_portal, sort_message
from helpdesk.domain.identity import TABLE, Evidence, Examined, claims_of, examine, judge
from helpdesk.domain.japanese import fold
from helpdesk.domain.labels import Form
from helpdesk.domain.machines import machine_rules
from helpdesk.domain.marks import own_case_number
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.registry import RegistryIndex
from helpdesk.domain.request import Reading, labels_in, read_request
from helpdesk.domain.written_by import read_written_by
from helpdesk.rules import Rules


@dataclass(frozen=True, slots=True)
class Explained:
    """What is told of one mail. The lists hold plain objects, ready to be printed."""

    disposition: str
    topic: str | None
    reasons: tuple[str, ...]
    #: `rule`, `hit`, and where it says more, `detail`.
    rules: list[dict[str, Any]]
    #: `field`, `value`, `line` and `column` from 1, `written`, `note`.
    fields: list[dict[str, Any]]
    missing: tuple[str, ...]
    #: The topic of a question beside the form, and whether the machine is sure of it.
    asks_besides: str | None
    asks_surely: bool
    written_by: dict[str, str]
    #: `certification_number`, `name`, `score`, `found_by`, and a result for each part.
    candidates: list[dict[str, Any]]
    #: `row`, `hit`, `outcome`, in the order of the table; empty without a registry.
    table: list[dict[str, Any]]
    verdict: str | None
    verdict_reasons: tuple[str, ...]


def explain(raw: bytes, rules: Rules, index: RegistryIndex | None) -> Explained:
    """Return why one mail is read as it is; never raises on bad mail."""
    message = read_message(raw)
    form = rules.form.patterns
    reading = read_request(message, form)
    scope = scope_of(rules)
    ids = (*message.in_reply_to, *message.references)
    answers_us = own_case_number(ids, message.subject) is not None
    sorting = sort_message(message, reading, scope, answers_us=answers_us)
    writer = read_written_by(message, reading)
    is_request = sorting.disposition == "request"
    besides = asked_besides(message, reading, form, rules.topics.book) if is_request else None
    candidates, table, verdict, why = _judged(reading, sorting, index)
    return Explained(
        disposition=sorting.disposition,
        topic=sorting.topic,
        reasons=sorting.reasons,
        rules=[
            *_sorting_rules(message, scope, rules, answers_us),
            *_form_rules(message, reading, form),
        ],
        fields=_fields(message, reading),
        missing=reading.missing if sorting.disposition == "request" else (),
        asks_besides=besides.best if besides else None,
        asks_surely=besides is not None and besides.sure,
        written_by={"kind": writer.kind, "words": writer.words},
        candidates=candidates,
        table=table,
        verdict=verdict,
        verdict_reasons=why,
    )


def _rule(name: str, hit: bool, detail: str = "") -> dict[str, Any]:
    return {"rule": name, "hit": hit, "detail": detail}


def _sorting_rules(
    message: Message, scope: Scope, rules: Rules, answers_us: bool
) -> list[dict[str, Any]]:
    machines = [
        _rule(f"machine.{reason}", hit, disposition)
        for disposition, reason, hit in machine_rules(message, scope)
    ]
    text = fold(f"{message.subject}\n{message.text}"[:20_000])
    words = [word for word in rules.mailbox.ours if fold(word) in text]
    return [
        *machines,
        _rule("answers_us", answers_us, "own mark or Message-ID, by its shape"),
        _rule("mailbox.ours", about_portal(message, scope), ", ".join(words)),
        _rule("form.subjects", rules.form.patterns.in_subject.search(message.subject) is not None),
    ]


_WAYS = ("labels", "numbers", "quoted_form", "prose")


def _form_rules(message: Message, reading: Reading, form: Form) -> list[dict[str, Any]]:
    """Return which labels were found, and by which way the form was read."""
    seen: dict[str, list[str]] = {}
    for label in labels_in(message, form):
        written = message.body[label.start : label.end].strip()
        line, _ = place_of(message.body, label.start)
        seen.setdefault(label.kind, []).append(f"{line}: {written}")
    labels = [
        _rule(f"form.labels.{kind}", kind in seen, "; ".join(seen.get(kind, ())))
        for kind, _ in form.words.labels.by_kind()
        if kind in kinds.FORM_KINDS or kind in seen
    ]
    found = any(field for _, field in reading.fields())
    return [
        *labels,
        *(_rule(f"read_from.{way}", found and way == reading.read_from) for way in _WAYS),
    ]


def _fields(message: Message, reading: Reading) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for name, field in [*reading.fields(), ("doubt", reading.doubt)]:
        if field is None:
            if name != "doubt":
                told.append({"field": name, "value": None})
            continue
        line, column = place_of(message.body, field.start)
        told.append(
            {
                "field": name,
                "value": field.value or None,
                "line": line,
                "column": column,
                "start": field.start,
                "end": field.end,
                "written": message.body[field.start : field.end],
                "note": field.note,
            }
        )
    return told


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _judged(
    reading: Reading, sorting: Sorting, index: RegistryIndex | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str | None, tuple[str, ...]]:
    if index is None or sorting.disposition not in ("request", "reply"):
        return [], [], None, ()
    claims = claims_of(reading.values(), reading.missing)
    evidence = Evidence(claims, examine(claims, index))
    verdict = judge(claims, index)
    return (
        [_candidate(one) for one in evidence.examined],
        _rows(evidence),
        verdict.outcome,
        verdict.reasons,
    )


def _candidate(one: Examined) -> dict[str, Any]:
    facility = one.candidate.facility
    parts = {part.name: part.result for part in one.parts}
    return {
        "certification_number": facility.certification_number,
        "name": facility.name,
        "score": one.candidate.score,
        "found_by": one.candidate.reason,
        **parts,
    }


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the verdict's table down to the row that decided."""
    rows = []
    for row, holds, outcome in TABLE:
        hit = holds(evidence)
        rows.append({"row": row, "hit": hit, "outcome": outcome})
        if hit:
            break
    return rows
