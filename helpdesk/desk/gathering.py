"""Gathering the facts that a decision on one mail may look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.desk import matters
from helpdesk.desk.asking import asker_of
from helpdesk.desk.change_replies import answer_of
from helpdesk.desk.context import Desk
from helpdesk.desk.reading import ReadMail, content_key
from helpdesk.desk.telling import was_hinted
from helpdesk.domain.addressing import is_mail_address
from helpdesk.domain.answers import says_not_received
from helpdesk.domain.conversation import is_closed_long_ago
from helpdesk.domain.decision import Facts, OpenCase
from helpdesk.store import cases, letters, mails
from helpdesk.store.cases import Case
from helpdesk.store.database import Transaction
from helpdesk.store.mails import StoredMail

_DAY = timedelta(days=1)

# A second question within three days says that the first answer did not help.
_SOON = timedelta(days=3)


def delivered_before(tx: Transaction, read: ReadMail) -> StoredMail | None:
    """Return the earlier delivery of the same mail: To and Cc aliases bring it twice.

    The Message-ID alone proves nothing, because anybody can repeat it.
    """
    if not read.message.message_id or not read.sorting.ours:
        return None
    return mails.original_of(tx, read.stored.id, read.message.message_id, content_key(read.message))


def gather_facts(
    desk: Desk,
    tx: Transaction,
    read: ReadMail,
    duplicate: bool,
    now: datetime,
    *,
    unmet: bool = False,
) -> Facts:
    """Return what is known of a mail and its sender on the state that `tx` sees.

    `unmet`: it is certain already that nothing is known of the sender.
    """
    sender = read.message.sender
    address = sender.address if sender and is_mail_address(sender.address) else ""
    answered = _answered_case(tx, read, address)
    known = bool(address) and not unmet
    own_open = cases.open_cases_of(tx, address) if known and read.sorting.ours else []
    asks = read.sorting.disposition == "question"
    lately = cases.newest_question_of(tx, address, now - _SOON) if asks and known else None
    besides = read.besides
    limit = desk.rules.limits.letters_per_address_per_day
    settles, matter = (
        matters.answered_matter(desk, tx, answered.id, read)
        if answered is not None and read.sorting.disposition in ("reply", "bounce")
        else (False, "")
    )
    not_received = (
        answered is not None
        and read.sorting.disposition == "reply"
        and says_not_received(read.message.text)
        and was_hinted(tx, answered.id)
    )
    return Facts(
        sorting=read.sorting,
        fields=read.reading.values(),
        missing=read.reading.missing,
        can_answer=bool(address),
        answered=_open_case(tx, answered, now) if answered else None,
        claimed=read.claimed if answered is None else None,
        open_cases=tuple(_open_case(tx, case, now) for case in own_open),
        duplicate=duplicate,
        answer=desk.rules.topics.answer_of(read.sorting.topic or "") if asks else "staff",
        besides=besides,
        besides_answer=desk.rules.topics.answer_of(besides.best or "") if besides else "staff",
        registered=(asks or besides is not None) and asker_of(desk, tx, read).registered,
        authenticated=read.authentication is not None and read.authentication.aligned,
        asked_lately=_open_case(tx, lately, now) if lately else None,
        over_limit=(known and letters.automatic_letters_to(tx, address, now - _DAY) >= limit)
        or _is_flood(desk, tx, read, now),
        is_request=read.reading.is_request,
        settles=settles,
        matter=matter,
        change=answer_of(desk, tx, read, now) if read.sorting.ours and not duplicate else None,
        not_received=not_received,
    )


_HOUR = timedelta(hours=1)


def _is_flood(desk: Desk, tx: Transaction, read: ReadMail, now: datetime) -> bool:
    """Say whether so many were answered that who may be forged is answered no more."""
    if read.authentication is None or read.authentication.aligned or not read.sorting.ours:
        return False
    written = letters.automatic_letters_since(tx, now - _HOUR)
    return written >= desk.rules.limits.unauthenticated_per_hour


def _answered_case(tx: Transaction, read: ReadMail, address: str) -> Case | None:
    """Return the case a mail answers, where mark and correspondent agree."""
    if read.proven is None:
        return None
    case = cases.case_by_number(tx, read.proven)
    if case is None:
        return None
    # A bounce or an auto-reply comes from wherever; the mark alone places it.
    by_machine = read.sorting.disposition in ("bounce", "auto_reply")
    return case if by_machine or case.correspondent.lower() == address.lower() else None


def _open_case(tx: Transaction, case: Case, now: datetime) -> OpenCase:
    return OpenCase(
        number=case.number,
        state=case.state,
        fields=dict(case.fields),
        missing=case.missing,
        asked=letters.count_purposes(tx, f"missing_fields:{case.number}:"),
        closed_long_ago=is_closed_long_ago(case.state, case.updated_at, now),
    )
