"""Digests under a key: HMAC with SHA-256 (RFC 2104), the key's own blocks taken in once.

A mail takes two dozen of them under five keys. To begin with the key each time takes twice
as long as the text does, and the one-step function of the standard library gives the
interpreter away each time, so that the thread waits for its turn two dozen times.
"""

from __future__ import annotations

import hmac
from functools import lru_cache

# Keys of one process: the secret key and what is derived from it.
_KEYS = 32


def keyed_digest(key: bytes, text: bytes) -> bytes:
    """Return the 32 bytes of a text's digest under a key."""
    begun = _begun(key).copy()
    begun.update(text)
    return begun.digest()


@lru_cache(maxsize=_KEYS)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
