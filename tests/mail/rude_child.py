"""A reader's child that does to itself what a mail asks of it, within the real limits."""

from __future__ import annotations

import os
import pickle
import re
import signal
import sys
import time

from helpdesk.domain.message import Message, read_message
from helpdesk.mail import reader_child
from helpdesk.mail.reader_process import write_frame


def _read(raw: bytes) -> Message:
    if b"<hang@x.test>" in raw:
        time.sleep(3600)
    if b"<spin@x.test>" in raw:
        while True:
            re.match(b"(a|a)*b", b"a" * 20)
    if b"<kill@x.test>" in raw:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"<eat@x.test>" in raw:
        hoard = bytearray(1)
        while True:
            hoard += bytes(200_000_000)
    if b"<lie@x.test>" in raw:
        write_frame(sys.stdout.buffer, pickle.dumps(os.getcwd))
        time.sleep(3600)
    return read_message(raw)


if __name__ == "__main__":
    reader_child.read_message = _read
    reader_child.serve()
