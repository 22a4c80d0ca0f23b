"""What a letter may say: the variables of each letter, and values made harmless.

A value comes from outside. Here it loses what could break a line, hide text or turn
its direction, and is cut to a length that fits a letter; after that it is data only.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from helpdesk.domain.addressing import carries_link, one_line
from helpdesk.domain.topics import FREE_LETTER, TOPICS, topic_letter

# One line of a letter; no name of a hospital or person comes near it.
_LONGEST_LINE = 200
_LONGEST_SUBJECT = 60

#: Known to every letter: the desk's own facts, and the case.
COMMON = frozenset(
    {
        "society",
        "desk_name",
        "desk_address",
        "telephone",
        "office_hours",
        "signature",
        "portal_url",
        "reply_days",
        "case_number",
        "addressee",
        "subject",
        "automatic",
    }
)

#: Known to every answer to a question: who answers (None: nobody, it is automatic), what
#: the rules hold of this year, and the facility's state where it may be told.
ANSWER = frozenset(
    {
        "clerk",
        "period",
        "directory_url",
        "core_requirements",
        "affiliate_requirements",
        "state",
    }
)


_FACILITY = frozenset({"facility_name", "certification_number"})
_RENEWAL = _FACILITY | {
    "opens_at",
    "closes_at",
    "closes_on",
    "as_of",
    "application_state",
    "missing_documents",
    "is_repeat",
}
_CORRECTION = _FACILITY | {"points", "due_on", "reopens_on", "screen_is_closed"}
_LINK = _FACILITY | {"core_name", "begins_on", "reply_by"}

#: Letters that the calendar writes and nobody asked for.
NOTICES: Mapping[str, frozenset[str]] = {
    "renewal_opens": _RENEWAL,
    "renewal_reminder": _RENEWAL,
    "renewal_last_days": _RENEWAL,
    "renewal_missed": _RENEWAL,
    # Wants an answer: does mail get there?
    "address_check": _RENEWAL,
    "correction_reminder": _CORRECTION | {"is_overdue", "as_of"},
    # To the core facility, about an affiliate; and to the affiliate, what became of it.
    "link_request": _LINK | {"other_count"},
    "link_reminder": _LINK | {"portal_sent_first", "as_of"},
    "link_result": _FACILITY | {"core_name", "answer"},
}

#: Letters to the secretariat itself; they belong to no case.
FOR_STAFF: Mapping[str, frozenset[str]] = {
    "digest": frozenset({"today", "sections"}),
    "registry_stale": frozenset({"campaign", "step", "due_at", "as_of"}),
    # To the officer named in the rules: what one person decided alone.
    "officer_list": frozenset({"month", "decisions"}),
}

#: Letters that a step of a campaign may name.
CAMPAIGN_LETTERS = frozenset(
    {"renewal_opens", "renewal_reminder", "renewal_last_days", "renewal_missed", "address_check"}
)

#: Letter to the variables it may use beyond COMMON.
LETTERS: Mapping[str, frozenset[str]] = {
    # A request with all its fields; the same words whatever the verdict.
    # `answered_apart`: what was asked besides gets a letter of its own.
    "receipt": frozenset({"received_at", "reply_by", "answered_apart"}),
    # Ours, but for a person to read.
    # `ask_for_text`: what matters sits in a document or is encrypted, and was not opened.
    "receipt_inquiry": frozenset({"received_at", "reply_by", "ask_for_text"}),
    # The same request sent again while it is in work.
    "receipt_again": frozenset({"received_at", "reply_by"}),
    # A request that lacks something.
    # `date_doubt`: why what stood for a birthdate could not be taken for one; see Reading.doubt.
    "missing_fields": frozenset({"missing", "form", "answered_apart", "date_doubt"}),
    # The registered address, to somebody who may know it.
    "address_told": frozenset({"address", "clerk"}),
    # To the registered address itself, and to others: where it was sent, with a hint.
    "address_at_registered": frozenset({"address", "clerk", "facility_name", "told_others"}),
    "address_hint": frozenset({"hint", "clerk"}),
    # To somebody whose identity could not be confirmed; it never says which part failed.
    "identity_unconfirmed": frozenset({"clerk"}),
    # A change on its way: to the new address, and to the old one.
    "change_confirm": frozenset({"token", "answer_by"}),
    "change_notice": frozenset(
        {"token", "facility_name", "new_hint", "until", "agreeing_ends_wait"}
    ),
    "change_stopped": frozenset(),
    "change_reverted": frozenset({"clerk", "reverted_on", "is_registered"}),
    # A change that the portal has, to the new and to the old address.
    "change_done_new": frozenset({"changed_at", "clerk"}),
    "change_done_old": frozenset({"changed_at", "clerk"}),
    # A request that is not fulfilled, and a mail that was no request; neither says why.
    "declined": frozenset({"clerk"}),
    "declined_inquiry": frozenset({"clerk"}),
    # Sealed applications that came by mail.
    "documents_by_mail": ANSWER,
    # A question that the guide answers.
    **{topic_letter(topic): ANSWER for topic in TOPICS},
    # An answer that a person writes freely between greeting and signature.
    FREE_LETTER: frozenset({"clerk"}),
    **NOTICES,
    # To an applicant, by a clerk: what must be put right.
    "correction_request": _CORRECTION | {"clerk"},
    **FOR_STAFF,
}

#: What `missing` may hold, in the order of the form.
MISSING = ("facility", "responsible_physician", "identity", "request", "new_address")

# The signature is the desk's own and the one value with lines in it.
_BLOCKS = frozenset({"signature"})

# Words of a stranger that go back to whatever From says.
_FROM_OUTSIDE = frozenset({"subject", "facility", "physician"})


def harmless(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that can stand in a letter. Raises TypeError for what is no plain value."""
    return {name: _harmless(name, value) for name, value in values.items()}


def _harmless(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _harmless_text(name, value)
    if isinstance(value, Mapping):
        return harmless(value)
    if isinstance(value, list | tuple):
        return tuple(_harmless(name, one) for one in value)
    raise TypeError(f"a letter cannot hold a {type(value).__name__} ({name})")


def _harmless_text(name: str, text: str) -> str:
    if name in _BLOCKS:
        return "\n".join(one_line(line, _LONGEST_LINE) for line in text.split("\n"))
    if name in _FROM_OUTSIDE and carries_link(text):
        return ""
    return one_line(text, _LONGEST_SUBJECT if name == "subject" else _LONGEST_LINE)


def trials(letter: str) -> list[dict[str, Any]]:
    """Return sets of values on which every branch of a letter can be tried at load."""
    common = {
        "case_number": "2026-000123",
        "received_at": "2026年11月24日（火）10:15",
        "reply_by": "2026年11月27日（金）",
        "changed_at": "2026年11月24日（火）",
        "address": "facility@hospital.example.jp",
        "clerk": "見本",
        "portal_url": "https://mypage.society.example.jp/login",
        "telephone": "03-0000-0000",
        "office_hours": "平日 10:00～17:00",
    }
    full = {"addressee": "みほん病院　見本 太郎 先生", "subject": "件名", "automatic": True}
    bare = {"addressee": "ご担当者 様", "subject": "", "automatic": False,
            "portal_url": None, "telephone": None, "office_hours": None}  # fmt: skip
    forms: list[dict[str, Any]] = [
        {"missing": MISSING, "form": _form(None)},
        *({"missing": (one,), "form": _form("見本", kind)} for one in MISSING for kind in _KINDS),
    ]
    if letter == "missing_fields":
        forms = [
            {**form, "answered_apart": apart, "date_doubt": doubt}
            for form in forms
            for apart, doubt in product((True, False), _DATE_DOUBTS)
        ]
    elif letter == "receipt":
        forms = [{"answered_apart": apart} for apart in (False, True)]
    elif letter == "receipt_inquiry":
        forms = [{"ask_for_text": asked} for asked in (False, True)]
    elif LETTERS.get(letter) is ANSWER:
        forms = _answers()
    elif letter in {**NOTICES, **FOR_STAFF} or letter == "correction_request":
        forms = notice_trials()
    else:
        forms = [*CHANGE_TRIALS]
    tried = [{**common, **end, **form} for end in (full, bare) for form in forms]
    for one in tried:  # Whoever answers is named where a person does.
        if LETTERS.get(letter) is ANSWER:
            one["clerk"] = None if one["automatic"] else "見本"
    return tried


#: What letters about an address and its change say, and as little as they may.
CHANGE_TRIALS: tuple[dict[str, Any], ...] = (
    {
        "token": "0a1b2-c3d4e-5f6g7-h8j9k-mnpqrs",
        "answer_by": "2026年12月1日（火）",
        "facility_name": "みほん病院",
        "new_hint": "n***@hospital.example.jp",
        "hint": "f***@hospital.example.jp",
        "until": "2026年11月27日（金）10:15",
        "agreeing_ends_wait": True,
        "reverted_on": "2026年11月24日（火）",
        "is_registered": True,
        "told_others": True,
    },
    {
        "token": "0a1b2-c3d4e-5f6g7-h8j9k-mnpqrs",
        "answer_by": "2026年12月1日（火）",
        "facility_name": "",
        "new_hint": "***@hospital.example.jp",
        "hint": None,
        "until": None,
        "agreeing_ends_wait": False,
        "reverted_on": "2026年11月24日（火）",
        "is_registered": False,
        "told_others": False,
    },
)


def _answers() -> list[dict[str, Any]]:
    period = {
        "opens": "2027年2月1日（月）0:00",
        "closes": "2027年2月28日（日）23:59",
        "next_opens": "2028年2月1日（火）0:00",
        "next_closes": "2028年2月28日（月）23:59",
    }
    common = {
        "core_requirements": ("「緩和医療指導医」が1名以上常勤していること",),
        "affiliate_requirements": ("基幹施設と連携していること",),
    }
    documents = ({"name": "申請書", "done": True}, {"name": "概要書", "done": False})
    states = (
        {"as_of": "2027年2月1日（月）", "application": "入力中", "documents": documents},
        {"as_of": "2027年2月1日（月）", "application": "", "documents": ()},
        None,
    )
    periods: list[dict[str, Any] | None] = [
        {**period, "state": name, "days_left": left}
        for name, left in (("open", 3), ("open", 0), ("before", 60), ("over", -3))
    ]
    return [
        {**common, "period": one, "state": state, "directory_url": url}
        for one in (*periods, None)
        for state, url in zip(states, ("https://society.example.jp/list", None, None), strict=True)
    ]


_DATE_DOUBTS = (
    *(None, "impossible", "two_digit_year", "day_or_month", "two dates that differ"),
    *("two numbers that differ", "unclear number", "somebody else's"),
)

_KINDS = (None, "confirm_address", "change_address", "both", "other")


def _form(value: str | None, kind: str | None = None) -> dict[str, Any]:
    return {
        "facility": value,
        "physician": value,
        "identity_received": value is not None,
        "request": kind,
        "new_address": "new@hospital.example.jp" if value else None,
    }


def notice_trials() -> list[dict[str, Any]]:
    """Return values for letters about deadlines: everything said, and as little as may be."""
    full: dict[str, Any] = {
        "facility_name": "みほん病院",
        "certification_number": "K9001",
        "opens_at": "2027年2月1日（月）0:00",
        "closes_at": "2027年2月28日（日）23:59",
        "closes_on": "2027年2月28日（日）",
        "as_of": "2027年2月10日（水）",
        "application_state": "未申請",
        "missing_documents": ["申請書", "概要書", "公印書類"],
        "points": [["一行目の内容", "二行目の内容"], ["もう一つの内容"]],
        "due_on": "2027年2月26日（金）",
        "reopens_on": "2027年3月10日（水）",
        "screen_is_closed": False,
        "is_repeat": True,
        "is_overdue": True,
        "core_name": "みほん中央病院",
        "begins_on": "2027年4月1日（木）",
        "reply_by": "2027年4月15日（木）",
        "other_count": 2,
        "portal_sent_first": True,
        "answer": "accepted",
        "today": "2027年2月10日（水）",
        "sections": [{"title": "承認待ち", "total": 2, "lines": ["2026-000123"], "more": 1}],
        "campaign": "renewal",
        "step": "opens",
        "due_at": "2027年2月1日（月）9:00",
        "month": "2027年1月",
        "decisions": ["2026-000123 メールアドレスの変更 佐藤"],
    }
    bare = {
        "application_state": None,
        "missing_documents": [],
        "reopens_on": None,
        "screen_is_closed": True,
        "is_repeat": False,
        "is_overdue": False,
        "reply_by": None,
        "other_count": 0,
        "portal_sent_first": False,
        "answer": "declined",
        "sections": [{"title": "承認待ち", "total": 0, "lines": [], "more": 0}],
        "decisions": [],
    }
    return [full, {**full, **bare}, {**full, "application_state": "修正依頼中"}]
