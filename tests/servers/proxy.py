"""A TCP proxy that counts bytes and cuts, stalls or slows what passes through it."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.loop import LoopThread
from tests.servers.net import LOOPBACK, free_port

#: Seen from the client, which is helpdesk: what it says, and what it hears.
Direction = Literal["to_server", "to_client"]

# So much of what already passed is kept, for patterns that span two packets.
_TAIL_BYTES = 4096

# After a cut the server may still read and do what it was told before the cut.
_LINGER_S = 0.3


@dataclass(slots=True)
class Cut:
    """An order to break one connection."""

    direction: Direction
    after_bytes: int | None
    pattern: re.Pattern[bytes] | None
    swallow: bool
    reset: bool
    times: int


@dataclass(slots=True, eq=False)
class _Link:
    """One connection: the client's side, the server's side, what passed."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    passed: dict[Direction, int] = field(default_factory=lambda: {"to_server": 0, "to_client": 0})
    tail: dict[Direction, bytes] = field(
        default_factory=lambda: {"to_server": b"", "to_client": b""}
    )


class TcpProxy:
    """Forwards from `port` to `target_port`; all its methods are for the test's thread."""

    def __init__(self, target_port: int) -> None:
        """Prepare a proxy; `start` opens it."""
        self.target_port = target_port
        self.port = free_port()
        #: How many connections were opened, and the bytes forwarded over all of them.
        self.connections = 0
        self.bytes_to_server = 0
        self.bytes_to_client = 0
        #: How many connections were cut by an order.
        self.cuts = 0
        self._orders: list[Cut] = []
        self._links: set[_Link] = set()
        self._rate: float | None = None
        self._refusing = False
        self._thread = LoopThread("tcp-proxy")
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Listen."""
        self._server = self._thread.run(self._listen())

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, LOOPBACK, self.port)

    def close(self) -> None:
        """End for good, and close every connection."""
        if self._server is not None:
            self.cut_now()
            self._thread.loop.call_soon_threadsafe(self._server.close)
            self._server = None
            self._thread.close()

    # Faults

    def cut_after(
        self, count: int, direction: Direction, *, reset: bool = False, times: int = 1
    ) -> None:
        """Cut the next connection on which so many bytes have passed in this direction."""
        self._order(Cut(direction, count, None, False, reset, times))

    def cut_on(
        self,
        pattern: bytes,
        direction: Direction,
        *,
        swallow: bool = False,
        reset: bool = False,
        times: int = 1,
    ) -> None:
        """Cut as soon as a regular expression has passed; with `swallow` before it passes.

        The client's side goes at once; the server may still read what it was sent, and
        its answer reaches nobody.
        """
        self._order(Cut(direction, None, re.compile(pattern, re.DOTALL), swallow, reset, times))

    def cut_now(self, *, reset: bool = False) -> None:
        """Cut every open connection."""
        self._thread.run(self._cut_all(reset))

    def forget(self) -> None:
        """Take every order to cut back."""
        self._thread.run(self._do(self._orders.clear))

    def stall(self) -> None:
        """Forward nothing any more, on old and new connections, and close none: a black hole."""
        self._thread.run(self._do(self._flowing.clear))

    def resume(self) -> None:
        """Forward again, what was held back first."""
        self._thread.run(self._do(self._flowing.set))

    def throttle(self, bytes_per_s: float | None) -> None:
        """Forward slowly; None is full speed."""
        self._rate = bytes_per_s

    def refuse(self, refusing: bool = True) -> None:
        """Close new connections at once, as if nobody served behind the port."""
        self._refusing = refusing

    # On the loop

    def _order(self, cut: Cut) -> None:
        async def add() -> None:
            self._orders.append(cut)

        self._thread.run(add())

    async def _do(self, change: object) -> None:
        assert callable(change)
        change()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self._refusing:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target_port)
        except OSError:
            _close(writer, reset=True)
            return
        link = _Link(writer, far_writer)
        self._links.add(link)
        pumps = (
            asyncio.create_task(self._pump(link, reader, far_writer, "to_server")),
            asyncio.create_task(self._pump(link, far_reader, writer, "to_client")),
        )
        try:
            await asyncio.wait(pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            self._links.discard(link)
            _close(writer)
            _close(far_writer)

    async def _pump(
        self,
        link: _Link,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: Direction,
    ) -> None:
        with suppress(OSError):
            while True:
                data = await reader.read(65536)
                await self._flowing.wait()
                if not data:
                    break
                data, cut = self._inspect(link, data, direction)
                await self._forward(link, writer, data, direction)
                if cut:
                    self.cuts += 1
                    await self._cut(link, cut.reset)
                    return
            if writer.can_write_eof():
                writer.write_eof()

    def _inspect(self, link: _Link, data: bytes, direction: Direction) -> tuple[bytes, Cut | None]:
        """Return what of the data may pass, and the order to cut after it."""
        for cut in self._orders:
            if cut.direction != direction or cut.times == 0:
                continue
            end = _place_of_cut(cut, link, data, direction)
            if end is not None:
                cut.times -= 1
                return data[:end], cut
        link.tail[direction] = (link.tail[direction] + data)[-_TAIL_BYTES:]
        return data, None

    async def _forward(
        self, link: _Link, writer: asyncio.StreamWriter, data: bytes, direction: Direction
    ) -> None:
        rest = data
        while rest:
            rate = self._rate
            step = len(rest) if rate is None else max(1, int(rate / 20))
            writer.write(rest[:step])
            self._count(link, len(rest[:step]), direction)
            rest = rest[step:]
            await writer.drain()
            if rate is not None:
                await asyncio.sleep(min(step / rate, 1.0))

    def _count(self, link: _Link, count: int, direction: Direction) -> None:
        link.passed[direction] += count
        if direction == "to_server":
            self.bytes_to_server += count
        else:
            self.bytes_to_client += count

    async def _cut(self, link: _Link, reset: bool) -> None:
        _close(link.client, reset=reset)
        await asyncio.sleep(_LINGER_S)
        _close(link.server)

    async def _cut_all(self, reset: bool) -> None:
        for link in list(self._links):
            _close(link.client, reset=reset)
            _close(link.server, reset=reset)


def _place_of_cut(cut: Cut, link: _Link, data: bytes, direction: Direction) -> int | None:
    """Return how many bytes of the data pass before the cut, or None where it is not due."""
    if cut.after_bytes is not None:
        left = cut.after_bytes - link.passed[direction]
        return max(left, 0) if left <= len(data) else None
    assert cut.pattern is not None
    tail = link.tail[direction]
    for found in cut.pattern.finditer(tail + data):
        # What stands in the tail alone has already passed, before the order was given.
        if found.end() > len(tail):
            return max((found.start() if cut.swallow else found.end()) - len(tail), 0)
    return None


def _close(writer: asyncio.StreamWriter, *, reset: bool = False) -> None:
    if not reset:
        writer.close()
        return
    peer = writer.get_extra_info("socket")
    if peer is not None:
        with suppress(OSError):
            # No lingering: the kernel answers with RST instead of FIN.
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
