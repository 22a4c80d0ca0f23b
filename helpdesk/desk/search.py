"""Finding cases by what stands in them: names in any spelling, subjects, words of mails.

The words of a case are folded once, when the case changes, and looked through as text:
Japanese has no blanks to cut words at, and two characters must be enough.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.context import Desk
from helpdesk.domain.message import read_message
from helpdesk.domain.proofs import may_be_proof
from helpdesk.domain.registry import Facility
from helpdesk.domain.searchable import searchable, words_of_mail
from helpdesk.mail.reader import is_suspicious
from helpdesk.store import case_view, cases, casework, facilities, searching
from helpdesk.store.case_view import CaseLine
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction

# Mails of a case that are looked through: what it is about stands in the first ones.
_MAILS = 3

# Cases in one transaction, and seconds for one round: a receipt does not wait for it.
_BATCH = 50
_ROUND_S = 1.5

_MOST_WORDS = 6
_LONGEST_WORD = 60

_CASE_NUMBER = re.compile(r"\d{4}-\d{6,}")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search."""

    cases: tuple[CaseLine, ...]
    more: bool


def catch_up(desk: Desk, _now: datetime) -> int:
    """Fold the words of cases that changed; return how many."""
    done, until = 0, time.monotonic() + _ROUND_S
    while time.monotonic() < until:
        with desk.database.read() as tx:
            waiting = searching.outdated(tx, _BATCH)
        if not waiting:
            break
        with desk.database.begin() as tx:
            for case_id, updated_at in waiting:
                searching.keep_text(tx, case_id, _words_of(tx, case_id), updated_at)
        done += len(waiting)
    return done


def _words_of(tx: Transaction, case_id: int) -> str:
    case = cases.case_by_id(tx, case_id)
    number = case.certification_number
    facility = facilities.facilities_by_numbers(tx, [number]).get(number) if number else None
    sources = searching.sources_of_case(tx, case_id, _MAILS)
    mails = [words_of_mail(read_message(raw).text) for raw in sources if not is_suspicious(raw)]
    notes = [words_of_mail(note.text) for note in casework.notes_of(tx, case_id)]
    return words_of(case, facility, [*mails, *notes])


def words_of(case: Case, facility: Facility | None, texts: Iterable[str]) -> str:
    """Return what a case is found by; `texts` are made searchable already."""
    parts = [case.number, case.correspondent, case.correspondent_name, case.subject]
    parts += [
        case.fields.get(name) or ""
        for name in (
            "facility_name", "responsible_physician", "new_address"
        )
    ]  # fmt: skip
    claimed = case.fields.get("certification_number") or ""
    parts += [claimed] if not may_be_proof(claimed) else []
    if facility:
        parts += [facility.certification_number, facility.name, facility.physician]
    return "\n".join([searchable("\n".join(part for part in parts if part)), *filter(None, texts)])


def find(desk: Desk, words: str, state: str, *, page: int, size: int) -> Found:
    """Return the cases that hold every word, newest first; a case number is found at once."""
    wanted = [
        searchable(word)[:_LONGEST_WORD] for word in words.replace("　", " ").split()[:_MOST_WORDS]
    ]
    wanted = [word for word in wanted if word]
    with desk.database.read() as tx:
        number = _CASE_NUMBER.fullmatch(words.strip())
        case = cases.case_by_number(tx, number.group()) if number else None
        if case is not None:
            return Found((_line(case),), more=False)
        if not wanted:
            return Found((), more=False)
        found = searching.find_cases(tx, wanted, state, size + 1, (page - 1) * size)
    return Found(tuple(found[:size]), len(found) > size)


def _line(case: Case) -> case_view.CaseLine:
    return CaseLine(
        case.number,
        case.state,
        case.subject,
        case.correspondent,
        case.correspondent_name,
        case.certification_number,
        case.verdict,
        case.created_at,
        case.updated_at,
    )
