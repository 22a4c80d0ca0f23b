"""Fixtures for every test: real servers, each test with a mailbox of its own."""

from __future__ import annotations

import gc
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.prepared import fill, fill_sealed, prepare
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres
from tests.servers.processes import REPOSITORY, Daemon, start_daemon
from tests.servers.processes import run_cli as run_command
from tests.servers.proxy import TcpProxy
from tests.servers.smtp_sink import SmtpSink

# A test that uses one of these needs a server from the system's packages.
_SERVER_FIXTURES = frozenset({"dovecot", "make_dovecot", "postfix", "make_postfix"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need Dovecot or Postfix, so that `-m 'not server'` leaves them out."""
    for item in items:
        if _SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)
    # Long ones first: a worker that is left with them at the end works alone.
    items.sort(
        key=lambda item: [item.get_closest_marker(one) is None for one in ("server", "slow")]
    )


def pytest_collection_finish() -> None:
    """Look no more through what is loaded by now, and less often through what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Return a Dovecot that all tests of a worker share; do not stop it."""
    with ExitStack() as stack:
        server = Dovecot()
        stack.callback(server.remove)
        server.start()
        yield server


@pytest.fixture
def make_dovecot() -> Iterator[Callable[..., Dovecot]]:
    """Return a maker of Dovecots of a test's own: tls=, without=("MOVE", …), settings=."""
    with ExitStack() as stack:

        def make(**options: Any) -> Dovecot:
            server = Dovecot(**options)
            stack.callback(server.remove)
            server.start()
            return server

        yield make


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """Return a Postfix that gives every letter to the shared Dovecot; do not stop it."""
    with ExitStack() as stack:
        server = Postfix(dovecot.lmtp_port)
        stack.callback(server.remove)
        server.start()
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Return a PostgreSQL that all tests of a worker share."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/both/helpdesk.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def tables_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database that has its tables, once of each kind."""
    return _url_of(request, tmp_path, fill)


@pytest.fixture(params=["sqlite", "postgresql"])
def sealed_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with its tables, sealed by `tests.prepared.KEY`."""
    return _url_of(request, tmp_path, fill_sealed)


def _url_of(request: pytest.FixtureRequest, folder: Path, filled: Callable[[str], None]) -> str:
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/both/helpdesk.db"
        prepare(url, filled)
        return url
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database(filled)


@pytest.fixture
def make_postfix() -> Iterator[Callable[..., Postfix]]:
    """Return a maker of Postfixes of a test's own: (lmtp_port, settings=)."""
    with ExitStack() as stack:

        def make(lmtp_port: int, **options: Any) -> Postfix:
            server = Postfix(lmtp_port, **options)
            stack.callback(server.remove)
            server.start()
            return server

        yield make


@pytest.fixture
def make_smtp_sink() -> Iterator[Callable[..., SmtpSink]]:
    """Return a maker of SMTP sinks: certificate=, tls="starttls"|"implicit", credentials=."""
    with ExitStack() as stack:

        def make(**options: Any) -> SmtpSink:
            sink = SmtpSink(**options)
            stack.callback(sink.close)
            sink.start()
            return sink

        yield make


@pytest.fixture
def smtp_sink(make_smtp_sink: Callable[..., SmtpSink]) -> SmtpSink:
    """Return an SMTP server that keeps every letter, without TLS and log-in."""
    return make_smtp_sink()


@pytest.fixture
def make_proxy() -> Iterator[Callable[[int], TcpProxy]]:
    """Return a maker of proxies before a port."""
    with ExitStack() as stack:

        def make(target_port: int) -> TcpProxy:
            proxy = TcpProxy(target_port)
            stack.callback(proxy.close)
            proxy.start()
            return proxy

        yield make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return a certificate for localhost and 127.0.0.1, and the authority to trust."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def user() -> str:
    """Return a name that no other test uses: a mail address, and its mailbox in Dovecot."""
    return f"desk-{secrets.token_hex(5)}@example.test"


class SpawnDaemon(Protocol):
    """Starts `helpdesk run`; see `start_daemon` for the options."""

    def __call__(self, env: dict[str, str], **options: Any) -> Daemon:
        """Start it and wait until it answers."""


@pytest.fixture
def spawn_daemon(tmp_path: Path) -> Iterator[SpawnDaemon]:
    """Return a starter of daemons that work in the test's folder and never outlive the test."""
    with ExitStack() as stack:

        def spawn(env: dict[str, str], **options: Any) -> Daemon:
            wait = options.pop("wait", True)
            healthy, timeout_s = options.pop("healthy", True), options.pop("timeout_s", 20.0)
            folder = options.pop("folder", tmp_path)
            daemon = start_daemon(env, folder=folder, wait=False, **options)
            stack.callback(daemon.kill)
            if wait:
                daemon.wait_until_up(healthy=healthy, timeout_s=timeout_s)
            return daemon

        yield spawn


@pytest.fixture
def run_cli(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a runner of single commands: (env, *arguments, input=), in the test's folder."""

    def run(
        env: dict[str, str], *arguments: str, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        return run_command(env, *arguments, cwd=options.pop("cwd", tmp_path), **options)

    return run


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Return the folder of sample mails that lies beside the repository, or skip."""
    folder = Path(os.environ.get("HELPDESK_SHARED") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip("there is no folder of sample mails: set HELPDESK_SHARED to one")
    return folder
