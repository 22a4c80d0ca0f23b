"""Nonces of the vault: never twice, in no thread and in no forked child."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor

from helpdesk.store.vault import Vault

VAULT = Vault({"abcdef": b"k" * 32}, "abcdef", b"i" * 32)


def nonce_of(_number: int = 0) -> bytes:
    return base64.b64decode(VAULT.seal("1968-04-09").rpartition(":")[2])[:12]


def test_no_nonce_serves_twice() -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(nonce_of, range(2_000)))
    assert len(set(drawn)) == len(drawn)


def test_a_forked_child_draws_its_own() -> None:
    nonce_of()  # More lie drawn in the memory that the child gets.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(nonce_of() for _ in range(20)))
        os._exit(0)
    os.waitpid(child, 0)
    octets = os.read(read, 4_096)
    os.close(read)
    os.close(write)
    theirs = {octets[start : start + 12] for start in range(0, len(octets), 12)}
    assert len(theirs) == 20
    assert theirs.isdisjoint(nonce_of() for _ in range(200))
