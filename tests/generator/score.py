"""Comparing what was read with the truth, as the shared scorer does."""

from __future__ import annotations

import argparse
import collections
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk.desk.parsing import describe
from helpdesk.domain.registry import RegistryIndex
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path
from tests.generator.letters import Sample, letters
from tests.generator.society import make_registry, real_names

_FOLD = str.maketrans("髙﨑邉邊齋齊斉濱廣德櫻澤國惠眞壽", "高崎辺辺斎斎斎浜広徳桜沢国恵真寿")


@dataclass
class Score:
    """How many mails were right in everything, and what went wrong."""

    total: int = 0
    whole: int = 0
    #: Files that were verified and must not be.
    wrongly_verified: list[str] = field(default_factory=list)
    failures: list[tuple[Sample, list[str], dict[str, Any]]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Part of the mails that were right in everything."""
        return self.whole / max(1, self.total)


def run(seed: int, count: int, facilities: int, shared: Path | None) -> Score:
    """Read and judge `count` mails against a registry of `facilities`."""
    registry = make_registry(seed, facilities, real_names(shared))
    index = RegistryIndex(registry)
    rules = load_rules(resolve_rules_path(Path("mailbox_rules.yaml"), was_given=False))
    score = Score()
    for sample in letters(seed, count, registry):
        add(score, sample, describe(sample.raw, sample.file, rules, index))
    return score


def add(score: Score, sample: Sample, got: dict[str, Any]) -> None:
    truth = sample.truth
    bad = [] if got["disposition"] == truth["disposition"] else ["disposition"]
    bad += [
        key for key, want in truth["fields"].items() if not _same(key, want, got["fields"][key])
    ]
    if set(got["missing"]) != set(truth["missing"]):
        bad.append("missing")
    match = (got["match"] or {}).get("certification_number")
    if truth["verdict"] == "verified" and match != truth["match"]:
        bad.append("match")
    named = truth["verdict"] == "incomplete" and "facility" not in truth["missing"]
    if named and match not in (None, truth["match"]):
        bad.append("match")
    if got["verdict"] != truth["verdict"]:
        bad.append("verdict")
        if got["verdict"] == "verified":
            score.wrongly_verified.append(sample.file)
    score.total += 1
    score.whole += not bad
    if bad:
        score.failures.append((sample, bad, got))


def _same(key: str, want: str | None, got: str | None) -> bool:
    if key == "responsible_physician":
        return _name(want) == _name(got)
    if key == "member_number":
        return (want or "").lstrip("0") == (got or "").lstrip("0")
    if key == "certification_number":
        return want is None or want == got
    if key == "new_address":
        return (want or "").lower() == (got or "").lower()
    return want == got


def _name(text: str | None) -> str | None:
    if text is None:
        return None
    return re.sub(r"[\s　]", "", unicodedata.normalize("NFKC", text)).translate(_FOLD)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--facilities", type=int, default=400)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--bodies", action="store_true")
    given = parser.parse_args()
    score = run(given.seed, given.count, given.facilities, given.shared)
    tags = collections.Counter(tag for sample, _, _ in score.failures for tag in sample.tags)
    kinds = collections.Counter(kind for _, bad, _ in score.failures for kind in bad)
    for sample, bad, got in score.failures[: given.show]:
        keys = ("fields", "missing", "verdict", "match")
        print(f"--- {sample.file} {bad} {sample.tags}")
        if given.bodies:
            print(sample.body)
        print("  want", json.dumps({k: sample.truth[k] for k in keys}, ensure_ascii=False))
        print(
            "  got ", got["disposition"], json.dumps({k: got[k] for k in keys}, ensure_ascii=False)
        )
    print(kinds.most_common(), tags.most_common(40))
    print(f"wrongly verified: {score.wrongly_verified}")
    print(f"whole mails right: {score.whole}/{score.total} = {score.rate:.3f}")


if __name__ == "__main__":
    _main()
