"""Reading mails that could hurt the reader: in a child process, which they may have.

Almost every mail is read in this process, in a third of a millisecond. What is large,
deep or packed is read by a child with limits on time and memory, so that a mail which
hangs the parser, or kills it in a C library, costs that mail and nothing else. The
child is started when it is first needed and replaced after some mails.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from helpdesk.domain.message import Message, read_message
from helpdesk.errors import HelpdeskError

#: Seconds of wall time for one mail: 25 MB take about two on a slow machine.
READ_TIMEOUT_S = 15.0

# A child that has read so many mails is replaced: whatever it leaked goes with it.
_MAILS_PER_CHILD = 200

# Bytes of a Message as the child hands it over: the text is bounded, headers too.
_MAX_ANSWER_BYTES = 16_000_000

# Above these a mail is read by the child. Ordinary mail with a photograph is above the
# first; starting the child's work costs it less than its own size does.
_LARGE_BYTES = 300_000
_MANY_PARTS = 12
_MANY_TAGS = 3_000
_PACKED = re.compile(rb"ms-tnef|pkcs7-mime|message/(?:rfc822|global)|winmail\.dat", re.IGNORECASE)


class ReaderFailed(HelpdeskError):
    """The mail could not be read: it took too long, or ended the process that read it."""


def is_suspicious(raw: bytes) -> bool:
    """Say whether a mail is to be read by the child: large, deep, in many parts, packed."""
    if len(raw) > _LARGE_BYTES:
        return True
    return (
        raw.count(b"oundary=") > _MANY_PARTS
        or raw.count(b"<") > _MANY_TAGS
        or _PACKED.search(raw) is not None
    )


class MailReader:
    """Reads mails, suspicious ones in a child process. Safe to use from any thread."""

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "helpdesk.mail.reader_child"),
        *,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        """Start nothing yet. `command` is the child: see reader_child for its protocol."""
        self._command = list(command)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def read(self, raw: bytes, *, alone: bool = False) -> Message:
        """Return the Message of a mail. `alone`: it failed before, so the child reads it.

        Raises ReaderFailed where the child hung, ran out of memory or died; the next
        mail gets a new child.
        """
        if not alone and not is_suspicious(raw):
            return read_message(raw)
        with self._lock:
            return self._by_child(raw)

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._stop()

    def __del__(self) -> None:
        """End the child of a reader that nobody holds any more."""
        with contextlib.suppress(Exception):
            self._stop()

    def _by_child(self, raw: bytes) -> Message:
        child = self._running()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            child.kill()

        timer = threading.Timer(self._timeout_s, expire)
        timer.daemon = True
        timer.start()
        try:
            answer = _exchange(child, raw)
        except (OSError, EOFError, ValueError):
            self._stop()
            words = "took too long to read" if expired.is_set() else "ended its reader"
            raise ReaderFailed(f"the mail {words}") from None
        finally:
            timer.cancel()
        self._read += 1
        if self._read >= _MAILS_PER_CHILD:
            self._stop()
        return _message_in(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._stop()
            self._child = _started(self._command)
        return self._child

    def _stop(self) -> None:
        child, self._child, self._read = self._child, None, 0
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


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


def _exchange(child: subprocess.Popen[bytes], raw: bytes) -> bytes:
    """Hand a mail over and return the answer. Raises OSError, EOFError or ValueError."""
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    write_frame(child.stdin, raw)
    return read_frame(child.stdout, _MAX_ANSWER_BYTES)


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


_OWN = frozenset({"Message", "Address", "Attachment", "Segment", "Bounce", "Decoding", "Forwarded"})
_TIMES = frozenset({"datetime", "timezone", "timedelta"})


class _OnlyMessages(pickle.Unpickler):
    """A child that was taken over must not reach further: it can name no other class."""

    def find_class(self, module: str, name: str) -> Any:
        if (module.startswith("helpdesk.domain.") and name in _OWN) or (
            module == "datetime" and name in _TIMES
        ):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _message_in(answer: bytes) -> Message:
    try:
        found = _OnlyMessages(io.BytesIO(answer)).load()
    except Exception as error:
        raise ReaderFailed("the mail's reader answered nonsense") from error
    if not isinstance(found, Message):
        raise ReaderFailed("the mail's reader answered nonsense")
    return found
