"""Waiting until a mailbox has something new: IDLE (RFC 2177), or asking now and then."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from imapclient import IMAPClient

from helpdesk.mail.mailbox_errors import MailboxError, own_errors


def told_of_mail(client: IMAPClient) -> bool:
    """Say whether the server told of mail since this was last asked.

    It may tell in the answer to any command (RFC 3501 7.3.1), and does so once: IDLE
    does not repeat it. imaplib keeps what nobody asked for.
    """
    imap = client._imap  # noqa: SLF001 - imapclient has no door
    _, counts = imap.response("EXISTS")
    for heard in ("EXPUNGE", "RECENT", "FETCH"):  # Nobody asks for these: they would add up.
        imap.untagged_responses.pop(heard, None)
    return bool(counts != [None])


def wait_for_news(client: IMAPClient, seconds: float, wake: socket.socket) -> None:
    """Return when something may be new, `wake` gets a byte, or the time is over.

    Raises MailboxError when the peer is gone.
    """
    if told_of_mail(client):
        return
    if client.has_capability("IDLE"):
        with own_errors("waiting for mail"):
            _idle(client, seconds, wake)
    else:
        select.select([wake], [], [], seconds)
        with own_errors("asking for mail"):
            client.noop()
    _drain(wake)


def _idle(client: IMAPClient, seconds: float, wake: socket.socket) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        client.idle()
        # What came together with the server's word that it idles is seen by no wait.
        told = told_of_mail(client) or _holds_unread(client)
        readable = [] if told else _readable(client.socket(), wake, left)
        # Ended to hear what it is: in whole lines, however many pieces they come in, and of a
        # connection that is gone as an error. `idle_check` can do neither.
        _, news = client.idle_done()
        if _says_bye(news):
            raise MailboxError("the mailbox server closed the connection")
        if told or told_of_mail(client) or wake in readable or any(map(_is_news, news)):
            return


def _holds_unread(client: IMAPClient) -> bool:
    """Say whether a line was received and not read: no wait on the socket sees it."""
    imap, peer = client._imap, client.socket()  # noqa: SLF001 - no door either
    if hasattr(imap, "_readbuf"):  # Since Python 3.14 imaplib keeps what it read itself.
        return bool(imap._readbuf)  # noqa: SLF001
    timeout = peer.gettimeout()
    peer.settimeout(0)
    try:
        return bool(imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        peer.settimeout(timeout)


def _readable(server: socket.socket, wake: socket.socket, seconds: float) -> list[socket.socket]:
    """Return which of the two has something; what TLS already holds counts as well."""
    if isinstance(server, ssl.SSLSocket) and server.pending():
        return [server]
    poll = select.poll()
    by_number = {server.fileno(): server, wake.fileno(): wake}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(seconds * 1000)]


def _says_bye(news: Sequence[Any]) -> bool:
    return any(line and line[0] == b"BYE" for line in news)


def _is_news(line: Any) -> bool:
    """Say whether an untagged line is more than 'still here'."""
    return len(line) > 1 and line[1] in (b"EXISTS", b"RECENT", b"EXPUNGE", b"FETCH")


def _drain(wake: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while wake.recv(4096):
            pass
