"""Our own question for what is missing, answered in the ways that people answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import missing_of, read_request
from helpdesk.domain.request_policy import merge_fields
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import shipped_folder
from tests import mails

KNOWN: dict[str, str | None] = {
    "facility_name": "みほん病院",
    "certification_number": "K0101",
    "responsible_physician": "見本 太郎",
    "member_number": "123456",
    "birthdate": None,
    "request": "change_address",
    "new_address": "new@mihon.example.jp",
}
BOOK = LetterBook.load(
    shipped_folder() / "templates", load_rules(shipped_folder() / "mailbox_rules.yaml")
)


def question(known: dict[str, str | None]) -> str:
    values = {
        "case_number": "2026-000123",
        "subject": "x",
        "addressee": "見本 太郎 先生",
        "automatic": True,
        "missing": list(missing_of(known)),
        "form": {
            "facility": known["facility_name"],
            "physician": known["responsible_physician"],
            "identity_received": bool(known["member_number"]),
            "request": known["request"],
            "new_address": known["new_address"],
        },
    }
    return BOOK.render("missing_fields", values).body


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


ATTRIBUTION = "2026年11月24日(火) 10:00 事務局 <desk@society.example.jp>:\n\n"

GAPS = {
    "identity": ({"member_number": None}, "3）", "会員番号 123456", "会員番号：123456"),
    "new_address": (
        {"new_address": None},
        "新しいメールアドレス",
        "new@mihon.example.jp",
        "new@mihon.example.jp",
    ),
    "physician": ({"responsible_physician": None}, "2）", "見本 太郎", "責任者：見本 太郎"),
    "facility": (
        {"facility_name": None, "certification_number": None},
        "1）",
        "みほん病院（K0101）",
        "施設名：みほん病院（K0101）",
    ),
}


def fill(letter: str, mark: str, value: str) -> str:
    """Write a value behind the label that carries `mark`, as people do."""
    lines = letter.splitlines()
    ruled = [index for index, line in enumerate(lines) if line.startswith("-----")]
    for index in range(ruled[0], len(lines)):
        if mark in lines[index]:
            lines[index] += value
            break
    return "\n".join(lines)


def above(letter: str, _mark: str, _value: str, short: str) -> str:
    return f"{short}\nよろしくお願いいたします。\n\n{ATTRIBUTION}{quoted(letter)}"


def inside(letter: str, mark: str, value: str, _short: str) -> str:
    return f"記入しました。\n\n{ATTRIBUTION}{quoted(fill(letter, mark, value))}"


def unquoted(letter: str, mark: str, value: str, _short: str) -> str:
    """The form copied into a new mail."""
    form = fill(letter, mark, value)
    return form[form.index("-----") : form.rindex("-----")]


@pytest.mark.parametrize("way", [above, inside, unquoted])
@pytest.mark.parametrize("gap", GAPS)
def test_answer_completes_the_request(gap: str, way: Callable[..., str]) -> None:
    change, mark, value, short = GAPS[gap]
    known = {**KNOWN, **change}
    body = way(question(known), mark, value, short)
    reading = read_request(read_message(mails.mail(body, message_id="<a@x.test>")))
    merged = merge_fields(known, reading.values())
    assert missing_of(merged) == ()
    assert {k: v for k, v in merged.items() if k != "certification_number"} == {
        k: v for k, v in KNOWN.items() if k != "certification_number"
    }


def test_our_form_sent_back_untouched_adds_nothing_wrong() -> None:
    known = {**KNOWN, "member_number": None}
    body = f"承知しました。\n\n{ATTRIBUTION}{quoted(question(known))}"
    reading = read_request(read_message(mails.mail(body, message_id="<a@x.test>")))
    merged = merge_fields(known, reading.values())
    assert missing_of(merged) == ("identity",)
