"""Whether the daemon's memory stays flat while tens of thousands of mails go through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.letters_in import mail_of
from benchmarks.office import Office, memory_mib
from benchmarks.sink import Sink
from benchmarks.throughput import check_receipts
from tests.servers.dovecot import Dovecot

# So many lie in the inbox at most: the mails come in as they are worked off.
_CHUNK = 500
_CHUNK_TIMEOUT_S = 120.0


def measure(dovecot: Dovecot, mails: int, steps: int = 20) -> Iterator[tuple[int, float, float]]:
    """Send mails through; give (mails so far, RSS, peak), in MiB, about `steps` times."""
    with ExitStack() as stack:
        sink = Sink()
        stack.callback(sink.close)
        office = Office(dovecot, sink)
        stack.callback(office.close)
        daemon = office.start()
        every, next_look = max(mails // steps, 1), 0
        for start in range(0, mails, _CHUNK):
            end = min(start + _CHUNK, mails)
            office.deliver(mail_of(number) for number in range(start, end))
            # One chunk may still be under way while the next comes in.
            sink.wait_for(end if end == mails else start, _CHUNK_TIMEOUT_S)
            if end >= next_look or end == mails:
                next_look = end + every
                yield end, memory_mib(daemon.pid), memory_mib(daemon.pid, "VmHWM")
        check_receipts([to for _, to in sink.letters], mails)
