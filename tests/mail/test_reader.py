"""A mail that hangs or kills its reader costs that mail and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.understanding import Understanding, understand
from helpdesk.mail.reader import MailReader, ReaderFailed, is_suspicious
from tests import mails
from tests.hard_mails import generate
from tests.questions.test_questions import RULES

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
        (b"Content-Type: Application/PKCS7-MIME\n\n", True),
        (b"Content-Type: message/global\n\n", True),
        (b"name=Winmail.dat\n\n", True),
        (b"Content-Type: message/rfc822\n\n", True),
    ],
)
def test_what_is_large_deep_or_packed_is_suspicious(raw: bytes, suspicious: bool) -> None:
    assert is_suspicious(raw) is suspicious


KNOWLEDGE = RULES.knowledge


def test_the_child_understands_ahead_what_this_process_would(reader: MailReader) -> None:
    sources = {hard: one.raw for hard, one in enumerate(generate(40))}
    sources[100] = (
        mails.mail(mails.form(), message_id="<f@x.test>") + b"\n" * 200_000
    )  # no small one
    reader.read_ahead(sources, KNOWLEDGE)
    found = reader.fetch_ahead(KNOWLEDGE)
    assert found == {n: understand(read_message(raw), KNOWLEDGE) for n, raw in sources.items()}
    assert reader.fetch_ahead(KNOWLEDGE) == {}


def test_what_was_read_under_other_rules_is_not_given_out(reader: MailReader) -> None:
    reader.read_ahead({1: letter("<a@x.test>")}, KNOWLEDGE)
    assert reader.fetch_ahead(RULES.model_copy(deep=True).knowledge) == {}


@pytest.mark.parametrize("what", ["hang", "kill", "lie"])
def test_ahead_too_a_mail_that_ends_its_reader_costs_itself(rude: MailReader, what: str) -> None:
    sources = {n: letter(f"<{what if n == 2 else n}@x.test>") for n in range(5)}
    rude.read_ahead(sources, KNOWLEDGE)
    found = rude.fetch_ahead(KNOWLEDGE)
    assert isinstance(found.pop(2), ReaderFailed)
    assert [n for n, one in found.items() if isinstance(one, Understanding)] == [0, 1, 3, 4]


def test_without_a_child_nothing_is_read_ahead() -> None:
    none = MailReader(["/no/such/program"])
    none.read_ahead({1: letter("<a@x.test>")}, KNOWLEDGE)
    assert none.fetch_ahead(KNOWLEDGE) == {}
