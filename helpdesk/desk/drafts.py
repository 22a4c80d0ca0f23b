"""What somebody typed before their session ended: sealed, theirs alone, for a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.store import drafts
from helpdesk.store.database import Database
from helpdesk.store.vault import VaultError

#: A draft older than this is forgotten.
KEPT = timedelta(days=1)

# Twenty forms with a long letter each; nobody fills a disk by this.
_LONGEST, _MOST_OF_ONE = 400_000, 20


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of a form that was not taken."""

    path: str
    typed: dict[str, list[str]]


def keep(database: Database, name: str, packed: str, now: datetime) -> int | None:
    """Keep what the log-in's form carried; return its number, None where it is no draft."""
    if len(packed) > _LONGEST or _unpacked(packed) is None:
        return None
    with database.begin() as tx:
        drafts.forget_before(tx, now - KEPT)
        if drafts.count_of(tx, name) >= _MOST_OF_ONE:
            return None
        return drafts.insert_draft(tx, name, packed.encode("utf-8", "surrogatepass"), now)


def find(database: Database, number: int, name: str) -> Draft | None:
    """Return a person's own draft, or None."""
    with database.read() as tx:
        try:
            packed = drafts.draft_of(tx, number, name)
        except VaultError:  # Its key is gone, and so is the draft.
            return None
    return _unpacked(packed.decode("utf-8", "surrogatepass")) if packed is not None else None


def _unpacked(packed: str) -> Draft | None:
    try:
        path, typed = json.loads(packed)
        if not all(isinstance(values, list) for values in typed.values()):
            return None
        made = {str(name)[:100]: [str(value) for value in values] for name, values in typed.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return Draft(path, made) if isinstance(path, str) and path.startswith("/") else None
