"""Writes gathered until the end of a transaction, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from helpdesk.store import actions, cases, letters
from helpdesk.store.actions import NewAction
from helpdesk.store.cases import NewCase
from helpdesk.store.database import Database, Transaction
from helpdesk.store.later import Later
from helpdesk.store.letters import NewLetter
from helpdesk.store.schema import action, case, letter, letter_source

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.server


def open_case(tx: Transaction, number: int, later: Later | None = None) -> int:
    new = NewCase(
        f"2026-{number:06d}", "open", f"a{number}@x.test", "", "件名", {}, (), None, None, (), None
    )
    return cases.insert_case(tx, new, NOW, later).id


def write_letter(tx: Transaction, case_id: int, later: Later | None = None) -> int | None:
    new = NewLetter(
        f"receipt:{case_id}", case_id, "receipt", "a@x.test", f"<{case_id}@x.test>", b"x", True, 0,
        "queued",
    )  # fmt: skip
    return letters.insert_letter(tx, new, NOW, later)


def queue(tx: Transaction, case_id: int, later: Later | None = None) -> int | None:
    new = NewAction(f"mail:{case_id}:answer", case_id, "answer", None, None, None, None, (), "")
    return actions.insert_action(tx, new, NOW, later)


def test_rows_have_the_ids_that_were_drawn_for_them(database: Database) -> None:
    with database.begin() as tx:
        open_case(tx, 1)
        later = Later(tx)
        drawn = []
        for number in range(2, 70):  # More than are drawn at once.
            case_id = open_case(tx, number, later)
            # Children first: what they point to is written before them all the same.
            drawn.append((write_letter(tx, case_id, later), queue(tx, case_id, later), case_id))
        later.write()
        after = open_case(tx, 70)  # The database counts on where the drawn ids ended.
        again = Later(tx)
        last = open_case(tx, 71, again)
        again.write()
    with database.read() as tx:
        found = tx.execute(
            select(letter.c.id, action.c.id, case.c.id)
            .join(letter, letter.c.case_id == case.c.id)
            .join(action, action.c.case_id == case.c.id)
            .join(letter_source, letter_source.c.letter_id == letter.c.id)
            .order_by(case.c.id)
        ).all()
        ids = list(tx.execute(select(case.c.id)).scalars())
    assert [tuple(row) for row in found] == drawn
    assert len(set(ids)) == 71
    assert after > drawn[-1][2]
    assert last > after


def test_a_purpose_that_is_there_already_writes_nothing_of_its_transaction(
    database: Database,
) -> None:
    with database.begin() as tx:
        known = open_case(tx, 1)
        write_letter(tx, known)
    with pytest.raises(Exception, match="wrote the same thing"), database.begin() as tx:
        later = Later(tx)
        open_case(tx, 2, later)
        write_letter(tx, known, later)
        later.write()
    with database.read() as tx:
        assert len(tx.execute(select(case.c.id)).all()) == 1
        assert len(tx.execute(select(letter.c.id)).all()) == 1
