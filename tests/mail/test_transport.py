"""What the relay is told of an envelope, and what is made of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from helpdesk.config import SmtpUrl
from helpdesk.mail.transport import Answer, Relay, RelayError
from tests.servers.net import LOOPBACK
from tests.servers.smtp_sink import SmtpSink

DESK = "desk@society.example.jp"
LETTER = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.close()


def talk(
    sink: SmtpSink, *recipients: str, after_first: Callable[[], None] | None = None
) -> list[Answer | None]:
    """Send a letter to each over one connection; return the answers."""

    async def conversation() -> list[Answer | None]:
        relay = Relay(SmtpUrl(LOOPBACK, sink.port, None, None, "never"), DESK)
        answers: list[Answer | None] = []
        try:
            for recipient in recipients:
                await relay.open()
                answer: Answer | None = await relay.offer(recipient)
                if answer is not None and answer.accepted:
                    answer = await relay.hand_over(LETTER)
                answers.append(answer)
                if after_first is not None and len(answers) == 1:
                    after_first()
        finally:
            await relay.quit()
        return answers

    return asyncio.run(conversation())


def test_every_address_stands_in_the_envelope_as_it_is(sink: SmtpSink) -> None:
    addresses = ("a@x.test", "o'neil+tag=1@sub.x.test", '"a b"@x.test', "a@[192.0.2.1]")
    answers = talk(sink, *addresses)
    assert [answer.code for answer in answers if answer] == [250] * len(addresses)
    assert [letter.recipients for letter in sink.letters] == [(one,) for one in addresses]
    assert {letter.mail_from for letter in sink.letters} == {DESK}
    assert sink.connections == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@x.test>\r\nRCPT TO:<b@x.test",
        "a@x.test\r\n",
        "a@x.test\n",
        "a@x.test> NOTIFY=NEVER <b@x.test",
        "a@x.test\0",
        "あ@x.test",
    ],
)
def test_address_that_is_no_plain_one_tells_the_relay_nothing(sink: SmtpSink, address: str) -> None:
    try:
        talk(sink, address)
    except (ValueError, RelayError):
        assert sink.letters == []
    else:  # What the library makes of white space around an address is that address.
        assert {letter.recipients for letter in sink.letters} == {("a@x.test",)}
    assert not any("b@x.test" in argument or "\0" in argument for _, argument in sink.commands)


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
@pytest.mark.parametrize("reply", ["450 4.2.0 later", "550 5.1.1 nobody", "252 perhaps"])
def test_refusal_at_the_second_letter_is_that_letters_alone(
    sink: SmtpSink, step: str, reply: str
) -> None:
    addresses = ("first@x.test", "second@x.test", "third@x.test")
    rude = partial(sink.react, step, reply, times=1)  # type: ignore[arg-type]
    if reply.startswith("2"):
        with pytest.raises(RelayError, match="makes no sense"):
            talk(sink, *addresses, after_first=rude)
        return
    _, second, third = talk(sink, *addresses, after_first=rude)
    assert second == Answer(int(reply[:3]), reply[4:])
    assert third is not None
    assert third.accepted


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_relay_that_closes_down_is_in_trouble_as_a_whole(sink: SmtpSink, step: str) -> None:
    rude = partial(sink.react, step, "421 4.3.2 closing", times=1)  # type: ignore[arg-type]
    with pytest.raises(RelayError, match="come back later"):
        talk(sink, "a@x.test", "b@x.test", after_first=rude)
