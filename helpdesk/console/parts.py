"""What the pages share, built once by the daemon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from helpdesk.console.metrics import Metrics
from helpdesk.desk.context import Desk
from helpdesk.desk.health import Health
from helpdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class Site:
    """How browsers name the console."""

    #: '' or a path such as /helpdesk.
    base: str = ""
    #: https://desk.example.jp; '' where nobody said: loopback only.
    origin: str = ""
    #: Names that a Host header may hold.
    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "[::1]"})

    @property
    def is_secure(self) -> bool:
        """Say whether browsers reach it over TLS."""
        return self.origin.startswith("https:")

    @classmethod
    def of(cls, url: str, bind_host: str) -> Site:
        """Return the site of HELPDESK_CONSOLE_URL ('' where not set)."""
        hosts = cls().hosts | {f"[{bind_host}]" if ":" in bind_host else bind_host}
        if not url:
            return cls(hosts=hosts)
        found = urlsplit(url)
        return cls(
            base=found.path.rstrip("/"),
            origin=f"{found.scheme}://{found.netloc}",
            hosts=hosts | {(found.hostname or "").lower()},
        )


@dataclass(frozen=True, slots=True)
class Files:
    """Where the rules and the letters of the operator lie; None: the shipped ones serve."""

    rules: str | None = None
    templates: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Database, desk and daemon as the pages need them."""

    database: Database
    #: The desk with the rules that are in force now.
    desk: Callable[[], Desk]
    health: Health
    metrics: Metrics
    site: Site = field(default_factory=Site)
    files: Files = field(default_factory=Files)
    #: Letters were written or freed: the sender should look.
    wake_sender: Callable[[], None] = lambda: None
    #: A mail was given back, or somebody is about to decide: the watcher should look.
    wake_watcher: Callable[[], None] = lambda: None
    #: Rules or letters changed on disk: put them in force, or say why not.
    reload: Callable[[], str | None] = lambda: None
    #: Delivers a mail into the desk's own mailbox; only the demo has it.
    play: Callable[[bytes, str], None] | None = None
