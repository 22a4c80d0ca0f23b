"""The console read from top to bottom: by ear, or by keyboard alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from .browser import log_in, serving
from .conftest import Secretariat
from .day import full_day
from .test_browser import PAGES

pytestmark = pytest.mark.slow


def test_after_an_action_the_reading_goes_on_at_what_came_of_it(
    page: Any, secretariat: Secretariat
) -> None:
    number = secretariat.request()
    secretariat.request("b@x.example.jp")
    with serving(secretariat) as address:
        log_in(page, address)
        page.goto(f"{address}/cases/{number}")
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue?said=approved")
        assert page.evaluate("document.activeElement.className") == "said"
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/**")


def test_who_hears_the_queue_is_told_when_more_waits(page: Any, secretariat: Secretariat) -> None:
    secretariat.request()
    with serving(secretariat) as address:
        log_in(page, address)
        news = page.locator("#news")
        assert news.inner_text() == "", "nothing is said of what stands there already"
        secretariat.request("b@x.example.jp")
        page.wait_for_selector("#news:has-text('2件')", state="attached")
        assert news.get_attribute("role") == "status"


def test_headings_of_a_page_leave_out_no_step(page: Any, secretariat: Secretariat) -> None:
    day = full_day(secretariat)
    wrong = []
    with serving(secretariat) as address:
        log_in(page, address, "chiba")
        for path in (*PAGES, *(f"/cases/{one}" for one in day.cases.values())):
            page.goto(address + path)
            steps = page.evaluate(
                "[...document.querySelectorAll('main h1, main h2, main h3, main h4')]"
                ".map(one => Number(one.tagName[1]))"
            )
            if steps[:1] != [1] or steps.count(1) != 1:
                wrong.append((path, steps))
            wrong += [(path, steps) for a, b in pairwise(steps) if b > a + 1]
            names = page.evaluate(
                "[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]"
                ".filter(one => !(one.labels && one.labels.length) && !one.ariaLabel).map(one => one.outerHTML)"
            )
            wrong += [(path, one) for one in names]
    assert wrong == []
