"""The console in Debian's Chromium: keyboard, live lists, accessibility, narrow screens."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from helpdesk.console.doors import DOORS
from helpdesk.desk import outbox, sessions
from tests import mails

from .browser import log_in, serving
from .conftest import PASSWORD, Secretariat
from .day import full_day
from .test_lists import quarantined
from .test_more_of_a_case import mismatch

__all__ = ["quarantined"]

pytestmark = pytest.mark.slow


def furnish(secretariat: Secretariat) -> str:
    """Let a day's mails come in; return the number of the first case."""
    number = secretariat.request()
    secretariat.request(
        "b@x.example.jp", physician="見本 次郎", identity="1968年4月19日", wish=mails.CHANGE
    )
    secretariat.request(
        "c@x.example.jp", facility="みほん東病院", physician="例示 花子", identity="234567"
    )
    raw = mails.mail(
        "代表者印は必要でしょうか。更新申請の件です。",
        message_id="<q@x.test>",
        sender="q@x.example.jp",
    )
    secretariat.arrive(raw)
    return number


PAGES = (
    "/queue", "/portal", "/portal/letters", "/search?q=みほん", "/facilities", "/facilities/K0101", "/campaigns", "/corrections",
    "/corrections/new?facility=K0101", "/links", "/unreachable", "/outbox?state=all", "/outbox/1", "/quarantine",
    "/registry", "/reports", "/letters", "/letters/address_told", "/rules", "/snippets", "/audit", "/users", "/account",
    "/telephone?q=東", "/telephone/request", "/cases/2026-999999", "/play",
)  # fmt: skip


#: Pieces of pages and files: no pages of their own. The rest of what is no page in PAGES is
#: opened by the test itself.
NO_PAGES = {
    "/queue/rows", "/cases/{number}/facilities", "/cases/{number}/mails/{id}/html", "/unreachable.csv",
    "/cases/{number}/mails/{id}/files/{index}", "/quarantine/{id}/source", "/quarantine/{id}/html",
    "/quarantine/{id}/files/{index}", "/campaigns/calendar", "/reports.csv", "/play/inbox",
}  # fmt: skip
BY_THE_TEST = {"/login", "/cases/{number}", "/cases/{number}/mails/{id}", "/quarantine/{id}"}


def test_every_page_is_looked_at() -> None:
    opened = {re.escape(one.split("?")[0]) for one in PAGES}
    patterns = {door.path for door in DOORS if door.method == "GET"}
    known = NO_PAGES | BY_THE_TEST
    missed = {
        one
        for one in patterns - known
        if not any(
            re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), re.sub(r"\\(.)", r"\1", path))
            for path in opened
        )
    }
    assert missed == set()


def problems_of(page: Any) -> list[str]:
    """Return what axe finds wrong on a page (WCAG 2.2 AA)."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response
    return [
        f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_any_page(
    page: Any, secretariat: Secretariat, quarantined: int, language: str, scheme: str
) -> None:
    number = furnish(secretariat)
    secretariat.play = lambda _raw, _sender: None
    secretariat.health.report("relay", datetime.now(UTC) - timedelta(hours=1), "refused")
    other = mismatch(secretariat)
    with serving(secretariat) as address:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/login")
        found = [f"/login {one}" for one in problems_of(page)]
        log_in(page, address, "chiba")
        if language == "en":
            page.click("text=English")
        for path in (
            *PAGES,
            f"/cases/{number}",
            f"/cases/{number}#fields",
            f"/cases/{number}/mails/1",
            f"/cases/{other}",
            f"/quarantine/{quarantined}",
            "/cases/2026-000004?topic=free",
            "/play",
        ):
            page.goto(address + path)
            found += [f"{path} {one}" for one in problems_of(page)]
        # A form that is refused, and the log-in of a session that ended.
        page.goto(f"{address}/cases/{other}")
        page.evaluate("document.querySelector('#fields').open = true")
        page.fill("[name=field-birthdate]", "昭和65年")
        page.click("form[action$='/fields'] button")
        assert page.locator(".problem").count() == 1
        found += [f"refused {one}" for one in problems_of(page)]
        for one in sessions.listed(secretariat.database, datetime.now(UTC)):
            sessions.log_out(secretariat.database, one.id, datetime.now(UTC))
        page.fill("#below textarea[name=text]", "電話で確認")
        page.click("form[action$='/notes'] button")
        found += [f"ended {one}" for one in problems_of(page)]
        page.fill("[name=name]", "chiba")
        page.fill("[name=password]", PASSWORD)
        page.click("button.main")
        page.wait_for_url("**/cases/**")
        assert page.input_value("#below textarea[name=text]") == "電話で確認"
        found += [f"restored {one}" for one in problems_of(page)]
    assert found == []


def test_no_page_is_wider_than_a_telephone(page: Any, secretariat: Secretariat) -> None:
    number = furnish(secretariat)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = []
    with serving(secretariat) as address:
        log_in(page, address, "chiba")
        for path in (*PAGES, f"/cases/{number}", "/login"):
            page.goto(address + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 390:
                wide.append((path, width))
    assert wide == []


#: Everything that can be pressed, but what stands inside a sentence or a label.
_SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]
  .filter(one => one.checkVisibility() && !one.closest('label.check') && !one.matches('.skip'))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""

# Runs of a page beyond its right edge, and headers that touch each other.
_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.mark.parametrize("width", [390, 768])
def test_targets_are_large_and_nothing_is_wider_than_the_screen(
    page: Any, secretariat: Secretariat, width: int
) -> None:
    day = full_day(secretariat)
    secretariat.play = lambda _raw, _sender: None
    page.set_viewport_size({"width": width, "height": 844})
    wrong = []
    with serving(secretariat) as address:
        log_in(page, address, "chiba")
        for path in (*PAGES, "/play", *(f"/cases/{one}" for one in day.cases.values())):
            page.goto(address + path)
            wrong += [(path, one) for one in page.evaluate(_SMALL)]
            if page.evaluate(_WIDE):
                wrong.append((path, "is wider than the screen"))
    assert not wrong, "\n".join(map(str, wrong[:40]))


def test_case_is_decided_by_the_keyboard_alone(page: Any, secretariat: Secretariat) -> None:
    number = furnish(secretariat)
    with serving(secretariat) as address:
        page.goto(f"{address}/login")
        page.wait_for_function("document.activeElement.name === 'name'")
        page.keyboard.type("baba")
        page.keyboard.press("Tab")
        page.keyboard.type("correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue*")
        page.keyboard.press("?")
        assert page.locator("dialog[open]").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{number}")
        box = page.locator("#approve").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, "the decision is on the screen without scrolling"
        page.keyboard.press("a")
        assert page.evaluate("document.activeElement.id") == "approve"
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue?said=approved")
        assert "承認しました" in page.inner_text("[role=status]")
        page.keyboard.press("j")
        page.keyboard.press("r")
        page.wait_for_url("**/cases/*#reject-reason")
        assert page.evaluate("document.activeElement.id") == "reject-reason"
    assert "address_at_registered" in {one.letter for one in outbox.listed(secretariat.database)}


def test_new_mail_appears_by_itself_and_the_choice_stays(
    page: Any, secretariat: Secretariat
) -> None:
    with serving(secretariat) as address:
        log_in(page, address)
        assert "待っているものはありません" in page.inner_text("main")
        number = secretariat.request()
        page.wait_for_selector(f"text={number}", timeout=10_000)
        page.keyboard.press("j")
        other = secretariat.request("b@x.example.jp")
        page.wait_for_selector(f"text={other}", timeout=10_000)
        assert page.locator("[data-chosen]").inner_text().startswith(number)


def test_page_whose_session_was_ended_says_so_and_stays(
    page: Any, secretariat: Secretariat
) -> None:

    with serving(secretariat) as address:
        log_in(page, address)
        now = datetime.now(UTC)
        for one in sessions.listed(secretariat.database, now):
            sessions.log_out(secretariat.database, one.id, now)
        page.wait_for_selector("#ended", state="visible", timeout=10_000)
        assert "別のタブでログインし直してください" in page.inner_text("#ended")
        assert page.url.endswith("/queue")


def test_who_else_has_the_case_open_is_seen(
    page: Any, chromium_browser: Any, secretariat: Secretariat
) -> None:
    number = secretariat.request()
    with serving(secretariat) as address:
        other = chromium_browser.new_context()
        colleague = other.new_page()
        log_in(colleague, address, "chiba")
        colleague.goto(f"{address}/cases/{number}")
        colleague.wait_for_timeout(500)
        log_in(page, address)
        page.goto(f"{address}/cases/{number}")
        page.wait_for_selector("text=chibaさんも開いています")
        other.close()


def test_facility_is_searched_while_one_types(page: Any, secretariat: Secretariat) -> None:
    number = secretariat.request(facility="ひがし", physician="例示 花子", identity="1975年1月2日")
    with serving(secretariat) as address:
        log_in(page, address)
        page.goto(f"{address}/cases/{number}")
        page.click("text=別の施設を探して選ぶ")
        page.fill("#choose input[name=q]", "東病院")
        page.click("text=この施設で照合")
        page.wait_for_url("**said=corrected")
        assert "R0102" in page.inner_text("main")


# `HOST` stands for a server of ours that nobody may reach.
EVIL_HTML = (
    "From: x <x@x.example.jp>\r\nTo: desk@society.example.jp\r\nSubject: =?utf-8?b?5pa96Kit44Oe44Kk44Oa44O844K4?=\r\n"
    "Message-ID: <evil@x.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    "<p>施設マイページのメールアドレスを教えてください。</p><script>alert(1);parent.alert(2)</script>"
    "<img src='http://HOST/x.png' onerror='alert(3)'><link rel=stylesheet href='http://HOST/x.css'>"
    "<style>@import 'http://HOST/y.css';body{background:url(http://HOST/z.png)}</style>"
    "<iframe src='http://HOST/'></iframe><svg><image href='http://HOST/s.png'/></svg>"
    "<video poster='http://HOST/v.png' autoplay></video><a href='javascript:alert(4)' ping='http://HOST/p'>x</a>"
    "<meta http-equiv=refresh content='0;url=http://HOST/'><body onload=alert(5)>"
).encode()


@contextmanager
def canary() -> Iterator[tuple[str, list[str]]]:
    """Listen where the mail points to; give the address and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}/canary", asked
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_html_mail_runs_nothing_and_loads_nothing(page: Any, secretariat: Secretariat) -> None:
    with canary() as (host, asked), serving(secretariat) as address:
        raw = EVIL_HTML.replace(b"HOST", host.encode())
        number = secretariat.case_of(secretariat.arrive(raw))
        log_in(page, address)
        page.goto(f"{address}/cases/{number}")
        page.click("text=HTMLのまま見る")
        page.locator("iframe").scroll_into_view_if_needed()
        frame = page.frame_locator("iframe")
        assert "教えてください" in frame.locator("body").inner_text()
        page.wait_for_timeout(500)
        assert page.url.endswith(number)
        assert asked == []


def test_new_clerk_reads_how_to_begin_and_finds_it_again(
    page: Any, secretariat: Secretariat
) -> None:
    number = secretariat.request()
    with serving(secretariat) as address:
        log_in(page, address)
        first = page.locator("[data-first]")
        assert "承認して送る" in first.inner_text(), "on the first visit it stands open"
        row = page.locator(f"text={number}").bounding_box()
        assert row["y"] < 900, "and the first case is on the screen all the same"
        first.locator("summary").click()
        page.reload()
        assert first.get_attribute("open") is None, "who has read it is left alone"
        page.click("[data-help]")
        assert "名簿と違います" in page.inner_text("dialog[open]")
