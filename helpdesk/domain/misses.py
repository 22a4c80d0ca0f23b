"""How many wrong answers are too many: per facility, physician and sender, and over all.

Beyond the limits nothing is decided by the machine's verdict alone any more: a right
answer may be the last of many guesses. Nobody is locked out: a person decides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

DAY, MONTH, YEAR = timedelta(days=1), timedelta(days=30), timedelta(days=365)
HOUR = timedelta(hours=1)

SCOPES = ("facility", "physician", "sender")

#: Who a wrong answer counts against: scope and keyed digest.
Key = tuple[str, str]


# Mailboxes in which a dot in the name is none; both domains are one.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def counted_sender(address: str) -> str:
    """Return the mailbox that a wrong answer counts against, whatever it calls itself today.

    Case, a part behind + and Gmail's dots make no other person of somebody (RFC 5233).
    """
    local, _, domain = unicodedata.normalize("NFKC", address).lower().rpartition("@")
    domain = domain.rstrip(".")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    return f"{local}@{domain}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures of the rules (identity.misses)."""

    per_day: int
    per_30_days: int
    per_year: int
    overall_per_hour: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Wrong answers of one key within a day, thirty days and a year."""

    day: int = 0
    month: int = 0
    year: int = 0

    def plus_one(self) -> Counts:
        """Return the counts with one more, of now."""
        return Counts(self.day + 1, self.month + 1, self.year + 1)


@dataclass(slots=True)
class Tally:
    """What was counted so far, as one transaction sees it."""

    by_key: dict[Key, Counts] = field(default_factory=dict)
    within_hour: int = 0

    def add(self, keys: Iterable[Key]) -> None:
        """Count one wrong answer."""
        for key in keys:
            self.by_key[key] = self.by_key.get(key, Counts()).plus_one()
        self.within_hour += 1


def scopes_over(tally: Tally, keys: Iterable[Key], limits: Limits) -> tuple[str, ...]:
    """Return in which scopes the limits were reached before this answer; () for none."""
    over = [scope for scope, key in keys if _is_over(tally.by_key, (scope, key), limits)]
    if tally.within_hour >= limits.overall_per_hour:
        over.append("overall")
    return tuple(over)


def _is_over(by_key: Mapping[Key, Counts], key: Key, limits: Limits) -> bool:
    counts = by_key.get(key, Counts())
    return (
        counts.day >= limits.per_day
        or counts.month >= limits.per_30_days
        or counts.year >= limits.per_year
    )
