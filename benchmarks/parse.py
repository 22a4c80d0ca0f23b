"""How many ordinary mails a second are read, from bytes to Message, on one core; what
understanding them costs beside, and carrying that from the child process to the daemon.

    python benchmarks/parse.py [--seconds 3]

Processor time of one process is counted, so that a busy machine does not lie much.
Then what the child process costs a mail, and a megabyte of several kinds.
"""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.letters_in import mail_of
from helpdesk.domain.message import read_message
from helpdesk.domain.understanding import Understanding, understand
from helpdesk.mail.packing import pack, unpack
from helpdesk.mail.reader import MailReader, is_suspicious
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path
from tests import mails
from tests.hard_mails import one_mail

_T = TypeVar("_T")


def ordinary() -> list[bytes]:
    """Return what comes in on an ordinary day: the form in UTF-8, and in Outlook's JIS."""
    form = mails.form()
    found = [mails.mail(form, message_id=f"<{number}@x.test>") for number in range(20)]
    return found + [
        mails.outlook_mail(form, message_id=f"<{number}@x.test>") for number in range(20)
    ]


def rate(seconds: float, work: Callable[[_T], object], sources: Sequence[_T]) -> float:
    """Return how many of `sources` are worked on in a second of processor time."""
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for source in sources:
            work(source)
        done += len(sources)
    return done / (time.process_time() - start)


def large() -> dict[str, bytes]:
    """Return a megabyte each of what mails are made of."""
    text = mails.form() * 3_000
    head = "From: a@x.test\r\nContent-Type: {}\r\n\r\n"
    attached = base64.encodebytes(bytes(750_000))
    return {
        "text, UTF-8": head.format("text/plain; charset=utf-8").encode()
        + text.encode()[:1_000_000],
        "text, ISO-2022-JP": head.format("text/plain; charset=iso-2022-jp").encode()
        + mails.jis(text)[:1_000_000],
        "HTML": head.format("text/html; charset=utf-8").encode()
        + f"<p>{text.replace(chr(10), '<br>')}</p>".encode()[:1_000_000],
        "attachment": head.format("application/pdf\r\nContent-Transfer-Encoding: base64").encode()
        + attached,
    }


def understanding(seconds: float) -> None:
    """Print what a filled-in form costs: reading, understanding, and the way to the daemon."""
    rules = load_rules(resolve_rules_path(Path("mailbox_rules.yaml"), was_given=False))
    knowledge = rules.knowledge
    # Each with a facility and a name of its own, so that no memory of the last one helps.
    sources = [mail_of(number) for number in range(600)]
    messages = [read_message(source) for source in sources]
    found = [understand(message, knowledge) for message in messages]
    answers = [pack(one) for one in found]
    spent = {
        "read": 1e3 / rate(seconds, read_message, sources),
        "understood": 1e3 / rate(seconds, lambda one: understand(one, knowledge), messages),
        "packed by the child": 1e3 / rate(seconds, pack, found),
        "unpacked": 1e3 / rate(seconds, lambda one: unpack(one, Understanding), answers),
    }
    print("a filled-in form: " + ", ".join(f"{what} {ms:.3f} ms" for what, ms in spent.items()))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds = parser.parse_args().seconds
    sources = ordinary()
    print(f"ordinary mails   {rate(seconds, read_message, sources):8,.0f} a second and core")
    print(f"  as the form    {rate(seconds / 3, read_message, sources[:20]):8,.0f}")
    print(f"  Outlook's JIS  {rate(seconds / 3, read_message, sources[20:]):8,.0f}")
    understanding(seconds / 3)
    hard = [one_mail(number).raw for number in range(100)]
    print(f"hard mails       {rate(seconds / 3, read_message, hard):8,.0f} (lying labels, HTML)")
    looked = 1e6 / rate(seconds / 3, is_suspicious, sources)
    print(f"asking whether the child is needed: {looked:.1f} µs a mail")
    with_child = MailReader()
    start = time.perf_counter()
    with_child.read(sources[0], alone=True)
    print(f"starting the child: {1e3 * (time.perf_counter() - start):,.0f} ms")
    start = time.perf_counter()
    for source in sources * 5:
        with_child.read(source, alone=True)
    spent = (time.perf_counter() - start) / len(sources) / 5
    print(f"a mail read by the child: {1e3 * spent:.2f} ms of wall time")
    with_child.close()
    for name, source in large().items():
        start = time.process_time()
        read_message(source)
        spent = time.process_time() - start
        print(f"{len(source) / 1e6:.1f} MB of {name}: {1e3 * spent:,.0f} ms")


if __name__ == "__main__":
    main()
