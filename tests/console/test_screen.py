"""The case on one screen: what was said, what is known, what will be done, side by side."""

from __future__ import annotations

from typing import Any

import pytest

from .browser import log_in, serving
from .conftest import Secretariat
from .day import full_day

pytestmark = pytest.mark.slow

# Returned for every pane: name, how much of it is out of sight, where its lower edge is.
_PANES = """() => [...document.querySelectorAll('.three > section')].map(one => ({
  name: one.className || one.getAttribute('aria-label'),
  hidden: one.scrollHeight - one.clientHeight,
  foot: one.getBoundingClientRect().bottom,
  wide: one.scrollWidth - one.clientWidth}))"""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_of_case_fits_the_screen(
    page: Any, secretariat: Secretariat, language: str
) -> None:
    day = full_day(secretariat)
    wrong = []
    with serving(secretariat) as address:
        log_in(page, address)
        page.context.add_cookies([{"name": "helpdesk_language", "value": language, "url": address}])
        for kind, number in day.cases.items():
            for message in ("", "?said=reflected"):
                page.goto(f"{address}/cases/{number}{message}")
                mail, known, todo = page.evaluate(_PANES)
                seen = [known, todo] if kind == "long" else [mail, known, todo]
                if any(one["hidden"] > 0 or one["wide"] > 0 for one in seen) or todo["foot"] > 900:
                    wrong.append((kind, message, mail, known, todo))
                for button in page.locator("button.main").all():
                    box = button.bounding_box()
                    if box is None or box["y"] + box["height"] > 900:
                        wrong.append((kind, message, "the button is out of sight"))
    assert wrong == []


def test_each_of_two_letters_is_read_in_full_size(page: Any, secretariat: Secretariat) -> None:
    day = full_day(secretariat)
    with serving(secretariat) as address:
        log_in(page, address)
        page.goto(f"{address}/cases/{day.cases['right']}")
        first, second = page.locator("details.one").all()
        assert first.get_attribute("open") is not None
        height = first.locator("textarea").bounding_box()["height"]
        assert height >= 280, "at least a dozen lines are seen at once"
        second.locator("summary").first.click()
        assert second.locator("textarea").bounding_box()["height"] >= 280
        assert not first.locator("textarea").is_visible(), "one is open at a time"
        page.click("#approve")
        page.wait_for_url("**/queue?said=approved")


# Returned: how far what stands under the decision reaches into what it covers.
_COVERED = """() => {
  const form = [...document.querySelectorAll('.todo article > form')].pop();
  return form.lastElementChild.getBoundingClientRect().bottom
    - document.querySelector('.todo .also').getBoundingClientRect().top }"""


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_what_is_opened_beside_a_letter_covers_nothing(
    page: Any, secretariat: Secretariat, kind: str
) -> None:
    day = full_day(secretariat)
    with serving(secretariat) as address:
        log_in(page, address)
        page.goto(f"{address}/cases/{day.cases[kind]}")
        page.locator(".also summary").last.scroll_into_view_if_needed()
        page.evaluate("document.querySelectorAll('.todo details').forEach(one => one.open = true)")
        assert page.locator(".todo").evaluate("one => one.scrollHeight > one.clientHeight")
        assert page.evaluate(_COVERED) <= 0


def test_what_is_done_with_the_rules_stays_in_sight(page: Any, secretariat: Secretariat) -> None:
    with serving(secretariat) as address:
        log_in(page, address, "chiba")
        page.goto(f"{address}/rules")
        box = page.locator("form button[formaction], form[action$=try] button").first.bounding_box()
        assert box["y"] + box["height"] <= 900
        assert page.locator("textarea").bounding_box()["height"] >= 400
