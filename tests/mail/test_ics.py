"""The deadline beside a letter, as mail readers and calendars take it apart."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

import icalendar
import pytest

from helpdesk.domain.calendar import JST
from helpdesk.domain.message import read_message
from helpdesk.mail.compose import Attachment, ComposeError, Rendered, build_mail
from helpdesk.mail.ics import Deadline, Surroundings, deadline_file
from helpdesk.rules import load_rules
from helpdesk.shipped import shipped_folder

CLOSES = datetime(2027, 2, 28, 23, 59, tzinfo=JST)
WRITTEN = datetime(2027, 2, 1, 0, 0, tzinfo=UTC)
RULES = load_rules(Path(shipped_folder()) / "mailbox_rules.yaml")
DETAILS = "ログイン、申請; 詳しくは\n次の行"
AROUND = Surroundings("desk@example.jp", DETAILS, datetime(2027, 2, 26, 9, 0, tzinfo=JST))
SUMMARY = "更新申請 締切（" + "長い名前の" * 12 + "病院）"


def letter(sequence: int = 0, attachment: Attachment | None = None) -> bytes:
    deadline = Deadline("renewal.2027.K0101@example.jp", sequence, SUMMARY, CLOSES)
    return build_mail(
        Rendered("件名", "本文\n二行目\n"),
        letter="renewal_opens",
        sender=RULES.desk,
        to="a@hospital.example.jp",
        message_id="<x@example.jp>",
        date=WRITTEN,
        in_reply_to=None,
        references=(),
        automatic=False,
        attachment=attachment or deadline_file(deadline, AROUND, WRITTEN),
    )


def event_of(raw: bytes) -> icalendar.Event:
    mail = email.message_from_bytes(raw, policy=policy.default)
    (part,) = mail.iter_attachments()
    assert isinstance(part, EmailMessage)
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    return event


def test_calendar_program_finds_the_last_minute_of_the_period() -> None:
    event = event_of(letter())
    assert event.decoded("dtstart") == CLOSES
    assert event.decoded("dtend") == datetime(2027, 3, 1, tzinfo=JST)
    assert str(event["summary"]) == SUMMARY
    assert event.decoded("dtstamp") == WRITTEN
    assert str(event["description"]) == DETAILS
    (alarm,) = event.walk("VALARM")
    # Sunday's deadline is told of on Friday morning, relative to its start.
    assert CLOSES + alarm.decoded("trigger") == datetime(2027, 2, 26, 9, 0, tzinfo=JST)


def test_later_letter_updates_the_same_entry() -> None:
    first, second = event_of(letter(0)), event_of(letter(1))
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)


def test_mail_reader_finds_text_and_attachment() -> None:
    mail = email.message_from_bytes(letter(), policy=policy.default)
    assert mail.get_content_type() == "multipart/mixed"
    assert not mail.defects
    body = mail.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["本文", "二行目"]
    (part,) = mail.iter_attachments()
    assert part.get_filename() == "deadline.ics"
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "PUBLISH"
    assert part.get_content_charset() == "utf-8"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_calendar_file_keeps_to_its_line_length_and_ends() -> None:
    lines = deadline_file(Deadline("u@x.jp", 0, SUMMARY, CLOSES), AROUND, WRITTEN).content.split(
        b"\r\n"
    )
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)


def test_our_own_reader_takes_the_letter_back() -> None:
    message = read_message(letter())
    assert message.body.splitlines() == ["本文", "二行目"]
    assert [one.name for one in message.attachments] == ["deadline.ics"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ('a".ics', "text/calendar"),
        ("a.ics\r\nX: y", "text/calendar"),
        ("a.ics", "text/x\r\nBcc: y"),
    ],
)
def test_attachment_cannot_begin_a_header(name: str, kind: str) -> None:
    with pytest.raises(ComposeError):
        letter(attachment=Attachment(name, kind, b"x"))
