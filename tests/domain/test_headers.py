"""Header values as people meant them, and as attackers wrote them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.headers import (
    Address,
    decode_header,
    display_name,
    parse_addresses,
    parse_date,
    parse_ids,
    parse_parameters,
)


def word(octets: bytes, charset: str = "utf-8") -> str:
    return f"=?{charset}?B?{base64.b64encode(octets).decode()}?="


def test_character_split_over_two_encoded_words_is_joined() -> None:
    octets = "施設".encode()
    assert decode_header(f"{word(octets[:4])}\r\n {word(octets[4:])}") == "施設"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        ("施設".encode(), "施設"),  # raw 8-bit
        ("施設".encode("cp932"), "施設"),
        (b"\x1b$B;\\@_\x1b(B", "施設"),  # raw JIS
        (b"=?utf-8?Q?=E6=96=BD=E8=A8=AD_a?=", "施設 a"),
        (b"=?UTF-8*ja?B?5pa96Kit?=", "施設"),  # RFC 2231 language
        (b"=?utf-8?B?5pa96Kit", "施設"),  # cut off: what is there is read
        (b"=?utf-8?q?=0d=0aBcc:_x@y?=", "Bcc: x@y"),  # no line break gets through
        (b"a\r\n b", "a b"),
    ],
)
def test_header_text(raw: bytes, text: str) -> None:
    assert decode_header(raw) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"山田 太郎" <Taro@H.Example.JP>', Address("山田 太郎", "Taro@h.example.jp")),
        ("taro@h.example.jp", Address("", "taro@h.example.jp")),
        ("<a..b.@docomo.example.jp>", Address("", "a..b.@docomo.example.jp")),  # carriers
        ("taro@h.example.jp (Yamada)", Address("Yamada", "taro@h.example.jp")),
        ('"x@society.example.jp" <e@evil.test>', Address("x@society.example.jp", "e@evil.test")),
    ],
)
def test_one_plain_mailbox(raw: str, expected: Address) -> None:
    assert parse_addresses(raw) == ((expected,), True)


@pytest.mark.parametrize(
    "raw",
    [
        "<",
        '"',
        "a@[",
        "a@b)c@d",
        "group: a@b.test;",
        "<a@b.test> <c@d.test>",
        "a@b@c.test",
        "",
        "x" * 70 + "@a.test",
    ],
)
def test_what_is_not_one_plain_mailbox_names_nobody(raw: str) -> None:
    found, plain = parse_addresses(raw)
    assert not (plain and len(found) == 1)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('a/b; name="x.pdf"', "x.pdf"),
        ("a/b; name*=utf-8''%E7%94%B3.pdf", "申.pdf"),
        ("a/b; name*0*=utf-8''%E7%94; name*1*=%B3.pdf", "申.pdf"),
        (f'a/b; name="{word("申請.pdf".encode())}"', "申請.pdf"),
        ('a/b; name="a\\"b"', 'a"b'),
    ],
)
def test_file_names_in_every_style(raw: str, name: str) -> None:
    assert parse_parameters(raw)[1]["name"] == name


def test_ids_and_dates_of_bad_headers_are_absent() -> None:
    assert parse_ids(b"<[ <> <a b> <c@d.test>") == ("<c@d.test>",)
    assert parse_date(b"31 Feb 99999") is None


@given(st.text(max_size=200))
def test_no_header_ever_raises_or_keeps_a_line_break(text: str) -> None:
    assert not set(decode_header(text)) & set("\r\n\x00")
    parse_addresses(text)
    parse_parameters(text)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (r'"見本 \"太郎\""', '見本 "太郎"'),
        ('見本 "太郎"', '見本 "太郎"'),
        ('"見本 太郎"', "見本 太郎"),
        ('"見本 太郎', "見本 太郎"),
        ("=?utf-8?b?Iuimi+acrCI=?=", "見本"),
    ],
)
def test_quotes_inside_a_display_name_stay(raw: str, name: str) -> None:
    assert display_name(raw) == name
