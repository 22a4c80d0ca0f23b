"""How long a look-up takes among many facilities: `python benchmarks/matching.py`.

Every kind of look-up is timed alone, because the rare slow one is what people wait for.
Names of real hospitals serve where their list is at hand (HELPDESK_SHARED), made-up ones
where not; beyond its length a list is repeated with a place in front.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpdesk.domain import japanese
from helpdesk.domain.registry import Facility, RegistryIndex
from tests.generator import writing
from tests.generator.society import made_up_names, real_names

#: Milliseconds a look-up may take on average, by number of facilities.
LIMITS_MS = {1_000: 1.0, 10_000: 2.0, 180_000: 10.0}

_TRIES = 300


def facilities(count: int, shared: Path | None) -> list[Facility]:
    """Return a registry of `count` facilities; heads do not matter here."""
    chance = random.Random(1)
    names = real_names(shared) or made_up_names(chance, min(count, 10_000))
    chance.shuffle(names)
    places = "青 赤 白 黒 緑 紫 茶 金 銀 桃 橙 藍 紺 灰 朱 碧 翠 茜 葵 楓 梓 椿 桂 柊".split()
    out = []
    for at in range(count):
        turn, name = divmod(at, len(names))
        front = places[turn % len(places)] + (
            places[turn // len(places)] if turn >= len(places) else ""
        )
        out.append(
            Facility(f"K{at:06d}", (front if turn else "") + names[name], "core", "見本 太郎")
        )
    return out


def _kinds(chance: random.Random) -> dict[str, Callable[[Facility], str]]:
    return {
        "exact": lambda one: one.name,
        "without corporation": lambda one: writing.without_body(one.name),
        "department added": lambda one: f"{one.name} 緩和ケア内科",
        "misspelt": lambda one: writing.misspelt(chance, one.name),
        "shortened": lambda one: one.name.replace("総合病院", "病院").replace(
            "医療センター", "病院"
        ),
        "unknown": lambda one: f"{one.name[:2]}どこにもない{one.name[-4:]}",
        "one word": lambda one: one.name[-4:],
    }


def main() -> int:
    """Print a line for each size and kind; exit 1 where a size is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(LIMITS_MS))
    given = parser.parse_args()
    shared = os.environ.get("HELPDESK_SHARED")
    over = False
    for size in given.sizes:
        over |= _measure(size, Path(shared) if shared else None)
    return int(over)


def _measure(size: int, shared: Path | None) -> bool:
    rows = facilities(size, shared)
    began = time.perf_counter()
    index = RegistryIndex(rows)
    print(f"{size} facilities, indexed in {time.perf_counter() - began:.1f} s")
    chance = random.Random(2)
    worst = 0.0
    for kind, write in _kinds(chance).items():
        asked = [write(chance.choice(rows)) for _ in range(_TRIES)]
        took = []
        for name in asked:
            japanese._fold_once.cache_clear()  # noqa: SLF001 - each look-up as if it were the first
            start = time.perf_counter()
            index.candidates(name, None)
            took.append((time.perf_counter() - start) * 1000)
        mean = statistics.mean(took)
        worst = max(worst, mean)
        print(
            f"  {kind:20} mean {mean:6.3f} ms, slowest of a hundred {sorted(took)[-_TRIES // 100]:6.3f} ms"
        )
    limit = LIMITS_MS.get(size)
    print(f"  slowest kind {worst:.3f} ms" + (f", limit {limit} ms" if limit else ""))
    return limit is not None and worst > limit


if __name__ == "__main__":
    sys.exit(main())
