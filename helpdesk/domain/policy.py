"""What is done with a mail, decided from facts alone and written nowhere.

One function, `decide`, takes what is known of one mail and returns a Decision: where
the mail is filed, which case it belongs to, which letters are written and what waits
for a person. Acting on it is the desk's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helpdesk.domain.change_answers import ChangeAnswer
from helpdesk.domain.conversation import is_same_request, names_another_facility
from helpdesk.domain.disposition import Sorting
from helpdesk.domain.topics import DOCUMENTS_LETTER, TopicReading, topic_letter

#: A reason of `sort_message`: an out-of-office known by its subject alone. A person
#: looks at it, but nothing is written to it, because a machine may have sent it.
AUTOMATIC_BY_SUBJECT = "automatic_by_subject"

# A third letter that asks for the same thing reads like a machine; a person does better.
_MISSING_LETTERS_PER_CASE = 2


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What the decision may know of a case that a mail could belong to."""

    number: str
    state: str
    #: The four fields as read so far: the keys of DESIGN section 5.
    fields: dict[str, str | None]
    missing: tuple[str, ...]
    #: How often a letter has asked for what is missing.
    asked: int = 0
    #: Closed for so long that an answer to it is a new matter.
    closed_long_ago: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that `decide` may look at, and nothing else."""

    sorting: Sorting
    #: Fields of this mail: the keys of DESIGN section 5.
    fields: dict[str, str | None]
    missing: tuple[str, ...]
    #: Whether From holds one address that a letter can be sent to.
    can_answer: bool
    #: The case this mail proves to answer (HMAC and correspondent agree).
    answered: OpenCase | None = None
    #: A case this mail claims to answer without proof; a person may join them.
    claimed: str | None = None
    #: Open cases of the same correspondent, newest first.
    open_cases: tuple[OpenCase, ...] = ()
    #: The same mail was decided before; True also says that it had a case.
    duplicate: bool = False
    #: Automatic letters to this address within a day have reached the limit.
    over_limit: bool = False
    #: Whether the mail is a request by itself, whatever it answers.
    is_request: bool = False
    #: Who answers the topic of this mail: automatic | known_sender | staff.
    answer: str = "staff"
    #: What a request asks besides, and who answers that.
    besides: TopicReading | None = None
    besides_answer: str = "staff"
    #: From is the registered address of one facility. It proves nothing by itself.
    registered: bool = False
    #: The domain in From vouches for this mail (DMARC), as our own server found.
    authenticated: bool = False
    #: The case of a question that the same person asked within three days.
    asked_lately: OpenCase | None = None
    #: It answers one of our notices with no more than 「受信しました」, or says that one did
    #: not arrive, which is on a list of its own: nobody need read it.
    settles: bool = False
    #: What it answers, in words for staff, where that is a notice; see desk/matters.py.
    matter: str = ""
    #: What it means for a change of address on its way.
    change: ChangeAnswer | None = None
    #: It answers a hint at the registered address with 「届きません」.
    not_received: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one mail."""

    #: handled | attention | leave
    filing: str
    #: none | new | join
    case: str
    case_number: str | None = None  # of the case to join
    case_state: str | None = None
    #: Names of letters to the correspondent, each at most once a purpose.
    letters: tuple[str, ...] = ()
    #: Kinds of actions that wait for a person.
    actions: tuple[str, ...] = ()
    #: Why a person is asked, in words for staff.
    note: str = ""
    #: The request as it stands now, where this mail adds to it; else None.
    fields: dict[str, str | None] | None = None
    missing: tuple[str, ...] = ()
    #: Other case this one is related to.
    related: str | None = None
    reasons: tuple[str, ...] = field(default=())
    #: Letter that a person may send as it is, or edited.
    ready: str | None = None
    #: The letter may tell the facility's state: it goes to the registered address.
    tells_state: bool = False
    #: What it means for a change of address on its way.
    change: ChangeAnswer | None = None
    #: What the registered address was sent does not arrive: somebody must telephone.
    not_received: bool = False


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
        return _request(facts)
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
    if _may_answer(facts.answer, facts):
        # The form comes back filled in; whatever else comes back is for a person.
        state = "waiting_sender" if topic == "address_request" else "closed"
        return Decision(
            filing="handled",
            case="new",
            case_state=state,
            letters=(letter,),
            reasons=("answered",),
            ready=letter,
            tells_state=_is_known(facts),
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
        return _sent_again(case)
    if case.state == "waiting_sender" and _adds_something(facts.fields):
        return _fulfil(facts, case)
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
        return replace(_judgeable(facts, dict(facts.fields), facts.missing), related=case.number)
    return replace(
        _for_a_person(facts, f"案件 {case.number} への返信ですが、別の案件として承りました。"),
        related=case.number,
    )


def _sent_again(case: OpenCase) -> Decision:
    return Decision(
        filing="handled",
        case="join",
        case_number=case.number,
        letters=("receipt_again",),
        reasons=("sent_again",),
    )


def _request(facts: Facts) -> Decision:
    for case in facts.open_cases:
        if case.fields and is_same_request(case.fields, facts.fields) and not facts.missing:
            return _sent_again(case)
        another = names_another_facility(case.fields, facts.fields)
        if case.state == "waiting_sender" and not another:
            return _fulfil(facts, case)
    return _judgeable(facts, dict(facts.fields), facts.missing)


def _fulfil(facts: Facts, case: OpenCase) -> Decision:
    """Put together what was known and what this mail adds."""
    merged = merge_fields(case.fields, facts.fields)
    return _judgeable(facts, merged, missing_of(merged), case)


def _judgeable(
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
    if _may_answer(facts.besides_answer, facts):
        return replace(
            decision,
            letters=(*decision.letters, letter),
            reasons=(*decision.reasons, "answered_besides"),
            tells_state=_is_known(facts),
        )
    return replace(
        decision,
        actions=(*decision.actions, "answer"),
        note=f"{decision.note}{_ANSWER_READY}",
        ready=letter,
    )


def _is_known(facts: Facts) -> bool:
    return facts.registered and facts.authenticated


def _may_answer(answer: str, facts: Facts) -> bool:
    """Say whether the machine answers a topic by itself."""
    return answer == "automatic" or (answer == "known_sender" and _is_known(facts))


def actions_for(request: str | None) -> tuple[tuple[str, ...], str]:
    """Return what is to be done for a wish, and why a person is asked."""
    if request == "both":
        return ("confirm_address", "change_address"), ""
    if request in ("confirm_address", "change_address"):
        return (request,), ""
    return ("review",), "メールアドレスの確認・変更以外のご希望です。"


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
        case_state=None if quiet else "waiting_staff",
        letters=letters,
        actions=tasks,
        note=note,
        reasons=(f"change_{answer.kind}",),
        change=answer,
    )


def _adds_something(fields: dict[str, str | None]) -> bool:
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


def missing_of(fields: dict[str, str | None]) -> tuple[str, ...]:
    """Return what a request still lacks (DESIGN section 5, `missing`)."""
    lacking = []
    if not fields.get("facility_name") and not fields.get("certification_number"):
        lacking.append("facility")
    if not fields.get("responsible_physician"):
        lacking.append("responsible_physician")
    if not fields.get("member_number") and not fields.get("birthdate"):
        lacking.append("identity")
    request = fields.get("request")
    if not request:
        lacking.append("request")
    elif request in ("change_address", "both") and not fields.get("new_address"):
        lacking.append("new_address")
    return tuple(lacking)
