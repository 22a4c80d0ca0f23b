"""Access tokens: renewed early, rotated ones kept, and trouble said days ahead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from helpdesk.config import OAuth
from helpdesk.mail.oauth import TokenError, TokenSource
from helpdesk.store.database import DatabaseBusy
from tests.servers.tokens import TokenServer

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def make() -> Iterator[Callable[..., tuple[TokenServer, TokenSource, list[str]]]]:
    servers: list[TokenServer] = []

    def build(refresh_token: str = "", expires: date | None = None, **answer: Any) -> Any:
        server = TokenServer("desk@x.test", **answer)
        servers.append(server)
        kept: list[str] = []
        oauth = OAuth(f"{server.url}/token", "client", "s3cret", refresh_token, "scope", expires)
        source = TokenSource(
            oauth,
            kept_refresh_token=lambda: kept[-1] if kept else None,
            keep_refresh_token=kept.append,
        )
        return server, source, kept

    yield build
    for server in servers:
        server.close()


def test_client_credentials_are_the_grant_without_a_refresh_token(make: Any) -> None:
    server, source, _ = make()
    assert source.access_token(NOW) == "at-1"
    assert server.requests == [
        {
            "client_id": "client",
            "client_secret": "s3cret",
            "grant_type": "client_credentials",
            "scope": "scope",
        }
    ]


def test_rotated_refresh_token_is_kept_and_used_next(make: Any) -> None:
    server, source, kept = make("rt-1")
    source.access_token(NOW)
    source.access_token(NOW + timedelta(minutes=31))
    assert kept == ["rt-2", "rt-3"]
    assert [form["refresh_token"] for form in server.requests] == ["rt-1", "rt-2"]


def test_token_is_asked_for_once_and_renewed_at_half_its_life(make: Any) -> None:
    server, source, _ = make()
    for minute in (0, 1, 29):
        source.access_token(NOW + timedelta(minutes=minute))
    assert len(server.requests) == 1
    source.access_token(NOW + timedelta(minutes=30))
    assert len(server.requests) == 2


def test_failing_refresh_is_said_while_the_old_token_still_works(make: Any) -> None:
    server, source, _ = make("rt-1")
    source.access_token(NOW)
    server.refusal = (400, "invalid_grant")
    later = NOW + timedelta(minutes=31)
    assert "invalid_grant" in (source.problem(later) or "")
    assert source.access_token(later) == "at-1"
    with pytest.raises(TokenError, match="invalid_grant"):
        source.access_token(NOW + timedelta(minutes=61))
    server.refusal = None
    assert source.problem(NOW + timedelta(minutes=62)) is None


def test_failing_endpoint_is_not_hammered(make: Any) -> None:
    server, source, _ = make()
    server.refusal = (503, "")
    for second in range(20):
        source.problem(NOW + timedelta(seconds=second))
    assert len(server.requests) == 1


def test_what_ends_in_days_is_said_days_ahead(make: Any) -> None:
    _, source, _ = make("rt-1", refresh_token_expires_in="864000")
    source.access_token(NOW)
    assert "2026-12-04" in (source.problem(NOW) or "")
    _, soon, _ = make(expires=date(2026, 12, 1))
    assert "HELPDESK_OAUTH_EXPIRES" in (soon.problem(NOW) or "")
    _, fine, _ = make(expires=date(2027, 12, 1))
    assert fine.problem(NOW) is None


def test_rotated_token_that_cannot_be_kept_is_used_and_kept_as_soon_as_it_can_be(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, source, kept = make("rt-1")
    monkeypatch.setattr(source, "_keep", refuse)  # A database that is busy.
    assert source.access_token(NOW) == "at-1"
    assert "a restart would lose it" in (source.problem(NOW) or "")
    source.access_token(NOW + timedelta(minutes=31))
    assert [form["refresh_token"] for form in server.requests] == ["rt-1", "rt-2"]
    monkeypatch.setattr(source, "_keep", kept.append)
    assert source.problem(NOW + timedelta(minutes=32)) is None
    assert kept == ["rt-3"]


def refuse(_token: str = "") -> None:
    raise DatabaseBusy("the database is busy with other work; it is tried again")


def test_database_that_cannot_be_read_is_a_problem_and_no_end(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, source, _ = make("rt-1")
    monkeypatch.setattr(source, "_kept", refuse)
    assert "busy" in (source.problem(NOW) or "")
    with pytest.raises(TokenError, match="busy"):
        source.access_token(NOW)


def test_end_of_a_token_that_was_rotated_is_no_end_of_the_next(make: Any) -> None:
    server, source, _ = make("rt-1", refresh_token_expires_in="864000")
    source.access_token(NOW)
    del server.answer["refresh_token_expires_in"]
    source.access_token(NOW + timedelta(minutes=31))
    assert source.problem(NOW + timedelta(minutes=32)) is None


def test_answer_that_is_no_http_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=babble, args=(listening,), daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        oauth = OAuth(f"http://127.0.0.1:{port}/token", "client", "s3cret", "", "", None)
        source = TokenSource(oauth, kept_refresh_token=lambda: None, keep_refresh_token=refuse)
        with pytest.raises(TokenError, match="cannot be reached"):
            source.access_token(NOW)
        thread.join()


def babble(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"220 mail.x.test ESMTP\r\n")


def test_endpoint_that_is_not_there_is_one_sentence(make: Any) -> None:
    server, source, _ = make()
    server.close()
    with pytest.raises(TokenError, match="cannot be reached"):
        source.access_token(NOW)


@pytest.mark.parametrize("answer", [{"access_token": "a\r\nb"}, {"access_token": None}])
def test_answer_without_a_usable_token_is_refused(make: Any, answer: dict[str, Any]) -> None:
    _, source, _ = make(**answer)
    with pytest.raises(TokenError, match="no access token"):
        source.access_token(NOW)
