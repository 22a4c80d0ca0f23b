"""Free ports on loopback and waiting for a server to answer there."""

from __future__ import annotations

import itertools
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

LOOPBACK = "127.0.0.1"

# Below the range from which Linux takes ports for outgoing connections (32768 and up),
# so that no client of another test can sit on a port between the choice and the use.
_FIRST_PORT, _LAST_PORT = 15000, 32000

_start = random.SystemRandom().randrange(_FIRST_PORT, _LAST_PORT)
_candidates: Iterator[int] = itertools.cycle(
    (*range(_start, _LAST_PORT), *range(_FIRST_PORT, _start))
)


def free_port() -> int:
    """Return a port that nobody listens on; not the same again for a long time."""
    for port in itertools.islice(_candidates, _LAST_PORT - _FIRST_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
    raise OSError("no free port on loopback")


def eventually(
    look: Callable[[], T], *, timeout_s: float = 10.0, pause_s: float = 0.02, what: str = ""
) -> T:
    """Return the first true answer of `look`; TimeoutError where there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise TimeoutError(f"not seen within {timeout_s} s: {what or look}")
        time.sleep(pause_s)


def greets(port: int, greeting: bytes) -> bool:
    """Return whether a server on this port opens with these bytes."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as peer:
            return peer.recv(len(greeting)) == greeting
    except OSError:
        return False
