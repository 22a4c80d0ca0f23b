"""Bytes and labels as they come, and the text that was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.charset import decode, decode_jis
from helpdesk.domain.jis import _with_modes, _without_faults
from tests.mails import jis

SENTENCE = "施設マイページ：メールアドレスについて、お願いします。"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("shift_jis", "cp932"),
        ("x-sjis", "cp932"),
        ("Windows-31J", "cp932"),
        ("sjis-win", "cp932"),
        ("euc-jp", "euc_jp"),
        ("eucJP-ms", "euc_jp"),
        ("cp51932", "euc_jp"),
        (None, "utf-8"),
        (None, "cp932"),
        (None, "euc_jp"),
        ("us-ascii", "utf-8"),  # a lying label
        ("shift_jis", "utf-8"),  # another one
        ("unknown-8bit", "cp932"),
        ("no-such-charset", "utf-8"),
    ],
)
def test_text_is_read_under_every_label_that_occurs(label: str | None, codec: str) -> None:
    assert decode(SENTENCE.encode(codec), label).text == SENTENCE


@pytest.mark.parametrize(
    "label", ["iso-2022-jp", "ISO-2022-JP-MS", "cp50220", "us-ascii", None, "utf-8"]
)
def test_outlooks_jis_keeps_circled_numbers_and_name_characters(label: str | None) -> None:
    text = "①確認 ②登録 髙橋 﨑山 ㈱ Ⅰ ｶﾅ abc\n次の行"
    assert decode(jis(text), label).text == text


def test_every_double_byte_character_of_cp932_survives_jis() -> None:
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xF0)):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)):
            try:
                char = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
            assert decode_jis(jis(char)) == char


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'\x1b$B$"', "あ"),  # no escape back to ASCII at the end
        (b'\x1b$B$"$', "あ�"),  # cut inside a character
        (b"\x1b$B\xa4\xa2\x1b(B", "あ"),  # with the eighth bit set
        (b"\x0e\xb1\xb2\x0fA", "ｱｲA"),  # shifted half-width kana
        (b"A\x1b(JB\x1b(B", "AB"),  # JIS Roman
    ],
)
def test_broken_jis_gives_what_can_be_had(raw: bytes, text: str) -> None:
    assert decode_jis(raw) == text


_PIECES = [
    b"\x1b$B",
    b"\x1b$@",
    b"\x1b(B",
    b"\x1b(J",
    b"\x1b(I",
    b"\x1b$(D",
    b"\x1b",
    b"\x0e",
    b"\x0f",
]
_PIECES += [
    b"\n",
    b"\r\n",
    b"A",
    b" ",
    b'$"',
    b"-!",
    b"|q",
    b"!@",
    b"~~",
    b"\xb1",
    b"\xa4\xa2",
    b"$",
    b"(",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_jis_that_is_decoded_at_once_says_what_its_modes_say(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert decode_jis(raw) == _with_modes(raw)


def test_ordinary_jis_is_decoded_at_once() -> None:
    assert _without_faults(jis(SENTENCE + "\n①㈱髙")) == SENTENCE + "\n①㈱髙"


def test_short_euc_is_not_taken_for_half_width_kana() -> None:
    assert decode("お願いします".encode("euc_jp"), None).text == "お願いします"


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "utf-7", "rot13"]),
)
def test_no_bytes_ever_raise(raw: bytes, label: str | None) -> None:
    assert isinstance(decode(raw, label).text, str)
