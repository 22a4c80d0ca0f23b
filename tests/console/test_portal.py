"""The list of what waits for the portal: no letter leaves that was not shown."""

from __future__ import annotations

import re

from helpdesk.desk import queue
from tests import mails

from .conftest import Browser, Secretariat, said
from .test_case import answer_token, form_of, forms, letters, text_of


def in_portal(secretariat: Secretariat, clerk: Browser, **changes: str) -> str:
    """Return a case whose change waits for the portal."""
    number = secretariat.request(wish=mails.CHANGE, **changes)
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    answer_token(secretariat)
    clerk.do(f"/cases/{number}/call-back", form_of(clerk, number, "call-back"))
    return number


def two_in_portal(secretariat: Secretariat, clerk: Browser) -> list[str]:
    first = in_portal(secretariat, clerk)
    east = {"facility": "みほん東病院（R0102）", "physician": "例示 花子", "identity": "234567"}
    return [first, in_portal(secretariat, clerk, **east)]


def waiting(secretariat: Secretariat) -> list[int]:
    found = queue.listed(secretariat.database, undecided_only=False)
    return [one.id for one in found if one.state == "portal"]


def test_letters_are_shown_before_they_leave(secretariat: Secretariat, clerk: Browser) -> None:
    in_portal(secretariat, clerk)
    before = len(letters(secretariat))
    path = re.findall(r'href="(/portal/letters\?action=\d+)"', clerk.page("/portal"))[0]
    html = clerk.page(path)
    assert len(letters(secretariat)) == before, "looking sends nothing"
    assert "次の2通を送ります" in html
    clerk.do("/portal/letters", forms(html, "/portal/letters")[0])
    for letter in letters(secretariat)[before:]:
        assert str(letter["To"]) in html
        for line in text_of(letter).split("\n"):
            assert line.strip() in html.replace("&#39;", "'"), "shown as it left"
    assert waiting(secretariat) == []


def test_what_was_decided_is_told_as_it_was_then(secretariat: Secretariat, clerk: Browser) -> None:
    number = in_portal(secretariat, clerk)
    path = re.findall(r'href="(/portal/letters\?action=\d+)"', clerk.page("/portal"))[0]
    clerk.do("/portal/letters", forms(clerk.page(path), "/portal/letters")[0])
    for page in (f"/cases/{number}", "/audit"):
        lines = re.findall(r"<li><time>.*?</li>", clerk.page(page), re.DOTALL)
        (decided,) = [said(one) for one in lines if "アドレス変更" in one and "承認済み" in one]
        assert "完了" not in decided, "that came of other things, later"


def test_several_are_worked_off_at_once(secretariat: Secretariat, clerk: Browser) -> None:
    two_in_portal(secretariat, clerk)
    assert clerk.page("/portal").count('form="several"') == 2
    ids = waiting(secretariat)
    before = len(letters(secretariat))
    html = clerk.page("/portal/letters?" + "&".join(f"action={one}" for one in ids))
    assert "次の4通を送ります" in html
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))
    assert clerk.do("/portal/letters", {"action": ids, **seen}) == "/portal?said=reflected"
    assert len(letters(secretariat)) == before + 4
    assert waiting(secretariat) == []


def test_letters_that_were_not_shown_do_not_leave(secretariat: Secretariat, clerk: Browser) -> None:
    numbers = two_in_portal(secretariat, clerk)
    ids = waiting(secretariat)
    html = clerk.page(f"/portal/letters?action={ids[0]}")
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))
    answer = clerk.post("/portal/letters", {"action": ids, **seen})
    assert answer.status_code == 409
    assert "1件を反映済みにしました" in said(answer.text)
    assert numbers[1] in said(answer.text)
    assert waiting(secretariat) == [ids[1]], "the other one was never on the screen"


def test_change_that_somebody_else_finished_is_named(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = in_portal(secretariat, clerk)
    (one,) = waiting(secretariat)
    form = forms(clerk.page(f"/portal/letters?action={one}"), "/portal/letters")[0]
    clerk.do("/portal/letters", form)
    sent = len(letters(secretariat))
    answer = clerk.post("/portal/letters", form)
    assert answer.status_code == 409
    assert number in said(answer.text)
    assert "もう反映待ちではありません" in said(answer.text)
    assert len(letters(secretariat)) == sent
