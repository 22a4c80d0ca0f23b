"""Time from a mail's delivery to its receipt, one mail at a time, and our own share of it.

A server tells a waiting client of new mail only after a pause of its own (Dovecot: half
a second). A plain IDLE client on the same mailbox measures that pause, and what is left
is ours.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

from benchmarks.letters_in import mail_of
from benchmarks.office import Office
from benchmarks.sink import Sink
from tests.servers.dovecot import Dovecot

_RECEIPT_TIMEOUT_S = 30.0
# Between two mails everything comes to rest; the jitter keeps us out of step with timers.
_REST_S = (0.8, 1.6)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, one entry a mail."""

    #: From the 250 of LMTP to the final dot of the receipt.
    whole_ms: tuple[float, ...]
    #: From the moment a plain IDLE client heard of the mail to the same dot. A mail that
    #: we had filed before the plain client looked is missing here.
    own_ms: tuple[float, ...]


class _IdleClient:
    """Waits at a mailbox and notes when the server said that mail had come."""

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self._client = dovecot.client(user)
        self._client.select_folder("INBOX", readonly=True)
        self._client.idle()
        #: Monotonic seconds of each untagged EXISTS.
        self.heard: list[float] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stopping:
            news = self._client.idle_check(timeout=0.5)
            now = time.monotonic()
            self.heard += [now for line in news if line[-1] == b"EXISTS"]

    def __enter__(self) -> _IdleClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping = True
        self._thread.join(5)
        self._client.idle_done()
        self._client.logout()


def measure(dovecot: Dovecot, mails: int) -> Latency:
    """Deliver so many mails, each after the receipt of the one before."""
    whole: list[float] = []
    own: list[float] = []
    with ExitStack() as stack:
        sink = Sink()
        stack.callback(sink.close)
        office = Office(dovecot, sink)
        stack.callback(office.close)
        office.start()
        plain = stack.enter_context(_IdleClient(dovecot, office.user))
        for number in range(mails):
            time.sleep(random.uniform(*_REST_S))
            office.deliver([mail_of(number)])
            delivered = time.monotonic()
            received, _ = sink.wait_for(number + 1, _RECEIPT_TIMEOUT_S)[number]
            whole.append((received - delivered) * 1000)
            time.sleep(0.1)
            heard = next((at for at in plain.heard if delivered <= at < received + 0.05), None)
            if heard is not None:
                own.append((received - heard) * 1000)
    return Latency(tuple(whole), tuple(own))


def median_and_p95(values: Sequence[float]) -> tuple[float, float]:
    """Return the middle value and the one that 95 of 100 stay under (nearest rank)."""
    ordered = sorted(values)
    rank = max(0, -(-len(ordered) * 95 // 100) - 1)
    return statistics.median(ordered), ordered[rank]
