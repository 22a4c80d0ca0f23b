"""The refresh token at rest: sealed, sealed anew, and of one origin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpdesk.desk import keys
from helpdesk.store import facts, tokens
from helpdesk.store.database import Database
from tests.prepared import KEY

pytestmark = pytest.mark.server


@pytest.fixture
def database(sealed_url: str) -> Iterator[Database]:
    opened = Database(sealed_url, KEY)
    yield opened
    opened.close()


def test_refresh_token_lies_sealed_and_survives_a_new_key(database: Database) -> None:
    with database.begin() as tx:
        tokens.keep_refresh_token(tx, "settings", "rt-2")
        before = facts.read_fact(tx, "oauth_refresh_token")["token"]
    keys.rotate(database, "operator")
    with database.read() as tx:
        after = facts.read_fact(tx, "oauth_refresh_token")["token"]
        assert tokens.kept_refresh_token(tx, "settings") == "rt-2"
        assert tokens.kept_refresh_token(tx, "other settings") is None
    assert "rt-2" not in before + after
    assert before != after


def test_token_that_an_earlier_version_kept_in_clear_is_read(database: Database) -> None:
    with database.begin() as tx:
        facts.write_fact(tx, "oauth_refresh_token", {"token": "rt-2", "origin": "settings"})
        assert tokens.kept_refresh_token(tx, "settings") == "rt-2"
        assert tokens.seal_refresh_token(tx) == 1
        assert facts.read_fact(tx, "oauth_refresh_token")["token"] != "rt-2"
