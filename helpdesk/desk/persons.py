"""One person's data (個人情報保護法): what is kept of them, and its erasure; and retention."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from helpdesk.desk.context import Desk, Refused, japan_date
from helpdesk.domain.audit import Event
from helpdesk.domain.message import read_message
from helpdesk.mail.reader import is_suspicious
from helpdesk.store import (
    actions,
    audit,
    cases,
    erasing,
    facilities,
    facts,
    misses,
    persons,
    staff,
)
from helpdesk.store.database import Transaction

_PURGED = "purged_on"

# Ids in one statement: both databases take these many.
_AT_ONCE = 500


def export(
    desk: Desk, by: str, *, address: str | None, member_number: str | None
) -> list[dict[str, Any]]:
    """Return everything that is kept of a person, a row each. Raises Refused.

    Cases of their facility that nothing says to be theirs follow by number alone.
    """
    _require_one(address, member_number)
    with desk.database.begin() as tx:
        found = persons.find(tx, address, member_number)
        rows = [
            {"record": "facility", **_plain(asdict(one))}
            for one in facilities.facilities_by_numbers(tx, found.facilities).values()
        ]
        rows += [_case_row(tx, case_id) for case_id in found.cases]
        rows += [
            {
                "record": "mail",
                "id": mail_id,
                "disposition": disposition,
                "received_at": received_at.isoformat(),
                "text": read_message(raw).body,
            }
            for mail_id, disposition, received_at, raw in persons.mails_of(tx, found.cases)
        ]
        rows += [
            {
                "record": "letter",
                "letter": name,
                "to": recipient,
                "state": state,
                "sent_at": sent_at.isoformat() if sent_at else None,
            }
            for name, recipient, state, sent_at in persons.letters_of(tx, found.cases)
        ]
        rows += [{"record": "case_to_look_at", "number": one} for one in found.unsure]
        event = Event("person_exported", by[:80], "command", about={"found": len(rows)})
        audit.note(tx, event)
    return rows


def _case_row(tx: Transaction, case_id: int) -> dict[str, Any]:
    one = cases.case_by_id(tx, case_id)
    return {
        "record": "case",
        "number": one.number,
        "state": one.state,
        "correspondent": one.correspondent,
        "name": one.correspondent_name,
        "subject": one.subject,
        "created_at": one.created_at.isoformat(),
        "fields": dict(one.fields),
        "verdict": one.verdict,
        "actions": [
            {"id": a.id, "kind": a.kind, "state": a.state, "new_address": a.new_address}
            for a in actions.actions_of_case(tx, case_id)
        ],
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased here, and what only people can erase."""

    cases: int
    #: Folder and UID of their mails on the mail server.
    places: tuple[tuple[str, int], ...]
    #: Numbers of cases that may be theirs, and that somebody has to look at.
    unsure: tuple[str, ...] = ()


def erase(
    desk: Desk,
    by: str,
    *,
    address: str | None,
    member_number: str | None,
    now: datetime | None = None,
) -> Erased:
    """Erase a person from the cases; return how many cases it were. Raises Refused.

    What the registry holds is the portal's: it is corrected there, and an import brings it.
    """
    _require_one(address, member_number)
    with desk.database.begin() as tx:
        member = staff.staff_by_name(tx, by)
        if member is None or member.role != "admin":
            raise Refused("only an admin may erase a person's data (see user add --role admin)")
        found = persons.find(tx, address, member_number)
        if still := persons.open_among(tx, found.cases):
            raise Refused(f"these cases are not closed yet: {', '.join(still[:10])}")
        moment = now or datetime.now(UTC)
        if needed := persons.changes_naming(tx, found.cases, address, moment):
            raise Refused(
                "these changes of address are undecided, on their way or may still be undone, and"
                f" need the addresses until then: {', '.join(map(str, needed[:10]))}"
            )
        if untold := persons.untold(tx, found.cases, address):
            raise Refused(
                "the portal has not taken these changes yet (helpdesk queue reflected):"
                f" {', '.join(map(str, untold[:10]))}"
            )
        if leaving := erasing.letters_leaving(tx, found.cases, address):
            raise Refused(
                "these letters are leaving just now; try again in a minute:"
                f" {', '.join(map(str, leaving[:10]))}"
            )
        for letter_id in erasing.cancel_letters(tx, found.cases, address):
            audit.note(tx, Event("letter_dropped", by, "command", about={"letter": letter_id}))
        places = persons.places_of(tx, found.cases)
        erased = persons.erase_cases(tx, found.cases) if found.cases else 0
        if address:
            _erase_address(tx, address)
        audit.note(tx, Event("person_erased", by, "command", about={"erased": erased}))
    desk.database.forget_old_pages()
    return Erased(erased, tuple(places), found.unsure)


def _erase_address(tx: Transaction, address: str) -> None:
    """Erase an address where it stands outside the person's own cases: mails, letters, notes."""
    persons.forget_address(tx, address)
    named = [one for one, raw in erasing.mail_sources(tx) if _names(raw, address)]
    erasing.forget_ids(tx, named)
    letters = [one for one, raw in erasing.letter_sources(tx) if _names(raw, address)]
    for ids, drop in ((named, persons.drop_mails), (letters, persons.drop_letters)):
        for start in range(0, len(ids), _AT_ONCE):
            drop(tx, ids[start : start + _AT_ONCE])
    erasing.sweep(tx, address)


def _names(raw: bytes, address: str) -> bool:
    """Say whether a mail names an address: in its source, or in what it says decoded."""
    wanted = address.lower()
    if wanted.encode("ascii", "replace") in raw.lower():
        return True
    if is_suspicious(raw):
        return False
    message = read_message(raw)
    people = [one.address for one in (message.sender, *message.to, *message.cc) if one]
    return wanted in "\n".join((*people, message.subject, message.body)).lower()


def _require_one(address: str | None, member_number: str | None) -> None:
    if bool(address) == bool(member_number):
        raise Refused("name the person by --address ADDRESS or by --member NUMBER, one of them")


def purge(
    desk: Desk, now: datetime, *, dry_run: bool = False, by: str = "calendar"
) -> dict[str, int]:
    """Erase what is older than the rules keep it; return how many of each kind."""
    keep = desk.rules.retention
    with desk.database.read() as tx:
        old = {
            "cases": persons.old_cases(tx, now - keep.cases.timedelta),
            "mails": [
                *persons.old_mails(tx, now - keep.mails.timedelta),
                *persons.old_quarantine(tx, now - keep.quarantine.timedelta),
            ],
            "letters": persons.old_letters(tx, now - keep.letters.timedelta),
        }
    counts = {kind: len(ids) for kind, ids in old.items()}
    if dry_run:
        return counts
    acts = {
        "cases": persons.erase_cases,
        "mails": persons.drop_mails,
        "letters": persons.drop_letters,
    }
    for kind, ids in old.items():
        for start in range(0, len(ids), _AT_ONCE):
            with desk.database.begin() as tx:
                acts[kind](tx, ids[start : start + _AT_ONCE])
    with desk.database.begin() as tx:
        counts["misses"] = misses.forget_before(tx, now - keep.misses.timedelta)
        if any(counts.values()):
            audit.note(tx, Event("purged", by, "retention", about={"counts": counts}))
    if any(counts.values()):
        desk.database.forget_old_pages()
    return counts


def forget_old_pages(desk: Desk, _now: datetime) -> int:
    """Empty the database's log, so that no mail that was not ours outlives its minute in it."""
    desk.database.forget_old_pages()
    return 0


def purge_daily(desk: Desk, now: datetime) -> int:
    """Purge once a day; return how much was erased."""
    today = japan_date(now).isoformat()
    with desk.database.read() as tx:
        if facts.read_fact(tx, _PURGED) == today:
            return 0
    counts = purge(desk, now)
    with desk.database.begin() as tx:
        facts.write_fact(tx, _PURGED, today)
    return sum(counts.values())
