"""The certified facilities, and finding the one that a mail names.

A look-up is a few dictionary hits; only a name that matches nothing exactly is compared
by rapidfuzz, and then with the candidates that share enough of its character pairs.
Nothing depends on the order of the registry.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import Levenshtein

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
    #: certification_number | name | name_without_corporation | former_name | similar_name
    reason: str


# Legal bodies in front of a hospital's name; official lists write them or leave them out.
_CORPORATION = re.compile(
    r"^(?:(?:社会医療法人|特定医療法人|医療法人|社会福祉法人|学校法人|宗教法人|一般社団法人|公益社団法人|一般財団法人|公益財団法人"
    r"|独立行政法人|地方独立行政法人|国立大学法人|公立大学法人|国立研究開発法人|株式会社|\(株\)|\(医\)|\(社\)|\(財\)|\(福\)|日本赤十字社|恩賜財団"
    r"|社会福祉法人恩賜財団|国家公務員共済組合連合会|地方公務員共済組合連合会|公立学校共済組合|厚生農業協同組合連合会|国民健康保険組合|健康保険組合連合会"
    r"|全国社会保険協会連合会|国立病院機構|労働者健康安全機構|地域医療機能推進機構|都道府県立病院機構)(?:社団|財団)?)+"
)
# 「社団○○会」「財団○○会」 behind a medical corporation names the corporation, too.
_CORPORATION_NAME = re.compile(r"^(?:社団|財団)?[^\s]{1,10}?会(?=.{3,})")
_DEPARTMENT = re.compile(
    r"(?:緩和ケア|緩和医療|緩和支持治療|腫瘍|総合診療|内|外|麻酔|精神|放射線|婦人|泌尿器|呼吸器|消化器|血液|化学療法)[^\s]{0,10}?(?:科|部|センター|室|病棟|チーム)$"
)

# Character pairs that a misspelt name must share with a candidate: half of its own.
_SHARED_PAIRS = 0.5
# Candidates that are compared in full; more would cost milliseconds and change nothing.
_COMPARED = 40
# A name further away than this is another name.
_SIMILAR = 0.75


class RegistryIndex:
    """The registry, prepared for look-ups by number and by name."""

    def __init__(self, facilities: Iterable[Facility]) -> None:
        """Index the facilities; takes about 20 ms a thousand."""
        ordered = sorted(facilities, key=lambda facility: facility.certification_number)
        self.facilities = tuple(ordered)
        self._by_number: dict[str, Facility] = {}
        self._by_name: dict[str, list[tuple[Facility, str]]] = defaultdict(list)
        for facility in ordered:
            self._by_number[fold_number(facility.certification_number)] = facility
            self._add(fold(facility.name), facility, "name")
            for former in facility.former_names:
                self._add(fold(former), facility, "former_name")
        for facility in ordered:
            short = without_corporation(fold(facility.name))
            if short != fold(facility.name):
                self._add(short, facility, "name_without_corporation")
        self._pairs: dict[str, list[str]] = defaultdict(list)
        for name in self._by_name:
            for pair in set(_pairs_of(name)):
                self._pairs[pair].append(name)

    def _add(self, name: str, facility: Facility, reason: str) -> None:
        if name and all(
            known.certification_number != facility.certification_number
            for known, _ in self._by_name[name]
        ):
            self._by_name[name].append((facility, reason))

    def by_number(self, certification_number: str) -> Facility | None:
        """Return the facility with this certification number, in any width or case."""
        return self._by_number.get(fold_number(certification_number))

    def candidates(self, name: str | None, certification_number: str | None) -> list[Candidate]:
        """Return the facilities that a mail may mean, best first; equal scores are ties."""
        found: dict[str, Candidate] = {}
        if certification_number and (facility := self.by_number(certification_number)):
            found[facility.certification_number] = Candidate(facility, 1.0, "certification_number")
        if name:
            for candidate in self._named(name):
                found.setdefault(candidate.facility.certification_number, candidate)
        return sorted(
            found.values(), key=lambda one: (-one.score, one.facility.certification_number)
        )

    def named(self, name: str) -> list[Candidate]:
        """Return the facilities that a name may mean, best first."""
        return sorted(
            self._named(name), key=lambda one: (-one.score, one.facility.certification_number)
        )

    def _named(self, name: str) -> list[Candidate]:
        folded = fold(name)
        for variant, score in _variants_of(folded):
            if hits := self._by_name.get(variant):
                # The name itself stands over a name that was shortened to it.
                best = min(_RANK[reason] for _, reason in hits)
                if variant == folded and best == 0:
                    hits = [hit for hit in hits if _RANK[hit[1]] <= 1]
                return [
                    Candidate(facility, score * _WEIGHT[reason], reason)
                    for facility, reason in hits
                ]
        return self._similar(folded)

    def _similar(self, folded: str) -> list[Candidate]:
        short = without_corporation(folded)
        shared: Counter[str] = Counter()
        wanted = set(_pairs_of(short)) or set(_pairs_of(folded))
        for pair in wanted:
            shared.update(self._pairs.get(pair, ()))
        enough = [
            (count, name) for name, count in shared.items() if count >= _SHARED_PAIRS * len(wanted)
        ]
        # Of names that share as much, the shorter is nearer; the name itself breaks ties.
        enough.sort(key=lambda pair: (-pair[0], len(pair[1]), pair[1]))
        found: dict[str, Candidate] = {}
        for _, name in enough[:_COMPARED]:
            likeness = max(
                Levenshtein.normalized_similarity(folded, name),
                Levenshtein.normalized_similarity(short, without_corporation(name)),
            )
            if likeness < _SIMILAR:
                continue
            for facility, _reason in self._by_name[name]:
                number = facility.certification_number
                # Below every exact hit, whatever the likeness.
                candidate = Candidate(facility, round(likeness * 0.9, 4), "similar_name")
                if number not in found or found[number].score < candidate.score:
                    found[number] = candidate
        return list(found.values())


_RANK = {"name": 0, "former_name": 1, "name_without_corporation": 1}
_WEIGHT = {"name": 1.0, "former_name": 0.95, "name_without_corporation": 0.97}


def _variants_of(folded: str) -> list[tuple[str, float]]:
    """Return the name and what is left of it without corporation or department."""
    short = without_corporation(folded)
    bare = _DEPARTMENT.sub("", folded)
    variants = [(folded, 1.0), (short, 0.97), (bare, 0.95), (without_corporation(bare), 0.93)]
    return [(name, score) for name, score in dict(reversed(variants)).items() if len(name) >= 3][
        ::-1
    ]


def without_corporation(folded: str) -> str:
    """Return a folded name without the legal body in front of it."""
    rest = _CORPORATION.sub("", folded)
    if rest != folded and ("社団" in folded[:12] or "財団" in folded[:12] or "法人" in folded[:8]):
        rest = _CORPORATION_NAME.sub("", rest)
    return rest if len(rest) >= 3 else folded


def fold_number(number: str) -> str:
    """Return a certification number for comparison: no width, case, hyphen or 第…号."""
    return re.sub(r"[-.第号]", "", fold(number))


def _pairs_of(name: str) -> list[str]:
    return [name[index : index + 2] for index in range(len(name) - 1)]
