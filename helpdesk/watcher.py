"""The thread that waits at the mailbox: one connection, made anew when it breaks."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from helpdesk.config import ImapUrl
from helpdesk.desk import watching
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.desk.lease import RENEW_S, Lease
from helpdesk.errors import HelpdeskError
from helpdesk.mail.mailbox import Mailbox
from helpdesk.mail.mailbox_errors import MailboxRefused
from helpdesk.rules import Rules

log = structlog.get_logger(__name__)

#: The name of this part in /healthz.
PART = "mailbox"

# Back-off between two tries to connect, in seconds; the first is short because most
# cuts are a server's restart or a passing fault of the network.
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 300.0

# As long as a connection and a look into the Sent folder take.
_OTHERS_LOOK_S = 2.0

# A refused log-in is not hammered on: servers lock accounts that try too often.
_REFUSED_WAIT_S = 60.0


class Watcher:
    """Watches one mailbox until it is stopped."""

    def __init__(
        self,
        url: ImapUrl,
        desk: Callable[[], Desk],
        health: Health,
        tls_ca_file: str | None,
        on_decided: Callable[[], None],
        on_looked: Callable[[], None],
        token: Callable[[], str] | None = None,
    ) -> None:
        """Prepare the thread; `desk` gives the rules in force, `on_decided` wakes the sender.

        `on_looked`: what staff answered is known, or cannot be known now.
        """
        self._url = url
        self._desk = desk
        self._health = health
        self._ca_file = tls_ca_file
        self._on_decided, self._on_looked = on_decided, on_looked
        self._token = token
        self._stopping = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        #: Whether this connection ever got through a whole round.
        self._worked = False
        self._lease = Lease(desk().database, f"watch:{url.user}@{url.host}:{url.folder}"[:300])
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._keeper = threading.Thread(target=self._keep_lease, name="lease", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()
        self._keeper.start()

    def wake(self) -> None:
        """Make the thread look now: a letter was sent, or the rules changed."""
        with suppress(BlockingIOError):  # It is full of wake-ups already.
            self._waker.send(b"x")

    def stop(self, timeout_s: float) -> bool:
        """Ask the thread to end after the mail in hand; True where it did in time."""
        self._stopping.set()
        self.wake()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        with suppress(HelpdeskError):  # It lapses by itself.
            self._lease.release(datetime.now(UTC))
        return True

    def _run(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._stopping.is_set():
            self._worked = False
            refused = False
            if not self._may_watch():
                # Where both have just begun, whoever watches is to look first.
                self._stopping.wait(_OTHERS_LOOK_S)
                self._on_looked()
                self._stopping.wait(RENEW_S - _OTHERS_LOOK_S)
                continue
            try:
                self._watch()
            except HelpdeskError as error:
                refused = isinstance(error, MailboxRefused)
                self._report(str(error))
                log.warning("mailbox_lost", error=str(error))
            except Exception as error:
                self._report("an unexpected fault at the mailbox; the log has it")
                log.error("watcher_failed", error=type(error).__name__, exc_info=True)
            self._on_looked()
            if self._worked:
                wait_s = _FIRST_WAIT_S
            # Jitter: after a restart of the server not everybody comes at once.
            rest_s = _REFUSED_WAIT_S if refused else wait_s * random.uniform(0.5, 1.5)  # noqa: S311
            self._stopping.wait(rest_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _may_watch(self) -> bool:
        """Say whether this process is the one that watches; another may be."""
        try:
            if self._lease.is_held or self._lease.acquire(datetime.now(UTC)):
                return True
        except HelpdeskError as error:
            self._report(str(error))
            return False
        note = "another helpdesk watches the mailbox; this one stands by"
        if self._health.report(PART, datetime.now(UTC), note=note):
            log.info("standing_by")
        return False

    def _keep_lease(self) -> None:
        """Renew the lease while it is held; a lost one ends the watch."""
        while not self._stopping.wait(RENEW_S):
            try:
                if self._lease.is_held and not self._lease.renew(datetime.now(UTC)):
                    log.warning("lease_lost", part=PART)
                    self.wake()
            except HelpdeskError as error:
                log.warning("lease_not_renewed", error=str(error))

    def _watch(self) -> None:
        """Connect and watch until the connection breaks (an exception) or we stop."""
        token = self._token() if self._token else None
        mailbox = Mailbox.connect(self._url, self._ca_file, token)
        try:
            watch = watching.start(self._desk(), mailbox, self._url.folder, datetime.now(UTC))
            self._on_looked()
            while not self._stopping.is_set() and self._lease.is_held:
                desk = self._desk()
                rest_s = watching.round_trip(desk, watch, self._on_decided)
                self._worked = True
                self._report(None)
                if rest_s > 0:
                    mailbox.wait(min(rest_s, _wait_s(desk.rules)), self._wake)
        except BaseException:
            mailbox.hang_up()
            raise
        mailbox.close()

    def _report(self, problem: str | None) -> None:
        if self._health.report(PART, datetime.now(UTC), problem) and problem is None:
            log.info("mailbox_ready")


def _wait_s(rules: Rules) -> float:
    """Return how long to wait at most: until the next look, or until IDLE must be renewed."""
    mailbox = rules.mailbox
    return min(mailbox.poll.timedelta, mailbox.idle_renewal.timedelta).total_seconds()
