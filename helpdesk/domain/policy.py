"""What is done with a mail, decided from facts alone and written nowhere.

One function, `decide`, takes what is known of one mail and returns a Decision: where
the mail is filed, which case it belongs to, which letters are written and what waits
for a person. Acting on it is the desk's business.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.domain.change_answers import ChangeAnswer
from helpdesk.domain.conversation import is_same_request, names_another_facility
from helpdesk.domain.decision import Decision, Facts, OpenCase
from helpdesk.domain.request_policy import (
    adds_something,
    decide_request,
    fulfil,
    is_known,
    judgeable,
    may_answer,
    sent_again,
)
from helpdesk.domain.topics import DOCUMENTS_LETTER, topic_letter

#: A reason of `sort_message`: an out-of-office known by its subject alone. A person
#: looks at it, but nothing is written to it, because a machine may have sent it.
AUTOMATIC_BY_SUBJECT = "automatic_by_subject"

_LEAVE = Decision(filing="leave", case="none")


def decide(facts: Facts) -> Decision:
    """Return what is done with one mail (RFC 3834 section 2: no machine is answered)."""
    sorting = facts.sorting
    if facts.duplicate:
        return _duplicate(facts)
    if not sorting.ours:
        return _LEAVE
    if sorting.disposition in ("auto_reply", "bulk", "bounce"):
        return _machine(facts)
    decision = about_change(facts.change) if facts.change else _person(facts)
    if facts.change and AUTOMATIC_BY_SUBJECT in sorting.reasons:
        decision = replace(decision, letters=())  # Whoever stops it may be a robot.
    return _within_limits(decision, facts)


def _duplicate(facts: Facts) -> Decision:
    if not facts.sorting.ours:
        return _LEAVE
    return Decision(filing="handled", case="none", reasons=("delivered_twice",))


def _machine(facts: Facts) -> Decision:
    if facts.answered is None:
        return Decision(filing="handled", case="none")
    if facts.sorting.disposition != "bounce" or facts.settles:
        return Decision(filing="handled", case="join", case_number=facts.answered.number)
    return Decision(
        filing="attention",
        case="join",
        case_number=facts.answered.number,
        case_state="waiting_staff",
        actions=("review",),
        note="こちらからのメールが相手に届きませんでした。",
    )


def _person(facts: Facts) -> Decision:
    disposition = facts.sorting.disposition
    if disposition == "reply":
        return _reply(facts)
    if disposition == "request":
        return decide_request(facts)
    if disposition == "question":
        return _question(facts)
    if facts.sorting.documents:
        return _with_letter(_for_a_person(facts, _DOCUMENTS_NOTE), DOCUMENTS_LETTER)
    for reason in facts.sorting.reasons:
        if reason in _UNREAD:
            return _for_a_person(facts, _UNREAD[reason])
    return _for_a_person(facts, "内容を読み取れませんでした。ご確認ください。")


#: Reasons of `sort_message` for what was not opened, and what staff read of them.
_UNREAD = {
    "encrypted": "暗号化されたメールのため、読んでいません。本文でのご連絡をお願いしました。",
    "form_attached": "依頼の項目が添付ファイルにあるようです。本文でのご記入をお願いしました。",
    "invitation": "予定表の招待です。ご確認ください。",
}


_DOCUMENTS_NOTE = "公印書類が添付されています。メールでは受け付けていない旨の案内を用意しました。"


def _question(facts: Facts) -> Decision:
    """Answer what may be answered; a second question within three days is a person's."""
    topic = facts.sorting.topic or ""
    letter = topic_letter(topic)
    if facts.asked_lately is not None:
        return replace(
            _with_letter(
                _for_a_person(facts, "三日以内に二度目のご質問です。案内文を用意しました。"), letter
            ),
            case="join",
            case_number=facts.asked_lately.number,
            reasons=("asked_again",),
        )
    if may_answer(facts.answer, facts):
        # The form comes back filled in; whatever else comes back is for a person.
        state = "waiting_sender" if topic == "address_request" else "closed"
        return Decision(
            filing="handled",
            case="new",
            case_state=state,
            letters=(letter,),
            reasons=("answered",),
            ready=letter,
            tells_state=is_known(facts),
        )
    note = "名簿の状況をご確認のうえ、案内文をお送りください。"
    return _with_letter(_for_a_person(facts, note), letter)


def _with_letter(decision: Decision, letter: str) -> Decision:
    """Let a person send a ready letter, where anything may be written to the sender."""
    if not decision.letters:
        return decision
    return replace(decision, actions=("answer",), ready=letter)


def _for_a_person(facts: Facts, note: str) -> Decision:
    silent = AUTOMATIC_BY_SUBJECT in facts.sorting.reasons
    if silent:
        note = "自動返信のようです。受付のメールは送っていません。"
    return Decision(
        filing="attention",
        case="new",
        case_state="waiting_staff",
        letters=() if silent else ("receipt_inquiry",),
        actions=("review",),
        note=note,
        related=facts.claimed,
    )


def _reply(facts: Facts) -> Decision:
    case = facts.answered
    if case is None:
        return _for_a_person(
            facts, "受付番号がありますが、その案件の相手からのメールとは確認できませんでした。"
        )
    if facts.sorting.thanks:
        return Decision(filing="handled", case="join", case_number=case.number)
    if facts.not_received:
        return Decision(
            filing="attention",
            case="join",
            case_number=case.number,
            case_state="waiting_staff",
            letters=("receipt_inquiry",),
            reasons=("not_received",),
            not_received=True,
        )
    if facts.settles:
        return Decision(
            filing="handled",
            case="join",
            case_number=case.number,
            case_state="closed",
            reasons=("notice_answered",),
        )
    if case.closed_long_ago or names_another_facility(case.fields, facts.fields):
        return _new_matter(facts, case)
    if case.state != "closed" and facts.is_request and is_same_request(case.fields, facts.fields):
        return sent_again(case)
    if case.state == "waiting_sender" and adds_something(facts.fields):
        return fulfil(facts, case)
    decision = Decision(
        filing="attention",
        case="join",
        case_number=case.number,
        case_state="waiting_staff",
        letters=("receipt_inquiry",),
        actions=("review",),
        note=f"{facts.matter or '案件'}への返信です。ご確認ください。",
    )
    if facts.sorting.documents:
        return _with_letter(replace(decision, note=_DOCUMENTS_NOTE), DOCUMENTS_LETTER)
    return decision


def _new_matter(facts: Facts, case: OpenCase) -> Decision:
    """Open a case of its own, linked to the one that was answered."""
    if facts.is_request:
        return replace(judgeable(facts, dict(facts.fields), facts.missing), related=case.number)
    return replace(
        _for_a_person(facts, f"案件 {case.number} への返信ですが、別の案件として承りました。"),
        related=case.number,
    )


def _within_limits(decision: Decision, facts: Facts) -> Decision:
    """Write no letter to somebody who cannot be answered or had enough of them today."""
    if not decision.letters or (facts.can_answer and not facts.over_limit):
        return decision
    note = (
        "この宛先への自動送信が一日の上限に達したため、メールを送っていません。"
        if facts.can_answer
        else "差出人が一つのメールアドレスとして読めないため、メールを送っていません。"
    )
    return Decision(
        filing="attention",
        case=decision.case,
        case_number=decision.case_number,
        case_state="waiting_staff",
        actions=decision.actions or (("answer",) if decision.ready else ("review",)),
        note=f"{decision.note}{note}",
        fields=decision.fields,
        missing=decision.missing,
        related=decision.related,
        reasons=(*decision.reasons, "letter_withheld"),
        ready=decision.ready,
        change=decision.change,
        not_received=decision.not_received,
    )


#: What an answer about a change leads to: letter to the sender, a task for a person, its note.
_CHANGE_ANSWERS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "confirmed": ((), (), ""),
    "agreed": ((), (), ""),
    "noted": ((), (), ""),
    "unproven": ((), (), ""),
    "proof": ((), (), ""),
    "stopped": (("change_stopped",), (), ""),
    "unclear": (("receipt_inquiry",), (), ""),
    "late": (
        ("receipt_inquiry",),
        ("review",),
        "変更後の旧アドレスからのお申し出です。元に戻すのは helpdesk queue revert です。",
    ),
    "outdated": (
        ("receipt_inquiry",),
        ("review",),
        "期限の過ぎた確認番号でのご返信です。",
    ),
}


def about_change(answer: ChangeAnswer) -> Decision:
    """Return what is done with an answer to a letter about a change of address."""
    letters, tasks, note = _CHANGE_ANSWERS[answer.kind]
    quiet = answer.kind in ("confirmed", "agreed", "noted")
    return Decision(
        filing="handled" if quiet else "attention",
        case="join",
        case_number=answer.case_number,
        case_state=None if quiet or answer.kind == "unproven" else "waiting_staff",
        letters=letters,
        actions=tasks,
        note=note,
        reasons=(f"change_{answer.kind}",),
        change=answer,
    )
