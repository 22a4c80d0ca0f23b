"""Who asks, and how sure we are: the verdict on a request against the registry.

One pure function over evidence, written as a table (`TABLE` below). For each facility
that may be meant every part of the proof (physician, member number, birthdate) agrees,
differs, is absent or cannot be compared; the first row that holds gives the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from helpdesk.domain.japanese import fold
from helpdesk.domain.names import same_physician
from helpdesk.domain.registry import NEAR_ENOUGH, Candidate, Facility, RegistryIndex

VERIFIED, MISMATCH, AMBIGUOUS, INCOMPLETE = "verified", "mismatch", "ambiguous", "incomplete"
AGREES, DIFFERS, ABSENT, UNKNOWN = "agrees", "differs", "absent", "unknown"


@dataclass(frozen=True, slots=True)
class Claims:
    """What the mail says, as read: nothing of it is proved."""

    facility_name: str | None
    certification_number: str | None
    responsible_physician: str | None
    member_number: str | None
    birthdate: str | None  # ISO 8601
    missing: tuple[str, ...]


def claims_of(fields: Mapping[str, str | None], missing: Sequence[str]) -> Claims:
    """Return what a reading or a case claims; `fields` has the keys of DESIGN section 5."""
    return Claims(
        facility_name=fields.get("facility_name"),
        certification_number=fields.get("certification_number"),
        responsible_physician=fields.get("responsible_physician"),
        member_number=fields.get("member_number"),
        birthdate=fields.get("birthdate"),
        missing=tuple(missing),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """The result for one part of the proof, with its reason; no personal data."""

    name: str  # facility | responsible_physician | member_number | birthdate
    result: str  # agrees | differs | absent | unknown
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with its evidence."""

    outcome: str
    #: The facility that is meant, or the nearest; shown to staff, proved only if verified.
    facility: Facility | None
    score: float | None
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)  # Without slots: properties are kept, the table asks for them often.
class Examined:
    """A facility that may be meant, with the results of its proof."""

    candidate: Candidate
    #: Whether the certification number in the mail is this facility's; None: none was given.
    by_number: bool | None
    #: Whether the name in the mail may be this facility's; None: none was given.
    by_name: bool | None
    parts: tuple[Part, ...]

    @property
    def results(self) -> tuple[str, tuple[str, ...]]:
        """The physician's result, and those of the proofs that were given."""
        physician, *proofs = (part.result for part in self.parts)
        return physician, tuple(result for result in proofs if result != ABSENT)

    @cached_property
    def agrees(self) -> bool:
        """Say whether the physician and a proof agree, and nothing given is wrong."""
        physician, given = self.results
        return physician == AGREES and bool(given) and all(one == AGREES for one in given)

    @property
    def is_half_proved(self) -> bool:
        """Say whether of two proofs one agrees and the registry does not hold the other."""
        physician, given = self.results
        return physician == AGREES and set(given) == {AGREES, UNKNOWN}

    @property
    def is_near(self) -> bool:
        """Say whether number or name are near enough to be believed."""
        return bool(self.by_number) or self.candidate.score >= NEAR_ENOUGH

    @property
    def is_slip_against_number(self) -> bool:
        """Say whether the number is another's and the name is not written as registered."""
        return self.by_number is False and not self.candidate.is_exact

    @property
    def is_meant_whole(self) -> bool:
        """Say whether number and name both mean this facility, the name as it is written."""
        return bool(self.by_number) and self.by_name is not False

    @cached_property
    def weight(self) -> tuple[int, bool, float]:
        """How much speaks for it: parts that agree, number and name together, the score."""
        agreeing = sum(part.result == AGREES for part in self.parts)
        return agreeing, self.is_meant_whole, self.candidate.score


@dataclass(frozen=True)
class Evidence:
    """Everything that the table may look at."""

    claims: Claims
    examined: tuple[Examined, ...]

    @cached_property
    def meant(self) -> tuple[Examined, ...]:
        """The facilities that may be meant at all.

        Where number and name together mean one, no other of that name is: a namesake's
        head proves nothing for it.
        """
        whole = tuple(one for one in self.examined if one.by_number and one.by_name)
        return whole or self.examined

    @cached_property
    def right(self) -> tuple[Examined, ...]:
        """The facilities that agree in everything that was given."""
        return tuple(one for one in self.meant if one.agrees and one.is_near)

    @property
    def far(self) -> tuple[Examined, ...]:
        """Facilities of another, only similar name that agree in the rest."""
        return tuple(one for one in self.meant if one.agrees and not one.is_near)

    @property
    def half(self) -> tuple[Examined, ...]:
        """Facilities for which only a part of what was given can be compared."""
        return tuple(one for one in self.meant if one.is_half_proved and one.is_near)

    @cached_property
    def best(self) -> Examined | None:
        """The facility for which most speaks; the certification number breaks ties."""
        ranked = sorted(self.examined, key=lambda one: one.candidate.facility.certification_number)
        return max(ranked, key=lambda one: one.weight, default=None)

    @property
    def only_best(self) -> Examined | None:
        """The best, where no other is as good."""
        best = self.best
        if best is None or sum(one.weight == best.weight for one in self.examined) > 1:
            return None
        return best


#: Read from above; the first row that holds decides (DESIGN section 5: incomplete stands
#: over mismatch, mismatch over ambiguous, ambiguous over verified).
TABLE: tuple[tuple[str, Callable[[Evidence], bool], str], ...] = (
    ("something of the form is missing", lambda e: bool(e.claims.missing), INCOMPLETE),
    ("no facility of that name or number", lambda e: not e.examined, MISMATCH),
    (
        "number and name disagree, and the name is only similar",
        lambda e: len(e.right) == 1 and e.right[0].is_slip_against_number,
        AMBIGUOUS,
    ),
    ("several facilities agree in everything", lambda e: len(e.right) > 1, AMBIGUOUS),
    ("one facility agrees in everything", lambda e: len(e.right) == 1, VERIFIED),
    ("the registry cannot confirm all that was given", lambda e: bool(e.half), AMBIGUOUS),
    ("only a facility of another, similar name agrees", lambda e: bool(e.far), AMBIGUOUS),
    ("no facility agrees in everything that was given", lambda _: True, MISMATCH),
)


def judge(claims: Claims, index: RegistryIndex) -> Verdict:
    """Return the verdict on a request. Both proofs must be right where both are given."""
    evidence = Evidence(claims, examine(claims, index))
    reason, outcome = next((why, end) for why, holds, end in TABLE if holds(evidence))
    if outcome == INCOMPLETE:
        chosen = evidence.only_best
        reason = f"{reason}: {', '.join(claims.missing)}"
    elif evidence.right:
        chosen = max(evidence.right, key=lambda one: one.weight)
    else:
        chosen = evidence.best
    return _verdict(outcome, reason, chosen, evidence)


def examine(claims: Claims, index: RegistryIndex) -> tuple[Examined, ...]:
    """Return every facility that number or name may mean, each with its proof."""
    numbered = index.by_number(claims.certification_number) if claims.certification_number else None
    by_name = index.named(claims.facility_name) if claims.facility_name else []
    named = {one.facility.certification_number for one in by_name if one.score >= NEAR_ENOUGH}
    examined = tuple(
        Examined(
            candidate=one,
            by_number=one.facility == numbered if claims.certification_number else None,
            by_name=one.facility.certification_number in named if claims.facility_name else None,
            parts=_proof(claims, one.facility),
        )
        for one in index.with_numbered(by_name, claims.certification_number)
    )
    # Number and name together mean one facility: a proof that fits another one of that
    # name is a wrong proof.
    settled = tuple(one for one in examined if one.by_number and one.by_name)
    return settled or examined


def _proof(claims: Claims, facility: Facility) -> tuple[Part, ...]:
    birthdate = facility.birthdate.isoformat() if facility.birthdate else ""
    return (
        _physician(claims, facility),
        _compare("member_number", claims.member_number, facility.member_number, digits_of),
        _compare("birthdate", claims.birthdate, birthdate, str),
    )


def _physician(claims: Claims, facility: Facility) -> Part:
    name = "responsible_physician"
    if not claims.responsible_physician:
        return Part(name, ABSENT, "not given")
    if same_physician(claims.responsible_physician, facility.physician, facility.physician_kana):
        return Part(name, AGREES, "the registered name")
    return Part(name, DIFFERS, "not the registered name")


def _compare(name: str, given: str | None, registered: str, key: Callable[[str], str]) -> Part:
    if not given:
        return Part(name, ABSENT, "not given")
    if not registered:
        return Part(name, UNKNOWN, "the registry has none, so nothing is proved")
    if key(given) == key(registered):
        return Part(name, AGREES, "as registered")
    return Part(name, DIFFERS, "not as registered")


def digits_of(number: str) -> str:
    """Return a member number for comparison: widths, hyphens and leading zeros do not count."""
    kept = "".join(char for char in fold(number) if char.isalnum())
    bare = kept.lstrip("abcdefghijklmnopqrstuvwxyz") if any(c.isdigit() for c in kept) else kept
    return bare.lstrip("0")


def _verdict(outcome: str, reason: str, one: Examined | None, evidence: Evidence) -> Verdict:
    reasons = [reason]
    if outcome == VERIFIED and (decided := _decided_by(evidence)):
        reasons.append(decided)
    if one is None:
        return Verdict(outcome, None, None, (_no_facility(evidence),), tuple(reasons))
    found = _facility_part(one, evidence)
    return Verdict(
        outcome, one.candidate.facility, one.candidate.score, (found, *one.parts), tuple(reasons)
    )


def _no_facility(evidence: Evidence) -> Part:
    claims = evidence.claims
    if not (claims.facility_name or claims.certification_number):
        return Part("facility", ABSENT, "not given")
    if evidence.examined:
        return Part("facility", UNKNOWN, f"{len(evidence.examined)} facilities may be meant")
    return Part("facility", DIFFERS, "not in the registry")


_FOUND_BY = {
    "certification_number": "found by its certification number",
    "name": "found by its name",
    "name_without_corporation": "found by its name without the corporation",
    "former_name": "found by a former name (旧施設名)",
    "name_with_department": "found by its name, a department behind it",
    "shortened_name": "found by a shortened name",
    "similar_name": "found by a name that differs by a slip",
    "other_name": "only similar: another facility's name, or another corporation",
}


def _facility_part(one: Examined, evidence: Evidence) -> Part:
    reason = _FOUND_BY[one.candidate.reason]
    if one.by_number is False:
        return Part("facility", UNKNOWN, f"{reason}; the certification number is not its own")
    if one.by_number and one.by_name is False:
        return Part("facility", UNKNOWN, f"{reason}; the name is not its own")
    if one.by_number and one.by_name:
        reason = "found by its certification number and its name"
    result = AGREES if one.is_near else DIFFERS
    others = len(evidence.examined) - 1
    return Part("facility", result, f"{reason}; {others} more may be meant" if others else reason)


def _decided_by(evidence: Evidence) -> str:
    """Say what decided between several facilities, or between number and name."""
    chosen = evidence.right[0]
    proofs = [part.name for part in chosen.parts if part.result == AGREES]
    if chosen.by_number is False or (chosen.by_number and chosen.by_name is False):
        return f"number and name disagree; decided by {', '.join(proofs)}"
    if len([one for one in evidence.examined if one.agrees and one.is_near]) > 1:
        return "several agree; decided by certification number and name together"
    if len(evidence.examined) > 1:
        return f"decided by {', '.join(proofs)} among {len(evidence.examined)} facilities"
    return ""
