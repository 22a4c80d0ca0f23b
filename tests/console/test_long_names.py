"""Names without a break in them, which anybody may write: no page and no pane grows wider."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import update

from helpdesk.store.schema import action, case, facility
from tests import mails

from .browser import log_in, serving
from .conftest import Secretariat

pytestmark = pytest.mark.slow

_SUBJECT = "施設マイページ：" + "S" * 190
_NAME = "N" * 200
_ADDRESS = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.jp"

# Everything wider than the page or the pane that holds it.
_WIDE = """() => [document.documentElement, ...document.querySelectorAll('.three > section, #below, main, table')]
  .filter(one => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => `${one.tagName}.${one.className} ${one.scrollWidth}>${one.clientWidth}`)"""


def _case(secretariat: Secretariat) -> str:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = _ADDRESS, mails.DESK, _SUBJECT
    made["Message-ID"] = "<long@x.test>"
    made.set_content(mails.form(facility=_NAME, wish=mails.CHANGE) + "\n" + "x" * 900)
    made.add_attachment(b"x", maintype="image", subtype="png", filename="F" * 196 + ".png")
    number = secretariat.case_of(secretariat.arrive(made.as_bytes()))
    with secretariat.database.begin() as tx:
        tx.execute(update(facility).values(name=_NAME))
        tx.execute(update(action).values(note="n" * 200))
        tx.execute(update(case).values(correspondent_name="P" * 120))
    return number


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_names_without_a_break_stay_in_their_column(
    page: Any, secretariat: Secretariat, width: int
) -> None:
    number = _case(secretariat)
    page.set_viewport_size({"width": width, "height": 900})
    wide = []
    with serving(secretariat) as address:
        log_in(page, address)
        for path in (f"/cases/{number}", "/queue", "/facilities/K0101", "/search?q=S", "/outbox"):
            page.goto(address + path)
            wide += [(path, one) for one in page.evaluate(_WIDE)]
    assert wide == []
