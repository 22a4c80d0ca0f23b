"""Acting on a decision: case, reading, actions, letters and filing, all in one transaction.

Nothing is judged here but the registry's verdict, which must be made on the same state
of the registry that the actions are written on.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk import awaiting, misses, telling
from helpdesk.desk.answering import ANSWERS, answer_values, grounds
from helpdesk.desk.asking import Asker, asker_of, state_in_words
from helpdesk.desk.batch import Batch
from helpdesk.desk.bounced import note_bounce
from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.deciding import facts_shown
from helpdesk.desk.judging import Judged, judge_fields
from helpdesk.desk.reading import ReadMail, content_key
from helpdesk.desk.search import words_of
from helpdesk.desk.vouched import is_vouched_for
from helpdesk.desk.who_decides import inherited_marks
from helpdesk.desk.writing import Intent, addressee_for, message_id_of, write_letter
from helpdesk.domain.audit import Event
from helpdesk.domain.calendar import format_date, format_datetime
from helpdesk.domain.decision import Decision
from helpdesk.domain.disposition import ENCRYPTED, FORM_ATTACHED
from helpdesk.domain.marks import plain_subject
from helpdesk.domain.proofs import may_be_proof, without_proofs
from helpdesk.store import actions, audit, cases, facilities, letters, mails, places, searching
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import Case, NewCase
from helpdesk.store.database import Transaction
from helpdesk.store.later import Later
from helpdesk.store.mails import DecidedMail, StoredMail

_SUBJECT_LENGTH = 120  # Longer ones are cut in lists and letters.


def act(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    decision: Decision,
    original: StoredMail | None,
    now: datetime,
) -> None:
    """Write down everything that follows from a decision."""
    tx = batch.tx
    judged = None
    marks: tuple[str, ...] = ()
    if decision.fields is not None:
        judged = judge_fields(desk, tx, decision.fields, decision.missing)
        fields, later = decision.fields, batch.later
        if decision.actions and misses.count(desk, tx, later, read, fields, judged, now):
            marks = ("over_misses",)
    case = _case_for(desk, batch, read, decision, judged, now)
    case_id = case.id if case else (original.case_id if original else None)
    _record(batch.later, read, decision, case_id, original, now)
    folders = desk.rules.mailbox.folders
    filing = "attention" if marks and decision.filing == "handled" else decision.filing
    folder = {"handled": folders.handled, "attention": folders.attention}.get(filing)
    places.want_filing(batch.later, read.stored.id, None if folder in (None, "leave") else folder)
    if case is None:
        return
    if read.message.bounce is not None:
        note_bounce(tx, read.message.bounce, case, now)
    asker = asker_of(desk, tx, read) if decision.ready else Asker()
    if judged is not None:
        _note_verdict(tx, read, case, judged)
    if decision.not_received:
        batch.write()
        telling.queue_not_received(desk, tx, read, case, now)
    if judged is not None and decision.case == "join":
        awaiting.supersede(tx, case_id=case.id, now=now)
        # Nobody gets rid of a mark by writing once more.
        marks = tuple(dict.fromkeys((*marks, *inherited_marks(tx, case.id))))
    for kind in decision.actions:
        if decision.ready and kind == "answer":
            _queue_answer(desk, batch, read, case, kind, asker, decision, now)
        else:
            _queue_action(desk, batch, read, case, kind, judged, decision.note, marks, now)
    for letter in decision.letters:
        purpose = _purpose(tx, decision, case.number, letter)
        _write(desk, batch, read, case, letter, purpose, decision, now)


def _note_verdict(tx: Transaction, read: ReadMail, case: Case, judged: Judged) -> None:
    about = {
        "outcome": judged.outcome,
        "parts": {name: result for name, result, _reason in judged.evidence},
        "facility": judged.certification_number,
    }
    cause = f"mail:{read.stored.id}"
    audit.note(tx, Event("verdict", "system", cause, case.number, about))


def _record(
    later: Later,
    read: ReadMail,
    decision: Decision,
    case_id: int | None,
    original: StoredMail | None,
    now: datetime,
) -> None:
    ours = read.sorting.disposition != "other"
    decided = DecidedMail(
        mail_id=read.stored.id,
        disposition=read.sorting.disposition,
        topic=read.sorting.topic,
        reasons=(*read.sorting.reasons, *decision.reasons),
        message_id=read.message.message_id if ours else None,
        content_key=content_key(read.message) if ours else None,
        case_id=case_id,
        duplicate_of=original.id if original else None,
    )
    mails.record_decision(later, decided, now)
    if not ours:  # Of a mail that is not ours only place, hash and decision are kept.
        mails.forget_source(later, read.stored.id)


def _case_for(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    decision: Decision,
    judged: Judged | None,
    now: datetime,
) -> Case | None:
    """Return the case of a decision as it stands after it, thread and reading included."""
    if decision.case == "none":
        return None
    if decision.case == "new":
        return _new_case(desk, batch, read, decision, judged, now)
    tx = batch.tx
    assert decision.case_number is not None  # noqa: S101 - set by every 'join' of decide()
    case = cases.case_by_number(tx, decision.case_number)
    assert case is not None  # noqa: S101 - read in this transaction
    if judged is not None:
        cases.update_reading(
            tx,
            case.id,
            fields=decision.fields or {},
            missing=decision.missing,
            verdict=judged.outcome,
            certification_number=judged.certification_number,
            at=now,
        )
    if decision.change is None:  # What another party wrote is no part of the thread.
        cases.extend_thread(tx, case, _thread(desk, tx, read, decision, case.number))
    if decision.case_state:
        cases.set_state(tx, case.id, decision.case_state, now)
    return cases.case_by_id(tx, case.id)


def _new_case(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    decision: Decision,
    judged: Judged | None,
    now: datetime,
) -> Case:
    tx = batch.tx
    related = cases.case_by_number(tx, decision.related) if decision.related else None
    sender = read.message.sender
    number = batch.numbers.draw(japan_date(now).year)
    fields = decision.fields or {}
    new = NewCase(
        number=number,
        state=decision.case_state or "open",
        correspondent=sender.address if sender else "",
        correspondent_name=without_proofs(sender.name, fields) if sender else "",
        subject=without_proofs(plain_subject(read.message.subject), fields)[:_SUBJECT_LENGTH],
        fields=fields,
        missing=decision.missing,
        verdict=judged.outcome if judged else None,
        certification_number=judged.certification_number if judged else None,
        thread=tuple(_thread(desk, tx, read, decision, number)),
        related_case_id=related.id if related else None,
        facility=judged.facility if judged else None,
    )
    opened = cases.insert_case(tx, new, now, batch.unmet_later)
    if batch.unmet_later is not None:  # Others are found when the search has caught up.
        judged_as = opened.certification_number
        facility = desk.registry.index(tx).by_number(judged_as) if judged_as else None
        words = words_of(opened, facility, [read.words])
        searching.add_text(batch.unmet_later, opened.id, words, now)
    return opened


def _thread(
    desk: Desk, tx: Transaction, read: ReadMail, decision: Decision, number: str
) -> list[str]:
    """Return the Message-IDs that a decision adds: the mail's and those of our letters."""
    own = [
        message_id_of(desk, number, _purpose(tx, decision, number, letter))
        for letter in decision.letters
    ]
    return [read.message.message_id, *own] if read.message.message_id else own


def _purpose(tx: Transaction, decision: Decision, number: str, letter: str) -> str:
    """Return the unique purpose of an automatic letter: once a case, questions counted."""
    purpose = f"{letter}:{number}"
    if decision.change is not None:
        return f"{purpose}:action:{decision.change.action_id}:{decision.change.round}"
    if letter != "missing_fields":
        return purpose
    asked = letters.count_purposes(tx, f"{purpose}:") if decision.case == "join" else 0
    return f"{purpose}:{asked + 1}"


def _queue_action(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    case: Case,
    kind: str,
    judged: Judged | None,
    note: str,
    marks: tuple[str, ...],
    now: datetime,
) -> None:
    # A letter that came back concerns the facility that its case is about.
    facility = case.certification_number if read.message.bounce else None
    version = facilities.facility_version(batch.tx, facility) if facility else None
    new_address = case.fields.get("new_address") if kind == "change_address" else None
    new = NewAction(
        purpose_key=f"mail:{read.stored.id}:{kind}",
        case_id=case.id,
        kind=kind,
        verdict=judged.outcome if judged else None,
        certification_number=judged.certification_number if judged else facility,
        facility_version=judged.facility_version if judged else version,
        new_address=new_address,
        evidence=judged.evidence if judged else (),
        note=note,
        facts=facts_shown(desk, case, judged, new_address) if judged else {},
        authenticated=is_vouched_for(desk, batch.tx, read, case, new=batch.unmet_later is not None),
        marks=marks,
    )
    _insert(batch, new, read, case, now)


def _queue_answer(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    case: Case,
    kind: str,
    asker: Asker,
    decision: Decision,
    now: datetime,
) -> None:
    """Queue a question for a person, with the letter ready and the facility laid out."""
    number = asker.facility.certification_number if asker.facility else None
    new = NewAction(
        purpose_key=f"mail:{read.stored.id}:{kind}",
        case_id=case.id,
        kind=kind,
        verdict=None,
        certification_number=number,
        facility_version=desk.registry.version_of(number) if number else None,
        new_address=None,
        evidence=(*grounds(read.sorting), *state_in_words(batch.tx, asker, now)),
        note=decision.note,
        letter=decision.ready,
    )
    _insert(batch, new, read, case, now)


def _insert(batch: Batch, new: NewAction, read: ReadMail, case: Case, now: datetime) -> None:
    action_id = actions.insert_action(batch.tx, new, now, batch.unmet_later)
    batch.asked_for_change |= new.kind == "change_address"
    if action_id is not None:
        about = {"action": action_id, "kind": new.kind}
        cause = f"mail:{read.stored.id}"
        audit.note(batch.tx, Event("action_queued", "system", cause, case.number, about))


def _write(
    desk: Desk,
    batch: Batch,
    read: ReadMail,
    case: Case,
    letter: str,
    purpose: str,
    decision: Decision,
    now: datetime,
) -> None:
    tx, sender = batch.tx, read.message.sender
    values = letter_values(desk, read, case, decision, letter, now)
    if letter in ANSWERS:
        told = asker_of(desk, tx, read).facility if decision.tells_state else None
        values |= answer_values(desk, tx, now, facility=told, clerk=None)
    if decision.change is not None:  # Not the correspondent, whose words are not for them.
        subject = without_proofs(plain_subject(read.message.subject))
        values |= {"addressee": "ご担当者 様", "subject": subject}
    intent = Intent(
        letter=letter,
        purpose_key=purpose,
        recipient=sender.address if sender else "",
        values=values,
        automatic=True,
        answers=read.message.message_id,
    )
    write_letter(desk, tx, case, intent, now, batch.unmet_later)


def letter_values(
    desk: Desk, read: ReadMail, case: Case, decision: Decision, letter: str, now: datetime
) -> dict[str, object]:
    """Return what an automatic letter may say beyond the desk's own facts."""
    values: dict[str, object] = {"addressee": addressee_for(case)}
    # A question beside the form is answered apart; this letter says so.
    values["answered_apart"] = decision.fields is not None and (
        decision.ready is not None or not ANSWERS.isdisjoint(decision.letters)
    )
    if letter == "missing_fields":
        fields = decision.fields or {}
        values["missing"] = list(decision.missing)
        values["form"] = {
            "facility": _facility_line(fields),
            "physician": fields.get("responsible_physician"),
            # Field 3 is never repeated, only acknowledged.
            "identity_received": bool(fields.get("member_number") or fields.get("birthdate")),
            "request": fields.get("request"),
            "new_address": fields.get("new_address"),
        }
        doubt = read.reading.doubt
        values["date_doubt"] = doubt.note if doubt and "identity" in decision.missing else None
        return values
    if letter == "receipt_inquiry":
        values["ask_for_text"] = not {ENCRYPTED, FORM_ATTACHED}.isdisjoint(read.sorting.reasons)
    values["received_at"] = format_datetime(read.stored.received_at)
    calendar = desk.rules.desk.calendar
    due = calendar.add_business_days(japan_date(now), desk.rules.desk.reply_within.amount)
    values["reply_by"] = format_date(due)
    values["reply_days"] = desk.rules.desk.reply_within.amount
    return values


def _facility_line(fields: dict[str, str | None]) -> str | None:
    name, number = fields.get("facility_name"), fields.get("certification_number")
    if number and may_be_proof(number):
        number = None
    if name and number:
        return f"{name}（認定番号 {number}）"
    return name or (f"認定番号 {number}" if number else None)
