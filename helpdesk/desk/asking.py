"""Which facility a question comes from, and its state as of the last import."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.reading import ReadMail
from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.calendar import format_date
from helpdesk.domain.registry import Facility, RegistryIndex
from helpdesk.store import facilities
from helpdesk.store.database import Transaction

# A name found in a sentence must be the facility's own, not one that resembles it.
_SURE = 0.93

_NUMBER = re.compile(r"[A-Za-z]{1,3}-?\d{2,8}")
_NAME = re.compile(
    r"[^\s　、。，,.「」（）()・:：\n]{1,40}(?:病院|センター|クリニック|医院|診療所|ホスピス)"
)
# Names and numbers that are looked up; a mail that holds more is no question.
_MOST_TRIED = 20


@dataclass(frozen=True, slots=True)
class Asker:
    """The facility that a question seems to come from."""

    facility: Facility | None = None
    #: From is the address of its account or of its application. It proves nothing alone.
    registered: bool = False


def asker_of(desk: Desk, tx: Transaction, read: ReadMail) -> Asker:
    """Return the facility by the address in From, else by number or name in the mail."""
    index = desk.registry.index(tx)
    by_address = index.at_address(read.message.sender.address if read.message.sender else "")
    if len(by_address) == 1:
        return Asker(by_address[0], registered=True)
    found = _named_in(f"{read.message.text}\n{read.message.signature}", index)
    return Asker(found)


def _named_in(text: str, index: RegistryIndex) -> Facility | None:
    folded = fold_widths(text[:20_000])
    numbers = {index.by_number(one) for one in _NUMBER.findall(folded)[:_MOST_TRIED]} - {None}
    if len(numbers) == 1:
        return numbers.pop()
    found: dict[str, Facility] = {}
    for name in list(dict.fromkeys(_NAME.findall(text)))[:_MOST_TRIED]:
        sure = [one for one in index.named(name) if one.score >= _SURE]
        if len(sure) == 1:
            found[sure[0].facility.certification_number] = sure[0].facility
    return next(iter(found.values())) if len(found) == 1 else None


def state_of(tx: Transaction, facility: Facility) -> dict[str, object] | None:
    """Return what a letter may say of a facility; None where nothing was imported.

    A column that the export does not have is left out: nothing is claimed of it.
    """
    at = facilities.last_import_at(tx)
    if at is None:
        return None
    documents = [
        {"name": name, "done": done} for name, done in _documents(facility) if done is not None
    ]
    return {
        "as_of": format_date(japan_date(at)),
        "application": facility.application_state,
        "documents": documents,
    }


def _documents(facility: Facility) -> tuple[tuple[str, bool | None], ...]:
    return (
        ("申請書", facility.application_form),
        ("概要書", facility.summary_form),
        ("公印書類", facility.sealed_documents),
    )


def state_in_words(
    tx: Transaction, asker: Asker, now: datetime
) -> tuple[tuple[str, str, str], ...]:
    """Lay out for staff what the registry holds: rows of [part, result, reason]."""
    facility = asker.facility
    if facility is None:
        return (("facility", "unknown", "no facility by sender, number or name"),)
    at = facilities.last_import_at(tx)
    day = f"as of {format_date(japan_date(at or now))}"
    found = "by the address in From" if asker.registered else "by the text; not proved"
    rows = [
        ("facility", facility.certification_number, found),
        ("申請状況", facility.application_state or "-", day),
    ]
    rows += [(name, _done(done), day) for name, done in _documents(facility)]
    return tuple(rows)


def _done(done: bool | None) -> str:
    return "-" if done is None else ("済" if done else "未")
