"""Named queries about cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from helpdesk.domain.proofs import may_be_proof, without_known_proofs
from helpdesk.domain.registry import Facility
from helpdesk.store.database import Transaction
from helpdesk.store.facilities import member_index
from helpdesk.store.later import Later
from helpdesk.store.schema import action, case, case_note, case_text, facility, mail
from helpdesk.store.vault import Vault, vault_of


@dataclass(frozen=True, slots=True)
class Case:
    """One matter with one correspondent (案件)."""

    id: int
    number: str
    state: str
    #: Address in From of the first mail. Letters go here; nothing is proved by it.
    correspondent: str
    correspondent_name: str
    subject: str
    created_at: datetime
    updated_at: datetime
    fields: Mapping[str, str | None]
    missing: tuple[str, ...]
    verdict: str | None
    certification_number: str | None
    thread: tuple[str, ...]
    #: When staff last answered by their own mail program; None: never.
    answered_outside_at: datetime | None


_COLUMNS = (
    case.c.id,
    case.c.number,
    case.c.state,
    case.c.correspondent,
    case.c.correspondent_name,
    case.c.subject,
    case.c.created_at,
    case.c.updated_at,
    case.c.fields,
    case.c.missing,
    case.c.verdict,
    case.c.certification_number,
    case.c.thread,
    case.c.answered_outside_at,
)

# Statements of the way of every mail are built once: building costs more than running.
_INSERT = insert(case)
_INSERT_NUMBERED = _INSERT.returning(case.c.id)
_OPEN_OF = (
    select(*_COLUMNS)
    .where(case.c.correspondent == bindparam("b_correspondent"), case.c.state != "closed")
    .order_by(case.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that is to be opened, with everything that is known by now."""

    number: str
    state: str
    correspondent: str
    correspondent_name: str
    subject: str
    fields: Mapping[str, str | None]
    missing: tuple[str, ...]
    verdict: str | None
    certification_number: str | None
    thread: tuple[str, ...]
    related_case_id: int | None
    #: The facility of that number, where the registry was looked up for it just now.
    facility: Facility | None = None


#: Fields that prove who somebody is: sealed, and erased when the case closes.
PROOFS = ("member_number", "birthdate")

_SET_THREAD = (
    update(case)
    .where(case.c.id == bindparam("b_id"))
    .values(thread=bindparam("b_thread", type_=case.c.thread.type))
)

# More ids than this in References help no mail client and grow without end.
_THREAD_LENGTH = 20


#: A certification number as it was claimed; somebody's own number may stand there.
CLAIMED = "certification_number"


def _is_proof(name: str, value: str) -> bool:
    return name in PROOFS or (name == CLAIMED and may_be_proof(value))


def _sealed(vault: Vault, fields: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return fields as they are stored: what proves who somebody is lies sealed."""
    return {
        name: vault.seal(value) if value and _is_proof(name, value) else value
        for name, value in fields.items()
    }


def _indexes(
    tx: Transaction,
    fields: Mapping[str, str | None],
    verdict: str | None,
    certification_number: str | None,
    judged: Facility | None = None,
) -> dict[str, str]:
    """Return the digests by which a case is found as a member's, now and when registry changed.

    Of a request that was not verified only what was typed: nobody knows whose it is.
    `judged`: the facility of that number, where it is at hand.
    """
    number = fields.get("member_number")
    typed = member_index(vault_of(tx), number) if number else ""
    if verdict not in ("verified", None):
        return {"typed_index": typed}
    known = typed if verdict else ""
    if not known and judged is not None:
        known = member_index(vault_of(tx), judged.member_number)
    elif not known and certification_number:
        query = select(facility.c.member_index).where(
            facility.c.certification_number == certification_number
        )
        known = tx.execute(query).scalar() or ""
    return {"typed_index": typed, "member_index": known}


def _opened(vault: Vault, fields: Mapping[str, str | None]) -> dict[str, str | None]:
    return {
        name: vault.open(value) if value and name in (*PROOFS, CLAIMED) else value
        for name, value in fields.items()
    }


def _case(row: Sequence[object], vault: Vault) -> Case:
    values = list(row)
    values[8] = _opened(vault, values[8])  # type: ignore[arg-type]
    values[9], values[12] = tuple(values[9]), tuple(values[12])  # type: ignore[arg-type]
    return Case(*values)  # type: ignore[arg-type]


def insert_case(tx: Transaction, new: NewCase, at: datetime, later: Later | None = None) -> Case:
    """Open a case and return it. `later`: where its row may wait to be written."""
    values = {
        "number": new.number,
        "state": new.state,
        "correspondent": new.correspondent,
        "correspondent_name": new.correspondent_name,
        "subject": new.subject,
        "created_at": at,
        "updated_at": at,
        "fields": _sealed(vault_of(tx), new.fields),
        "missing": list(new.missing),
        "verdict": new.verdict,
        "certification_number": new.certification_number,
        "member_index": "",
        **_indexes(tx, new.fields, new.verdict, new.certification_number, new.facility),
        "thread": list(new.thread),
        "related_case_id": new.related_case_id,
    }
    if later is None:
        case_id = tx.execute(_INSERT_NUMBERED, values).scalar_one()
    else:
        case_id = later.draw_id(case)
        later.add(_INSERT, {"id": case_id, **values})
    return Case(
        id=case_id,
        number=new.number,
        state=new.state,
        correspondent=new.correspondent,
        correspondent_name=new.correspondent_name,
        subject=new.subject,
        created_at=at,
        updated_at=at,
        fields=new.fields,
        missing=new.missing,
        verdict=new.verdict,
        certification_number=new.certification_number,
        thread=new.thread,
        answered_outside_at=None,
    )


def correspondents_among(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that ever were the correspondent of a case."""
    return set(tx.execute(_CORRESPONDENTS, {"b_addresses": list(addresses)}).scalars())


_CORRESPONDENTS = (
    select(case.c.correspondent)
    .distinct()
    .where(case.c.correspondent.in_(bindparam("b_addresses", expanding=True)))
)


def case_by_id(tx: Transaction, case_id: int) -> Case:
    """Return a case that is known to exist."""
    row = tx.execute(select(*_COLUMNS).where(case.c.id == case_id)).one()
    return _case(row, vault_of(tx))


def cases_by_ids(tx: Transaction, case_ids: Sequence[int]) -> dict[int, Case]:
    """Return cases by id."""
    query = select(*_COLUMNS).where(case.c.id.in_(case_ids))
    found = [_case(row, vault_of(tx)) for row in tx.execute(query)]
    return {one.id: one for one in found}


def case_by_number(tx: Transaction, number: str) -> Case | None:
    """Return the case with this number, or None."""
    row = tx.execute(select(*_COLUMNS).where(case.c.number == number)).first()
    return _case(row, vault_of(tx)) if row else None


def open_cases_of(tx: Transaction, correspondent: str) -> list[Case]:
    """Return the cases of one correspondent that are not closed, newest first."""
    vault = vault_of(tx)
    rows = tx.execute(_OPEN_OF, {"b_correspondent": correspondent})
    return [_case(row, vault) for row in rows]


def update_reading(
    tx: Transaction,
    case_id: int,
    *,
    fields: Mapping[str, str | None],
    missing: Sequence[str],
    verdict: str | None,
    certification_number: str | None,
    at: datetime,
) -> None:
    """Write down what is known of the request by now."""
    found = _indexes(tx, fields, verdict, certification_number)
    known = {name: index for name, index in found.items() if index}
    tx.execute(
        update(case)
        .where(case.c.id == case_id)
        .values(
            fields=_sealed(vault_of(tx), fields),
            missing=list(missing),
            verdict=verdict,
            certification_number=certification_number,
            updated_at=at,
            **known,
        )
    )


def set_state(tx: Transaction, case_id: int, state: str, at: datetime) -> None:
    """Move a case to another state.

    When it closes, what proved who somebody is is erased: only the result is kept.
    """
    values: dict[str, object] = {"state": state, "updated_at": at}
    if state == "closed":
        values |= _forgetting(tx, case_id)
    tx.execute(update(case).where(case.c.id == case_id).values(values))


def _forgetting(tx: Transaction, case_id: int) -> dict[str, object]:
    """Erase proofs from what was written beside a case; return what changes in its row."""
    row = tx.execute(select(case.c.fields).where(case.c.id == case_id)).scalar() or {}
    fields = _opened(vault_of(tx), row)
    gone = [name for name, value in fields.items() if value and _is_proof(name, value)]
    if not gone:
        return {}
    known = {name: fields.get(name) for name in PROOFS}
    notes = select(case_note.c.id, case_note.c.text).where(case_note.c.case_id == case_id)
    for note_id, text in tx.execute(notes).all():
        if (bare := without_known_proofs(text, known)) != text:
            tx.execute(update(case_note).where(case_note.c.id == note_id).values(text=bare))
    tx.execute(delete(case_text).where(case_text.c.case_id == case_id))  # It is made anew.
    return {"fields": {**row, **dict.fromkeys(gone)}}


def write_to(tx: Transaction, of: Case, correspondent: str, at: datetime) -> None:
    """Open a case of ours again for a further letter, to the address that it goes to now."""
    state = "open" if of.state == "closed" else of.state
    if (state, correspondent) != (of.state, of.correspondent):
        tx.execute(
            update(case)
            .where(case.c.id == of.id)
            .values(state=state, correspondent=correspondent, updated_at=at)
        )


def extend_thread(tx: Transaction, of: Case, message_ids: Sequence[str]) -> tuple[str, ...]:
    """Add Message-IDs to the thread of a case and return it, oldest first."""
    ids = [*of.thread, *(i for i in message_ids if i not in of.thread)]
    if len(ids) > _THREAD_LENGTH:  # RFC 5322 3.6.4: keep the first, then the newest.
        ids = [ids[0], *ids[-(_THREAD_LENGTH - 1) :]]
    tx.execute(_SET_THREAD, {"b_id": of.id, "b_thread": ids})
    return tuple(ids)


def has_undecided_action(tx: Transaction, case_id: int) -> bool:
    """Say whether a case still waits for somebody here."""
    query = select(action.c.id).where(
        action.c.case_id == case_id,
        action.c.state.in_(
            ("waiting", "approved", "confirming", "cooling", "portal", "held", "expired")
        ),
    )
    return tx.execute(query.limit(1)).first() is not None


def note_outside_answer(tx: Transaction, case_id: int, at: datetime) -> None:
    """Write down that staff answered by their own mail program."""
    tx.execute(
        update(case).where(case.c.id == case_id).values(answered_outside_at=at, updated_at=at)
    )


def newest_question_of(tx: Transaction, correspondent: str, since: datetime) -> Case | None:
    """Return the newest case in which this correspondent asked something since then."""
    asked = (
        select(mail.c.id)
        .where(
            mail.c.case_id == case.c.id,
            mail.c.disposition.in_(("question", "unclear")),
            mail.c.decided_at > since,
        )
        .exists()
    )
    query = (
        select(*_COLUMNS)
        .where(case.c.correspondent == correspondent, asked)
        .order_by(case.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).first()
    return _case(row, vault_of(tx)) if row else None
