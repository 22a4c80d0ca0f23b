"""A deadline as an .ics attachment, for every calendar program.

The one door to icalendar. Source: RFC 5545 3.8.4.7 (one UID a matter), 3.8.7.4 (a greater
SEQUENCE replaces what a calendar has), RFC 5546 3.2.1 (PUBLISH: nobody has to answer).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.mail.compose import Attachment

# The deadline is a minute that still counts: 23:59 until midnight.
_LENGTH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One date that a letter names."""

    #: The same for every letter about this deadline, so that calendars hold it once.
    uid: str
    #: Grows with each letter about it.
    sequence: int
    #: One line, as the calendar shows it.
    summary: str
    #: Aware; the last minute that counts.
    at: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a calendar entry says beside its date."""

    #: The desk's address.
    organizer: str
    #: Lines below the summary.
    details: str
    #: Aware; when the calendar speaks up: at a time when somebody is at work.
    warn_at: datetime


def deadline_file(deadline: Deadline, around: Surroundings, written_at: datetime) -> Attachment:
    """Return the attachment. Times are UTC: every program knows that zone without a table."""
    # Loaded here: it takes 10 MB that a daemon outside the season does not need.
    from icalendar import Alarm, Calendar, Event

    event = Event()
    event.add("uid", deadline.uid)
    event.add("sequence", deadline.sequence)
    event.add("dtstamp", written_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", deadline.at.astimezone(UTC))
    event.add("dtend", (deadline.at + _LENGTH).astimezone(UTC))
    event.add("summary", deadline.summary)
    event.add("description", around.details)
    event.add("organizer", f"mailto:{around.organizer}")
    # A deadline blocks no time: meetings may lie across it.
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", deadline.summary)
    # Relative to the start: not every program reads an absolute time here.
    alarm.add("trigger", around.warn_at - deadline.at)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//helpdesk//deadlines//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    kind = "text/calendar; charset=utf-8; method=PUBLISH"
    return Attachment("deadline.ics", kind, calendar.to_ical())
