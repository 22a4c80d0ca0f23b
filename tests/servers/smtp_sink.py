"""An SMTP server that keeps what it is given and can be as rude as a test wants."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, NoReturn
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificate
from tests.servers.loop import LoopThread
from tests.servers.net import LOOPBACK, free_port

Step = Literal[
    "CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT", "RSET", "NOOP",
    "QUIT",
]  # fmt: skip
Drop = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Received:
    """One letter that the sink took, whether or not the sender was told so."""

    peer: tuple[str, int]
    mail_from: str
    recipients: tuple[str, ...]
    content: bytes
    #: time.monotonic() of the final dot.
    at: float

    @property
    def message(self) -> EmailMessage:
        """Return the letter decoded."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Return its Message-ID."""
        return str(self.message["Message-ID"])


@dataclass(slots=True)
class Reaction:
    """What the sink does at one step instead of being polite."""

    step: Step
    reply: str | None
    drop: Drop | None
    delay_s: float
    address: str | None
    times: int | None


@dataclass(slots=True)
class SmtpSink:
    """The server; all its methods are for the test's thread."""

    certificate: Certificate | None = None
    tls: Literal["starttls", "implicit"] = "starttls"
    credentials: tuple[str, str] | None = None
    port: int = field(default_factory=free_port)
    #: Every command as (verb, argument), over all connections, in order.
    commands: list[tuple[str, str]] = field(default_factory=list)
    #: How many connections were opened.
    connections: int = 0
    _letters: list[Received] = field(default_factory=list)
    _reactions: list[Reaction] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: LoopThread | None = None
    _server: asyncio.Server | None = None
    _open: set[asyncio.Transport] = field(default_factory=set)

    def start(self) -> None:
        """Start; after a `stop` on the same port again."""
        self._thread = self._thread or LoopThread("smtp-sink")
        self._server = self._thread.run(self._listen())

    async def _listen(self) -> asyncio.Server:
        context = self.certificate.server_context() if self.certificate else None
        implicit = context if self.tls == "implicit" else None
        return await asyncio.get_running_loop().create_server(
            lambda: _Connection(self, None if implicit else context),
            LOOPBACK,
            self.port,
            ssl=implicit,
        )

    def stop(self) -> None:
        """Close the port and cut every connection: the relay is down."""
        if self._server is not None and self._thread is not None:
            self._thread.run(self._unlisten(self._server))
            self._server = None

    async def _unlisten(self, server: asyncio.Server) -> None:
        server.close()
        for transport in list(self._open):
            # asyncio's TLS transport has nothing left to abort where the peer has gone.
            with suppress(AttributeError):
                transport.abort()
        self._open.clear()

    def close(self) -> None:
        """End for good."""
        self.stop()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def url(self, *, port: int | None = None) -> str:
        """Return the address as the settings take it; `port` of a proxy before it."""
        user = ""
        if self.credentials:
            user = ":".join(quote(part, safe="") for part in self.credentials) + "@"
        place = f"{user}{LOOPBACK}:{port or self.port}"
        if self.certificate and self.tls == "implicit":
            return f"smtps://{place}"
        return f"smtp://{place}?starttls={'required' if self.certificate else 'never'}"

    # What came

    @property
    def letters(self) -> list[Received]:
        """Return the letters taken so far, in order of their final dots."""
        with self._changed:
            return list(self._letters)

    def letters_to(self, address: str) -> list[Received]:
        """Return the letters taken so far that went to this address."""
        return [letter for letter in self.letters if address in letter.recipients]

    def wait_for(
        self, count: int, *, to: str | None = None, timeout_s: float = 20.0
    ) -> list[Received]:
        """Return the letters (to one address) as soon as there are this many or more."""

        def look() -> list[Received]:
            return [one for one in self._letters if to is None or to in one.recipients]

        with self._changed:
            if not self._changed.wait_for(lambda: len(look()) >= count, timeout_s):
                have = len(look())
                raise TimeoutError(
                    f"{count} letters not seen within {timeout_s} s (there are {have})"
                )
            return look()

    def count(self, verb: str) -> int:
        """Return how often a command was given."""
        return sum(1 for seen, _ in self.commands if seen == verb)

    # What it does

    def react(
        self,
        step: Step,
        reply: str | None = None,
        *,
        drop: Drop | None = None,
        delay_s: float = 0.0,
        address: str | None = None,
        times: int | None = None,
    ) -> None:
        """Do something else at a step, `times` often or until `calm`.

        `step`: CONNECT is the greeting, DATA the command, DOT the end of the letter.
        `reply`: this answer in place of the usual one; 421 also closes. At DOT the letter
        is kept only where the reply begins with 2, or where there is none.
        `drop`: close the connection 'before' the step has any effect or answer, or 'after'
        its effect: DOT keeps the letter and closes without the 250, DATA closes after the
        354, any other step closes after its answer.
        `delay_s`: wait before the answer; at DOT a letter that is kept is kept before the wait.
        `address`: only for this MAIL or RCPT address.
        """
        with self._changed:
            self._reactions.append(Reaction(step, reply, drop, delay_s, address, times))

    def calm(self) -> None:
        """Be polite again."""
        with self._changed:
            self._reactions.clear()

    # For the connections

    def _take_reaction(self, step: str, argument: str) -> Reaction | None:
        with self._changed:
            for reaction in self._reactions:
                if reaction.step != step or reaction.times == 0:
                    continue
                if reaction.address and f"<{reaction.address}>" not in argument:
                    continue
                if reaction.times is not None:
                    reaction.times -= 1
                return reaction
        return None

    def _keep(self, letter: Received) -> None:
        with self._changed:
            self._letters.append(letter)
            self._changed.notify_all()


class _Connection(SMTP):
    """One connection, with the reactions put before and after every step."""

    def __init__(self, sink: SmtpSink, context: Any) -> None:
        required = sink.credentials is not None
        super().__init__(
            _Handler(sink),
            hostname="sink.example.test",
            enable_SMTPUTF8=True,
            tls_context=context,
            require_starttls=context is not None,
            auth_required=required,
            auth_require_tls=sink.certificate is not None and sink.tls == "starttls",
            authenticator=_authenticator(sink) if required else None,
        )
        self._sink = sink
        for verb, method in list(self._smtp_methods.items()):
            self._smtp_methods[verb] = self._wrapped(verb, method)

    def connection_made(self, transport: Any) -> None:
        self._sink._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._open.discard(self.transport)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        self._sink.connections += 1
        reaction = await self._before("CONNECT", "")
        if reaction and reaction.reply:
            await self.push(reaction.reply)
            _cut(self)
        await super()._handle_client()

    def _wrapped(
        self, verb: str, method: Callable[[str | None], Awaitable[None]]
    ) -> Callable[[str | None], Awaitable[None]]:
        async def step(argument: str | None) -> None:
            self._sink.commands.append((verb, argument or ""))
            reaction = await self._before(verb, argument or "")
            if reaction and reaction.reply:
                await self.push(reaction.reply)
                if reaction.reply.startswith("421"):
                    _cut(self)
            elif verb == "DATA" and reaction and reaction.drop:
                await self.push("354 End data with <CR><LF>.<CR><LF>")
            else:
                await method(argument)
            if reaction and reaction.drop:
                _cut(self)

        return step

    async def _before(self, verb: str, argument: str) -> Reaction | None:
        reaction = self._sink._take_reaction(verb, argument)
        if reaction:
            await asyncio.sleep(reaction.delay_s)
            if reaction.drop == "before":
                _cut(self)
        return reaction


class _Handler:
    """aiosmtpd's hook for the end of a letter, and for logging in with a token."""

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        """Take `user=U^Aauth=Bearer TOKEN^A^A` where the credentials are user and token."""
        given = base64.b64decode(arguments[1]).decode()
        user, token = self._sink.credentials or ("", "")
        right = given == f"user={user}\x01auth=Bearer {token}\x01\x01"
        return AuthResult(success=right, handled=False)

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_DATA(  # noqa: N802 (aiosmtpd looks it up by this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        reaction = self._sink._take_reaction("DOT", "")
        if reaction and reaction.drop == "before":
            await asyncio.sleep(reaction.delay_s)
            _cut(server)
        reply = (reaction and reaction.reply) or "250 2.0.0 kept"
        if reply.startswith("2"):
            self._sink._keep(_received(session, envelope))
        if reaction:
            await asyncio.sleep(reaction.delay_s)
            if reaction.drop:
                _cut(server)
            if reply.startswith("421"):
                await server.push(reply)
                _cut(server)
        return reply


def _cut(server: SMTP) -> NoReturn:
    if server.transport is not None:
        server.transport.close()
    # The way that aiosmtpd itself takes out of its loop when a connection is lost.
    raise asyncio.CancelledError


def _authenticator(sink: SmtpSink) -> Callable[..., AuthResult]:
    def authenticate(*arguments: Any) -> AuthResult:
        given = arguments[-1]
        # `handled=False` lets aiosmtpd answer; with True a refused client waits for ever.
        if not isinstance(given, LoginPassword) or sink.credentials is None:
            return AuthResult(success=False, handled=False)
        user, password = sink.credentials
        right = given.login == user.encode() and given.password == password.encode()
        return AuthResult(success=right, handled=False)

    return authenticate


def _received(session: Session, envelope: Envelope) -> Received:
    return Received(
        peer=_address(session.peer),
        mail_from=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        content=bytes(envelope.original_content or b""),
        at=time.monotonic(),
    )


def _address(peer: Any) -> tuple[str, int]:
    return str(peer[0]), int(peer[1])
