"""Nothing raises, hangs or goes missing, whatever bytes come: generated, mutated, real.

The mutation fuzzer runs for HELPDESK_FUZZ_S seconds (three where nothing is set); by
hand: HELPDESK_FUZZ_S=600 pytest tests/domain/test_hostile.py -k mutated
"""

from __future__ import annotations

import base64
import csv
import os
import random
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.desk.parsing import describe
from helpdesk.domain.enclosures import enclosures, html_of
from helpdesk.domain.message import MAX_MAIL_BYTES, read_message
from helpdesk.rules import Rules, load_rules
from tests import mails
from tests.hard_mails import one_mail

REPOSITORY = Path(__file__).parents[2]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
FUZZ_S = float(os.environ.get("HELPDESK_FUZZ_S", "3"))

# Processor time for one mail, several times what the slowest takes: only work that grows
# with the square of the size comes near it. Counted in turns of an empty loop, because a
# processor that others share runs at half its speed: two seconds on a quiet one.
ONE_MAIL_TURNS = 100_000_000
_LOOP = 200_000
# Below this no processor is asked how fast it is.
_NOTHING_S = 0.2

needs_corpus = pytest.mark.skipif(
    not (CORPUS / "INDEX.tsv").exists(), reason="the corpus of other projects' mails is absent"
)


@cache
def rules() -> Rules:
    return load_rules(REPOSITORY / "mailbox_rules.yaml")


def seconds_a_turn() -> float:
    """Return what a turn of an empty loop costs this processor now."""
    before = time.process_time()
    for _ in range(_LOOP):
        pass
    return (time.process_time() - before) / _LOOP


def read_whole(raw: bytes) -> dict[str, object]:
    """Read a mail all the way, and hold what must hold of any."""
    before = time.process_time()
    line = describe(raw, "x.eml", rules(), None, full=True)
    spent = time.process_time() - before
    message = read_message(raw)
    # Segments are the body, in order and without gaps.
    ends = [0, *(one.end for one in message.segments)]
    assert [one.start for one in message.segments] == ends[:-1]
    assert ends[-1] == len(message.body) or not message.segments
    for name, value in (*message.headers, ("subject", message.subject)):
        assert not set(value) & set("\r\n\0"), name
    for attachment in message.attachments:
        assert not set(attachment.name) & set("/\\\r\n\0")
    str(line).encode("utf-8")  # Halves of characters would stop the database.
    if spent > _NOTHING_S:
        allowed = ONE_MAIL_TURNS * seconds_a_turn()
        assert spent < allowed, f"{spent:.2f} s of processor time of {allowed:.2f}"
    return line


# ── generated ──────────────────────────────────────────────────────────────────

NAMES = ("From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "Date", "Message-ID",
         "References", "Return-Path", "Content-Disposition", "Auto-Submitted", "X-Loop")  # fmt: skip
PIECES = st.sampled_from(
    [b"=?", b"?=", b"=?utf-8?B?", b"=?iso-2022-jp?Q?", b"\x1b$B", b"\x1b(B", b"\x1b(I", b"\x0e", b"<", b">", b'"', b"(", b")",
     b"@", b",", b";", b"\\", b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b"boundary=", b"multipart/mixed", b"message/rfc822",
     b"charset=", b"filename*0*=", b"base64", b"--b", b"--b--", b"text/html", b"<table>", b"<div>", b"> ", b"On ", b" wrote:",
     "差出人:".encode(), "会員番号：".encode(), "1）".encode(), "①".encode("cp932"), b"\xff\xfe", b"\x82\xa0", b"\xa4\xa2"]
)  # fmt: skip
JUNK = st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=30).map(b"".join)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), JUNK), max_size=12)


@settings(max_examples=300, deadline=None)
@given(HEADERS, JUNK)
def test_any_headers_and_body_are_read(headers: list[tuple[str, bytes]], body: bytes) -> None:
    source = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    read_whole(source + b"\r\n" + body)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.tuples(st.floats(0, 1), JUNK), max_size=6))
def test_a_hard_mail_with_junk_in_it_is_read(number: int, junk: list[tuple[float, bytes]]) -> None:
    raw = one_mail(number).raw
    for place, octets in junk:
        cut = int(place * len(raw))
        raw = raw[:cut] + octets + raw[cut:]
    read_whole(raw)


# ── made to hurt ───────────────────────────────────────────────────────────────


def _typed(kind: str, body: bytes) -> bytes:
    return f"From: a@x.test\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def _nested(levels: int) -> bytes:
    mail = b"From: a@x.test\r\n\r\nx"
    for level in range(levels):
        mail = (
            f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'.encode()
            + mail
        )
    return b"From: a@x.test\r\n" + mail


MEGABYTE = 1_000_000
HURTING = {
    "one long line": _typed("text/plain", b"a" * MEGABYTE),
    "one long Japanese line": _typed("text/plain; charset=utf-8", "施設".encode() * (MEGABYTE // 6)),
    "many short lines": _typed("text/plain", b"a\n" * (MEGABYTE // 2)),
    "many labels": _typed("text/plain; charset=utf-8", "会員番号：1\n".encode() * (MEGABYTE // 18)),
    "many quotations": _typed("text/plain", b"On 2026/11/1 a wrote:\n> x\ny\n" * (MEGABYTE // 27)),
    "many header blocks": _typed("text/plain", b"From: a@x\n" * (MEGABYTE // 10)),
    "many rules": _typed("text/plain", b"----------\nx\n" * (MEGABYTE // 13)),
    "many addresses": _typed("text/plain", b"a@x.test\n" * (MEGABYTE // 9)),
    "many digits": _typed("text/plain", b"1234567890 " * (MEGABYTE // 11)),
    "many escapes": _typed("text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * (MEGABYTE // 6)),
    "open escape": _typed("text/plain; charset=iso-2022-jp", b"\x1b$B" + b"\n$\"" * (MEGABYTE // 3)),
    "lost escapes": _typed("text/plain; charset=iso-2022-jp", b"$B" * (MEGABYTE // 2)),
    "half-width": _typed("text/plain; charset=shift_jis", b"\xb1" * MEGABYTE),
    "random bytes": _typed("text/plain", random.Random(1).randbytes(MEGABYTE)),
    "UTF-7": _typed("text/plain; charset=utf-7", b"+AGE-" * (MEGABYTE // 5)),
    "flowed": _typed("text/plain; format=flowed", b"a \n" * (MEGABYTE // 3)),
    "quoted-printable": _typed("text/plain\r\nContent-Transfer-Encoding: quoted-printable", b"=E3" * (MEGABYTE // 3)),
    "bad base64": _typed("text/plain\r\nContent-Transfer-Encoding: base64", b"=A" * (MEGABYTE // 2)),
    "uuencode": _typed("text/plain\r\nContent-Transfer-Encoding: x-uuencode", b"begin 644 a\n" + b"M" * MEGABYTE),
    "HTML divs": _typed("text/html", b"<div>" * (MEGABYTE // 5)),
    "HTML breaks": _typed("text/html", b"<br>" * 1_490),
    "HTML cells": _typed("text/html", b"<table><tr>" + b"<td>x\n</td>" * 2_900),
    "HTML quotations": _typed("text/html", b"<blockquote>" * 140 + b"<blockquote>x</blockquote>" * 2_800),
    "HTML open tags": _typed("text/html", b"<" * MEGABYTE),
    "HTML styles": _typed("text/html", b"<style>" + b".a{" * (MEGABYTE // 3)),
    "HTML entities": _typed("text/html", b"&#x3042;" * (MEGABYTE // 8)),
    "1,200 levels": _nested(1_200),
    "90 levels": _nested(90),
    "50,000 parts": _typed("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 50_000),
    "90 parts": _typed("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 90),
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
    "20 mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 20,
    "one long header": b"Subject: " + b"a" * MEGABYTE + b"\r\n\r\nx",
    "many headers": b"X-A: b\r\n" * (MEGABYTE // 8) + b"\r\nx",
    "folded header": b"Subject: a" + b"\r\n b" * (MEGABYTE // 4) + b"\r\n\r\nx",
    "100,000 recipients": b"To: " + b"a@x.test," * 100_000 + b"\r\n\r\nx",
    "encoded words": b"Subject: " + b"=?utf-8?B?" * 6_000 + b"\r\n\r\nx",
    "words of many charsets": b"Subject: " + b"".join(b"=?x%d?Q?a?= " % one for one in range(600)) + b"\r\n\r\nx",
    "parameters": b"Content-Type: text/plain" + b";a*0*=b" * 1_000 + b"\r\n\r\nx",
    "brackets": b"From: " + b"<" * 7_000 + b"\r\nReferences: " + b"<" * 7_000 + b"\r\n\r\nx",
    "winmail.dat of nothing": _typed("application/ms-tnef\r\nContent-Transfer-Encoding: base64", b"eJ8+Ig" + b"AAAA" * 250_000),
    "S/MIME of nothing": _typed("application/pkcs7-mime\r\nContent-Transfer-Encoding: base64", b"MIAG" + b"MIAw" * 250_000),
    "calendar": _typed("text/calendar", b"SUMMARY:a\n b\n" * (MEGABYTE // 13)),
    "PGP": _typed("text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\n" * (MEGABYTE // 35)),
    "bounce": b"From: MAILER-DAEMON@x.test\r\nSubject: Returned mail\r\n\r\n" + b"<a@x.test>: 550 \n" * (MEGABYTE // 17),
    "no line end": b"a" * MEGABYTE,
    "nothing": b"",
    "hostile From": b"From: <\r\nMessage-ID: <[\r\nTo: a@[\r\n\r\nx",
}  # fmt: skip


@pytest.mark.parametrize("name", HURTING)
def test_a_megabyte_of_anything_costs_no_more_than_its_size(name: str) -> None:
    read_whole(HURTING[name])


@pytest.mark.parametrize("name", [name for name in HURTING if "levels" in name or "parts" in name])
def test_headers_of_a_mail_whose_parts_are_too_many_are_still_known(name: str) -> None:
    raw = b"Auto-Submitted: auto-replied\r\nSubject: x\r\n" + HURTING[name]
    assert read_whole(raw)["disposition"] == "auto_reply"


def test_what_is_beyond_the_largest_mail_is_not_looked_at() -> None:
    message = read_message(_typed("application/pdf", b"a" * (MAX_MAIL_BYTES + 10)))
    assert "larger than the limit; cut off" in message.defects


# ── real ───────────────────────────────────────────────────────────────────────


def corpus() -> Iterator[tuple[dict[str, str], bytes]]:
    with (CORPUS / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row, (CORPUS / "mail" / row["file"]).read_bytes()


@needs_corpus
def test_every_mail_of_the_corpus_is_read_and_no_machine_is_taken_for_a_person() -> None:
    taken, lost = [], 0
    for row, raw in corpus():
        line = read_whole(raw)
        people = line["disposition"] in ("request", "question", "reply")
        machine = row["category"] in (
            "bounce",
            "auto-reply",
            "feedback-report",
            "list",
            "loop",
            "mdn",
        )
        if people and (machine or "null-return-path" in row["notes"]):
            taken.append(row["file"])
        lost += row["category"] == "bounce" and line["disposition"] != "bounce"
    assert taken == []
    # Labels were made by heuristics; a handful of these are no bounces at all.
    assert lost <= 10


@needs_corpus
@pytest.mark.timeout(FUZZ_S * 10 + 120)
def test_mutated_mails_of_the_corpus_are_read() -> None:
    seeds = [raw for _, raw in corpus() if len(raw) < 60_000]
    seeds += [one_mail(number).raw for number in range(100)]
    dice = random.Random(int(os.environ.get("HELPDESK_FUZZ_SEED", "1")))
    end = time.monotonic() + FUZZ_S
    while time.monotonic() < end:
        raw = mutate(dice, dice.choice(seeds), seeds)
        try:
            read_whole(raw)
        except BaseException:
            Path("fuzz-failure.eml").write_bytes(raw)
            raise


def mutate(dice: random.Random, raw: bytes, seeds: list[bytes]) -> bytes:
    """Return a mail with some of its bytes changed, doubled, moved or taken from another."""
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(raw) + 1)
        end = min(len(raw), start + dice.choice((1, 2, 8, 80, 800)))
        piece = raw[start:end]
        other = dice.choice(seeds)
        at = dice.randrange(len(other) + 1)
        changes = (
            b"",
            piece * dice.choice((2, 3, 50)),
            other[at : at + dice.choice((10, 200, 2_000))],
            bytes(byte ^ dice.choice((1, 0x20, 0x80, 0xFF)) for byte in piece),
            dice.choice(
                (b"\r", b"\n", b"\0", b"\x1b$B", b"=?utf-8?B?", b"<", b'"', b"--", b"\r\n\r\n")
            ),
        )
        raw = raw[:start] + dice.choice(changes) + raw[end:]
    return raw[:200_000]


def test_the_form_in_outlooks_jis_survives_every_single_cut() -> None:
    raw = mails.outlook_mail(mails.form(), message_id="<a@x.test>")
    for cut in range(0, len(raw), 7):
        read_whole(raw[:cut])


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(
    "label",
    [
        "charset=punycode",
        "charset=idna",
        "charset=undefined",
        "charset*=utf-8''utf-8",
        'charset="a\x00b"',
    ],
)
def test_a_label_at_which_python_fails_hides_nothing(label: str, encoding: str) -> None:
    """A reply of this kind would leave its case without a page."""
    text = "施設責任者の見本です。"
    octets = text.encode()
    if encoding == "base64":
        octets = base64.b64encode(octets) + "　".encode()  # 8-bit junk, and Python decodes.
    head = f"Content-Transfer-Encoding: {encoding}\r\nContent-Type: text/html; {label}\r\n\r\n"
    part = head.encode() + octets + b"\r\n"
    top = b"From: a@b.test\r\nMIME-Version: 1.0\r\n"
    mixed = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + part + b"--x--\r\n"
    for raw in (top + part, top + mixed):
        assert text in read_message(raw).text
        assert text in (html_of(raw) or "")
        assert enclosures(raw) == ()
