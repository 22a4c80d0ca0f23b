"""Reading mails, without giving a mail the power to hurt the reader.

A single ordinary mail is read in this process, in a millisecond. What is large, deep
or packed is read by a child with limits on time and memory, so that a mail which hangs
the parser, or kills it in a C library, costs that mail and nothing else. Where many
mails wait, the same child reads them ahead on another processor.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from helpdesk.domain.message import Message, read_message
from helpdesk.domain.understanding import Knowledge, Understanding
from helpdesk.mail.reader_process import ReaderFailed, ReaderProcess

__all__ = ["MailReader", "ReaderFailed", "is_suspicious"]

#: Seconds of wall time for one mail: 25 MB take about two on a slow machine.
READ_TIMEOUT_S = 15.0

# A child that has read so many mails is replaced: whatever it leaked goes with it.
_MAILS_PER_CHILD = 5_000

# Above these a mail is read by the child. Ordinary mail with a photograph is above the
# first; starting the child's work costs it less than its own size does.
_LARGE_BYTES = 300_000
_MANY_PARTS = 12
_MANY_TAGS = 3_000
_PACKED = (b"ms-tnef", b"pkcs7-mime", b"message/rfc822", b"message/global", b"winmail.dat")

_Ahead = dict[int, Understanding | ReaderFailed]


def is_suspicious(raw: bytes) -> bool:
    """Say whether a mail is to be read by the child: large, deep, in many parts, packed."""
    if len(raw) > _LARGE_BYTES:
        return True
    if raw.count(b"oundary=") > _MANY_PARTS or raw.count(b"<") > _MANY_TAGS:
        return True
    lowered = raw.lower()
    return any(sign in lowered for sign in _PACKED)


class MailReader:
    """Reads mails, suspicious ones and many at once in a child. Safe to use from any thread."""

    def __init__(
        self, command: Sequence[str] | None = None, *, timeout_s: float = READ_TIMEOUT_S
    ) -> None:
        """Start nothing yet. `command` is the child in place of the real one."""
        self._command = command
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._process: ReaderProcess | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._ahead: tuple[Knowledge, Future[_Ahead]] | None = None

    def read(self, raw: bytes, *, alone: bool = False) -> Message:
        """Return the Message of a mail. `alone`: it failed before, so the child reads it.

        Raises ReaderFailed where the child hung, ran out of memory or died; the next
        mail gets a new child.
        """
        if not alone and not is_suspicious(raw):
            return read_message(raw)
        with self._lock:
            return self._running().decode(raw)

    def read_ahead(self, sources: Mapping[int, bytes], knowledge: Knowledge) -> None:
        """Begin to understand these mails in the child, while the caller does something else.

        What an earlier call began and nobody fetched is given up.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._ahead = (knowledge, self._thread.submit(self._understand, dict(sources), knowledge))

    def fetch_ahead(self, knowledge: Knowledge) -> _Ahead:
        """Wait for what `read_ahead` began and return it by the caller's numbers.

        A mail on which the child failed has its ReaderFailed. Empty where nothing was
        begun, or with other rules.
        """
        ahead, self._ahead = self._ahead, None
        return ahead[1].result() if ahead is not None and ahead[0] is knowledge else {}

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._stop()
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def __del__(self) -> None:
        """End the child of a reader that nobody holds any more."""
        with contextlib.suppress(Exception):
            self._stop()

    def _understand(self, sources: dict[int, bytes], knowledge: Knowledge) -> _Ahead:
        """Return what each mail says; one that ends the child costs itself and no other."""
        found: _Ahead = {}
        while waiting := [number for number in sources if number not in found]:
            with self._lock:
                try:
                    process = self._running()
                except ReaderFailed:
                    return found  # No mail's fault: whoever asked reads the rest itself.
                try:
                    each = process.understand_all([sources[n] for n in waiting], knowledge)
                    for number, one in zip(waiting, each, strict=False):
                        found[number] = one
                except ReaderFailed as error:
                    failed = next(number for number in waiting if number not in found)
                    found[failed] = error
        return found

    def _running(self) -> ReaderProcess:
        process = self._process
        if process is None or not process.is_alive or process.read >= _MAILS_PER_CHILD:
            self._stop()
            self._process = ReaderProcess(self._command, self._timeout_s)
        assert self._process is not None  # noqa: S101 - started above
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()
