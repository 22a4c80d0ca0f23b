"""The command: `python -m benchmarks.intake`; see README.md beside it."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import latency, memory, parts, rival, throughput
from benchmarks.letters_in import mail_of
from tests.servers.dovecot import Dovecot

_RIVAL = "django-helpdesk"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the options ask for, and print it."""
    options = _parser().parse_args(arguments)
    with _dovecot() as dovecot:
        if options.memory:
            _print_memory(dovecot, options.memory)
        elif options.against:
            _print_against(dovecot, options.mails or 500, options.runs)
        else:
            _print_all(dovecot, options.mails or 2000, options.runs, options.latency_mails)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.intake", description=__doc__)
    add = parser.add_argument
    add("--mails", type=int, help="mails a run (2000; with --against 500)")
    add("--runs", type=int, default=3, help="how often; the median counts (3)")
    add("--latency-mails", type=int, default=60, help="mails sent one by one (60)")
    add("--against", choices=[_RIVAL], help="compare, in alternating runs")
    add("--memory", type=int, metavar="MAILS", help="only see that memory stays flat")
    return parser


@contextmanager
def _dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _say(text: str = "") -> None:
    print(text, flush=True)


def _print_all(dovecot: Dovecot, mails: int, runs: int, latency_mails: int) -> None:
    results, bare, default = [], [], []
    raws = [mail_of(number) for number in range(mails)]
    for run in range(runs):  # In turn, so that what else the machine does falls on both.
        bare.append(_bare(raws, parts.parse_bare))
        default.append(_bare(raws, parts.parse_default))
        results.append(throughput.measure(dovecot, mails))
        _say(f"run {run + 1}: {results[-1].mails_per_s:.0f} mails/s, bare {bare[-1]:.0f}")
    rate = statistics.median(one.mails_per_s for one in results)
    filed = statistics.median(one.filed_per_s for one in results)
    _say(f"\n{mails} mails at once, median of {runs}")
    _say(f"  taken in and acknowledged      {rate:8.0f} mails/s")
    _say(f"  … filed, with copies in Sent   {filed:8.0f} mails/s")
    _say(f"  peak memory of the daemon      {max(one.peak_mib for one in results):8.0f} MiB")
    for name, others in (("compat32", bare), ("policy.default", default)):
        ratios = [one.mails_per_s / other for one, other in zip(results, others, strict=True)]
        _say(f"  of the bare pipeline, {name:14} {statistics.median(ratios):4.2f}")
    bares = [
        ("bare pipeline, compat32", statistics.median(bare)),
        ("bare pipeline, policy.default", statistics.median(default)),
    ]
    _print_parts([*bares, *parts.measure(dovecot, mails)], rate)
    _print_latency(latency.measure(dovecot, latency_mails))


def _bare(raws: list[bytes], parse: parts.Parse) -> float:
    with tempfile.TemporaryDirectory(prefix="hd-bench-") as folder:
        return parts.bare_pipeline(raws, Path(folder), parse)


def _print_parts(limits: list[tuple[str, float]], rate: float) -> None:
    _say("\nlimits of the parts, each alone     mails/s   whole/part")
    for name, limit in limits:
        _say(f"  {name:30} {limit:11.0f} {rate / limit:12.3f}")


def _print_latency(found: latency.Latency) -> None:
    _say(f"\ndelivery to receipt, {len(found.whole_ms)} mails one by one     median     p95")
    for name, values in (("whole", found.whole_ms), ("own share after IDLE", found.own_ms)):
        if not values:
            _say(f"  {name:38} not heard")
            continue
        median, p95 = latency.median_and_p95(values)
        _say(f"  {name:38} {median:7.1f} {p95:7.1f} ms  ({len(values)} mails)")


def _print_against(dovecot: Dovecot, mails: int, runs: int) -> None:
    python = rival.install()
    ratios = []
    for run in range(runs):
        theirs = rival.measure(python, dovecot, mails)
        ours = throughput.measure(dovecot, mails).mails_per_s
        ratios.append(ours / theirs)
        _say(f"run {run + 1}: ours {ours:.0f}, theirs {theirs:.1f} mails/s: {ratios[-1]:.1f}")
    _say(f"\nas fast as {_RIVAL}, times (median)  {statistics.median(ratios):.1f}")
    _say(f"  {' '.join(rival.RELEASES)}, {mails} mails a run")


def _print_memory(dovecot: Dovecot, mails: int) -> None:
    _say("     mails   RSS MiB  peak MiB")
    for so_far, now, peak in memory.measure(dovecot, mails):
        _say(f"  {so_far:8} {now:9.1f} {peak:9.1f}")


if __name__ == "__main__":
    main()
