"""Mails by the hundred with the truth beside them: how many are right in everything."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from helpdesk.desk.parsing import describe
from helpdesk.domain.registry import RegistryIndex
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path
from tests.generator import score

# Of mails that nobody has seen; DESIGN's promise. Of those here more are right.
FLOOR = 0.99


def told(result: score.Score) -> str:
    lines = [
        f"{sample.file}: {', '.join(bad)}; {sample.tags}" for sample, bad, _ in result.failures
    ]
    return "\n".join([f"{result.whole} of {result.total} are right", *lines[:20]])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_mails_are_read_and_nobody_wrong_is_believed(seed: int) -> None:
    result = score.run(seed, 500, 400, None)
    assert result.wrongly_verified == []
    assert result.rate >= FLOOR, told(result)


def test_the_same_holds_among_the_names_of_real_hospitals(shared_folder: Path) -> None:
    result = score.run(7, 700, 8_100, shared_folder)
    assert result.wrongly_verified == []
    assert result.rate >= FLOOR, told(result)


def test_no_verdict_depends_on_the_order_of_the_registry() -> None:
    registry = score.make_registry(4, 300, [])
    shuffled = registry.copy()
    random.Random(4).shuffle(shuffled)
    rules = load_rules(resolve_rules_path(Path("mailbox_rules.yaml"), was_given=False))
    one, other = RegistryIndex(registry), RegistryIndex(shuffled)
    for sample in score.letters(4, 200, registry):
        told = [describe(sample.raw, sample.file, rules, index) for index in (one, other)]
        assert told[0] == told[1], sample.tags


def test_the_score_can_fail() -> None:
    """A scorer that is content with everything would be worth nothing."""
    registry = score.make_registry(1, 50, [])
    sample = next(iter(score.letters(1, 1, registry)))
    wrong = {
        "disposition": "request",
        "fields": dict.fromkeys(sample.truth["fields"], "x"),
        "missing": ["facility"],
        "verdict": "verified",
        "match": None,
    }
    result = score.Score()
    sample.truth["verdict"] = "mismatch"
    score.add(result, sample, wrong)
    assert (result.whole, result.wrongly_verified) == (0, [sample.file])
