"""What is done with a request: judged, or asked for what it lacks; what it asks besides."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.domain.conversation import is_same_request, names_another_facility
from helpdesk.domain.decision import Decision, Facts, OpenCase
from helpdesk.domain.request import missing_of
from helpdesk.domain.topics import topic_letter

# A third letter that asks for the same thing reads like a machine; a person does better.
_MISSING_LETTERS_PER_CASE = 2


def sent_again(case: OpenCase) -> Decision:
    return Decision(
        filing="handled",
        case="join",
        case_number=case.number,
        letters=("receipt_again",),
        reasons=("sent_again",),
    )


def decide_request(facts: Facts) -> Decision:
    for case in facts.open_cases:
        if case.fields and is_same_request(case.fields, facts.fields) and not facts.missing:
            return sent_again(case)
        another = names_another_facility(case.fields, facts.fields)
        if case.state == "waiting_sender" and not another:
            return fulfil(facts, case)
    return judgeable(facts, dict(facts.fields), facts.missing)


def fulfil(facts: Facts, case: OpenCase) -> Decision:
    """Put together what was known and what this mail adds."""
    merged = merge_fields(case.fields, facts.fields)
    return judgeable(facts, merged, missing_of(merged), case)


def judgeable(
    facts: Facts,
    fields: dict[str, str | None],
    missing: tuple[str, ...],
    case: OpenCase | None = None,
) -> Decision:
    """Let the request be judged, or ask for what it lacks; serve what it asks besides."""
    return _serve_besides(_judged_or_asked_for(fields, missing, case), facts)


def _judged_or_asked_for(
    fields: dict[str, str | None], missing: tuple[str, ...], case: OpenCase | None
) -> Decision:
    number = case.number if case else None
    common = {"case": "join" if case else "new", "case_number": number, "fields": fields}
    if missing:
        if case and case.asked >= _MISSING_LETTERS_PER_CASE:
            return Decision(
                filing="attention",
                case_state="waiting_staff",
                actions=("review",),
                note="お願いした項目が、二度のご連絡の後もそろっていません。",
                missing=missing,
                **common,  # type: ignore[arg-type]
            )
        return Decision(
            filing="handled",
            case_state="waiting_sender",
            letters=("missing_fields",),
            missing=missing,
            **common,  # type: ignore[arg-type]
        )
    kinds, note = actions_for(fields["request"])
    return Decision(
        filing="handled",
        case_state="waiting_staff",
        letters=("receipt",),
        actions=kinds,
        note=note,
        **common,  # type: ignore[arg-type]
    )


_ANSWER_READY = "依頼に添えられたご質問への案内文を用意しました。"
_ASKS_BESIDES = "依頼のほかにご質問があるようです。本文をご確認ください。"


def _serve_besides(decision: Decision, facts: Facts) -> Decision:
    """Answer the question that stands beside the form, or let a person see it."""
    asks = facts.besides
    if asks is None:
        return decision
    if not asks.sure or asks.best is None:
        actions = decision.actions or ("review",)
        return replace(decision, actions=actions, note=f"{decision.note}{_ASKS_BESIDES}")
    if asks.best == "password_reset" and "receipt" in decision.letters:
        return decision  # Every receipt says how a password is set anew.
    letter = topic_letter(asks.best)
    if may_answer(facts.besides_answer, facts):
        return replace(
            decision,
            letters=(*decision.letters, letter),
            reasons=(*decision.reasons, "answered_besides"),
            tells_state=is_known(facts),
        )
    return replace(
        decision,
        actions=(*decision.actions, "answer"),
        note=f"{decision.note}{_ANSWER_READY}",
        ready=letter,
    )


def is_known(facts: Facts) -> bool:
    return facts.registered and facts.authenticated


def may_answer(answer: str, facts: Facts) -> bool:
    """Say whether the machine answers a topic by itself."""
    return answer == "automatic" or (answer == "known_sender" and is_known(facts))


def actions_for(request: str | None) -> tuple[tuple[str, ...], str]:
    """Return what is to be done for a wish, and why a person is asked."""
    if request == "both":
        return ("confirm_address", "change_address"), ""
    if request in ("confirm_address", "change_address"):
        return (request,), ""
    return ("review",), "メールアドレスの確認・変更以外のご希望です。"


def adds_something(fields: dict[str, str | None]) -> bool:
    return any(value is not None for value in fields.values())


def merge_fields(
    known: dict[str, str | None], added: dict[str, str | None]
) -> dict[str, str | None]:
    """Return the fields with what a later mail gives standing over what was known."""
    merged = {name: added.get(name) or known.get(name) for name in {**known, **added}}
    # A new answer to field 3 replaces the old one whole: a birthdate given instead of
    # a member number must not be judged together with the number it replaces.
    if added.get("member_number") or added.get("birthdate"):
        merged["member_number"] = added.get("member_number")
        merged["birthdate"] = added.get("birthdate")
    return merged
