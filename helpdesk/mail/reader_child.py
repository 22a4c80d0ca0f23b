"""The child of `helpdesk.mail.reader`: reads one mail after the other, within limits.

Standard input and output carry frames: eight bytes of length, then a mail's source
one way and a pickled Message the other.
"""

from __future__ import annotations

import pickle
import resource
import sys

from helpdesk.domain.message import read_message
from helpdesk.mail.reader import read_frame, write_frame

# Bytes of address space: the libraries take 150 MB, a mail of 25 MB some copies of it.
_MEMORY_BYTES = 1_500_000_000

# Seconds of processor time for one mail; the parent's clock is longer.
_CPU_S = 10

# Bytes of one mail: what intake stores at most, with room to spare.
_MAX_MAIL_BYTES = 200_000_000


def serve() -> None:
    """Answer frames until the parent closes its end."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    while True:
        try:
            raw = read_frame(sys.stdin.buffer, _MAX_MAIL_BYTES)
        except EOFError:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + _CPU_S, hard))
        write_frame(sys.stdout.buffer, pickle.dumps(read_message(raw), protocol=5))


if __name__ == "__main__":
    serve()
