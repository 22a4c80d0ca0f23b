"""Logging in: one answer for everything wrong, sessions that end, and forms of our own pages."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import insert

from helpdesk.desk import sessions, users
from helpdesk.desk.context import Refused
from helpdesk.store import schema, staff

from .conftest import PASSWORD, Secretariat, said


def test_first_run_says_how_to_make_the_first_admin(secretariat: Secretariat) -> None:
    from sqlalchemy import delete

    from helpdesk.store.schema import staff

    with secretariat.database.begin() as tx:
        tx.execute(delete(staff))
    assert "helpdesk user add NAME --role admin" in secretariat.browser().page("/login")


def test_login_page_says_nothing_of_it_where_somebody_is_known(secretariat: Secretariat) -> None:
    assert "user add" not in secretariat.browser().page("/login")


def test_whoever_is_not_logged_in_is_sent_to_the_login_and_back(secretariat: Secretariat) -> None:
    browser = secretariat.browser()
    answer = browser.get("/outbox")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?after=%2Foutbox"
    answer = browser.post(
        "/login", {"name": "baba", "password": PASSWORD, "after": "/outbox", "csrf": ""}
    )
    assert answer.headers["location"] == "/outbox"


@pytest.mark.parametrize(
    "after",
    ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "javascript:x"],
)
def test_login_leads_nowhere_else(secretariat: Secretariat, after: str) -> None:
    answer = secretariat.browser().post(
        "/login", {"name": "baba", "password": PASSWORD, "after": after, "csrf": ""}
    )
    assert answer.headers["location"] == "/queue"


def test_wrong_name_and_wrong_password_get_the_same_answer(secretariat: Secretariat) -> None:
    users.set_enabled(secretariat.database, "ando", datetime.now(UTC), enabled=False, by="chiba")
    answers = {
        (answer.status_code, answer.text.replace(name, "NAME"))
        for name, password in (
            ("baba", "wrong password"),
            ("nobody", "wrong password"),
            ("ando", PASSWORD),
        )
        for answer in [secretariat.browser().log_in(name, password)]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401


def test_sixth_guess_within_a_quarter_of_an_hour_is_refused_though_right(
    secretariat: Secretariat,
) -> None:
    browser = secretariat.browser()
    for _ in range(5):
        assert browser.log_in("baba", "wrong").status_code == 401
    refused = browser.log_in("baba")
    assert refused.status_code == 401
    assert said(refused.text) == said(browser.log_in("nobody", "wrong").text)
    assert browser.log_in("chiba").status_code == 303, "another person is not locked out"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        assert secretariat.browser().log_in("baba").status_code == 303


def test_session_has_a_new_id_at_each_login(secretariat: Secretariat) -> None:
    browser = secretariat.browser()
    browser.client.cookies.set("helpdesk_session", "chosen-by-an-attacker")
    browser.log_in("baba")
    first = browser.client.cookies.get("helpdesk_session", domain="testserver.local")
    browser.log_in("baba")
    second = browser.client.cookies.get("helpdesk_session", domain="testserver.local")
    assert first
    assert second
    assert len({first, second, "chosen-by-an-attacker"}) == 3


def test_cookie_is_for_our_pages_alone(secretariat: Secretariat) -> None:
    cookie = secretariat.browser().log_in("baba").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize(
    ("steps", "alive"),
    [
        ([29, 29, 29], True),  # used in between
        ([31], False),  # idle for too long
        ([25] * 24 + [5], False),  # used, but ten hours are over
    ],
)
def test_session_ends_by_idling_and_after_a_working_day(
    secretariat: Secretariat, steps: list[int], alive: bool
) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        browser = secretariat.browser("baba")
        for minutes in steps:
            clock.shift(timedelta(minutes=minutes))
            answer = browser.get("/queue")
        assert (answer.status_code == 200) is alive


def test_page_that_asks_by_itself_keeps_no_session_alive(secretariat: Secretariat) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        browser = secretariat.browser("baba")
        for _ in range(4):
            clock.shift(timedelta(minutes=10))
            answer = browser.get("/queue/rows", headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert "hx-redirect" not in answer.headers, "what is typed on the page stays"


def test_logging_out_ends_the_session_here(secretariat: Secretariat) -> None:
    browser = secretariat.browser("baba")
    cookie = browser.client.cookies.get("helpdesk_session")
    assert browser.do("/logout") == "/login?said=logged_out"
    assert cookie
    thief = secretariat.browser()
    thief.client.cookies.set("helpdesk_session", cookie)
    assert thief.get("/queue").status_code == 303


def test_sessions_are_listed_and_can_be_ended(secretariat: Secretariat) -> None:
    here, there = secretariat.browser("baba"), secretariat.browser("baba")
    path = re.findall(r'action="(/account/sessions/\d+/end)"', here.page("/account"))
    assert len(path) == 1
    assert here.do(path[0]) == "/account?said=revoked"
    assert there.get("/queue").status_code == 303
    assert here.get("/queue").status_code == 200


def test_somebody_elses_session_cannot_be_ended(secretariat: Secretariat) -> None:
    victim, other = secretariat.browser("chiba"), secretariat.browser("baba")
    (mine,) = sessions.listed(secretariat.database, datetime.now(UTC), "chiba")
    assert other.post(f"/account/sessions/{mine.id}/end").status_code == 409
    assert victim.get("/queue").status_code == 200


def test_new_password_ends_all_other_sessions(secretariat: Secretariat) -> None:
    here, there = secretariat.browser("baba"), secretariat.browser("baba")
    assert here.post("/account/password", {"old": "wrong", "new": "long enough"}).status_code == 409
    assert here.do("/account/password", {"old": PASSWORD, "new": "quite long enough"})
    assert here.get("/queue").status_code == 200
    assert there.get("/queue").status_code == 303
    assert secretariat.browser().log_in("baba").status_code == 401
    assert secretariat.browser().log_in("baba", "quite long enough").status_code == 303


def test_code_of_the_telephone_opens_once(secretariat: Secretariat) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        browser = secretariat.browser("baba")
        secret = re.findall(r'name="secret" value="([A-Z2-7]+)"', browser.page("/account"))[0]
        code = pyotp.TOTP(secret)
        assert (
            browser.post("/account/totp", {"secret": secret, "code": "000000"}).status_code == 409
        )
        browser.do("/account/totp", {"secret": secret, "code": code.now()})
        assert secretariat.browser().log_in("baba").status_code == 401, "no code"
        assert secretariat.browser().log_in("baba", code=code.now()).status_code == 401, "used up"
        clock.shift(timedelta(seconds=60))
        assert secretariat.browser().log_in("baba", code=code.now()).status_code == 303
        assert secretariat.browser().log_in("baba", code=code.now()).status_code == 401


def test_admin_can_demand_codes_before_anything_else(secretariat: Secretariat) -> None:
    users.demand_totp(secretariat.database, "baba", demanded=True, by="chiba")
    browser = secretariat.browser("baba")
    assert browser.get("/queue").headers["location"] == "/account"
    assert "確認コードを必須にしました" in browser.page("/account")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example.com"}, False),
        ({"Origin": "https://evil.example.com"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
        ({"Origin": "http://testserver"}, True),
    ],
)
def test_forms_come_from_our_own_pages(
    secretariat: Secretariat, headers: dict[str, str], allowed: bool
) -> None:
    browser = secretariat.browser("baba")
    answer = browser.client.post(
        "/account/password",
        data={"csrf": browser.csrf(), "old": "wrong", "new": "long enough"},
        headers=headers,
    )
    assert (answer.status_code != 403) is allowed


def test_form_without_its_token_changes_nothing(secretariat: Secretariat) -> None:
    browser, other = secretariat.browser("baba"), secretariat.browser("chiba")
    for token in ("", "0" * 32, other.csrf()):
        answer = browser.post(
            "/account/password", {"csrf": token, "old": PASSWORD, "new": "x" * 20}
        )
        assert answer.status_code == 409
    assert secretariat.browser().log_in("baba").status_code == 303


def test_every_answer_carries_the_headers(secretariat: Secretariat) -> None:
    browser = secretariat.browser("baba")
    for path in ("/login", "/queue", "/nowhere", "/static/console.css", "/healthz"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "x-powered-by" not in headers
    assert browser.get("/queue").headers["cache-control"] == "no-store"
    assert "immutable" in browser.get("/static/console.css").headers["cache-control"]


def test_foreign_host_is_refused(secretariat: Secretariat) -> None:
    browser = secretariat.browser()
    assert browser.get("/login", headers={"Host": "rebound.example.com"}).status_code == 421


def test_console_lives_below_a_path(secretariat: Secretariat) -> None:
    secretariat.base = "/helpdesk"
    browser = secretariat.browser("baba")
    html = browser.page("/queue")
    assert 'href="/helpdesk/static/console.css' in html
    assert not re.findall(r'(?:href|action|src|hx-get)="/(?!helpdesk/)', html)
    assert "mailbox" in browser.client.get("/healthz").text


def test_language_is_switched_and_kept(secretariat: Secretariat) -> None:
    browser = secretariat.browser("baba")
    assert browser.do("/language", {"language": "en", "back": "/queue"}) == "/queue"
    assert '<html lang="en">' in browser.page("/queue")
    browser.do("/language", {"language": "ja", "back": "//evil.example.com"})
    assert '<html lang="ja">' in browser.page("/queue")


def test_busy_moment_is_no_wrong_password(
    secretariat: Secretariat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE_S", 0.01)
    browser = secretariat.browser()
    with sessions._AT_ONCE, sessions._AT_ONCE:  # Two others are being looked at.
        for _ in range(6):
            answer = browser.log_in("baba")
            assert answer.status_code == 503
            assert "パスワードの間違いには数えていません" in said(answer.text)
    assert browser.log_in("baba").status_code == 303, "nothing was counted"


def test_busy_database_is_no_wrong_password_and_shows_none(secretariat: Secretariat) -> None:
    other = sqlite3.connect(secretariat.folder / "helpdesk.db", isolation_level=None)
    browser = secretariat.browser()
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = browser.log_in("baba")
    finally:
        other.close()
    assert answer.status_code == 503
    assert "混み合っています" in said(answer.text)
    assert PASSWORD not in answer.text
    assert 'value="baba"' in answer.text, "the name need not be typed again"
    assert browser.log_in("baba").status_code == 303


def test_password_is_in_no_page_where_the_database_was_busy(secretariat: Secretariat) -> None:
    browser = secretariat.browser("chiba")
    other = sqlite3.connect(secretariat.folder / "helpdesk.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        form = {"name": "doi", "role": "operator", "password": "three words apart"}
        answer = browser.post("/users", form)
    finally:
        other.close()
    assert answer.status_code == 503
    assert "three words apart" not in answer.text


@pytest.mark.parametrize("alike", ["Baba", "BABA", "ｂａｂａ", "Ｂaba"])
def test_names_that_differ_by_case_or_width_are_one_person(
    secretariat: Secretariat, alike: str
) -> None:
    with pytest.raises(Refused, match="case or width"):
        users.add_user(
            secretariat.database, alike, "operator", PASSWORD, datetime.now(UTC), by="chiba"
        )
    assert secretariat.browser().log_in(alike).status_code == 303
    (found,) = sessions.listed(secretariat.database, datetime.now(UTC), "baba")
    assert found.staff_name == "baba"


def test_spellings_of_a_name_give_no_more_tries(secretariat: Secretariat) -> None:
    for spelling in ("baba", "Baba", "BABA", "ｂａｂａ", "bABA"):
        assert secretariat.browser().log_in(spelling, "wrong").status_code == 401
    assert secretariat.browser().log_in("baba").status_code == 401


def test_names_alike_from_before_stay_and_are_typed_exactly(secretariat: Secretariat) -> None:
    with secretariat.database.begin() as tx:
        known = staff.account_by_name(tx, "baba")
        assert known is not None
        row = {"name": "Baba", "role": "operator", "password_hash": known.password_hash}
        tx.execute(
            insert(schema.staff).values(**row, created_at=known.created_at, totp_required=False)
        )
    for name, status in (("Baba", 303), ("baba", 303), ("BABA", 401)):
        assert secretariat.browser().log_in(name).status_code == status
