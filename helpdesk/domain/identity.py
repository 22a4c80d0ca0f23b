"""Who asks, and how sure we are: the verdict on a request against the registry.

One pure function. It reads as a table: for each candidate facility every part of the
proof (physician, member number, birthdate) agrees, differs or is absent; the outcome
follows from the candidates that agree in everything that was given.

    something of the form missing                          incomplete
    no facility of that name or number                     mismatch
    no candidate agrees in everything given                mismatch
    several agree                                          ambiguous
    one agrees, but the number names another facility      ambiguous
    one agrees                                             verified
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.domain.japanese import fold
from helpdesk.domain.names import same_physician
from helpdesk.domain.registry import Candidate, Facility, RegistryIndex

VERIFIED, MISMATCH, AMBIGUOUS, INCOMPLETE = "verified", "mismatch", "ambiguous", "incomplete"
AGREES, DIFFERS, ABSENT, UNKNOWN = "agrees", "differs", "absent", "unknown"

# A misspelt name needs to be this near: one character in a name of eight.
_NEAR_ENOUGH = 0.72


@dataclass(frozen=True, slots=True)
class Claims:
    """What the mail says, as read: nothing of it is proved."""

    facility_name: str | None
    certification_number: str | None
    responsible_physician: str | None
    member_number: str | None
    birthdate: str | None  # ISO 8601
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The result for one part of the proof, with its reason; no personal data."""

    name: str  # facility | responsible_physician | member_number | birthdate
    result: str  # agrees | differs | absent | unknown
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with the evidence for each part."""

    outcome: str
    #: The facility that is meant, or the nearest; shown to staff, proved only if verified.
    facility: Facility | None
    score: float | None
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Examined:
    """A candidate with the results of its proof."""

    candidate: Candidate
    parts: tuple[Part, ...]

    @property
    def agrees(self) -> bool:
        """Say whether the physician and a proof agree, and nothing given is wrong."""
        physician, *proofs = (part.result for part in self.parts)
        given = [result for result in proofs if result != ABSENT]
        return physician == AGREES and bool(given) and all(one == AGREES for one in given)

    @property
    def weight(self) -> tuple[int, float]:
        """How much speaks for this candidate: parts that agree, then the name's score."""
        return sum(part.result == AGREES for part in self.parts), self.candidate.score


def judge(claims: Claims, index: RegistryIndex) -> Verdict:
    """Return the verdict on a request. Both proofs must be right where both are given."""
    candidates = _candidates(claims, index)
    examined = [_Examined(one, _proof(claims, one.facility)) for one in candidates]
    best = max(examined, key=_order, default=None)
    if claims.missing:
        return _verdict(INCOMPLETE, best, claims, "missing: " + ", ".join(claims.missing))
    if best is None:
        return _verdict(MISMATCH, None, claims, "no facility of that name or number")
    right = [one for one in examined if one.agrees and one.candidate.score >= _NEAR_ENOUGH]
    if not right:
        return _verdict(MISMATCH, best, claims, "no candidate agrees in everything that was given")
    if len(right) > 1:
        top = [one for one in right if _stands_out(one, right)]
        if len(top) != 1:
            return _verdict(AMBIGUOUS, max(right, key=_order), claims, "several facilities agree")
        right = top
    if _contradicted(claims, right[0].candidate, index):
        return _verdict(AMBIGUOUS, right[0], claims, "name and number mean different facilities")
    return _verdict(
        VERIFIED, right[0], claims, f"one facility agrees, by {right[0].candidate.reason}"
    )


def _order(one: _Examined) -> tuple[int, float, str]:
    return (*one.weight, one.candidate.facility.certification_number)


def _candidates(claims: Claims, index: RegistryIndex) -> list[Candidate]:
    return index.candidates(claims.facility_name, claims.certification_number)


def _stands_out(one: _Examined, right: Sequence[_Examined]) -> bool:
    """Say whether number and name both mean this candidate and no other that agrees."""
    if one.candidate.reason == "certification_number":
        return True
    exact = one.candidate.score >= 0.999
    return exact and all(
        other is one or other.candidate.reason == "similar_name" for other in right
    )


def _contradicted(claims: Claims, chosen: Candidate, index: RegistryIndex) -> bool:
    """Say whether name and number, both given, mean different facilities."""
    if not (claims.facility_name and claims.certification_number):
        return False
    by_number = index.by_number(claims.certification_number)
    if by_number is None or by_number.certification_number != chosen.facility.certification_number:
        return True
    named = index.named(claims.facility_name)
    numbers = {one.facility.certification_number for one in named if one.score >= _NEAR_ENOUGH}
    return bool(numbers) and chosen.facility.certification_number not in numbers


def _proof(claims: Claims, facility: Facility) -> tuple[Part, ...]:
    return (
        _physician(claims, facility),
        _compare("member_number", claims.member_number, facility.member_number, _digits),
        _compare(
            "birthdate",
            claims.birthdate,
            facility.birthdate.isoformat() if facility.birthdate else "",
            str,
        ),
    )


def _physician(claims: Claims, facility: Facility) -> Part:
    name = "responsible_physician"
    if not claims.responsible_physician:
        return Part(name, ABSENT, "not given")
    if same_physician(claims.responsible_physician, facility.physician, facility.physician_kana):
        return Part(name, AGREES, "the registered name")
    return Part(name, DIFFERS, "not the registered name")


def _compare(name: str, given: str | None, registered: str, key: object) -> Part:
    if not given:
        return Part(name, ABSENT, "not given")
    if not registered:
        return Part(name, UNKNOWN, "the registry has none, so nothing is proved")
    assert callable(key)  # noqa: S101
    if key(given) == key(registered):
        return Part(name, AGREES, "as registered")
    return Part(name, DIFFERS, "not as registered")


def _digits(number: str) -> str:
    """Return a member number for comparison: widths, hyphens and leading zeros do not count."""
    kept = "".join(char for char in fold(number) if char.isalnum())
    bare = kept.lstrip("abcdefghijklmnopqrstuvwxyz") if any(c.isdigit() for c in kept) else kept
    return bare.lstrip("0")


def _verdict(outcome: str, one: _Examined | None, claims: Claims, reason: str) -> Verdict:
    if one is None:
        given = claims.facility_name or claims.certification_number
        part = Part(
            "facility",
            DIFFERS if given else ABSENT,
            "not in the registry" if given else "not given",
        )
        return Verdict(outcome, None, None, (part,), (reason,))
    found = Part("facility", AGREES, f"found by {one.candidate.reason}")
    return Verdict(
        outcome, one.candidate.facility, one.candidate.score, (found, *one.parts), (reason,)
    )
