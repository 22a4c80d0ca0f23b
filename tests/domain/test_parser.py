"""A mail that is taken apart without Python's parser is what the parser would make of it."""

from __future__ import annotations

import random
import time
from email.message import Message as Part

import pytest

from helpdesk.domain.entity import octets_of, undecoded
from helpdesk.domain.parser import PARSER, OnePart, parse_mail
from tests import mails
from tests.hard_mails import generate

ORDINARY = (
    mails.mail(mails.form(), message_id="<a@x.test>"),
    mails.outlook_mail(mails.form(), message_id="<b@x.test>"),
)
ODD = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "no headers": b"\r\nbody",
    "no body": b"From: a@x.test\r\n",
    "an empty body": b"From: a@x.test\r\n\r\n",
    "no line end": b"From: a@x.test",
    "two empty lines": b"From: a@x.test\n\n\n\nbody\n",
    "mixed line ends": b"From: a@x.test\nTo: b@x.test\r\n\nbody\r\nbody\rbody\n",
    "a lone CR in a header": b"From: a@x.test\rTo: b@x.test\r\n\r\nbody",
    "a lone CR before the body": b"From: a@x.test\r\n\rbody\r\n\r\nmore",
    "a folded header": b"Subject: a\r\n b\r\n\tc\r\nTo: b@x.test\r\n\r\nbody",
    "folded with nothing before": b"Subject:\r\n a\r\n\r\nbody",
    "folded with blanks alone": b"Subject: a\r\n   \r\nTo: b@x.test\r\n\r\nbody",
    "folded first": b" a\r\nTo: b@x.test\r\n\r\nbody",
    "no name": b": a\r\nTo: b@x.test\r\n\r\nbody",
    "a blank in a name": b"Sub ject: a\r\nTo: b@x.test\r\n\r\nbody",
    "no empty line": b"To: b@x.test\r\nbody: is this\r\nno header\r\n\r\nmore",
    "an envelope": b"From a@x.test Mon\r\nTo: b@x.test\r\n\r\nbody",
    "an envelope below": b"To: b@x.test\r\nFrom a@x.test Mon\r\n\r\nbody",
    "8-bit everywhere": "To: 見本\r\nSubject: 件名\r\n\r\n本文\r\n".encode("cp932"),
    "other line ends": b"To: a\x0bb\x0c\x1cc\x85\r\n\r\nbo\x0bdy\x1e\r\n",
    "NUL": b"To: a\x00b\r\n\r\nbo\x00dy",
    "several parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n",
    "parts without a boundary": b"Content-Type: multipart/mixed\r\n\r\nbody",
    "a mail inside": b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nbody",
    "a report": b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\nX: y\r\n",
    "a type that is none": b"Content-Type: nonsense\r\n\r\nbody",
    "no base64": b"Content-Transfer-Encoding: base64\r\n\r\n\xe4\xbb\r\nYWJj\r\n",
    "quoted-printable": b"Content-Transfer-Encoding: Quoted-Printable \r\n\r\n=E4=BB=8A\r\n",
    "uuencoded": b"Content-Transfer-Encoding: x-uue\r\n\r\nbegin 644 a\n#86)C\n`\nend\n",
    "an encoding that is none": b"Content-Transfer-Encoding: 9bit\r\n\r\nbody",
    "8-bit text with a wrong label": b"Content-Type: text/plain; charset=x\x00y\r\n\r\n\xe4\xbb",
}


def _told(part: Part) -> tuple[object, ...]:
    """Return everything that reading asks of a part, and of those inside it."""
    inner = part.get_payload() if part.is_multipart() else []
    assert isinstance(inner, list)
    return (
        list(part.raw_items()),
        [repr(one) for one in part.defects],
        part.get_unixfrom(),
        part.get_content_type(),
        undecoded(part),
        octets_of(part),
        [_told(one) for one in inner if isinstance(one, Part)],
    )


def _is_same(raw: bytes) -> bool:
    return _told(parse_mail(raw)) == _told(PARSER.parsebytes(raw))


@pytest.mark.parametrize("raw", ORDINARY, ids=["UTF-8", "JIS"])
def test_an_ordinary_mail_needs_no_parser(raw: bytes) -> None:
    assert isinstance(parse_mail(raw), OnePart)
    assert _is_same(raw)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_mail_is_read_as_the_parser_reads_it(name: str) -> None:
    assert _is_same(ODD[name])


def test_hard_mails_are_read_as_the_parser_reads_them() -> None:
    assert all(_is_same(one.raw) for one in generate(150))


def test_mails_broken_anywhere_are_read_as_the_parser_reads_them() -> None:
    chance = random.Random(1)
    pieces = [b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\x00", b"\xe3", b"From ", b"\r\n\r\n"]
    for _ in range(2_000):
        raw = bytearray(chance.choice([*ORDINARY, *ODD.values()]))
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, min(len(raw), 600))
            if chance.random() < 0.7:
                raw[at:at] = chance.choice(pieces)
            else:
                del raw[at : at + chance.randint(1, 5)]
        assert _is_same(bytes(raw)), bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"a" * 60_000,
        b"a:" * 30_000,
        b"a:" + b" " * 60_000,
        b"a:\r\n" * 15_000,
        b"a:\r\n" + b" \r\n" * 20_000,
        b"a:" + b"\r" * 60_000,
    ],
)
def test_headers_that_never_end_cost_no_more_than_their_size(raw: bytes) -> None:
    start = time.process_time()
    parse_mail(raw)
    assert time.process_time() - start < 1.0
