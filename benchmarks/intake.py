"""Mails taken in and acknowledged: how many a second, how soon, in how much memory.

make bench
make bench ARGS="--against django-helpdesk"
make bench ARGS="--memory 50000"
"""

from __future__ import annotations

import argparse
import signal
import statistics
import threading
import time
from collections.abc import Sequence

from benchmarks import parts, peers, traffic
from benchmarks.stage import Stage, resident_mib, stage
from tests.servers.dovecot import Dovecot
from tests.servers.processes import Daemon

_PATIENCE_S = 600.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--mails", type=int, default=2000, help="mails a run")
    parser.add_argument("--single", type=int, default=40, help="mails for the time to a receipt")
    parser.add_argument("--against", choices=["django-helpdesk"], help="another product")
    parser.add_argument("--memory", type=int, metavar="MAILS", help="memory over many mails")
    asked = parser.parse_args(arguments)
    if asked.against:
        against(asked.mails, runs=3)
    elif asked.memory:
        memory(asked.memory)
    else:
        alone(asked.mails, asked.single)


def alone(mails: int, single: int) -> None:
    """Print our own figures beside the limits of the parts."""
    with stage() as here, here.daemon() as daemon:
        ours = acknowledged_rate(here, daemon, mails, "a")
        peak = resident_mib(daemon.pid, peak=True)
        waits = receipts_after(here, single)
        raws = list(traffic.requests(min(mails, 1000), "parts"))
        bare = parts.bare_rate(raws)
        rows = [
            ("taken in and acknowledged", ours, "mails/s"),
            ("bare pipeline (parse, one commit a mail)", bare, "mails/s"),
            ("parse: bytes to the fields", parts.parse_rate(raws), "mails/s"),
            ("commit, one a mail", parts.commit_rate(raws, 1), "mails/s"),
            ("commit, fifty a time", parts.commit_rate(raws, 50), "mails/s"),
            ("SMTP, one connection", parts.smtp_rate(here, raws), "letters/s"),
        ]
    with stage() as other:
        rows.append(
            ("IMAP FETCH, fifty a time", parts.fetch_rate(other, min(mails, 1000)), "mails/s")
        )
    for name, figure, unit in rows:
        print(f"{name:44} {figure:9.0f} {unit:10} {figure / bare:6.2f} of bare")
    print(f"\n{'peak memory':44} {peak:9.0f} MiB")
    _print_times("delivery to receipt", [total for total, _ in waits])
    _print_times("  of it, after an IDLE client is woken", [own for _, own in waits])


def _print_times(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    median = statistics.median(ordered)
    print(f"{name:44} {median * 1000:9.0f} ms median, {p95 * 1000:.0f} ms of 95 in 100")


def acknowledged_rate(here: Stage, daemon: Daemon, mails: int, run: str) -> float:
    """Return mails a second: all of them lie in the mailbox before the daemon wakes."""
    before = len(here.sink.notes())
    daemon.signal(signal.SIGSTOP)  # So that the time it takes to deliver them does not count.
    here.dovecot.deliver_many(traffic.requests(mails, run), here.user)
    began = time.monotonic()
    daemon.signal(signal.SIGCONT)
    notes = here.sink.wait_for(before + mails, _PATIENCE_S)
    return mails / (max(at for at, _ in notes) - began)


def receipts_after(here: Stage, count: int) -> list[tuple[float, float]]:
    """Return for each of single mails the seconds to its receipt: from delivery, from the wake-up.

    The wake-up is that of another IDLE client on the same mailbox: Dovecot gathers news
    for about half a second before it says anything to anybody.
    """
    found = []
    for number, raw in enumerate(traffic.requests(count, "single")):
        before = len(here.sink.notes())
        woken: list[float] = []
        idling = threading.Event()
        client = threading.Thread(target=_idle_once, args=(here, idling, woken))
        client.start()
        idling.wait(10)
        time.sleep(0.11 + 0.017 * (number % 13))  # Not in step with anything.
        here.dovecot.deliver(raw, here.user)
        delivered = time.monotonic()
        client.join()
        arrived = here.sink.wait_for(before + 1, 30)[-1][0]
        found.append((arrived - delivered, max(0.0, arrived - woken[0])))
    return found


def _idle_once(here: Stage, idling: threading.Event, woken: list[float]) -> None:
    with here.dovecot.client(here.user) as client:
        client.select_folder("INBOX", readonly=True)
        client.idle()
        idling.set()
        client.idle_check(timeout=30)
        woken.append(time.monotonic())
        client.idle_done()


def against(mails: int, runs: int) -> None:
    """Print our rate and the other product's, in alternating runs on the same mails."""
    other_mails = min(mails, 300)  # It takes about ten seconds; ours takes more to be exact.
    ours: list[float] = []
    theirs: list[float] = []
    dovecot = Dovecot()
    dovecot.start()
    try:
        for run in range(runs):
            with stage(dovecot) as here, here.daemon() as daemon:
                ours.append(acknowledged_rate(here, daemon, mails, f"ours{run}"))
            with stage(dovecot) as here:
                theirs.append(peers.django_helpdesk_rate(here, other_mails, f"theirs{run}"))
            print(
                f"run {run + 1}: helpdesk {ours[-1]:.0f}, django-helpdesk {theirs[-1]:.0f} mails/s"
            )
    finally:
        dovecot.remove()
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"helpdesk {statistics.median(ours):.0f} mails/s,"
        f" {peers.NAME} {statistics.median(theirs):.0f} mails/s: {ratio:.1f} times"
    )


def memory(mails: int) -> None:
    """Print the memory of one daemon as thousands of mails go through it."""
    at_once = min(mails, 5000)
    with stage() as here, here.daemon() as daemon:
        for done in range(0, mails, at_once):
            rate = acknowledged_rate(here, daemon, at_once, f"memory{done}")
            held, peak = resident_mib(daemon.pid), resident_mib(daemon.pid, peak=True)
            print(
                f"{done + at_once:7} mails: {held:4.0f} MiB, at most {peak:4.0f} MiB,"
                f" {rate:5.0f} mails/s",
                flush=True,
            )


if __name__ == "__main__":
    main()
