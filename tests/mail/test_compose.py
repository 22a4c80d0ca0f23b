"""The bytes of a letter, as the standard library's strict reader sees them."""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from helpdesk.mail.compose import ComposeError, Rendered, build_mail

OWN_ID = "<helpdesk.2026-000123.0123456789ab.0123456789abcdef@society.example.jp>"
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Helpdesk-Letter", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    name: str = "日本みほん医学会 事務局"
    address: str = "desk@society.example.jp"


def build(subject: str = "件名", body: str = "本文\n", **changed: Any) -> bytes:
    values: dict[str, Any] = {
        "letter": "receipt",
        "sender": Desk(),
        "to": "head@hospital.example.jp",
        "message_id": OWN_ID,
        "date": datetime(2026, 11, 24, 1, 15, tzinfo=UTC),
        "in_reply_to": "<asked@hospital.example.jp>",
        "references": ["<asked@hospital.example.jp>"],
        "automatic": True,
        **changed,
    }
    return build_mail(Rendered(subject, body), **values)


def read(source: bytes) -> EmailMessage:
    return email.message_from_bytes(source, policy=email.policy.default)


def test_letter_is_read_back_as_it_was_written() -> None:
    mail = read(
        build("Re: 件名 【日本みほん医学会】［受付番号 2026-000123］", "一行目\n\n三行目\n")
    )
    assert mail["From"].addresses[0].display_name == "日本みほん医学会 事務局"
    assert mail["From"].addresses[0].addr_spec == "desk@society.example.jp"
    assert mail["To"].addresses[0].addr_spec == "head@hospital.example.jp"
    assert mail["Subject"] == "Re: 件名 【日本みほん医学会】［受付番号 2026-000123］"
    assert mail["Date"] == "Tue, 24 Nov 2026 10:15:00 +0900"
    assert mail["Message-ID"] == OWN_ID
    assert mail["In-Reply-To"] == "<asked@hospital.example.jp>"
    assert mail["References"] == "<asked@hospital.example.jp>"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "一行目\r\n\r\n三行目\r\n"
    assert list(mail.keys()) == HEADERS
    assert not mail.defects
    assert not any(mail[name].defects for name in HEADERS)


@pytest.mark.parametrize(
    ("automatic", "value"), [(True, "auto-replied"), (False, "auto-generated")]
)
def test_every_letter_says_that_no_machine_should_answer(automatic: bool, value: str) -> None:
    mail = read(build(automatic=automatic))
    assert mail["Auto-Submitted"] == value
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Helpdesk-Letter"] == "receipt"


def test_letter_that_nobody_asked_for_lets_bounces_come() -> None:
    """MS-OXCMAIL 2.1.3.2.20: `All` would suppress reports of non-delivery as well."""
    mail = read(build(automatic=False, bounces_wanted=True))
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"


@pytest.mark.parametrize(
    "text",
    ["a", "plain ASCII", "件名", "見" * 200, "🏥" * 60, "A件" * 77, "邉\U000e0101" * 40,
     "=?utf-8?q?=0d=0aBcc:_x@y?=", "x" * 300, "", '見"本\\', "“’", "見本 " * 40],
)  # fmt: skip
def test_any_subject_and_name_survive_and_lines_stay_short(text: str) -> None:
    source = build(text, sender=Desk(name=text))
    assert read(source)["Subject"] == text
    assert name_in(source) == text
    for line in source.split(b"\r\n"):
        if b"=?utf-8?" in line:
            assert len(line) <= 76
            assert all(len(word) <= 75 for word in line.split())


def name_in(source: bytes) -> str:
    """Return the name in From; the strict reader of 3.11 puts blanks between encoded-words."""
    written = email.message_from_bytes(source)["From"]
    phrase, _ = email.utils.parseaddr(written)
    return str(email.header.make_header(email.header.decode_header(phrase)))


def test_each_encoded_word_holds_whole_characters() -> None:
    head = build("見" * 100).split(b"Subject: ")[1].split(b"\r\nDate")[0]
    for word in head.split():
        (one, charset), *rest = email.header.decode_header(word.decode())
        assert not rest
        assert isinstance(one, bytes)
        assert set(one.decode(charset or "")) == {"見"}


def test_lines_end_in_crlf_and_the_body_is_base64() -> None:
    source = build(body="見本\n" * 500)
    assert b"\n" not in source.replace(b"\r\n", b"")
    assert source.endswith(b"\r\n")
    assert source.isascii()


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "x@example.jp\r\nBcc: y@example.jp"},
        {"to": "見本@example.jp"},
        {"to": "x@example.jp, y@example.jp"},
        {"to": ""},
        {"sender": Desk(address="desk@society.example.jp>\r\nBcc: <y@example.jp")},
        {"sender": Desk(name="事務局\r\nBcc: y@example.jp")},
        {"sender": Desk(name="desk\nBcc: y@example.jp")},
        {"subject": "件名\r\nBcc: y@example.jp"},
        {"subject": "subject\nBcc: y@example.jp"},
        {"subject": "件名\u2028Bcc"},
        {"subject": "件\x00名"},
        {"message_id": "<a b@example.jp>"},
        {"message_id": "<a@example.jp>\r\nBcc: y@example.jp"},
        {"letter": "receipt\r\nBcc: y@example.jp"},
        {"letter": "Receipt"},
    ],
)
def test_value_that_could_begin_a_header_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ComposeError):
        build(**changed)


@pytest.mark.parametrize(
    ("foreign", "why"),
    [
        ("<a@b>\r\nBcc: y@example.jp", "a header smuggled in"),
        ("<a b@c>", "a space"),
        ("a@b", "no brackets"),
        ("<>", "empty"),
        ("<" + "x" * 4000 + "@b>", "an id of four kilobytes"),
        ("<見本@b>", "not ASCII"),
        ("<a@b><c@d>", "two in one"),
    ],
)
def test_foreign_id_without_a_place_in_a_header_is_left_out(foreign: str, why: str) -> None:
    mail = read(build(in_reply_to=foreign, references=[foreign, "<good@b>"]))
    assert mail["In-Reply-To"] is None, why
    assert mail["References"] == "<good@b>", why


def test_letter_that_answers_nothing_has_no_thread() -> None:
    mail = read(build(in_reply_to=None, references=[]))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_long_thread_keeps_its_first_and_latest_ids() -> None:
    ids = [f"<{number}@example.jp>" for number in range(500)]
    found = str(read(build(in_reply_to=ids[-1], references=ids))["References"]).split()
    assert found[0] == ids[0]
    assert found[-1] == ids[-1]
    assert len(found) == 20


def test_answered_mail_stands_last_and_once_in_the_thread() -> None:
    mail = read(build(in_reply_to="<b@x>", references=["<b@x>", "<a@x>", "<a@x>"]))
    assert str(mail["References"]).split() == ["<a@x>", "<b@x>"]


@pytest.mark.parametrize(
    "address", ["a..b@docomo.example.jp", "a.@docomo.example.jp", "x@localhost"]
)
def test_address_with_odd_dots_is_written_as_it_is(address: str) -> None:
    assert f"\r\nTo: {address}\r\n".encode() in build(to=address)
