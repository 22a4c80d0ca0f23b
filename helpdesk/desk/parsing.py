"""What `helpdesk parse` prints of a mail: read, sorted, judged, and nothing stored."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.reading import scope_of
from helpdesk.domain.disposition import sort_message
from helpdesk.domain.identity import Claims, judge
from helpdesk.domain.marks import own_case_number
from helpdesk.domain.message import read_message
from helpdesk.domain.registry import RegistryIndex
from helpdesk.domain.request import Reading, read_request
from helpdesk.rules import Rules


def describe(raw: bytes, file: str, rules: Rules, index: RegistryIndex | None) -> dict[str, Any]:
    """Return the line of one mail, keys as DESIGN section 5 fixes them.

    `index` None: no registry was given, so match and verdict are None.
    """
    message = read_message(raw)
    reading = read_request(message)
    ids = (*message.in_reply_to, *message.references)
    if message.bounce and message.bounce.original_message_id:
        ids = (message.bounce.original_message_id, *ids)
    scope = scope_of(rules)
    answers_us = own_case_number(ids, message.subject) is not None
    sorting = sort_message(message, reading, scope, answers_us=answers_us)
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
    values = reading.values()
    claims = Claims(
        facility_name=values["facility_name"],
        certification_number=values["certification_number"],
        responsible_physician=values["responsible_physician"],
        member_number=values["member_number"],
        birthdate=values["birthdate"],
        missing=reading.missing,
    )
    verdict = judge(claims, index)
    if verdict.facility is None:
        return None, verdict.outcome
    score = round(verdict.score, 2) if verdict.score is not None else None
    match = {"certification_number": verdict.facility.certification_number, "score": score}
    return match, verdict.outcome
