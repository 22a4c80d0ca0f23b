"""The domain of an address vouches for a request only where it vouches for all of its mails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk.desk import handling, intake
from helpdesk.store.mails import NewMail
from helpdesk.store.schema import action
from tests import mails
from tests.bureau import Bureau
from tests.desk.test_identity import NOW, OLD, Office

MX = "mx.society.example.jp"
OURS = {"Authentication-Results": f"{MX}; dmarc=pass header.from=mihon.example.jp"}


@pytest.fixture
def office(make_bureau: Callable[..., Bureau], tmp_path: Path) -> Office:
    bureau = make_bureau()
    mailbox = bureau.rules.mailbox.model_copy(update={"authserv_id": MX})
    bureau.rules = bureau.rules.model_copy(update={"mailbox": mailbox})
    bureau.rules.__dict__.pop("knowledge", None)  # It is worked out once.
    return Office(bureau, tmp_path)


def arrive(office: Office, uid: int, raw: bytes) -> None:
    new = NewMail("INBOX", 1, uid, len(raw), NOW, raw, intake.sha256_of(raw))
    intake.take_in(office.desk.database, office.desk.rules, [new], NOW)
    while handling.handle_waiting(office.desk, NOW):
        pass


@pytest.mark.parametrize("first", [{}, OURS], ids=["forged", "honest"])
def test_answer_vouches_for_no_forged_request_that_it_completes(
    office: Office, first: dict[str, str]
) -> None:
    body = mails.form(facility="みほん病院（K0101）", identity="", wish=mails.CHANGE)
    arrive(office, 1, mails.mail(body, message_id="<m1@x.test>", sender=OLD, headers=first))
    (asked,) = office.bureau.outbox("missing_fields")
    assert asked.recipient == OLD
    letter = office.bureau.mail(asked.id)
    headers = {**OURS, "In-Reply-To": letter["Message-ID"]}
    body = "3）施設責任者会員番号または生年月日（本人確認用）\n1968年4月9日\n"
    subject = f"Re: {letter['Subject']}"
    arrive(
        office,
        2,
        mails.mail(body, message_id="<m2@x.test>", sender=OLD, subject=subject, headers=headers),
    )
    with office.bureau.database.read() as tx:
        rows = tx.execute(select(action.c.kind, action.c.verdict, action.c.authenticated)).all()
    assert [tuple(one) for one in rows] == [("change_address", "verified", first == OURS)]
