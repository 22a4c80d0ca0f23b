"""An SMTP server in a process of its own that takes every letter and notes when.

It reads nothing but the dot at the end, so that it costs next to nothing beside what is
measured. A line `SECONDS ADDRESS` on its output says that a letter was taken.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.servers.net import LOOPBACK, eventually, free_port, greets

_END = b"\r\n.\r\n"
_ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = bytearray()
        self._in_letter = False
        self._recipients: list[str] = []
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take_letter() if self._in_letter else self._take_command():
            pass

    def _take_command(self) -> bool:
        line, found, rest = bytes(self._buffer).partition(b"\r\n")
        if not found:
            return False
        self._buffer = bytearray(rest)
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
        self._in_letter = verb == b"DATA"
        # What follows DATA ends with a line of its own even where nothing is before it.
        if self._in_letter:
            self._buffer[:0] = b"\r\n"
        self._transport.write(_ANSWERS.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            self._transport.close()
        return True

    def _take_letter(self) -> bool:
        end = self._buffer.find(_END)
        if end < 0:
            return False
        taken_at = time.monotonic()
        del self._buffer[: end + len(_END)]
        self._in_letter = False
        self._transport.write(b"250 taken\r\n")
        for recipient in self._recipients:
            sys.stdout.write(f"{taken_at} {recipient}\n")
        sys.stdout.flush()
        self._recipients.clear()
        return True


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, LOOPBACK, port)
    await server.serve_forever()


class Sink:
    """The process, and what it has taken so far."""

    def __init__(self) -> None:
        """Start it and wait until it answers."""
        self.port = free_port()
        #: Seconds (monotonic, the same in every process of Linux) and recipient, in order.
        self.letters: list[tuple[float, str]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sink", str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
        )
        threading.Thread(target=self._listen, daemon=True).start()
        eventually(lambda: greets(self.port, b"220 "), timeout_s=20.0, what="the sink's greeting")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            at, _, recipient = line.strip().partition(" ")
            self.letters.append((float(at), recipient))

    def wait_for(self, count: int, timeout_s: float) -> list[tuple[float, str]]:
        """Return the letters as soon as there are this many. Raises TimeoutError."""
        what = f"{count} letters at the sink"
        eventually(
            lambda: len(self.letters) >= count, timeout_s=timeout_s, pause_s=0.002, what=what
        )
        return list(self.letters)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
