"""Finding facilities by a few words, as people write them: variants, kana, numbers, parts."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.desk.context import Desk
from helpdesk.domain.registry import Facility, RegistryIndex
from helpdesk.domain.searchable import searchable
from helpdesk.store.database import Transaction

# Words of one search; more narrow nothing down.
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Page:
    """One page of facilities."""

    rows: tuple[Facility, ...]
    total: int


def find(desk: Desk, words: str, *, limit: int, offset: int = 0) -> tuple[Facility, ...]:
    """Return the facilities that hold every word; the nearest names where none does."""
    return page(desk, words, limit=limit, offset=offset).rows


def page(desk: Desk, words: str, *, limit: int, offset: int = 0, kind: str = "") -> Page:
    """Return one page of the facilities that hold every word, by number."""
    with desk.database.read() as tx:
        index = desk.registry.index(tx)
        texts = _texts(desk, tx, index)
    wanted = [searchable(word) for word in words.replace("　", " ").split()[:_MOST_WORDS]]
    found = [
        one
        for one in index.facilities
        if (not kind or one.kind == kind)
        and all(word in texts[one.certification_number] for word in wanted if word)
    ]
    if not found and words.strip():
        found = [one.facility for one in index.candidates(words.strip(), words.strip())]
    return Page(tuple(found[offset : offset + limit]), len(found))


def by_number(desk: Desk, number: str) -> Facility | None:
    """Return a facility by its certification number in any width, or None."""
    if not number:
        return None
    with desk.database.read() as tx:
        return desk.registry.index(tx).by_number(number)


# What a search looks at, made once for a version of the registry: folding 10,000 rows
# takes a quarter of a second.
_made: dict[int, tuple[RegistryIndex, dict[str, str]]] = {}


def _texts(desk: Desk, _tx: Transaction, index: RegistryIndex) -> dict[str, str]:
    key = id(desk.registry)
    known = _made.get(key)
    if known is None or known[0] is not index:
        texts = {one.certification_number: _text(one) for one in index.facilities}
        _made.clear()
        _made[key] = (index, texts)
        return texts
    return known[1]


def _text(one: Facility) -> str:
    parts = (
        one.certification_number,
        one.name,
        *one.former_names,
        one.physician,
        one.physician_kana,
        one.address,
        one.main_phone,
    )
    return "\n".join(searchable(part) for part in parts)
