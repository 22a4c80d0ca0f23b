"""The verdict on a request as the registry stands in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk.desk.context import Desk
from helpdesk.domain.identity import Verdict, claims_of, judge
from helpdesk.domain.registry import Facility
from helpdesk.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it was made on."""

    outcome: str
    certification_number: str | None
    #: Version of the facility's row; an approval checks that it still holds.
    facility_version: int | None
    #: [part, result, reason] each; no personal data.
    evidence: tuple[tuple[str, str, str], ...]
    #: The facility as the registry holds it; None: none is meant.
    facility: Facility | None = None


def judge_fields(
    desk: Desk, tx: Transaction, fields: Mapping[str, str | None], missing: Sequence[str]
) -> Judged:
    """Judge the fields of a request (keys of DESIGN section 5) against the registry."""
    claims = claims_of(fields, missing)
    verdict = judge(claims, desk.registry.index(tx))
    number = verdict.facility.certification_number if verdict.facility else None
    return Judged(
        outcome=verdict.outcome,
        certification_number=number,
        facility_version=desk.registry.version_of(number) if number else None,
        evidence=_evidence(verdict),
        facility=verdict.facility,
    )


def _evidence(verdict: Verdict) -> tuple[tuple[str, str, str], ...]:
    """Return the parts, and where facilities had to be told apart, what decided."""
    parts = tuple((part.name, part.result, part.reason) for part in verdict.parts)
    decided = tuple(("decision", verdict.outcome, reason) for reason in verdict.reasons[1:])
    return parts + decided
