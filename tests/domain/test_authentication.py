"""Authentication-Results: believed from the configured server, on top, and from nobody else."""

from __future__ import annotations

import pytest

from helpdesk.domain.authentication import Authentication, read_authentication
from helpdesk.domain.message import read_message

OURS = "mx.society.example.jp"
PASS = Authentication("pass", "pass", "pass", aligned=True)


def read(*headers: str, sender: str = "taro@mihon.example.jp") -> Authentication | None:
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in headers)
    message = read_message(f"{lines}From: {sender}\r\n\r\nx".encode())
    return read_authentication(message, OURS)


FULL = (
    f"{OURS};\r\n spf=pass (sender IP is 192.0.2.1; yes) smtp.mailfrom=mihon.example.jp;\r\n"
    " dkim=pass (2048-bit key) header.d=mihon.example.jp; dmarc=pass action=none header.from=mihon.example.jp"
)
FORGED = (
    "mx.evil.test; spf=pass smtp.mailfrom=mihon.example.jp; dmarc=pass header.from=mihon.example.jp"
)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((FULL,), PASS),
        ((FULL, FORGED), PASS),
        ((FORGED, FULL), None),  # another's stands on top
        ((FORGED,), None),
        ((), None),
        ((f"{OURS} 1; spf=fail smtp.mailfrom=x@mihon.example.jp",), Authentication("fail", None, None, aligned=False)),
        # passed for somebody else's domain
        ((f"{OURS}; spf=pass smtp.mailfrom=a@evil.test; dkim=pass header.d=evil.test",), Authentication("pass", "pass", None, aligned=False)),
        ((f"{OURS}; dkim=pass header.d=example.jp",), Authentication(None, "pass", None, aligned=True)),
        ((f"{OURS}; dkim=pass header.d=jp",), Authentication(None, "pass", None, aligned=False)),
        ((f"{OURS}; dkim=fail header.d=a.test; dkim=pass header.d=mihon.example.jp",), Authentication(None, "pass", None, aligned=True)),
        ((f"{OURS}; none",), Authentication(None, None, None, aligned=False)),
        ((f"{OURS}.evil.test; spf=pass",), None),
    ],
)  # fmt: skip
def test_verdict_of_our_own_server(headers: tuple[str, ...], found: Authentication | None) -> None:
    assert read(*headers) == found


def test_a_public_suffix_aligns_with_nobody() -> None:
    found = read(f"{OURS}; dkim=pass header.d=or.jp", sender="a@hospital.or.jp")
    assert found is not None
    assert not found.aligned


def test_nothing_is_believed_where_no_server_is_configured() -> None:
    assert (
        read_authentication(read_message(f"Authentication-Results: {FULL}\r\n\r\nx".encode()), None)
        is None
    )


@pytest.mark.parametrize(
    "results",
    [
        # The local part of an envelope address is whoever sends it's to choose.
        'spf=pass smtp.mailfrom="x; dmarc=pass header.from=mihon.example.jp"@evil.test',
        'spf=pass smtp.mailfrom="a@mihon.example.jp"@evil.test',
        'spf=pass smtp.mailfrom="a\\"; dmarc=pass header.from=mihon.example.jp; "@evil.test',
        'spf=pass (MX: domain of "x) ; dmarc=pass header.from=mihon.example.jp (y"@evil.test ok) smtp.mailfrom=evil.test',
        "dkim=pass header.d=mihon.example.jp; dmarc=fail header.from=mihon.example.jp",
        "spf=pass (unclosed ; dmarc=pass header.from=mihon.example.jp",
    ],
)
def test_what_a_stranger_writes_into_the_verdict_aligns_nothing(results: str) -> None:
    found = read(f"{OURS}; {results}")
    assert found is None or not found.aligned
