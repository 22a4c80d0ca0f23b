"""From the bytes of a mail to what the person wrote."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.message import Message, read_message
from tests import mails


def build(**headers: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = headers.pop("From", "a@x.test")
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    return letter


def body_of(raw: bytes) -> str:
    return read_message(raw).body.strip()


def test_headers_and_text_of_a_plain_mail() -> None:
    message = read_message(mails.mail("本文です。", message_id="<a@x.test>", subject="件名①"))
    assert message.subject == "件名①"
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("見本 太郎", mails.HEAD)
    assert message.message_id == "<a@x.test>"
    assert (message.body.strip(), message.text.strip()) == ("本文です。", "本文です。")


def test_outlooks_jis_in_header_and_body() -> None:
    message = read_message(mails.outlook_mail("①髙﨑㈱", message_id="<a@x.test>"))
    assert message.subject == mails.SUBJECT
    assert message.body.strip() == "①髙﨑㈱"


def test_plain_version_is_preferred_to_html() -> None:
    letter = build()
    letter.set_content("plain")
    letter.add_alternative("<p>html</p>", subtype="html")
    assert body_of(letter.as_bytes()) == "plain"


def test_html_version_is_read_where_the_plain_one_is_empty() -> None:
    letter = build()
    letter.set_content("\n")
    letter.add_alternative("<p>本文</p>", subtype="html")
    assert body_of(letter.as_bytes()) == "本文"


def test_html_keeps_label_and_value_together_and_hidden_text_hidden() -> None:
    letter = build()
    html = (
        "<table><tr><td>施設名</td><td>みほん病院</td></tr></table>"
        '<div style="display:none">見えない</div><p>最後</p>'
    )
    letter.set_content(html, subtype="html")
    body = body_of(letter.as_bytes())
    assert "施設名  みほん病院" in body
    assert "見えない" not in body


def test_quotation_that_html_marks_is_set_apart() -> None:
    letter = build()
    letter.set_content("<p>答えです</p><blockquote>元の文</blockquote>", subtype="html")
    message = read_message(letter.as_bytes())
    assert (message.text.strip(), message.quoted.strip()) == ("答えです", "元の文")


def test_attachments_are_listed_under_a_safe_name_and_not_read() -> None:
    letter = build()
    letter.set_content("text")
    letter.add_attachment(
        b"%PDF-1", maintype="application", subtype="pdf", filename="../申請書.pdf"
    )
    (found,) = read_message(letter.as_bytes()).attachments
    assert (found.name, found.type, found.size) == ("申請書.pdf", "application/pdf", 6)


def test_mail_inside_the_mail_is_read_as_quoted() -> None:
    letter = build()
    letter.set_content("転送します")
    inner = build()
    inner.set_content("中の文")
    letter.add_attachment(inner)
    message = read_message(letter.as_bytes())
    assert message.text.strip() == "転送します"
    assert "中の文" in message.quoted


def test_two_from_headers_name_nobody() -> None:
    raw = b"From: a@x.test\r\nFrom: b@x.test\r\n\r\nx"
    assert read_message(raw).sender is None


@pytest.mark.parametrize(("raw", "expected"), [(b"<>", ""), (b"<a@x.test>", "a@x.test")])
def test_return_path(raw: bytes, expected: str) -> None:
    assert read_message(b"Return-Path: " + raw + b"\r\n\r\n").return_path == expected
    assert read_message(b"From: a@x.test\r\n\r\n").return_path is None


def test_soft_line_breaks_are_joined() -> None:
    raw = b"Content-Type: text/plain; format=flowed\r\n\r\nlong \r\nline\r\n> quoted \r\n-- \r\nsig"
    assert read_message(raw).body.startswith("long line\n> quoted")


def dsn(status: str) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.test\r\nContent-Type: multipart/report;"
        " report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.test\r\n\r\n"
        f"Final-Recipient: rfc822; gone@x.test\r\nAction: failed\r\nStatus: {status}\r\n\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nMessage-ID: <our@society.example.jp>\r\n\r\nx\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(("status", "permanent"), [("5.1.1", True), ("4.4.7", False)])
def test_bounce_names_address_letter_and_whether_it_is_final(status: str, permanent: bool) -> None:
    bounce = read_message(dsn(status)).bounce
    assert bounce is not None
    assert (bounce.address, bounce.permanent) == ("gone@x.test", permanent)
    assert bounce.original_message_id == "<our@society.example.jp>"


def nested(depth: int) -> bytes:
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    return head + b"\r\nx"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b'From: <\r\nTo: "\r\nMessage-ID: <[\r\nDate: x\r\n\r\n',
        nested(1200),
        b"Subject: " + b"a" * 1_000_000 + b"\r\n\r\nx",
        b"X: y\r\n" * 100_000 + b"\r\nx",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"x",
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B" * 50_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"A" * 999_999,
        b"To: " + b"a@x.test, " * 50_000 + b"\r\n\r\nx",
        b"\r\n\r\n" + "施設責任者".encode() * 60_000,
        b"\r\n\r\n" + b"1968 " * 40_000,
        b"Content-Type: a/b" + b"; a*0=x" * 20_000 + b"\r\n\r\n",
    ],
    ids=range(14),
)
def test_hostile_mail_is_read_in_time(raw: bytes) -> None:
    from helpdesk.domain.request import read_request

    began = time.process_time()
    read_request(read_message(raw))
    # A bound against growth with the square, far above what it takes.
    assert time.process_time() - began < 5


@given(st.binary(max_size=500))
def test_no_bytes_ever_raise(raw: bytes) -> None:
    assert isinstance(read_message(raw), Message)


@given(st.text(max_size=300))
def test_segments_cover_the_body_without_gaps(text: str) -> None:
    message = read_message(
        mails.mail(
            text.replace("\r", "").replace("\x00", "").encode("utf-8", "replace").decode(),
            message_id="<a@x.test>",
        )
    )
    position = 0
    for segment in message.segments:
        assert segment.start == position
        position = segment.end
    assert position == len(message.body)


def test_real_mails_of_other_projects_are_read(shared_folder: Path) -> None:
    corpus = shared_folder / "corpus" / "mail"
    unreadable = [
        path.name
        for path in sorted(corpus.iterdir())
        if path.is_file()
        and any("unreadable" in d for d in read_message(path.read_bytes()).defects)
    ]
    assert unreadable == []
