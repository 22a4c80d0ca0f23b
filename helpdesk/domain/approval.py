"""Approvals: on which facts, by how many, and what stands for the second person.

An approval speaks of what its person was shown. The facts are kept as keyed digests by
name, so that a difference can be named without storing anybody's birthdate once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from helpdesk.domain.change import STRICT
from helpdesk.domain.keyed import keyed_digest
from helpdesk.domain.registry import Facility

#: What a person must know before deciding, as staff read it.
MARKS: Mapping[str, str] = {
    "over_misses": "本人確認の不一致が上限を超えています",
    "frozen": "アドレスの変更から日が浅い施設です",
    "imported_address": "登録アドレスが、最近の取込で変わった施設です",
    "imported_contact": "登録アドレスまたは電話番号が、最近の取込で変わった施設です",
    "imported_person": "施設責任者またはその本人確認の項目が、最近の取込で変わった施設です",
    "stopped": "変更を止めるお申し出がありました",
    "unclear_answer": "旧アドレスから、担当者の確認が必要なご返信がありました",
    "notice_failed": "旧アドレスへのお知らせが届きませんでした",
    "shared_address": "新しいアドレスは別の施設にも登録されています",
    "own_address": "新しいアドレスが事務局のドメインです",
    "other_change": "同じ施設の別の変更のご依頼があります",
    "not_received": "「届きません」とのご連絡があり、代表電話での確認が必要です",
    "awaits_physician": "責任者変更待ち",
}

#: Marks that make a decision an exception: two people must agree.
EXCEPTIONS = frozenset(
    {
        "over_misses",
        "frozen",
        "imported_address",
        "stopped",
        "shared_address",
        "own_address",
        "other_change",
    }
)
#: Those of them that stay with a case; the others are looked at anew each time.
LASTING = frozenset({"over_misses", "stopped"})

#: Names of the facts as staff read them, where one of them changed.
FACTS: Mapping[str, str] = {
    "request": "依頼の内容",
    "sender": "差出人",
    "new_address": "新しいアドレス",
    "verdict": "本人確認結果",
    "facility": "施設",
    "name": "施設名",
    "physician": "施設責任者",
    "member_number": "会員番号",
    "birthdate": "生年月日",
    "address": "登録アドレス",
    "member_address": "会員登録メールアドレス",
    "main_phone": "代表電話",
}

_DIGEST_LENGTH = 16

#: Digits of `facts_hash` that a person sees: enough to tell two sets of facts apart by eye.
SHOWN_DIGITS = 12


def facts_of(
    key: bytes,
    *,
    fields: Mapping[str, str | None],
    sender: str,
    new_address: str | None,
    verdict: str | None,
    facility: Facility | None,
) -> dict[str, str]:
    """Return the keyed digest of each fact that a decision rests on."""
    asked = "\0".join(f"{name}={fields[name] or ''}" for name in sorted(fields))
    known: dict[str, str] = {
        "request": asked,
        "sender": sender.lower(),
        "new_address": (new_address or "").lower(),
        "verdict": verdict or "",
    }
    if facility is not None:
        known |= {
            "facility": facility.certification_number,
            "name": facility.name,
            "physician": f"{facility.physician}\0{facility.physician_kana}",
            "member_number": facility.member_number,
            "birthdate": facility.birthdate.isoformat() if facility.birthdate else "",
            "address": facility.address.lower(),
            "member_address": facility.member_address.lower(),
            "main_phone": facility.main_phone,
        }
    return {name: _digest(key, name, value) for name, value in known.items()}


def _digest(key: bytes, name: str, value: str) -> str:
    text = f"fact\0{name}\0{value}".encode("utf-8", "surrogatepass")
    return keyed_digest(key, text).hex()[:_DIGEST_LENGTH]


def facts_hash(facts: Mapping[str, str]) -> str:
    """Return one digest of all facts: what an approval speaks of."""
    joined = "\n".join(f"{name} {facts[name]}" for name in sorted(facts))
    return hashlib.sha256(joined.encode()).hexdigest()


def changed_facts(shown: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of what differs, in the words of staff."""
    return [
        words
        for name, words in FACTS.items()
        if shown.get(name, "") != now.get(name, "") and (name in shown or name in now)
    ]


def call_back_about(
    case_number: str, certification_number: str | None, facts: Mapping[str, str], turn: int
) -> str:
    """Return the digest of what a call-back is about.

    The case, the facility, the facts as they were shown (the telephone number among them),
    and the turn of the change: where any of it moves, nobody was spoken with about it.
    """
    parts = (case_number, certification_number or "", facts_hash(facts), str(turn))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Approving:
    """What is known when a person approves."""

    by: str
    #: relaxed | standard | strict
    level: str
    marks: Collection[str]
    #: Who entered the request by hand, and who put right what the decision rests on.
    hands: Collection[str]
    #: Whose approvals of the same facts count already.
    given: Collection[str]
    #: People who may decide at all, those whose hands it went through left out.
    deciders: int
    called_back: bool
    #: An officer is named in the rules, to whom the monthly list goes.
    has_officer: bool
    #: It concerns the person's own record as a member.
    own_record: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an approval is worth."""

    #: The decision may be carried out now.
    enough: bool
    needed: int
    #: A call-back, the notice and the monthly list stand for the second person.
    alone: bool = False
    #: Why it is refused, for the person; '' where it is not.
    refused: str = ""


def approvals_needed(level: str, marks: Collection[str]) -> int:
    """Return how many people must approve: two under `strict` and for exceptions."""
    return 2 if level == STRICT or not EXCEPTIONS.isdisjoint(marks) else 1


def rule_approval(one: Approving) -> Ruling:
    """Return what an approval is worth, and why not where it is refused."""
    needed = approvals_needed(one.level, one.marks)
    if one.own_record:
        return Ruling(
            False, needed, refused="it concerns your own record; somebody else must approve"
        )
    if one.by in one.hands:
        if one.deciders:
            return Ruling(
                False,
                needed,
                refused="it was entered by the same person or put right by their hand;"
                " somebody else must approve",
            )
        return _alone(one, max(needed, 2))
    if one.by in one.given:
        return Ruling(
            False, needed, refused=f"{one.by} has approved it already; a second person must"
        )
    if len(one.given) + 1 >= needed:
        return Ruling(True, needed)
    if one.deciders >= needed:
        return Ruling(False, needed)
    return _alone(one, needed)


def _alone(one: Approving, needed: int) -> Ruling:
    """Return whether a call-back, the notice and the monthly list stand for the second person."""
    if not one.called_back:
        return Ruling(
            False,
            needed,
            refused="two people must approve, and there is one approver only: speak with the"
            " facility by its 代表電話 and record it first (helpdesk queue call-back)",
        )
    if not one.has_officer:
        return Ruling(
            False,
            needed,
            refused="two people must approve, and there is one approver only: name the officer"
            " who gets the monthly list in the rules (identity.officer)",
        )
    return Ruling(True, needed, alone=True)
