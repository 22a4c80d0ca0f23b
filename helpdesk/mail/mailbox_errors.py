"""What goes wrong at the mailbox, in our own words and without anybody's data."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from helpdesk.errors import HelpdeskError


class MailboxError(HelpdeskError):
    """The mailbox cannot be reached; the connection is made anew."""

    temporary = True


class MailboxRefused(MailboxError):
    """The server does not let us in; a person has to look at user name and password."""


class MailboxSaidNo(MailboxError):
    """The server refused one command; the connection is good."""


@contextmanager
def own_errors(what: str) -> Iterator[None]:
    """Turn the library's and the system's errors into ours, without anybody's data."""
    try:
        yield
    except HelpdeskError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(
            f"{what}: its certificate is not valid ({error.verify_message});"
            " name the right host, or your own authority in HELPDESK_TLS_CA_FILE"
        ) from error
    except (TimeoutError, OSError) as error:
        raise MailboxError(f"{what} cannot be reached ({_system_words(error)})") from error
    except IMAPClientAbortError as error:
        raise MailboxError(f"{what}: the connection broke ({_server_words(error)})") from error
    except IMAPClientError as error:
        raise MailboxSaidNo(f"{what}: the server answered {_server_words(error)}") from error
    except (ValueError, KeyError, IndexError, AssertionError) as error:
        # imaplib and the parser raise these on answers that break the protocol.
        raise MailboxError(f"{what}: the server's answer makes no sense") from error


def _system_words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _server_words(error: IMAPClientError) -> str:
    """Return the answer's code, or its first words; subjects and addresses never occur there."""
    return " ".join(str(error).split())[:120]


def shut(client: IMAPClient) -> None:
    """Close a connection without a word: the peer may be frozen."""
    with contextlib.suppress(Exception):
        client.shutdown()
