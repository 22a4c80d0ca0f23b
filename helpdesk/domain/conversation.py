"""Whether two mails speak of the same matter: an answer, a request sent again, or another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from helpdesk.domain.facility_names import distance, parts_of
from helpdesk.domain.japanese import fold
from helpdesk.domain.registry import fold_number

Fields = Mapping[str, str | None]

#: An answer to a case that is closed for longer is a new matter (a month is what people
#: remember of a mail, and what a secretariat keeps at hand).
REOPENS_WITHIN = timedelta(days=30)

# A name that differs by more slips than this is another facility's.
_SLIPS = 2


def is_closed_long_ago(state: str, updated_at: datetime, now: datetime) -> bool:
    """Say whether a case was closed so long ago that an answer to it opens a new one."""
    return state == "closed" and now - updated_at > REOPENS_WITHIN


def names_another_facility(known: Fields, sent: Fields) -> bool:
    """Say whether a mail names a facility, and not the one that its case is about.

    A number stands over a name. What only one of them gives says nothing.
    """
    numbers = known.get("certification_number"), sent.get("certification_number")
    if numbers[0] and numbers[1]:
        return fold_number(numbers[0]) != fold_number(numbers[1])
    names = known.get("facility_name"), sent.get("facility_name")
    if not (names[0] and names[1]):
        return False
    return not _may_be_one(names[0], names[1])


def _may_be_one(known: str, sent: str) -> bool:
    whole = fold(known), fold(sent)
    own = parts_of(known)[1], parts_of(sent)[1]
    if own[0] in whole[1] or own[1] in whole[0]:
        return True
    return min(map(len, own)) > 2 * _SLIPS and distance(own[0], own[1], _SLIPS) <= _SLIPS


def is_same_request(known: Fields, sent: Fields) -> bool:
    """Say whether a request was sent again: everything it says was said before."""
    return _compared(known) == _compared(sent)


def _compared(fields: Fields) -> tuple[str, ...]:
    return (
        *(fold(fields.get(name) or "") for name in ("facility_name", "responsible_physician")),
        fold_number(fields.get("certification_number") or ""),
        (fields.get("member_number") or "").lstrip("0"),
        fields.get("birthdate") or "",
        fields.get("request") or "",
        (fields.get("new_address") or "").lower(),
    )
