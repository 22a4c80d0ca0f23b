"""Named queries about actions: what waits for a person, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update

from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.once import InsertOnce
from helpdesk.store.schema import action, case, facility

#: States in which a person still has something to do.
UNDECIDED = ("waiting", "approved", "confirming", "cooling", "portal", "held", "expired")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that will be done, or was (処理)."""

    id: int
    case_id: int
    case_number: str
    kind: str
    state: str
    verdict: str | None
    certification_number: str | None
    #: Version of the facility's row that the verdict speaks of.
    facility_version: int | None
    new_address: str | None
    #: Parts of the verdict: [name, result, reason]; no personal data.
    evidence: tuple[tuple[str, str, str], ...]
    note: str
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    reflected_at: datetime | None
    reflected_by: str | None
    facility_name: str | None
    #: When staff last answered the case by their own mail program.
    answered_outside_at: datetime | None
    #: The letter that is ready to be sent, where there is one.
    letter: str | None = None
    #: Keys of MARKS in domain/approval.py.
    marks: tuple[str, ...] = ()
    #: Keyed digests of the facts as they were last shown, by name.
    facts: Mapping[str, str] = field(default_factory=dict)
    entered_by: str | None = None
    #: The domain in From vouched for the request.
    authenticated: bool = False
    called_back_by: str | None = None
    called_back_at: datetime | None = None
    #: Digest of what the call-back was about; see domain/approval.py.
    called_back_for: str | None = None
    #: Plus one each time that a change begins anew.
    turn: int = 0
    #: The facts are not those that it was queued with.
    facts_moved: bool = False


_COLUMNS = (
    action.c.id,
    action.c.case_id,
    case.c.number,
    action.c.kind,
    action.c.state,
    action.c.verdict,
    action.c.certification_number,
    action.c.facility_version,
    action.c.new_address,
    action.c.evidence,
    action.c.note,
    action.c.created_at,
    action.c.decided_at,
    action.c.decided_by,
    action.c.reason,
    action.c.reflected_at,
    action.c.reflected_by,
    facility.c.name,
    case.c.answered_outside_at,
    action.c.letter,
    action.c.marks,
    action.c.facts,
    action.c.entered_by,
    action.c.authenticated,
    action.c.called_back_by,
    action.c.called_back_at,
    action.c.called_back_for,
    action.c.turn,
    action.c.facts_moved,
)
_FROM = action.join(case, case.c.id == action.c.case_id).outerjoin(
    facility, facility.c.certification_number == action.c.certification_number
)


def _action(row: Sequence[object]) -> Action:
    values = list(row)
    values[9] = tuple(tuple(part) for part in values[9])  # type: ignore[attr-defined]
    values[20] = tuple(values[20])  # type: ignore[arg-type]
    return Action(*values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class NewAction:
    """An action that is to be queued."""

    purpose_key: str
    case_id: int
    kind: str
    verdict: str | None
    certification_number: str | None
    facility_version: int | None
    new_address: str | None
    evidence: tuple[tuple[str, str, str], ...]
    note: str
    letter: str | None = None
    marks: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    entered_by: str | None = None
    authenticated: bool = False


_INSERT_ONCE = InsertOnce(action, "purpose_key")
_INSERT = insert(action)


def insert_action(
    tx: Transaction, new: NewAction, at: datetime, later: Later | None = None
) -> int | None:
    """Queue an action and return its id; None where its purpose has one already.

    `later`: where its row may wait to be written; its purpose must be a new one then.
    """
    values = {
        "purpose_key": new.purpose_key,
        "case_id": new.case_id,
        "kind": new.kind,
        "state": "waiting",
        "verdict": new.verdict,
        "certification_number": new.certification_number,
        "facility_version": new.facility_version,
        "new_address": new.new_address,
        "evidence": [list(part) for part in new.evidence],
        "note": new.note,
        "letter": new.letter,
        "marks": list(new.marks),
        "facts": dict(new.facts),
        "entered_by": new.entered_by,
        "authenticated": new.authenticated,
        "created_at": at,
    }
    if later is None:
        return _INSERT_ONCE.run(tx, values)
    action_id = later.draw_id(action)
    later.add(_INSERT, {"id": action_id, **values})
    return action_id


def purpose_exists(tx: Transaction, purpose_key: str) -> bool:
    """Say whether this purpose has its action already."""
    query = select(action.c.id).where(action.c.purpose_key == purpose_key)
    return tx.execute(query).first() is not None


def has_waiting_mail(tx: Transaction, case_id: int) -> bool:
    """Say whether a mail of somebody else to this case waits for a person."""
    ours = ("correction", "correction_overdue", "link")
    query = select(action.c.id).where(
        action.c.case_id == case_id, action.c.state == "waiting", action.c.kind.not_in(ours)
    )
    return tx.execute(query.limit(1)).first() is not None


def end_system_actions(
    tx: Transaction, case_id: int, purpose_prefix: str, by: str, at: datetime
) -> None:
    """End the waiting actions of a case whose purpose begins so: their matter is settled."""
    tx.execute(
        update(action)
        .where(
            action.c.case_id == case_id,
            action.c.purpose_key.startswith(purpose_prefix, autoescape=True),
            action.c.state == "waiting",
        )
        .values(state="done", decided_by=by, decided_at=at)
    )


def action_by_id(tx: Transaction, action_id: int) -> Action | None:
    """Return one action, or None."""
    row = tx.execute(select(*_COLUMNS).select_from(_FROM).where(action.c.id == action_id)).first()
    return _action(row) if row else None


def list_actions(tx: Transaction, *, undecided_only: bool) -> list[Action]:
    """Return actions, oldest first; above all others what is overdue."""
    overdue = (action.c.kind == "correction_overdue") & (action.c.state == "waiting")
    order = (overdue.desc(), action.c.id)
    query = select(*_COLUMNS).select_from(_FROM).order_by(*order)
    if undecided_only:
        query = query.where(action.c.state.in_(UNDECIDED))
    return [_action(row) for row in tx.execute(query)]


def actions_of_case(tx: Transaction, case_id: int) -> list[Action]:
    """Return the actions of one case, oldest first."""
    query = select(*_COLUMNS).select_from(_FROM).where(action.c.case_id == case_id)
    return [_action(row) for row in tx.execute(query.order_by(action.c.id))]


def move(
    tx: Transaction,
    action_id: int,
    *,
    from_state: str,
    to_state: str,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Decide an action; False where it is not in `from_state` any more.

    Of two people who decide at once, one gets True.
    """
    changed = tx.execute(
        update(action)
        .where(action.c.id == action_id, action.c.state == from_state)
        .values(state=to_state, decided_by=by, decided_at=at, reason=reason)
    )
    return changed.rowcount == 1


def mark_reflected(tx: Transaction, action_id: int, by: str, at: datetime) -> bool:
    """Write down that the portal has the change; False where it does not wait for that."""
    changed = tx.execute(
        update(action)
        .where(action.c.id == action_id, action.c.state == "portal")
        .values(state="done", reflected_by=by, reflected_at=at)
    )
    return changed.rowcount == 1


def set_new_address(tx: Transaction, action_id: int, new_address: str | None) -> None:
    """Replace the address that a waiting change is about."""
    tx.execute(
        update(action)
        .where(action.c.id == action_id, action.c.state == "waiting")
        .values(new_address=new_address)
    )


def judge_anew(
    tx: Transaction,
    action_id: int,
    *,
    verdict: str,
    certification_number: str | None,
    facility_version: int | None,
    evidence: tuple[tuple[str, str, str], ...],
    facts: Mapping[str, str],
    moved: bool,
) -> None:
    """Replace the verdict of an action, because the registry moved or fields were put right.

    `moved`: the facts are not those that it was queued with.
    """
    tx.execute(
        update(action)
        .where(action.c.id == action_id)
        .values(
            facts_moved=moved,
            verdict=verdict,
            certification_number=certification_number,
            facility_version=facility_version,
            evidence=[list(part) for part in evidence],
            facts=dict(facts),
        )
    )


def lock(tx: Transaction, action_id: int) -> None:
    """Hold an action's row until the transaction ends: of two who decide, one comes first."""
    tx.execute(select(action.c.id).where(action.c.id == action_id).with_for_update())


def go_to(
    tx: Transaction,
    action_id: int,
    *,
    from_state: str,
    to_state: str,
    note: str | None = None,
    marks: Sequence[str] | None = None,
) -> bool:
    """Move an action on its way; who decided it stays. False where it is not there any more."""
    values: dict[str, object] = {"state": to_state}
    if note is not None:
        values["note"] = note
    if marks is not None:
        values["marks"] = list(marks)
    changed = tx.execute(
        update(action).where(action.c.id == action_id, action.c.state == from_state).values(values)
    )
    return changed.rowcount == 1


def annotate(
    tx: Transaction, action_id: int, *, note: str | None = None, marks: Sequence[str] | None = None
) -> None:
    """Write down what a person must know of an action."""
    values: dict[str, object] = {}
    if note is not None:
        values["note"] = note
    if marks is not None:
        values["marks"] = list(marks)
    tx.execute(update(action).where(action.c.id == action_id).values(values))


def record_call_back(tx: Transaction, action_id: int, by: str, about: str, at: datetime) -> None:
    """Write down that a person spoke with the facility by the registry's telephone.

    `about`: the digest of what was spoken about.
    """
    tx.execute(
        update(action)
        .where(action.c.id == action_id)
        .values(called_back_by=by, called_back_at=at, called_back_for=about)
    )


def begin_anew(tx: Transaction, action_id: int) -> None:
    """Let nothing count any more that was said about an action so far."""
    tx.execute(update(action).where(action.c.id == action_id).values(turn=action.c.turn + 1))


def with_mark(tx: Transaction, kinds: Sequence[str], states: Sequence[str]) -> list[Action]:
    """Return actions of these kinds in these states that have any mark, oldest first."""
    query = (
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(action.c.kind.in_(kinds), action.c.state.in_(states))
        .order_by(action.c.id)
    )
    return [one for one in map(_action, tx.execute(query)) if one.marks]
