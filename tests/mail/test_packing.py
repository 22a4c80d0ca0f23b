"""What the reader's child answers comes back as it was, and a hostile answer as nothing."""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path

import pytest

from helpdesk.domain.message import Message, read_message
from helpdesk.domain.understanding import Understanding, understand
from helpdesk.mail.packing import pack, unpack
from helpdesk.mail.reader import MailReader, ReaderFailed
from tests import mails
from tests.hard_mails import generate
from tests.questions.test_questions import RULES

BOUNCE = (
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.test\r\nSubject: Returned mail\r\n"
    b"Date: Tue, 24 Nov 2026 10:00:00 +0900\r\n\r\n"
    b"The following address failed: user unknown\r\n<a@x.test>\r\n"
)
FORWARDED = (
    b"From: a@x.test\r\nContent-Type: message/rfc822\r\n\r\n"
    b"From: b@x.test\r\nSubject: inside\r\n\r\ntext\r\n"
)
QUESTION = mails.mail(
    "パスワードを忘れました。再設定の方法を教えてください。", message_id="<q@x.test>"
)


def every_kind() -> list[bytes]:
    form = mails.mail(mails.form(), message_id="<f@x.test>")
    return [BOUNCE, FORWARDED, QUESTION, form, *(one.raw for one in generate(40))]


def test_what_was_read_comes_back_as_it_was() -> None:
    for raw in every_kind():
        message = read_message(raw)
        found = understand(message, RULES.knowledge)
        assert unpack(pack(message), Message) == message
        assert repr(unpack(pack(found), Understanding)) == repr(found)


def test_the_answers_above_hold_every_kind_of_reading() -> None:
    found = [understand(read_message(raw), RULES.knowledge) for raw in every_kind()]
    messages = [one.message for one in found]
    assert any(one.bounce for one in messages)
    assert any(one.forwarded for one in messages)
    assert any(one.attachments for one in messages)
    assert any(one.date for one in messages)
    assert any(one.sorting.asks for one in found)
    assert any(one.reading.birthdate for one in found)


class _Call:
    """Pickles as a call of whatever a child that was taken over would like to have called."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call


def _with(field: str, value: object) -> bytes:
    values = json.loads(pack(read_message(QUESTION)))
    values[list(Message.__dataclass_fields__).index(field)] = value
    return json.dumps(values).encode()


HOSTILE = {
    "a call": pickle.dumps(_Call(os.mkdir, ("taken-over",))),
    "a reading by name": pickle.dumps(read_message(QUESTION)),
    "a few bytes that claim a gigabyte of a pickle": b"\x80\x05Nr\x00\x00\x00\x04.",
    "too many values": json.dumps([*json.loads(pack(Message())), "more"]).encode(),
    "nothing but brackets": b"[" * 1_000_000,
    "a number of a million digits": b"1" * 1_000_000,
    "a number among texts": _with("references", [1]),
    "a list among texts": _with("headers", [["from", ["x"]]]),
    "a header of three": _with("headers", [["from", "a", "b"]]),
    "a number among parameters": _with("parameters", {"charset": 1}),
    "yes for text": _with("subject", True),
    "a reading too short": _with("sender", ("見本",)),
    "a reading too long": _with("sender", ("見本", "a@x.test", "more")),
    "a number for a reading": _with("sender", 5),
    "a number for text": _with("body", 5),
    "text for a time": _with("date", "yesterday"),
    "nothing": b"null",
    "no JSON": b"\xff" * 100,
    "another reading": pack(understand(read_message(QUESTION), RULES.knowledge)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_nonsense_and_calls_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = tmp_path / "answer"
    answer.write_bytes(HOSTILE[name])
    child = str(Path(__file__).parent / "answering_child.py")
    reader = MailReader([sys.executable, child, str(answer)], timeout_s=10.0)
    try:
        with pytest.raises(ReaderFailed, match="answered nonsense"):
            reader.read(QUESTION, alone=True)
        reader.read_ahead({1: QUESTION}, RULES.knowledge)
        found = reader.fetch_ahead(RULES.knowledge)
    finally:
        reader.close()
    if name != "another reading":  # Which is the one that was asked for here.
        assert "answered nonsense" in str(found[1])
    assert not (tmp_path / "taken-over").exists()
