"""The certified facilities, and finding the one that a mail names.

A look-up is a few dictionary hits; only a name that matches nothing exactly is compared
by rapidfuzz, and then with the few names that share one of its rarest character pairs.
Nothing depends on the order of the registry.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA, LCSseq

from helpdesk.domain.facility_names import (
    bodies_agree,
    ending_cut,
    is_other_name,
    is_unit,
    leaves_out_telling,
    parts_of,
    shortened,
    without_corporation,
    without_town,
    without_union,
)
from helpdesk.domain.japanese import fold

#: States of an application as the portal's export writes them (申請状況).
APPLICATION_STATES = ("未申請", "入力中", "申請済", "修正依頼中", "承認", "不合格")


@dataclass(frozen=True, slots=True)
class Facility:
    """One certified facility (認定施設): a core facility 基幹施設 or an affiliate 連携施設."""

    certification_number: str
    name: str
    kind: str  # core | affiliate
    physician: str  # 責任者氏名
    physician_kana: str = ""
    member_number: str = ""
    birthdate: date | None = None
    #: Mail address of the portal account.
    address: str = ""
    core_number: str = ""
    application_state: str = ""
    certified_from: date | None = None
    certified_until: date | None = None
    #: None: the registry has no such column, so nothing may be claimed.
    application_form: bool | None = None
    summary_form: bool | None = None
    sealed_documents: bool | None = None
    application_address: str = ""
    member_address: str = ""
    main_phone: str = ""
    former_names: tuple[str, ...] = ()
    #: Columns that we do not know, as they stood in the file.
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A facility that a mail may mean."""

    facility: Facility
    #: 0 to 1; 1 is the exact name or number.
    score: float
    #: certification_number | name | name_without_corporation | former_name |
    #: name_with_department | shortened_name | similar_name | other_name
    reason: str

    @property
    def is_exact(self) -> bool:
        """Say whether the name is written as registered, department and body aside."""
        return self.reason in _EXACT


#: How much a name is worth by how it was found. A facility below NEAR_ENOUGH may be
#: meant, but is never believed by its name.
_WORTH = {
    "certification_number": 1.0,
    "name": 1.0,
    "name_without_corporation": 0.97,
    "former_name": 0.95,
    "name_with_department": 0.94,
    "shortened_name": 0.85,
    "similar_name": 0.8,
    "other_name": 0.6,
}
_EXACT = frozenset(
    (
        "certification_number",
        "name",
        "name_without_corporation",
        "former_name",
        "name_with_department",
    )
)
NEAR_ENOUGH = 0.7

# What is said of a facility in brackets behind its name.
_REMARK = re.compile(r"[（(〔\[［][^（）()〔〕\[\]［］]*[）)〕\]］]\s*$")

# A slip changes one character, two in a long name.
_LONG_NAME = 10
# A slip spoils at most three pairs, so of the four rarest one is left.
_PAIRS_A_SLIP = 3
# Names compared in one look-up; more would cost milliseconds and change nothing.
_COMPARED = 4_000
# A shorter name is a part of too many others.
_SHORTEST = 3


class RegistryIndex:
    """The registry, prepared for look-ups by number and by name."""

    def __init__(self, facilities: Iterable[Facility]) -> None:
        """Index the facilities; takes about 30 ms a thousand."""
        ordered = sorted(facilities, key=lambda facility: facility.certification_number)
        self.facilities = tuple(ordered)
        self._by_number = {fold_number(one.certification_number): one for one in ordered}
        self._by_address: dict[str, list[Facility]] = defaultdict(list)
        for one in ordered:
            for address in {one.address.lower(), one.application_address.lower()} - {""}:
                self._by_address[address].append(one)
        self._names: dict[str, dict[str, tuple[Facility, str]]] = defaultdict(dict)
        self._shortened: dict[str, set[str]] = defaultdict(set)
        for facility in ordered:
            self._add_names(facility)
        # By pair and by the length of the name: a slip changes the length by one.
        self._pairs: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._initials: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._names):
            self._prepare(name)

    def _add_names(self, facility: Facility) -> None:
        self._add(fold(facility.name), facility, "name")
        bare = without_corporation(fold(facility.name))
        shorter = {
            parts_of(facility.name)[1],
            bare,
            without_union(bare),
            self._spelt(facility.name),
        }
        for short in shorter:
            self._add(short, facility, "name_without_corporation")
        for former in facility.former_names:
            self._add(fold(former), facility, "former_name")
            self._add(parts_of(former)[1], facility, "former_name")

    @staticmethod
    def _spelt(name: str) -> str:
        """Return a name without its first word, where blanks part it: 慈藻会 平松記念病院."""
        words = name.replace("　", " ").split(" ")
        return fold("".join(words[1:])) if len(words) > 2 else fold(name)

    def _add(self, name: str, facility: Facility, reason: str) -> None:
        known = self._names[name].get(facility.certification_number) if name else None
        if name and (known is None or _WORTH[known[1]] < _WORTH[reason]):
            self._names[name][facility.certification_number] = (facility, reason)

    def _prepare(self, name: str) -> None:
        for short in (name, *without_town(name)):
            self._shortened[shortened(short)].add(name)
        if len(name) >= _SHORTEST and parts_of(name)[1] == name:
            self._initials[name[0]].append(name)
        for pair in set(_pairs_of(name)):
            self._pairs[pair, len(name)].append(name)

    def by_number(self, certification_number: str) -> Facility | None:
        """Return the facility with this certification number, in any width or case."""
        return self._by_number.get(fold_number(certification_number))

    def at_address(self, address: str) -> list[Facility]:
        """Return the facilities whose account or application has this address, in any case."""
        return self._by_address.get(address.lower(), [])

    def candidates(self, name: str | None, certification_number: str | None) -> list[Candidate]:
        """Return the facilities that a mail may mean, best first; equal scores are ties."""
        return self.with_numbered(self.named(name) if name else [], certification_number)

    def with_numbered(
        self, named: Iterable[Candidate], certification_number: str | None
    ) -> list[Candidate]:
        """Return what `named` has found, and the facility with this number before it."""
        found: dict[str, Candidate] = {}
        if certification_number and (facility := self.by_number(certification_number)):
            found[facility.certification_number] = Candidate(facility, 1.0, "certification_number")
        for candidate in named:
            found.setdefault(candidate.facility.certification_number, candidate)
        return sorted(found.values(), key=_best_first)

    def named(self, name: str) -> list[Candidate]:
        """Return the facilities that a name may mean, best first."""
        return sorted(self._named(name), key=_best_first)

    def _named(self, name: str) -> list[Candidate]:
        """Ask one way after the other; the first that finds a facility to believe in decides."""
        found: dict[str, Candidate] = {}
        if (bare := _REMARK.sub("", name).strip()) and fold(name) not in self._names:
            name = bare  # みほん病院（基幹施設）
        for way in (self._whole, self._without_body, self._with_unit, self._short, self._similar):
            for one in (_with_body(name, candidate) for candidate in way(name)):
                number = one.facility.certification_number
                found[number] = max(found.get(number, one), one, key=lambda c: c.score)
            if any(one.score >= NEAR_ENOUGH for one in found.values()):
                break
        return list(found.values())

    def _whole(self, name: str) -> list[Candidate]:
        return [_candidate(*hit) for hit in self._names.get(fold(name), {}).values()]

    def _without_body(self, name: str) -> list[Candidate]:
        """Find names that agree once the body in front is left out on both sides."""
        own = parts_of(name)[1]
        folded = fold(name)
        wanted = (own, without_corporation(folded), without_union(without_corporation(folded)))
        for short in dict.fromkeys(wanted):
            hits = self._names.get(short, {}).values() if len(short) >= _SHORTEST else ()
            if hits:
                front = folded[: len(folded) - len(short)]
                return [self._judged_body(front, short, *hit) for hit in hits]
        return []

    @staticmethod
    def _judged_body(front: str, short: str, facility: Facility, reason: str) -> Candidate:
        """Return a candidate whose own name agrees: another body makes another hospital."""
        if reason == "former_name":
            return _candidate(facility, reason)
        same = bodies_agree(front, fold(facility.name).removesuffix(short))
        return _candidate(facility, "name_without_corporation" if same else "other_name")

    def _with_unit(self, name: str) -> list[Candidate]:
        """Find the hospital in front of a department: the longest name that fits."""
        for text in dict.fromkeys((fold(name), without_corporation(fold(name)), parts_of(name)[1])):
            for end in range(len(text) - 1, _SHORTEST - 1, -1):
                hits = self._names.get(text[:end])
                if hits and is_unit(text[end:]):
                    return [
                        _candidate(facility, "name_with_department")
                        for facility, _ in hits.values()
                    ]
        return self._short_with_unit(fold(name))

    def _short_with_unit(self, text: str) -> list[Candidate]:
        """Find a hospital's usual shortening in front of a department."""
        for end in range(len(text) - 1, _SHORTEST, -1):
            if ending_cut(text[:end]) != text[:end] and is_unit(text[end:]):
                return self._short(text[:end])
        return []

    def _short(self, name: str) -> list[Candidate]:
        """Find names of which this is a usual shortening."""
        found: dict[str, Candidate] = {}
        for text in dict.fromkeys((fold(name), without_corporation(fold(name)), parts_of(name)[1])):
            for full in self._shortened.get(shortened(text), ()):
                for facility, _ in self._names[full].values():
                    found[facility.certification_number] = _candidate(facility, "shortened_name")
        return list(found.values()) or self._initials_of(parts_of(name)[1])

    def _initials_of(self, own: str) -> list[Candidate]:
        """Find names that hold all characters of a short one in order: 東大病院."""
        if not _SHORTEST < len(own) <= _LONG_NAME or own[-1] not in "院ー院クセ所":
            return []
        names = self._initials.get(own[0], ())
        hits = process.extract(
            own, names, scorer=LCSseq.similarity, score_cutoff=len(own), limit=20
        )
        return [
            _candidate(
                facility, "other_name" if leaves_out_telling(own, name) else "shortened_name"
            )
            for name, _, _ in hits
            for facility, _ in self._names[name].values()
        ]

    def _similar(self, name: str) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for text in dict.fromkeys((fold(name), without_corporation(fold(name)), parts_of(name)[1])):
            limit = 2 if len(text) >= _LONG_NAME else 1
            near = self._sharing_pairs(text, limit)
            hits = process.extract(
                text, near, scorer=OSA.distance, score_cutoff=limit, limit=_COMPARED
            )
            for hit, slips, _ in hits:
                for facility, _reason in self._names[hit].values():
                    self._keep_similar(found, facility, text, hit, int(slips))
        return list(found.values())

    @staticmethod
    def _keep_similar(
        found: dict[str, Candidate], facility: Facility, text: str, hit: str, slips: int
    ) -> None:
        reason = "other_name" if is_other_name(text, hit) else "similar_name"
        score = round(_WORTH[reason] - 0.02 * (slips - 1), 4)
        known = found.get(facility.certification_number)
        if known is None or known.score < score:
            found[facility.certification_number] = Candidate(facility, score, reason)

    def _sharing_pairs(self, text: str, slips: int) -> list[str]:
        """Return the names that share one of the rarest pairs of a text, and are as long."""
        lengths = range(len(text) - slips, len(text) + slips + 1)

        def names_with(pair: str) -> list[list[str]]:
            return [
                self._pairs[key] for length in lengths if (key := (pair, length)) in self._pairs
            ]

        asked = [(names_with(pair), pair) for pair in set(_pairs_of(text))]
        asked.sort(key=lambda one: (sum(map(len, one[0])), one[1]))
        names: set[str] = set()
        for groups, _pair in asked[: _PAIRS_A_SLIP * slips + 1]:
            names.update(*groups)
            if len(names) > _COMPARED:
                break
        return sorted(names)[: 2 * _COMPARED]


def _with_body(name: str, one: Candidate) -> Candidate:
    """Lower a candidate whose name is only near and stands behind another body."""
    if one.reason not in ("similar_name", "shortened_name", "name_with_department"):
        return one
    folded = fold(one.facility.name)
    theirs = parts_of(one.facility.name)[0] or folded.removesuffix(without_union(folded))
    if bodies_agree(parts_of(name)[0], theirs):
        return one
    return _candidate(one.facility, "other_name")


def _candidate(facility: Facility, reason: str) -> Candidate:
    return Candidate(facility, _WORTH[reason], reason)


def _best_first(one: Candidate) -> tuple[float, str]:
    return (-one.score, one.facility.certification_number)


def fold_number(number: str) -> str:
    """Return a certification number for comparison: no width, case, hyphen or 第…号."""
    return re.sub(r"[-.第号]", "", fold(number))


def _pairs_of(name: str) -> list[str]:
    return [name[index : index + 2] for index in range(len(name) - 1)]
