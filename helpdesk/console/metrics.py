"""/metrics for Prometheus: numbers of the database and of the daemon's parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from helpdesk.desk.health import Health
from helpdesk.store.counts import Counts, counts
from helpdesk.store.database import Database

#: Media type of what `Metrics.text` returns.
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Collects when asked; nothing is counted on the way of a mail."""

    def __init__(self, database: Database, health: Health) -> None:
        """Remember where the numbers come from."""
        self._database = database
        self._health = health

    def text(self) -> bytes:
        """Return the numbers in Prometheus' text format."""
        with self._database.read() as tx:
            found = counts(tx)
        registry = CollectorRegistry()
        registry.register(_Snapshot(found, self._health, datetime.now(UTC)))
        return generate_latest(registry)


class _Snapshot(Collector):
    """One look at everything."""

    def __init__(self, found: Counts, health: Health, now: datetime) -> None:
        self._found, self._health, self._now = found, health, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each family once."""
        found = self._found
        yield _family("mails", "Mails by disposition", "disposition", found.mails)
        yield _family("letters", "Letters by state", "state", found.letters)
        yield _family("actions", "Actions by state", "state", found.actions)
        yield _single("quarantine_mails", "Mails in quarantine", found.mails.get("quarantined", 0))
        yield _single(
            "oldest_waiting_seconds",
            "Age of the oldest action that waits for a person; 0: none waits",
            self._age(found.oldest_waiting) or 0.0,
        )
        yield _single(
            "oldest_letter_seconds",
            "Age of the oldest letter that is on its way and has not left; 0: all have left",
            self._age(found.oldest_letter) or 0.0,
        )
        if (age := self._age(found.imported_at)) is not None:
            yield _single("registry_import_age_seconds", "Age of the last registry import", age)
        for part, state in self._health.snapshot().items():
            yield _single(f"{part}_up", f"1 while the {part} can be reached", float(state.ok))
            if (heard := self._age(state.heard_at)) is not None:
                yield _single(f"{part}_heard_seconds", f"Seconds since the {part} answered", heard)

    def _age(self, since: datetime | None) -> float | None:
        return (self._now - since).total_seconds() if since else None


def _family(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"helpdesk_{name}", text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"helpdesk_{name}", text, value=value)
