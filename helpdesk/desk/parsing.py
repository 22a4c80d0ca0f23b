"""What `helpdesk parse` prints of a mail: read, sorted, judged, and nothing stored."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.reading import scope_of
from helpdesk.desk.showing import full_details
from helpdesk.domain.disposition import Sorting, sort_message
from helpdesk.domain.identity import claims_of, judge
from helpdesk.domain.marks import own_case_number
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.registry import RegistryIndex
from helpdesk.domain.request import Reading, read_request
from helpdesk.mail.reader import MailReader, ReaderFailed
from helpdesk.rules import Rules


def describe(
    raw: bytes,
    file: str,
    rules: Rules,
    index: RegistryIndex | None,
    reader: MailReader | None = None,
    *,
    full: bool = False,
) -> dict[str, Any]:
    """Return the line of one mail, keys as DESIGN section 5 fixes them.

    `index` None: no registry was given, so match and verdict are None. With a `reader`,
    a mail that could hurt is read by its child, and is `quarantined` where that failed.
    """
    try:
        message = reader.read(raw) if reader else read_message(raw)
    except ReaderFailed as error:
        message = Message(defects=(str(error),))
        sorting, reading = Sorting("quarantined", None, False, False, ("unreadable",)), Reading()
    else:
        reading = read_request(message, rules.form.patterns)
        sorting = sort(message, reading, rules)
    line = _line(message, reading, sorting, file, index)
    return {**line, **full_details(message, reading)} if full else line


def sort(message: Message, reading: Reading, rules: Rules) -> Sorting:
    """Return what a mail is, by itself: marks are believed by their shape."""
    ids = (*message.in_reply_to, *message.references)
    if message.bounce and message.bounce.original_message_id:
        ids = (message.bounce.original_message_id, *ids)
    scope = scope_of(rules)
    answers_us = own_case_number(ids, message.subject) is not None
    return sort_message(message, reading, scope, answers_us=answers_us)


def _line(
    message: Message, reading: Reading, sorting: Sorting, file: str, index: RegistryIndex | None
) -> dict[str, Any]:
    is_request = sorting.disposition == "request"
    match, verdict = _judged(reading, index) if index and is_request else (None, None)
    return {
        "file": file,
        "message_id": message.message_id,
        "subject": message.subject,
        "disposition": sorting.disposition,
        "topic": sorting.topic,
        "fields": reading.values(),
        "missing": list(reading.missing) if is_request else [],
        "match": match,
        "verdict": verdict,
    }


def _judged(reading: Reading, index: RegistryIndex) -> tuple[dict[str, Any] | None, str]:
    claims = claims_of(reading.values(), reading.missing)
    verdict = judge(claims, index)
    if verdict.facility is None:
        return None, verdict.outcome
    score = round(verdict.score, 2) if verdict.score is not None else None
    match = {"certification_number": verdict.facility.certification_number, "score": score}
    return match, verdict.outcome
