"""A relay that takes everything at once: a process of its own that notes when each letter came.

For every letter it prints one line: the monotonic time in seconds, which all processes
of a machine share, and the Message-ID the letter answers.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time

_ANSWERED = re.compile(rb"^In-Reply-To:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


class _Session(asyncio.Protocol):
    """Just enough of RFC 5321 for a polite client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held = bytearray()
        self._in_data = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            at = self._held.find(end)
            if at < 0:
                return
            taken = bytes(self._held[:at])
            del self._held[: at + len(end)]
            if self._in_data:
                self._take(taken)
            else:
                self._answer(taken.upper())

    def _take(self, letter: bytes) -> None:
        self._in_data = False
        found = _ANSWERED.search(letter[:8000])
        answered = found.group(1).decode("ascii", "replace") if found else "-"
        print(f"{time.monotonic():.6f} {answered}", flush=True)
        self._transport.write(b"250 taken\r\n")

    def _answer(self, command: bytes) -> None:
        if command.startswith(b"EHLO"):
            self._transport.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif command == b"DATA":
            self._in_data = True
            self._transport.write(b"354 go on\r\n")
        elif command.startswith(b"QUIT"):
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 ok\r\n")


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Session, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
