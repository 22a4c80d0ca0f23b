"""Mails taken in and acknowledged a second, with many of them waiting at once."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.letters_in import address_of, mail_of
from benchmarks.office import Office, memory_mib
from benchmarks.sink import Sink
from tests.servers.dovecot import Dovecot
from tests.servers.net import eventually

# The slowest machine on which this makes sense still does ten mails a second.
_SLOWEST_PER_S = 10.0
_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one run came to."""

    #: From the moment the mails came into the inbox to the last receipt.
    mails_per_s: float
    #: The same to the moment everything was filed and every copy was in Sent.
    filed_per_s: float
    peak_mib: float


def measure(dovecot: Dovecot, mails: int) -> Throughput:
    """Let a daemon at work take in so many mails. Raises where a receipt is missing or double."""
    with ExitStack() as stack:
        sink = Sink()
        stack.callback(sink.close)
        office = Office(dovecot, sink)
        stack.callback(office.close)
        office.spool(mail_of(number) for number in range(mails))
        daemon = office.start()
        started = time.monotonic()
        office.release()
        limit_s = _START_S + mails / _SLOWEST_PER_S
        letters = sink.wait_for(mails, limit_s)
        eventually(
            lambda: office.count("INBOX") == 0 and office.count("Sent") >= mails,
            timeout_s=limit_s,
            pause_s=0.1,
            what="every mail filed and every copy in Sent",
        )
        filed = time.monotonic()
        check_receipts([to for _, to in sink.letters], mails)
        last = max(at for at, _ in letters)
        peak = memory_mib(daemon.pid, "VmHWM")
        return Throughput(mails / (last - started), mails / (filed - started), peak)


def check_receipts(recipients: list[str], mails: int) -> None:
    """See that every sender got one letter: speed that loses or doubles counts for nothing."""
    wanted = sorted(address_of(number) for number in range(mails))
    if sorted(recipients) != wanted:
        missing = len(set(wanted) - set(recipients))
        raise AssertionError(f"{len(recipients)} letters for {mails} mails; missing: {missing}")
