"""A reader's child that answers every mail with the bytes of one file, whatever they are."""

from __future__ import annotations

import sys
from pathlib import Path


def _read(length: int) -> bytes:
    return sys.stdin.buffer.read(length)


if __name__ == "__main__":
    answer = Path(sys.argv[1]).read_bytes()
    while head := _read(8):
        asked = _read(int.from_bytes(head, "big"))
        if asked[:1] != b"K":  # What is known is not answered.
            sys.stdout.buffer.write(len(answer).to_bytes(8, "big") + answer)
            sys.stdout.buffer.flush()
