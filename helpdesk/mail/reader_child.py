"""The child of `helpdesk.mail.reader_process`: reads one mail after the other, within limits."""

from __future__ import annotations

import pickle
import resource
import sys

from helpdesk.domain.message import read_message
from helpdesk.domain.understanding import Knowledge, understand
from helpdesk.mail.packing import pack
from helpdesk.mail.reader_process import KNOW, UNDERSTAND, read_frame, write_frame

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
    knowledge: Knowledge | None = None
    while True:
        try:
            frame = read_frame(sys.stdin.buffer, _MAX_MAIL_BYTES)
        except EOFError:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + _CPU_S, hard))
        what, content = frame[:1], frame[1:]
        if what == KNOW:
            knowledge = pickle.loads(content)  # noqa: S301 - from the parent
            continue
        found: object = read_message(content)
        if what == UNDERSTAND and knowledge is not None:
            found = understand(found, knowledge)  # type: ignore[arg-type]
        write_frame(sys.stdout.buffer, pack(found))


if __name__ == "__main__":
    serve()
