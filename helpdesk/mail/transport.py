"""The door to SMTP: one reused connection to the relay, and what it said of a letter.

An answer of the relay is a value (`Answer`), never an exception; RelayError means that
the relay itself cannot be used now. Source: RFC 5321 4.2.1 (reply codes), 3207
(STARTTLS), 4954 (AUTH).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPResponse
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from helpdesk.config import SmtpUrl
from helpdesk.errors import HelpdeskError

# For every command but the last; RFC 5321 4.5.3.2 asks for minutes, but a relay that
# is silent for this long on loopback or a LAN is better tried again.
COMMAND_TIMEOUT_S = 30.0

# After the final dot the relay may scan the letter; RFC 5321 4.5.3.2.6 says ten minutes.
DATA_TIMEOUT_S = 300.0

# An address that stands in a command as it is. The library reads every one as a header
# of a mail, which takes longer than to send the command; it still judges all others.
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")

# A relay's words are kept for staff; more than this is no reason but a flood.
_WORDS = 300


class RelayError(HelpdeskError):
    """The relay cannot be used now; every letter waits."""

    temporary = True


class RelayRefused(RelayError):
    """The relay does not let us in; a person has to look at the account."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the relay said at the end of a step."""

    code: int
    #: The relay's own words, bounded. They may hold the recipient's address: shown to
    #: staff, never logged.
    words: str

    @property
    def accepted(self) -> bool:
        """True for 2xx."""
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """True for 4xx: the same letter may pass later."""
        return 400 <= self.code < 500


class Relay:
    """One connection to the relay, opened when it is first needed and kept."""

    def __init__(
        self,
        url: SmtpUrl,
        sender: str,
        tls_ca_file: str | None = None,
        token: Callable[[], str] | None = None,
    ) -> None:
        """Remember where the relay is; `sender` is the envelope's MAIL FROM.

        `token` gives an access token (XOAUTH2) in place of the password; it may block.
        """
        self._token = token
        self._url = url
        self._sender = sender
        self._ca_file = tls_ca_file
        self._smtp: SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Say whether a connection stands."""
        return self._smtp is not None and self._smtp.is_connected

    async def open(self) -> None:
        """Connect, demand TLS where it is wanted, and log in. Raises RelayError."""
        if self.is_open:
            return
        url = self._url
        name = f"the relay {url.host}:{url.port}"
        smtp = SMTP(
            hostname=url.host,
            port=url.port,
            timeout=COMMAND_TIMEOUT_S,
            use_tls=url.tls == "implicit",
            # None would upgrade only where it is offered: an attacker removes the offer.
            start_tls=url.tls == "starttls",
            tls_context=(
                None if url.tls == "never" else ssl.create_default_context(cafile=self._ca_file)
            ),
        )
        try:
            async with _own_errors(name):
                await smtp.connect()
                if url.user is not None:
                    await self._log_in(smtp, name)
        except _Said as said:
            smtp.close()
            raise RelayError(f"{name} answered {said.answer.code} to our greeting") from said
        except RelayError:
            smtp.close()
            raise
        self._smtp = smtp

    async def _log_in(self, smtp: SMTP, name: str) -> None:
        try:
            user, password = self._url.user or "", self._url.password or ""
            if smtp.is_ehlo_or_helo_needed:  # After STARTTLS what was said before is void.
                await smtp.ehlo()
            # `login` would try every mechanism with a wrong password; one refusal is enough.
            if self._token is not None:
                await smtp.auth_xoauth2(user, await asyncio.to_thread(self._token))
            elif "plain" in smtp.supported_auth_methods:
                await smtp.auth_plain(user, password)
            else:
                await smtp.login(user, password)
        except SMTPAuthenticationError as error:
            if error.code < 500:
                raise RelayError(f"{name} cannot check the log-in now ({error.code})") from error
            why = f"user name or password ({error.code}); check HELPDESK_SMTP_URL"
            if self._token is not None:
                why = f"the access token ({error.code}); check HELPDESK_OAUTH_…"
            raise RelayRefused(f"{name} refused {why}") from error

    async def offer(self, recipient: str) -> Answer:
        """Name sender and recipient of the next letter.

        Anything but an accepted answer ends this letter's turn; the connection stays
        good. Raises RelayError where the relay as a whole is in trouble (421, cut).
        """
        smtp = self._require_open()
        try:
            async with _own_errors("the relay"):
                await _mail(smtp, self._sender)
                response = await _rcpt(smtp, recipient)
        except _Said as said:
            await self._after(said.answer)
            return said.answer
        return Answer(response.code, _bounded(response.message))

    async def hand_over(self, source: bytes) -> Answer | None:
        """Send the letter after an accepted `offer`.

        None: the connection ended before the relay answered, so nobody knows whether
        it has the letter.
        """
        smtp = self._require_open()
        try:
            async with _own_errors("the relay"):
                response = await smtp.data(source, timeout=DATA_TIMEOUT_S)
        except _Said as said:
            # A refusal is definite, 421 too: the relay has not taken the letter.
            with contextlib.suppress(RelayError):
                await self._after(said.answer)
            return said.answer
        except RelayError:
            self.close()
            return None
        return Answer(response.code, _bounded(response.message))

    async def probe(self) -> None:
        """Find out whether the relay can be used. Raises RelayError where it cannot."""
        if self.is_open:
            try:
                async with _own_errors("the relay"):
                    await self._require_open().noop()
                return
            except (_Said, RelayError):
                self.close()
        await self.open()

    async def _after(self, answer: Answer) -> None:
        """Make the connection ready for the next letter after a refusal."""
        if answer.code == 421:  # "closing transmission channel": RFC 5321 3.8
            self.close()
            raise RelayError(f"the relay asked us to come back later ({answer.code})")
        try:
            async with _own_errors("the relay"):
                await self._require_open().rset()
        except (_Said, RelayError):
            self.close()

    async def quit(self) -> None:
        """Say goodbye and hang up."""
        if self._smtp is not None and self._smtp.is_connected:
            with contextlib.suppress(SMTPException, OSError, asyncio.TimeoutError):
                await self._smtp.quit(timeout=2)
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _require_open(self) -> SMTP:
        if self._smtp is None:
            raise RelayError("the connection to the relay is gone")
        return self._smtp


async def _mail(smtp: SMTP, sender: str) -> SMTPResponse:
    if smtp.is_ehlo_or_helo_needed or not _PLAIN.fullmatch(sender):
        return await smtp.mail(sender)
    return _taken(await smtp.execute_command(b"MAIL", f"FROM:<{sender}>".encode()), 250)


async def _rcpt(smtp: SMTP, recipient: str) -> SMTPResponse:
    if not _PLAIN.fullmatch(recipient):
        return await smtp.rcpt(recipient)
    return _taken(await smtp.execute_command(b"RCPT", f"TO:<{recipient}>".encode()), 250, 251)


def _taken(response: SMTPResponse, *codes: int) -> SMTPResponse:
    if response.code not in codes:
        raise SMTPResponseException(response.code, response.message)
    return response


class _Said(Exception):
    """The relay refused a command; its answer is the value."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


@asynccontextmanager
async def _own_errors(what: str) -> AsyncIterator[None]:
    try:
        yield
    except HelpdeskError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise RelayError(
            f"{what}: its certificate is not valid ({error.verify_message})"
        ) from error
    except SMTPServerDisconnected as error:
        raise RelayError(f"{what} closed the connection") from error
    except (SMTPTimeoutError, TimeoutError) as error:
        raise RelayError(f"{what} did not answer in time") from error
    except SMTPResponseException as error:
        answer = Answer(error.code, _bounded(error.message))
        if error.code < 400:
            raise RelayError(f"{what} answered {error.code} where that makes no sense") from error
        raise _Said(answer) from error
    except SMTPException as error:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise RelayError(
                f"{what}: its certificate is not valid ({cause.verify_message})"
            ) from error
        raise RelayError(
            f"{what} cannot be used ({type(error).__name__}: {_bounded(str(error))})"
        ) from error
    except OSError as error:
        raise RelayError(f"{what} cannot be reached ({error.strerror or error})") from error


def _bounded(words: str) -> str:
    return " ".join(words.split())[:_WORDS]
