"""The door to IMAP: one connection to one mailbox, in our own words and errors.

Nothing here decides or stores. A message is named by (mailbox, UIDVALIDITY, UID);
flags are read by nobody, because people read the same mailbox all day.
Source: RFC 3501, 2177 (IDLE), 6851 (MOVE), 4315 (UIDPLUS), 6154 (special use).
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from helpdesk.config import ImapUrl
from helpdesk.mail.mailbox_errors import (
    MailboxRefused,
    own_errors,
    shut,
)
from helpdesk.mail.mailbox_news import told_of_mail, wait_for_news

# A server that does not take the connection within this time is down or far away.
CONNECT_TIMEOUT_S = 10.0

# The longest silence inside one answer; without it a frozen peer holds the thread for ever.
READ_TIMEOUT_S = 20.0

# Mails of another folder that are read at once, and what is read of each: its words.
_PEEKED_AT_ONCE = 50
_PEEKED_BYTES = 256 * 1024

# Where a server marks no folder as Sent, it has one of these names, in this order.
_SENT_NAMES = (
    "sent",
    "sent messages",
    "sent items",
    "sent mail",
    "送信済みアイテム",
    "送信済みメール",
    "送信済み",
)


@dataclass(frozen=True, slots=True)
class Selected:
    """State of a mailbox when it was opened."""

    uidvalidity: int
    #: The UID the next mail will get, at least.
    uidnext: int
    read_only: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail before it is fetched."""

    uid: int
    size_bytes: int
    received_at: datetime  # INTERNALDATE, aware UTC


class Mailbox:
    """One logged-in connection. Not for use by two threads at once."""

    def __init__(self, client: IMAPClient) -> None:
        """Wrap a logged-in client; use `connect`."""
        self._client = client
        self._folders: set[str] = set()
        self._separator: str | None = None
        self._prefix = ""
        self._sent: str | None = None
        self._sent_looked_for = False
        #: The server has told of new mail since `uids_from` looked.
        self._news = False
        #: The highest UIDNEXT that is accounted for.
        self._uidnext = 0

    @classmethod
    def connect(
        cls, url: ImapUrl, tls_ca_file: str | None = None, token: str | None = None
    ) -> Mailbox:
        """Log in by password, or by an access token (XOAUTH2) where one is given.

        Raises MailboxError, or MailboxRefused where the log-in is refused.
        """
        context = ssl.create_default_context(cafile=tls_ca_file) if url.tls else None
        with own_errors(f"the mailbox server {url.host}:{url.port}"):
            client = IMAPClient(
                url.host,
                port=url.port,
                ssl=url.tls,
                ssl_context=context,
                timeout=SocketTimeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            )
            try:
                if token is not None:
                    client.oauth2_login(url.user, token)
                else:
                    client.login(url.user, url.password)
            except LoginError as error:
                shut(client)
                why = "user name or password; check HELPDESK_IMAP_URL"
                if token is not None:
                    why = "the access token; check HELPDESK_OAUTH_… and what the account may do"
                raise MailboxRefused(
                    f"the mailbox server {url.host}:{url.port} refused {why}"
                ) from error
            except BaseException:
                shut(client)
                raise
            # Times come with their zone; converting to local time would lose it.
            client.normalise_times = False
        return cls(client)

    def select(self, folder: str) -> Selected:
        """Open a mailbox for the commands that follow."""
        with own_errors(f"the mailbox {folder}"):
            answer = self._client.select_folder(folder)
        self._uidnext = int(answer.get(b"UIDNEXT", 0))
        return Selected(
            uidvalidity=int(answer[b"UIDVALIDITY"]),
            uidnext=self._uidnext,
            read_only=b"READ-ONLY" in answer,
        )

    def uids_from(self, lowest: int) -> list[int]:
        """Return the UIDs that are at least `lowest`, ascending."""
        with own_errors("searching the mailbox"):
            # A search sees the mailbox as it was last told to us: NOOP has it told anew.
            self._client.noop()
            told_of_mail(self._client)
            self._news = False
            # `n:*` also names the last mail when that lies below n (RFC 3501 6.4.8).
            found = self._client.search(["UID", f"{max(lowest, 1)}:*"])
        uids = sorted(int(uid) for uid in found if uid >= lowest)
        self._uidnext = max([self._uidnext, *(uid + 1 for uid in uids)])
        return uids

    def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """Return size and time of mails; one that was expunged meanwhile is absent."""
        with own_errors("reading the mailbox"):
            answer = self._client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
        return [
            Envelope(uid, int(data[b"RFC822.SIZE"]), _utc(data[b"INTERNALDATE"]))
            for uid, data in sorted(answer.items())
            if b"RFC822.SIZE" in data and b"INTERNALDATE" in data
        ]

    def sources(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the raw bytes of mails, without marking them as read."""
        if not uids:
            return {}
        with own_errors("fetching mail"):
            answer = self._client.fetch(list(uids), ["BODY.PEEK[]"])
        return {uid: data[b"BODY[]"] for uid, data in answer.items() if data.get(b"BODY[]")}

    @property
    def can_move(self) -> bool:
        """Say whether mail can be filed without touching anybody else's deleted mail."""
        return bool(self._client.has_capability("MOVE") or self._client.has_capability("UIDPLUS"))

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails to a folder, which is created if missing.

        A UID that is gone is passed over by the server. Needs `can_move`: a bare
        EXPUNGE would also remove what people have marked as deleted.
        """
        with own_errors(f"filing into {folder}"):
            target = self._existing(folder)
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), target)
                return
            self._client.copy(list(uids), target)
            self._client.add_flags(list(uids), [b"\\Deleted"], silent=True)
            self._client.uid_expunge(list(uids))

    def sent_folder(self, wanted: str) -> str | None:
        """Return the Sent folder: the one named, or for `auto` the server's own."""
        if wanted != "auto":
            return self._on_server(wanted)
        if not self._sent_looked_for:
            with own_errors("looking for the Sent folder"):
                self._sent = _sent_of(self._client.list_folders())
            self._sent_looked_for = True
        return self._sent

    def append(self, folder: str, source: bytes, at: datetime) -> None:
        """Put a mail into a folder, unread."""
        with own_errors(f"putting a mail into {folder}"):
            self._client.append(folder, source, msg_time=at)

    def append_sent(self, folder: str, copies: Sequence[tuple[bytes, datetime]]) -> None:
        """Put copies of letters, each with its time, into the Sent folder, marked as read.

        One command for all where the server has MULTIAPPEND (RFC 3502): all or none.
        """
        with own_errors(f"filing copies into {folder}"):
            target = self._existing(folder)
            if self._client.has_capability("MULTIAPPEND"):
                self._client.multiappend(
                    target,
                    [{"msg": source, "flags": [b"\\Seen"], "date": at} for source, at in copies],
                )
                return
            for source, at in copies:
                self._client.append(target, source, flags=[b"\\Seen"], msg_time=at)

    def next_uid_of(self, folder: str) -> tuple[int, int]:
        """Return UIDVALIDITY of a folder, made if missing, and the UID its next mail will get."""
        with own_errors(f"asking for {folder}"):
            status = self._client.folder_status(self._existing(folder), ["UIDVALIDITY", "UIDNEXT"])
        return int(status[b"UIDVALIDITY"]), int(status[b"UIDNEXT"])

    def read_without(
        self, folder: str, header: str, lowest: int, back_to: str
    ) -> tuple[list[bytes], int | None]:
        """Return sources of mails of a folder that lack a header, from a UID on; reopen `back_to`.

        So many as may be held at once, ascending, and the UID from which on there are more,
        None where these are all. Of a long mail only the beginning, where its words are.
        """
        wanted = f"BODY.PEEK[]<0.{_PEEKED_BYTES}>"
        with own_errors(f"reading {folder}"):
            try:
                self._look_into(folder)
                found = self._client.search(["UID", f"{lowest}:*", "NOT", "HEADER", header, ""])
                uids = sorted(int(uid) for uid in found if uid >= lowest)
                now, later = uids[:_PEEKED_AT_ONCE], uids[_PEEKED_AT_ONCE:]
                mails = self._client.fetch(now, [wanted]) if now else {}
            finally:
                self._come_back_to(back_to)
        sources = (mails.get(uid, {}).get(b"BODY[]<0>") for uid in now)  # Expunged: nothing.
        return [one for one in sources if one], later[0] if later else None

    def holds(self, folder: str, message_ids: Sequence[str], back_to: str) -> set[str]:
        """Return those of the Message-IDs that lie in `folder`; then reopen `back_to`."""
        found = set()
        with own_errors(f"searching {folder}"):
            try:
                self._look_into(folder)
                for message_id in message_ids:
                    if self._client.search(["HEADER", "Message-ID", message_id]):
                        found.add(message_id)
            finally:  # After a refusal nothing is open (RFC 3501 6.3.1).
                self._come_back_to(back_to)
        return found

    def _look_into(self, folder: str) -> None:
        """Open another folder to read in; what was told of this one is not forgotten."""
        self._news = told_of_mail(self._client) or self._news
        self._client.select_folder(folder, readonly=True)

    def _come_back_to(self, folder: str) -> None:
        """Open the mailbox again; what came meanwhile is known by UIDNEXT alone."""
        answer = self._client.select_folder(folder)
        told_of_mail(self._client)
        uidnext = int(answer.get(b"UIDNEXT", 0))
        self._news = self._news or uidnext > self._uidnext
        self._uidnext = max(self._uidnext, uidnext)

    def wait(self, seconds: float, wake: socket.socket) -> None:
        """Return when something may be new, `wake` gets a byte, or the time is over.

        Uses IDLE where the server has it. Raises MailboxError when the peer is gone.
        """
        if not self._news:
            wait_for_news(self._client, seconds, wake)

    def close(self) -> None:
        """Log out."""
        with contextlib.suppress(Exception):
            self._client.logout()

    def hang_up(self) -> None:
        """Close the connection without a word: the peer may be frozen."""
        shut(self._client)

    def _existing(self, folder: str) -> str:
        """Return the folder's name on this server; create and subscribe it if missing."""
        name = self._on_server(folder)
        if name not in self._folders:
            if not self._client.folder_exists(name):
                self._client.create_folder(name)
                with contextlib.suppress(IMAPClientError):  # Some servers have none.
                    self._client.subscribe_folder(name)
            self._folders.add(name)
        return name

    def _on_server(self, folder: str) -> str:
        """Write a folder of the rules (`a/b`) with the server's separator and prefix."""
        if self._separator is None:
            self._separator, self._prefix = self._naming()
        if "/" not in folder or self._separator == "/":
            return folder
        return self._prefix + folder.replace("/", self._separator)

    def _naming(self) -> tuple[str, str]:
        if self._client.has_capability("NAMESPACE") and (own := self._client.namespace().personal):
            prefix, separator = own[0]
            return separator or "/", prefix
        listed = self._client.list_folders("", "")
        separator = listed[0][1] if listed else b"/"
        return (separator.decode() if isinstance(separator, bytes) else str(separator)), ""


def _sent_of(listed: Sequence[Any]) -> str | None:
    """Return the folder marked as Sent, or else the one with such a name."""
    for flags, _separator, name in listed:
        # Cyrus writes the mark in lower case.
        if any(flag.lower() == b"\\sent" for flag in flags):
            return str(name)
    by_last_part = {re.split(r"[/.]", str(name))[-1].lower(): str(name) for _, _, name in listed}
    return next((by_last_part[word] for word in _SENT_NAMES if word in by_last_part), None)


def _utc(at: datetime) -> datetime:
    zone: tzinfo = at.tzinfo or UTC
    return at.replace(tzinfo=zone).astimezone(UTC)
