"""Answers by mail to the letters of a change: found by token or letter, then taken note of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

from helpdesk.desk import changing
from helpdesk.desk.context import Desk
from helpdesk.desk.deciding import purpose_of
from helpdesk.desk.reading import ReadMail
from helpdesk.desk.writing import message_id_of
from helpdesk.domain.automatic import is_automatic_subject, text_says_automatic
from helpdesk.domain.bounce import Bounce
from helpdesk.domain.change import (
    CONFIRM_LETTER,
    HELD,
    NOTICE_LETTER,
    UNDER_WAY,
)
from helpdesk.domain.change_answers import ChangeAnswer, Heard, read_answer
from helpdesk.domain.change_words import insists_on_stop, says_received, says_stop
from helpdesk.domain.disposition import AUTOMATIC_BY_SUBJECT, HUMAN
from helpdesk.domain.message import read_message
from helpdesk.domain.our_words import stops_between, without_our_words
from helpdesk.domain.token import token_digest, without_token
from helpdesk.store import actions, cases, changes, letters
from helpdesk.store.changes import Change
from helpdesk.store.database import Transaction

# Only what a person writes answers; a request or a question without a token is one.
_MAY_ANSWER = frozenset({"reply", "unclear", "request", "question"})
_WITHOUT_TOKEN = frozenset({"reply", "unclear"})

#: Reason: a stop in what a list, a filter or a robot has put its marks on.
WRAPPED_STOP = "wrapped_stop"

# What a mail may mean that looks like a robot's: a stop costs a telephone call.
_MACHINE_MAY = frozenset({"stopped", "late"})

# What machines put marks on though a person may have written it: a hospital's list or help
# desk, our own filter. A report about a letter, and what is ours, is nobody's word.
_WRAPPERS = frozenset(
    {"mailing_list", "spam_marked", "vacation_header", "auto_submitted", "null_return_path"}
    | {AUTOMATIC_BY_SUBJECT, "no_reply_address"}
)


def answer_of(desk: Desk, tx: Transaction, read: ReadMail, now: datetime) -> ChangeAnswer | None:
    """Return what a mail means for a change on its way; None: nothing."""
    kind = read.sorting.disposition
    automatic = AUTOMATIC_BY_SUBJECT in read.sorting.reasons
    wrapped = WRAPPED_STOP in read.sorting.reasons
    robot = not read.tokens or is_automatic_subject(read.message.subject)
    if automatic and robot and not wrapped:
        return None  # Nobody wrote it.
    if kind not in _MAY_ANSWER or not (read.tokens or kind in _WITHOUT_TOKEN):
        return None
    sender = read.message.sender.address if read.message.sender else ""
    digests = [token_digest(desk.key, token) for token in read.tokens]
    found: list[tuple[bool, ChangeAnswer]] = []
    for change in changes.answered_by(tx, digests, read.proven, sender):
        heard = _heard(desk, tx, read, change, digests, sender, now)
        absent = automatic and text_says_automatic(heard.text, answers_us=True)
        if absent and not insists_on_stop(heard.text):
            continue  # It is no letter of ours that says so.
        meaning = read_answer(heard)
        if (absent or wrapped) and meaning not in _MACHINE_MAY:
            continue
        if meaning is not None:
            of_address = meaning in ("stopped", "unclear") and not heard.speaks_of_it
            about = (change.action_id, change.case_number, change.round)
            found.append((heard.speaks_of_it, ChangeAnswer(meaning, *about, of_address)))
    found += _of_waiting(tx, read, sender)
    # What it speaks of comes first, then what it stops; `min` keeps the newest of each.
    first = min(found, key=lambda one: (not one[0], one[1].kind != "stopped"), default=None)
    return first[1] if first else None


def _of_waiting(tx: Transaction, read: ReadMail, sender: str) -> list[tuple[bool, ChangeAnswer]]:
    """Return what a mail stops that nobody has approved yet: its facility's address writes it."""
    if not sender or not says_stop(f"{read.message.subject}\n{read.message.text}"):
        return []
    return [
        (False, ChangeAnswer("stopped", *one, of_address=True))
        for one in changes.requested_of(tx, sender)
        if says_stop(read.message.text) or says_stop(_own_subject(tx, read, _case_id(tx, one[1])))
    ]


def _case_id(tx: Transaction, number: str) -> int | None:
    case = cases.case_by_number(tx, number)
    return case.id if case else None


def as_wrapped_stop(desk: Desk, tx: Transaction, read: ReadMail) -> ReadMail:
    """Return a mail as one that is ours where it stops a change in spite of how it looks.

    The desk stands in Cc alone, or a list, a filter or a robot left its marks on it. It is
    answered by no letter then.
    """
    sorting, message = read.sorting, read.message
    in_cc = "cc_only" in sorting.reasons and bool(read.tokens)
    if message.sender is None or not (in_cc or _WRAPPERS.intersection(sorting.reasons)):
        return read
    said = f"{without_token(message.subject)}\n{message.text}"
    if not in_cc and not insists_on_stop(said):
        return read
    digests = [token_digest(desk.key, token) for token in read.tokens]
    sender = message.sender.address
    if not (changes.answered_by(tx, digests, None, sender) or changes.requested_of(tx, sender)):
        return read
    silent = () if in_cc else (WRAPPED_STOP, AUTOMATIC_BY_SUBJECT)
    reasons = tuple(dict.fromkeys((*sorting.reasons, *silent)))
    heard = replace(sorting, disposition="unclear", topic=HUMAN, ours=True, reasons=reasons)
    return replace(read, sorting=heard)


def as_stop(tx: Transaction, read: ReadMail) -> ReadMail:
    """Return a mail as one that is ours where its sender may speak of a change of their address.

    Whoever is told of a change and asks for it to stop need use none of our words, no
    form, and no token: 「変更を取りやめてください」 from the old address is enough. While a
    change is on its way a person reads whatever people write there, but for plain thanks,
    receipts and forms.
    """
    sorting, message = read.sorting, read.message
    if sorting.disposition not in ("request", "question", "other") or read.tokens:
        return read
    if message.sender is None:
        return read
    sender = message.sender.address.lower()
    begun = {one.state for one in changes.of_old_address(tx, sender)}
    if says_stop(f"{message.subject}\n{message.text}"):
        speaks = bool(begun) or bool(changes.requested_of(tx, sender))
    else:
        by_form = sorting.disposition == "request" or AUTOMATIC_BY_SUBJECT in sorting.reasons
        plain = by_form or sorting.thanks or says_received(message.text)
        speaks = not plain and not begun.isdisjoint(UNDER_WAY)
    if not speaks:
        return read
    reasons = (*sorting.reasons, "stops_change")
    heard = replace(sorting, disposition="unclear", topic=HUMAN, ours=True, reasons=reasons)
    return replace(read, sorting=heard)


# Letters whose subject comes back in an answer; one says that a change was stopped.
_ANSWERABLE = (
    CONFIRM_LETTER, NOTICE_LETTER, "change_stopped", "change_done_old", "change_done_new",
    "change_reverted", "receipt", "receipt_again", "receipt_inquiry",
)  # fmt: skip


def _own_subject(tx: Transaction, read: ReadMail, case_id: int | None) -> str:
    """Return what of the subject is the person's own: not the subject of a letter of ours."""
    own = _bare(read.message.subject)
    if case_id is None or not says_stop(own):
        return own
    for source in letters.sources_of_case(tx, case_id, _ANSWERABLE):
        own = own.replace(_bare(read_message(source).subject), "")
    return own


def _bare(subject: str) -> str:
    """Return a subject without token, blanks and differences of width."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", without_token(subject)))


def _own_words(tx: Transaction, read: ReadMail, change: Change) -> str:
    """Return what the person wrote, without what the letters of the change say of a stop."""
    text = read.message.text
    if not says_stop(text):
        return text
    for source in letters.sources_of_case(tx, change.case_id, (CONFIRM_LETTER, NOTICE_LETTER)):
        text = without_our_words(text, read_message(source).body)
    return text


def _quote_stops(tx: Transaction, read: ReadMail, change: Change) -> bool:
    aside = read.message.aside
    if not insists_on_stop(aside):
        return False
    sources = letters.sources_of_case(tx, change.case_id, _ANSWERABLE)
    return stops_between(aside, [read_message(one).body for one in sources])


def _heard(
    desk: Desk,
    tx: Transaction,
    read: ReadMail,
    change: Change,
    digests: list[str],
    sender: str,
    now: datetime,
) -> Heard:
    ids = (*read.message.in_reply_to, *read.message.references)
    told = (notice_purpose(change, number) for number in range(1, change.round + 1))
    alive = change.due_at is not None and now <= change.due_at
    over = change.frozen_until is not None and change.frozen_until <= now
    return Heard(
        state="over" if over else change.state,
        token=change.token is not None and change.token in digests,
        token_good=alive and change.confirmed_at is None,
        notice=change.old_token is not None and change.old_token in digests,
        by_letter=any(message_id_of(desk, change.case_number, one) in ids for one in told),
        forged=read.authentication is not None and read.authentication.dmarc == "fail",
        from_new=sender.lower() == change.new_address.lower(),
        from_old=sender.lower() == change.old_address.lower() != "",
        text=_own_words(tx, read, change),
        thanks=read.sorting.thanks,
        subject_stops=says_stop(_own_subject(tx, read, change.case_id)),
        quote_stops=_quote_stops(tx, read, change),
    )


def notice_purpose(change: Change, number: int | None = None) -> str:
    """Return the purpose of the letter to the old address of a round, or of the newest one."""
    return purpose_of("change_notice", change.action_id, str(number or change.round))


def take(desk: Desk, tx: Transaction, answer: ChangeAnswer, read: ReadMail, now: datetime) -> None:
    """Carry out what an answer means for its change."""
    actions.lock(tx, answer.action_id)
    change = changes.change_of(tx, answer.action_id)
    if change is None:
        _stop_all(desk, tx, answer, read, now)
        return
    if answer.kind == "confirmed":
        changing.confirm(desk, tx, change.action_id, "answer", now)
    elif answer.kind == "proof":
        sender = read.message.sender.address if read.message.sender else "?"
        changes.update_change(tx, change, proof_from=sender[:254])
        note = (
            f"{_proof_in_words(read, change, sender[:254])}"
            f"受け取った証拠と認める場合は helpdesk queue confirm {change.action_id} です。"
        )
        actions.annotate(tx, change.action_id, note=note)
    elif answer.kind == "agreed":
        changes.update_change(tx, change, old_agreed_at=now)
        if not changing.back_to_queue(desk, tx, change.action_id, now):
            changing.advance(desk, tx, change.action_id, "released", now)
    elif answer.kind == "unproven":
        actions.annotate(tx, change.action_id, note=UNPROVEN_NOTE)
    elif answer.kind in ("stopped", "unclear"):
        _hold(desk, tx, change, answer.kind, "", now)
    if answer.of_address:
        _stop_all(desk, tx, answer, read, now)


def _proof_in_words(read: ReadMail, change: Change, sender: str) -> str:
    """Say for staff why an answer with the new address's token confirms nothing by itself."""
    if sender.lower() != change.new_address.lower():
        return f"新しいアドレスあての確認番号が、別のアドレス（{sender}）から届きました。"
    if read.authentication is not None and read.authentication.dmarc == "fail":
        return "新しいアドレスからのご返信は、差出人の認証（DMARC）に失敗しています。"
    return "新しいアドレスからのご返信に、担当者の確認が必要な内容があります。"


UNPROVEN_NOTE = (
    "旧アドレスから同意のご返信がありましたが、確認番号がありません。"
    "同意としては扱わず、待ち時間はそのままです。"
)
UNCLEAR_NOTE = (
    "旧アドレスからのメールに、担当者の確認が必要な内容があります。"
    "変更を保留しています。お読みになり、進めてよければ承認してください。"
)


def _hold(desk: Desk, tx: Transaction, change: Change, kind: str, note: str, now: datetime) -> None:
    """Hold a change that was stopped, or about which a person must read something first.

    Only what was stopped is an exception afterwards.
    """
    if kind == "stopped":
        changing.advance(desk, tx, change.action_id, "stopped", now, marks=("stopped",), note=note)
        return
    mark = "unclear_answer"
    if change.state == HELD:
        return
    state = changing.advance(
        desk, tx, change.action_id, "stopped", now, marks=(mark,), logged_as=mark
    )
    if state is not None:
        changes.update_change(tx, change, stopped_at=change.stopped_at)
        actions.annotate(tx, change.action_id, note=f"{UNCLEAR_NOTE}{note}")


def _stop_all(
    desk: Desk, tx: Transaction, answer: ChangeAnswer, read: ReadMail, now: datetime
) -> None:
    """Hold every other change whose old address has written what `answer` says."""
    sender = read.message.sender.address if read.message.sender else ""
    note = f"（案件 {answer.case_number} に届いたメールによります。）"
    stopped = answer.kind == "stopped" and sender
    for action_id, number in changes.requested_of(tx, sender) if stopped else ():
        changing.hold_request(tx, action_id, "" if number == answer.case_number else note, now)
    for one in changes.of_old_address(tx, sender) if sender else ():
        if one.action_id != answer.action_id:
            actions.lock(tx, one.action_id)
            _hold(desk, tx, one, answer.kind, note, now)


def note_bounce(desk: Desk, tx: Transaction, bounce: Bounce | None, now: datetime) -> None:
    """Take note that a letter of a change did not arrive for good."""
    if bounce is None or not bounce.permanent or not bounce.original_message_id:
        return
    found = bounce.original_message_id
    for change in changes.by_letter(tx, found):
        notice = message_id_of(desk, change.case_number, notice_purpose(change))
        confirm = message_id_of(
            desk,
            change.case_number,
            purpose_of("change_confirm", change.action_id, str(change.round)),
        )
        if found == notice:
            changing.old_failed(desk, tx, change, now)
        elif found == confirm:
            changing.advance(desk, tx, change.action_id, "new_failed", now)
