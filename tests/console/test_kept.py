"""Nothing that a clerk typed is lost: refusals, ended sessions, a busy database, a search."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from helpdesk.console.kept import put_back
from helpdesk.desk import casework, hand_reading, sessions
from helpdesk.domain.request import FIELD_NAMES

from .conftest import PASSWORD, Browser, Secretariat, said
from .test_case import form_of, letters, text_of

WORDS = "お電話でお話ししたとおりです。\n　　担当：馬場 <b>&amp;"


def box(html: str, name: str) -> str:
    """Return what stands in a box of a page."""
    found = LexborHTMLParser(html).css_first(f'textarea[name="{name}"]')
    assert found is not None, f"no box {name}"
    return found.text()


def end_all(secretariat: Secretariat) -> None:
    now = datetime.now(UTC)
    for one in sessions.listed(secretariat.database, now):
        sessions.log_out(secretariat.database, one.id, now)


def correct(secretariat: Secretariat, number: str, **given: str) -> None:
    with secretariat.database.read() as tx:
        fields = casework.case_of(tx, number).fields
    known = {name: fields.get(name) or "" for name in FIELD_NAMES}
    hand_reading.correct_fields(
        secretariat.desk, number, "chiba", {**known, **given}, datetime.now(UTC)
    )


def test_letter_that_was_edited_comes_back_beside_the_new_facts(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    name = next(one for one in form if one.startswith("letter-"))
    form[name] = WORDS + "\n" + form[name]
    correct(secretariat, number, facility_name="みほん東病院", certification_number="R0102",
            responsible_physician="例示 花子", member_number="234567", birthdate="")  # fmt: skip
    refused = clerk.post(f"/cases/{number}/approve", form)
    assert refused.status_code == 409
    assert "内容が変わりました" in said(refused.text)
    assert box(refused.text, name).startswith(WORDS), "the clerk's own text"
    assert "いまの内容で作った文面" in refused.text
    assert "みほん東病院" in refused.text
    # They go on from there: the form holds the facts as they are now.
    again = LexborHTMLParser(refused.text).css_first(f'form[action="/cases/{number}/approve"]')
    assert again is not None
    fresh = {
        one.attributes["name"]: one.attributes.get("value") or ""
        for one in again.css("input[type=hidden]")
    }
    clerk.do(f"/cases/{number}/approve", {**fresh, name: box(refused.text, name)})
    assert any(WORDS.split("\n", maxsplit=1)[0] in text_of(one) for one in letters(secretariat))


def test_letter_nobody_edited_is_shown_as_it_is_now(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    correct(secretariat, number, certification_number="")
    refused = clerk.post(f"/cases/{number}/approve", form)
    assert refused.status_code == 409
    assert "いまの内容で作った文面" not in refused.text


def test_reason_comes_back_where_somebody_else_has_decided(
    secretariat: Secretariat, clerk: Browser, admin: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "reject") | {"reason": "電話で取り下げの連絡あり"}
    admin.do(f"/cases/{number}/approve", form_of(admin, number, "approve"))
    refused = clerk.post(f"/cases/{number}/reject", form)
    assert refused.status_code == 409
    assert "すでに決めています" in said(refused.text)
    assert "入力した内容" in refused.text
    assert "電話で取り下げの連絡あり" in refused.text


def test_fields_that_make_no_sense_come_back_to_be_put_right(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    given = {"field-facility_name": "みほん中央", "field-birthdate": "昭和65年"}
    refused = clerk.post(f"/cases/{number}/fields", given)
    assert refused.status_code == 409
    tree = LexborHTMLParser(refused.text)
    for name, value in given.items():
        field = tree.css_first(f'[name="{name}"]')
        assert field is not None
        assert field.attributes["value"] == value
    details = tree.css_first("#fields")
    assert details is not None
    assert "open" in details.attributes, "the form is open again"


def test_old_form_comes_back_with_a_token_that_fits(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = {"csrf": "0" * 32, "kind": "telephone", "text": WORDS}
    refused = clerk.post(f"/cases/{number}/notes", form)
    assert refused.status_code == 409
    assert box(refused.text, "text") == WORDS
    tree = LexborHTMLParser(refused.text)
    (kind,) = tree.css(f'form[action="/cases/{number}/notes"] [name=kind][checked]')
    assert kind.attributes["value"] == "telephone"
    assert clerk.csrf() in refused.text


@pytest.mark.parametrize("base", ["", "/helpdesk"])
def test_note_of_an_ended_session_comes_back_after_the_log_in(
    secretariat: Secretariat, base: str
) -> None:
    secretariat.base = base
    browser = secretariat.browser("baba")
    number = secretariat.request()
    end_all(secretariat)
    answer = browser.post(f"/cases/{number}/notes", {"kind": "fax", "text": WORDS})
    assert answer.status_code == 401
    assert "入力した内容は残っています" in said(answer.text)
    tree = LexborHTMLParser(answer.text)
    given = {
        one.attributes["name"]: one.attributes.get("value") or ""
        for one in tree.css("main input[type=hidden]")
    }
    wrong = browser.post("/login", {**given, "name": "baba", "password": "no", "csrf": ""})
    assert given["kept"] in unescape(wrong.text), "a slip in the password loses nothing either"
    target = browser.post(
        "/login", {**given, "name": "baba", "password": PASSWORD, "csrf": ""}
    ).headers["location"]
    html = browser.page(target.removeprefix(base))
    assert "ログインの前に入力した内容を戻しました" in html
    assert box(html, "text") == WORDS
    assert "メモを残しました" not in html
    # Nobody else sees it, whatever number they try.
    other = secretariat.browser("chiba").page(target.removeprefix(base))
    assert box(other, "text") == ""


def test_ended_session_comes_back_to_the_same_list(secretariat: Secretariat) -> None:
    answer = secretariat.browser().get("/queue?kind=review&verdict=mismatch")
    assert answer.headers["location"].endswith(
        "after=%2Fqueue%3Fkind%3Dreview%26verdict%3Dmismatch"
    )
    after = secretariat.browser().post(
        "/login",
        {"name": "baba", "password": PASSWORD, "after": "/queue?kind=review", "csrf": ""},
    )
    assert after.headers["location"] == "/queue?kind=review"


def test_form_of_an_ended_session_leads_back_to_its_page(secretariat: Secretariat) -> None:
    number = secretariat.request()
    answer = secretariat.browser().post(f"/cases/{number}/presence", {})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?after=%2Fcases%2F{number}"


def test_password_is_never_kept(secretariat: Secretariat) -> None:
    browser = secretariat.browser("chiba")
    end_all(secretariat)
    answer = browser.post(
        "/users", {"name": "doi", "role": "admin", "password": "plum kite engine"}
    )
    assert "doi" in answer.text
    assert "plum kite" not in answer.text


def test_draft_is_sealed_and_forgotten_after_a_day(secretariat: Secretariat) -> None:
    from helpdesk.desk import drafts

    now = datetime.now(UTC)
    number = drafts.keep(secretariat.database, "baba", '["/telephone", {"text": ["秘密"]}]', now)
    assert number is not None
    files = sorted(secretariat.folder.glob("helpdesk.db*"))
    assert "helpdesk.db-wal" in {file.name for file in files}
    assert not any("秘密".encode() in file.read_bytes() for file in files)
    drafts.keep(secretariat.database, "chiba", '["/x", {}]', now + timedelta(hours=25))
    assert drafts.find(secretariat.database, number, "baba") is None


@pytest.mark.parametrize("packed", ["", "[]", "{", '["x", {}]', '["/x", []]', "[1, {}]", "null"])
def test_what_is_no_draft_is_not_kept(secretariat: Secretariat, packed: str) -> None:
    from helpdesk.desk import drafts

    assert drafts.keep(secretariat.database, "baba", packed, datetime.now(UTC)) is None


def test_search_for_the_facility_loses_nothing_of_the_call(
    secretariat: Secretariat, clerk: Browser
) -> None:
    typed = {"q": "みほん東", "channel": "fax", "name": "山田", "subject": "更新", "text": WORDS}
    answer = clerk.post("/telephone/find", typed)
    assert answer.status_code == 200
    assert box(answer.text, "text") == WORDS
    tree = LexborHTMLParser(answer.text)
    for name in ("name", "subject", "q"):
        field = tree.css_first(f'form[action="/telephone"] [name="{name}"]')
        assert field is not None
        assert field.attributes["value"] == typed[name]
    assert tree.css_matches("[name=channel][value=fax][checked]")
    assert tree.css_matches("[name=facility][value=R0102]")
    target = clerk.do("/telephone", {**typed, "facility": "R0102"})
    assert "みほん東病院" in clerk.page(target)


@contextmanager
def locked(secretariat: Secretariat, how: str) -> Iterator[None]:
    """Hold the database as another process would."""
    other = sqlite3.connect(secretariat.folder / "helpdesk.db", isolation_level=None)
    try:
        other.execute(f"BEGIN {how}")
        yield
    finally:
        other.close()


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_busy_database_is_said_within_seconds_and_the_note_is_kept(
    secretariat: Secretariat, clerk: Browser, how: str
) -> None:
    number = secretariat.request()
    form = {"kind": "telephone", "text": WORDS}
    with locked(secretariat, how):
        began = time.monotonic()
        answer = clerk.post(f"/cases/{number}/notes", form)
        took = time.monotonic() - began
    assert answer.status_code == 503
    assert took < 7
    assert "混み合っています" in said(answer.text)
    again = LexborHTMLParser(answer.text).css_first("main form")
    assert again is not None
    given: dict[str, Any] = {
        one.attributes["name"]: one.attributes.get("value") or "" for one in again.css("input")
    }
    assert box(answer.text, "text") == WORDS
    clerk.do(str(again.attributes["action"]), {**given, "text": box(answer.text, "text")})
    assert "担当：馬場" in clerk.page(f"/cases/{number}")


def test_other_writers_keep_their_patience(secretariat: Secretariat) -> None:
    """A page is impatient; the daemon's own work on the same connection is not."""
    from helpdesk.store.database import patience

    with patience(0.1), secretariat.database.begin():
        pass
    with secretariat.database.begin() as tx:
        assert tx.exec_driver_sql("PRAGMA busy_timeout").scalar() > 20_000


def test_hostile_names_of_fields_break_nothing() -> None:
    page = '<form action="/x"><textarea name="t"></textarea><input name="a]"></form>'
    html, homeless = put_back(page, "/x", {'t"]': ["1"], "a]": ["2"], "t": ["3"]}, "")
    assert box(html, "t") == "3"
    assert dict(homeless) == {'t"]': "1", "a]": "2"}


def test_page_that_does_not_exist_leads_back(clerk: Browser) -> None:
    html = clerk.get("/nope").text
    links = re.findall(r"<main.*", html, re.DOTALL)[0]
    assert 'href="/queue"' in links
    assert "何も変わっていません" not in html


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_page_says_within_seconds_that_the_database_is_busy(
    secretariat: Secretariat, clerk: Browser, how: str
) -> None:
    number = secretariat.request()
    with locked(secretariat, how):
        began = time.monotonic()
        answer = clerk.get(f"/cases/{number}")
        took = time.monotonic() - began
    assert answer.status_code == 503
    assert took < 7
    assert "混み合っています" in said(answer.text)
    assert clerk.get(f"/cases/{number}").status_code == 200


def test_a_refusal_does_not_stand_beside_what_went_well_before(
    secretariat: Secretariat, admin: Browser
) -> None:
    before = {"Referer": f"http://testserver{admin.base}/users?said=saved"}
    assert "保存しました" in admin.page("/users?said=saved")
    refused = admin.post("/users/chiba/role", {"role": "operator"}, headers=before)
    assert "管理者が一人もいなくなる" in said(refused.text)
    assert "保存しました" not in refused.text
