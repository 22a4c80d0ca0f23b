"""The shape of a mail address, and the first line of a letter."""

from __future__ import annotations

import pytest

from helpdesk.domain.addressing import addressee, carries_link, is_mail_address, one_line


@pytest.mark.parametrize(
    ("text", "good", "why"),
    [
        ("desk@society.example.jp", True, "plain"),
        ("Taro.Mihon+portal@HOSPITAL.example.jp", True, "case and a tag"),
        ("a..b.@docomo.example.jp", True, "dots as docomo gave them out"),
        ("x@localhost", True, "a host without a dot"),
        ("", False, "nothing"),
        ("x@", False, "no domain"),
        ("@example.jp", False, "no local part"),
        ("a@b@example.jp", False, "two @"),
        ("x@-example.jp", False, "a label cannot begin with a hyphen"),
        ("x@example..jp", False, "an empty label"),
        ("x@example.jp\r\nBcc: y@example.jp", False, "a header smuggled in"),
        ("x@example.jp\n", False, "a newline at the end"),
        ("x@example.jp\x00", False, "NUL"),
        ("x y@example.jp", False, "a space"),
        ("<x@example.jp>", False, "brackets"),
        ("見本@example.jp", False, "not ASCII"),
        ("x＠example.jp", False, "full-width @"),
        ("x@日本.example", False, "not ASCII in the domain"),
        ("x" * 65 + "@example.jp", False, "local part too long"),
        ("x@" + "a" * 63 + "." + ("b" * 60 + ".") * 4 + "jp", False, "longer than SMTP takes"),
        ("x@[192.0.2.1]", False, "a literal"),
        ('"a b"@example.jp', False, "quoted"),
    ],
)
def test_mail_address_is_one_plain_ascii_addr_spec(text: str, good: bool, why: str) -> None:
    assert is_mail_address(text) is good, why


@pytest.mark.parametrize(
    ("facility", "physician", "sender", "by_physician", "line", "why"),
    [
        ("みほん病院", "見本 太郎", None, True, "みほん病院　見本 太郎 先生", "all known"),
        (None, "見本 太郎", None, True, "見本 太郎 先生", "hospital unknown"),
        (
            "みほん病院",
            "見本 太郎 先生",
            None,
            True,
            "みほん病院　見本 太郎 先生",
            "one title only",
        ),
        (
            "みほん病院御中",
            "見本 太郎",
            None,
            True,
            "みほん病院　見本 太郎 先生",
            "no 御中 with it",
        ),
        ("みほん病院", "見本 太郎", "事務 花子", False, "事務 花子 様", "a clerk wrote"),
        ("みほん病院", None, "事務 花子様", True, "事務 花子 様", "no physician named"),
        ("みほん病院", None, None, True, "ご担当者 様", "nobody named"),
        (None, None, "", False, "ご担当者 様", "an empty name"),
        (None, None, "x@hospital.example.jp", False, "ご担当者 様", "the address as name"),
        (None, None, "http://evil.example", False, "ご担当者 様", "a link as name"),
        (None, None, "長" * 41, False, "ご担当者 様", "no name is so long"),
        (None, None, "花子\r\nBcc: x", False, "花子 Bcc: x 様", "breaks become a space"),
        (None, None, "花\u202e子\u200b", False, "花子 様", "marks that turn or hide text"),
        ("長" * 41, "見本 太郎", None, True, "見本 太郎 先生", "hospital's name too long"),
    ],
)
def test_first_line_names_who_wrote(
    facility: str | None,
    physician: str | None,
    sender: str | None,
    by_physician: bool,
    line: str,
    why: str,
) -> None:
    assert addressee(facility, physician, sender, by_physician=by_physician) == line, why


@pytest.mark.parametrize("text", ["見\u2028本", "見\u2029本", "見\r\n本", "見\t本", "見\x85本"])
def test_every_kind_of_line_break_becomes_a_space(text: str) -> None:
    assert one_line(text, 10) == "見 本"


def test_long_line_is_cut_visibly() -> None:
    assert one_line("見" * 11, 10) == "見" * 9 + "…"
    assert one_line("見" * 10, 10) == "見" * 10


def test_lone_surrogate_is_dropped() -> None:
    assert one_line("見\ud800本", 10) == "見本"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("みほん病院", False),
        ("https://evil.example", True),
        ("ｈｔｔｐ：／／evil.example", True),
        ("至急 WWW.evil.example", True),
        ("awww病院", False),
    ],
)
def test_links_are_seen(text: str, link: bool) -> None:
    assert carries_link(text) is link
