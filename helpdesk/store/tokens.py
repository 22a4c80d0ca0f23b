"""The refresh token that an endpoint sent last, sealed: it opens the whole mailbox."""

from __future__ import annotations

from helpdesk.store import facts
from helpdesk.store.database import Transaction
from helpdesk.store.vault import vault_of

_FACT = "oauth_refresh_token"


def kept_refresh_token(tx: Transaction, origin: str) -> str | None:
    """Return what was rotated from the settings' token, whose digest is `origin`, or None."""
    known = facts.read_fact(tx, _FACT)
    return vault_of(tx).open(known["token"]) if known and known["origin"] == origin else None


def keep_refresh_token(tx: Transaction, origin: str, token: str) -> None:
    """Keep the token that replaces the one before."""
    facts.write_fact(tx, _FACT, {"token": vault_of(tx).seal(token), "origin": origin})


def seal_refresh_token(tx: Transaction) -> int:
    """Seal it under the current data key; return how many there were."""
    known = facts.read_fact(tx, _FACT)
    if known is None:
        return 0
    keep_refresh_token(tx, known["origin"], vault_of(tx).open(known["token"]))
    return 1
