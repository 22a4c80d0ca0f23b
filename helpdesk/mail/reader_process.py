"""The process in which mails are read that may hurt it: started, fed, watched, and replaced.

Frames go both ways: eight bytes of length, then the content. To the child the first
byte of the content says what is wanted; the child answers each mail with one reading,
see `helpdesk.mail.packing`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from helpdesk.domain.message import Message
from helpdesk.domain.understanding import Knowledge, Understanding
from helpdesk.errors import HelpdeskError
from helpdesk.mail.packing import unpack

_R = TypeVar("_R")

#: First bytes of a frame to the child: a mail to be decoded; one to be understood with
#: what was known last; what is known (a pickle of Knowledge), which is not answered.
DECODE, UNDERSTAND, KNOW = b"D", b"U", b"K"

# Bytes of an answer: the text of a Message is bounded, its headers too.
_MAX_ANSWER_BYTES = 16_000_000

# A pipe holds 64 KiB. Two mails up to this size can be under way at once without both
# sides waiting for each other; a larger one is exchanged alone.
_SMALL_BYTES = 30_000
_AT_ONCE = 2

# How often the guard looks at the clock, in seconds.
_TICK_S = 0.25

_COMMAND = (sys.executable, "-m", "helpdesk.mail.reader_child")


class ReaderFailed(HelpdeskError):
    """The mail could not be read: it took too long, or ended the process that read it."""


class ReaderProcess:
    """One child. After any ReaderFailed it is gone, and another one is to be started."""

    def __init__(self, command: Sequence[str] | None, timeout_s: float) -> None:
        """Start the child: `command`, or the real one. Raises ReaderFailed where it cannot be."""
        self._child = _started(list(command or _COMMAND))
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._expired = False
        self._known: Knowledge | None = None
        #: Mails that were read so far.
        self.read = 0
        threading.Thread(target=self._guard, name="reader-guard", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether the child runs."""
        return self._child.poll() is None

    def decode(self, raw: bytes) -> Message:
        """Return the Message of a mail. Raises ReaderFailed."""
        self._send(DECODE + raw)
        return self._answer(Message)

    def understand_all(
        self, sources: Sequence[bytes], knowledge: Knowledge
    ) -> Iterator[Understanding]:
        """Yield what each mail says, in order; raises ReaderFailed at the one that failed."""
        if self._known is not knowledge:
            self._send(KNOW + pickle.dumps(knowledge, protocol=5))
            self._known = knowledge
        waiting = deque(sources)
        #: Whether each mail that the child has now is small.
        handed: deque[bool] = deque()
        while waiting or handed:
            small = bool(waiting) and len(waiting[0]) <= _SMALL_BYTES
            if waiting and (not handed or (small and handed[0] and len(handed) < _AT_ONCE)):
                self._send(UNDERSTAND + waiting.popleft())
                handed.append(small)
                continue
            found = self._answer(Understanding)
            handed.popleft()
            yield found

    def stop(self) -> None:
        """End the child and close its pipes."""
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._child.wait()

    def _send(self, content: bytes) -> None:
        assert self._child.stdin is not None  # noqa: S101 - a pipe
        self._deadline = time.monotonic() + self._timeout_s
        try:
            write_frame(self._child.stdin, content)
        except OSError:
            raise self._failed("ended its reader") from None

    def _answer(self, wanted: type[_R]) -> _R:
        assert self._child.stdout is not None  # noqa: S101 - a pipe
        self._deadline = time.monotonic() + self._timeout_s
        try:
            answer = read_frame(self._child.stdout, _MAX_ANSWER_BYTES)
        except (OSError, EOFError, ValueError):
            raise self._failed("ended its reader") from None
        self._deadline = None
        self.read += 1
        try:
            return unpack(answer, wanted)
        except Exception:  # noqa: BLE001 - whatever it is made of, it is no reading
            raise self._failed("answered nonsense") from None

    def _failed(self, what: str) -> ReaderFailed:
        expired = self._expired
        self.stop()
        if what == "answered nonsense":
            return ReaderFailed("the mail's reader answered nonsense")
        return ReaderFailed(f"the mail {'took too long to read' if expired else what}")

    def _guard(self) -> None:
        """Kill the child when it is late; a thread of its own, for the others may be waiting."""
        while self._child.poll() is None:
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._expired = True
                self._child.kill()
            time.sleep(min(_TICK_S, self._timeout_s / 4))


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # None of the settings: what reads hostile mail knows no password.
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as error:
        raise ReaderFailed(f"the mail's reader cannot be started ({error.strerror})") from error


def write_frame(stream: Any, content: bytes) -> None:
    """Write bytes with their length in front. Raises OSError."""
    stream.write(len(content).to_bytes(8, "big"))
    stream.write(content)
    stream.flush()


def read_frame(stream: Any, limit: int) -> bytes:
    """Read what `write_frame` wrote. Raises EOFError, or ValueError above `limit` bytes."""
    head: bytes = stream.read(8)
    length = int.from_bytes(head, "big")
    if len(head) < 8:
        raise EOFError
    if length > limit:
        raise ValueError("too long")
    content: bytes = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content
