"""A mail that hangs or kills its reader costs that mail and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.domain.message import read_message
from helpdesk.mail.reader import MailReader, ReaderFailed, is_suspicious
from tests import mails
from tests.hard_mails import generate

RUDE = [sys.executable, str(Path(__file__).parent / "rude_child.py")]


@pytest.fixture
def reader() -> Iterator[MailReader]:
    found = MailReader()
    yield found
    found.close()


@pytest.fixture
def rude() -> Iterator[MailReader]:
    found = MailReader(RUDE, timeout_s=3.0)
    yield found
    found.close()


def letter(message_id: str) -> bytes:
    return mails.mail("本文①", message_id=message_id)


def test_the_child_reads_a_mail_as_this_process_does(reader: MailReader) -> None:
    for hard in generate(40):
        assert reader.read(hard.raw, alone=True) == read_message(hard.raw)


@pytest.mark.parametrize("what", ["hang", "kill", "lie"])
def test_a_mail_that_ends_its_reader_costs_that_mail_alone(rude: MailReader, what: str) -> None:
    assert rude.read(letter("<a@x.test>"), alone=True).body.strip() == "本文①"
    with pytest.raises(ReaderFailed) as caught:
        rude.read(letter(f"<{what}@x.test>"), alone=True)
    assert not caught.value.temporary
    assert "本文" not in str(caught.value)
    assert rude.read(letter("<b@x.test>"), alone=True).body.strip() == "本文①"


def test_memory_is_limited(rude: MailReader) -> None:
    with pytest.raises(ReaderFailed):
        rude.read(letter("<eat@x.test>"), alone=True)


def test_an_ordinary_mail_needs_no_child_and_a_large_one_does() -> None:
    without_child = MailReader(["/no/such/program"])
    assert without_child.read(letter("<a@x.test>")).body.strip() == "本文①"
    with pytest.raises(ReaderFailed):
        without_child.read(letter("<a@x.test>") + b"x" * 400_000)


@pytest.mark.parametrize(
    ("raw", "suspicious"),
    [
        (mails.mail(mails.form(), message_id="<a@x.test>"), False),
        (mails.outlook_mail(mails.form(), message_id="<a@x.test>"), False),
        (b"x" * 400_000, True),  # large
        (b"boundary=x\n" * 20, True),  # in many parts
        (b"<div>" * 4_000, True),  # a page of many tags
        (b"Content-Type: application/ms-tnef\n\n", True),  # packed
        (b"Content-Type: message/rfc822\n\n", True),
    ],
)
def test_what_is_large_deep_or_packed_is_suspicious(raw: bytes, suspicious: bool) -> None:
    assert is_suspicious(raw) is suspicious
