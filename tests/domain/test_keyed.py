"""Digests under a key are HMAC-SHA-256, whoever asked for which before."""

from __future__ import annotations

import hmac

import pytest

from helpdesk.domain.keyed import keyed_digest


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 100_000])
def test_digests_are_those_of_the_standard(length: int) -> None:
    texts = [b"", b"x", "確認番号".encode() * 30_000]
    keys = [bytes([number]) * length for number in (1, 2)]
    for text in texts:
        for key in keys:
            assert keyed_digest(key, text) == hmac.digest(key, text, "sha256")


def test_digest_of_rfc_4231() -> None:
    """Test case 2 of section 4.3."""
    found = keyed_digest(b"Jefe", b"what do ya want for nothing?")
    assert found.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
