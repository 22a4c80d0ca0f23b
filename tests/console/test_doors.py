"""Every door: who may open it, and that looking changes nothing. Made from the table itself."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, insert, select

from helpdesk.console.ask import MAY
from helpdesk.console.doors import DOORS, Door
from helpdesk.desk import auditing, registry_upload
from helpdesk.store import audit
from helpdesk.store.schema import contact_task, metadata
from tests import mails

from .conftest import PASSWORD, REGISTRY, Browser, Secretariat

ROLES = {
    "": frozenset[str](),
    "ando": MAY["operator"],
    "baba": MAY["approver"],
    "chiba": MAY["admin"],
}
#: Tables that a look may touch: a session that is used, a page that is open, and the log.
TOUCHED = {"web_session", "presence", "login_attempt", "audit"}


@pytest.fixture
def furnished(secretariat: Secretariat) -> dict[str, str]:
    """Let there be one of everything; return what stands for the parts of a path."""
    number = secretariat.request()
    browser = secretariat.browser("chiba")
    with secretariat.database.begin() as tx:
        tx.execute(
            insert(contact_task).values(
                purpose_key="x", certification_number="R0103", subject="x", reason="no_address",
                created_at=datetime.now(UTC), state="open",
            )
        )  # fmt: skip
    browser.do("/corrections/new", {"facility": "K0101", "items": "x"})
    mail_id = re.findall(rf"/cases/{number}/mails/(\d+)", browser.page(f"/cases/{number}"))[0]
    return {
        "number": number,
        "id": mail_id,
        "index": "0",
        "name": "address_told",
        "campaign": "renewal",
    }


def seen(secretariat: Secretariat) -> list[tuple[str, str, str]]:
    with secretariat.database.read() as tx:
        entries = [one.event for one in audit.entries(tx) if one.event.event == "seen"]
    return [(one.actor, one.about["what"], one.about["which"]) for one in entries]


def test_whoever_looks_at_a_persons_record_leaves_a_trace(
    secretariat: Secretariat, furnished: dict[str, str]
) -> None:
    browser = secretariat.browser("baba")
    shows = [door for door in DOORS if door.shows]
    assert {"case", "mail", "file", "facility", "letter", "quarantine", "contacts.csv"} <= {
        door.shows for door in shows
    }
    looked = 0
    for door in shows:
        before = seen(secretariat)
        answer = browser.get(path_of(door, furnished))
        now = seen(secretariat)
        if answer.status_code != 200:  # Nothing is in quarantine: nothing was seen.
            assert now == before
            continue
        looked += 1
        assert [one[:2] for one in now[len(before) :]] == [("baba", door.shows)], door.path
    assert looked >= 6
    number = furnished["number"]
    story = auditing.story(secretariat.database, number)
    assert any(one.event.event == "seen" and one.event.actor == "baba" for one in story)
    assert auditing.verify(secretariat.database)[1] == []


def test_the_table_of_telephone_numbers_is_for_who_decides(secretariat: Secretariat) -> None:
    assert secretariat.browser("ando").get("/unreachable.csv").status_code == 403
    assert "unreachable.csv" not in secretariat.browser("ando").page("/unreachable")
    assert secretariat.browser("baba").get("/unreachable.csv").status_code == 200


def path_of(door: Door, parts: dict[str, str]) -> str:
    path = door.path
    if path.startswith("/facilities/"):
        path = path.replace("{number}", "K0101")
    if path.startswith("/users/"):
        path = path.replace("{name}", "ando")
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], path)


def everything(secretariat: Secretariat) -> dict[str, Any]:
    """Return how many rows each table has, and the newest of what changes in place."""
    with secretariat.database.read() as tx:
        return {
            table.name: tx.execute(select(*table.columns)).all()
            if table.name in {"action", "letter", "case", "staff", "facility"}
            else tx.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
            if table.name not in TOUCHED
        }


def test_looking_changes_nothing(secretariat: Secretariat, furnished: dict[str, str]) -> None:
    browser = secretariat.browser("chiba")
    before = everything(secretariat)
    for door in DOORS:
        if door.method == "GET":
            browser.get(path_of(door, furnished))
    assert everything(secretariat) == before


def test_no_door_acts_on_get(secretariat: Secretariat, furnished: dict[str, str]) -> None:
    browser = secretariat.browser("chiba")
    looks = {door.path for door in DOORS if door.method == "GET"}
    for door in DOORS:
        if door.method == "POST" and door.path not in looks:
            answer = browser.get(path_of(door, furnished))
            assert answer.status_code == 404, door.path


def test_every_page_is_whole_in_both_languages(
    secretariat: Secretariat, furnished: dict[str, str]
) -> None:
    japanese = re.compile(r"[ぁ-んァ-ヶ一-龠]")
    for language in ("ja", "en"):
        browser = secretariat.browser("chiba", language)
        for door in DOORS:
            if door.method != "GET" or "{id}" in door.path or door.path.startswith("/play"):
                continue
            if door.path.endswith((".csv", "/rows")):
                continue
            if door.path == "/login":
                html = secretariat.browser("", language).page("/login")
            else:
                html = browser.page(path_of(door, furnished))
            assert "style=" not in html, door.path
            assert "<script>" not in html, door.path
            assert not re.search(r'\son[a-z]+="', html), door.path
            if language == "en" and door.path in (
                "/login",
                "/account",
                "/users",
                "/reports",
                "/audit",
            ):
                shown = re.sub(r"(?s)<head>.*?</head>|<[^>]*lang=\"ja\"[^>]*>[^<]*<", "<", html)
                assert not japanese.findall(re.sub(r"<[^>]+>", "", shown)), door.path


def catalogue() -> Iterator[tuple[str, str]]:
    from babel.messages.pofile import read_po

    path = Path(__file__).parents[2] / "helpdesk/console/locale/en/LC_MESSAGES/console.po"
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id:
                yield str(message.id), str(message.string)


def test_every_text_has_its_english(tmp_path: Path) -> None:
    missing = [text for text, english in catalogue() if not english.strip()]
    assert missing == []


def test_places_in_texts_are_the_same_in_both_languages() -> None:
    for text, english in catalogue():
        assert sorted(re.findall(r"\{\w*\}", text)) == sorted(re.findall(r"\{\w*\}", english)), text


def test_catalogue_holds_every_text_of_pages_and_code_and_is_compiled() -> None:
    """`scripts/catalogue` was run after the last change."""
    import gettext

    from babel.messages.extract import extract_from_dir

    folder = Path(__file__).parents[2] / "helpdesk/console"
    found = extract_from_dir(
        str(folder),
        [("**.py", "python"), ("pages/**.html", "jinja2")],
        {"pages/**.html": {"trimmed": "true"}},
        keywords={"_": None, "N_": None, "gettext": None},
    )
    wanted = {message for _, _, message, *_ in found if isinstance(message, str)}
    known = dict(catalogue())
    assert wanted - set(known) == set()
    compiled = gettext.translation("console", folder / "locale", ["en"])
    assert all(compiled.gettext(text) == english for text, english in known.items())


#: What a stranger may write anywhere in a mail.
HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "{{7*7}}", "{% raw %}",
    "${alert(1)}", "javascript:alert(1)", "<a href=javascript:alert(1)>x</a>", "<iframe srcdoc=x>",
    "<math><mi xlink:href=x>", "<!--", "]]>", "&lt;script&gt;", "\u202egnp.exe", "\u0000", "\ufeff", "' OR 1=1 --",
    "<base href=//evil.example.com>", "<link rel=stylesheet href=//evil.example.com>",
    "<meta http-equiv=refresh content=0>", "<form action=//evil.example.com>", "<input autofocus onfocus=alert(1)>",
    "<style>*{background:url(//evil.example.com)}</style>", "\" hx-get=\"//evil.example.com\" hx-trigger=\"load\" x=\"",
    "<div hx-get=//evil.example.com hx-trigger=load>", "<div data-hx-get=//evil.example.com>", "%0d%0aSet-Cookie:x=1",
    "\r\nX-Evil: 1", "../../../../etc/passwd", "=cmd|' /C calc'!A0", "A" * 3000, "𠮷野家\U000e0100", "ﷺ" * 40, "\U0001f468‍\U0001f469‍\U0001f467",
)  # fmt: skip


def variants_of(text: str) -> tuple[str, ...]:
    """Return a string as filters get around it: cases, encodings, quotes."""
    return (
        text, text.upper(), text.swapcase(), quote(text), escape(text), f"'\"{text}", f"\\{text}",
    )  # fmt: skip


def hostile_mail(text: str, body: str, sender: str) -> bytes:
    """Return a mail that carries a text in every header and in the name of a file."""

    def word(value: str) -> str:
        octets = value.encode("utf-8", "surrogatepass")[:400]
        return f"=?utf-8?b?{base64.b64encode(octets).decode()}?="

    headers = (
        f"From: {word(text)} <{sender}>",
        f"To: {word(text)} <{mails.DESK}>",
        f"Cc: {word(text)} <cc@x.example.jp>",
        f"Subject: {word(mails.SUBJECT + ' ' + text)}",
        f"Message-ID: <{sender}>",
        f"X-Mailer: {word(text)}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(body.encode("utf-8", "surrogatepass")).decode(),
        "--b",
        "Content-Type: application/octet-stream",
        f'Content-Disposition: attachment; filename="{word(text)}"',
        "",
        "x",
        "--b--",
        "",
    )
    return "\r\n".join(headers).encode()


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 6))
def test_hostile_strings_are_text_everywhere_a_mail_can_reach(
    secretariat: Secretariat, start: int
) -> None:
    browser = secretariat.browser("chiba")
    seen = 0
    for number, evil in enumerate(HOSTILE[start : start + 6]):
        plain = evil.replace("\r", " ").replace("\n", " ").replace("\0", "")
        body = mails.form(facility=plain, physician=plain, identity="1968年4月9日 " + plain)
        body += "\n".join(variants_of(plain)) + f"\n> {plain}\n-- \n{plain}\n"
        raw = hostile_mail(plain, body, f"h{start + number}@x.example.jp")
        case = secretariat.case_of(secretariat.arrive(raw))
        pages = [f"/cases/{case}", "/queue", f"/search?q={case}", "/audit"]
        mail_id = re.findall(rf"/cases/{case}/mails/(\d+)", browser.page(f"/cases/{case}"))
        pages += [f"/cases/{case}/mails/{mail_id[0]}"] if mail_id else []
        for page in pages:
            html = browser.page(page)
            seen += 1
            assert_tame(html, page)
        browser.post(f"/cases/{case}/notes", {"kind": "note", "text": evil})
        assert_tame(browser.page(f"/cases/{case}"), case)
        assert_tame(browser.client.get("/search", params={"q": evil}).text, "search")
    assert seen


def assert_tame(html: str, page: str) -> None:
    """A parser finds nothing in a page but what its templates put there."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    assert len(tree.css("script")) == 2, page
    assert all(
        (one.attributes.get("src") or "").startswith("/static/") for one in tree.css("script")
    )
    assert len(tree.css("link")) == 2, page
    assert len(tree.css("meta")) == 4, page
    for name in ("base", "style", "object", "embed", "math", "img", "svg"):
        assert not tree.css(name), f"{page}: {name}"
    for node in tree.css("*"):
        for key, value in (node.attributes or {}).items():
            assert not key.startswith("on"), f"{page}: {key}"
            assert key != "style", page
            if key in ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-hx-get"):
                assert (value or "").startswith(("/", "#")), f"{page}: {key}={value}"
                assert not (value or "").startswith("//"), f"{page}: {key}={value}"


def test_browser_without_a_login_learns_nothing(secretariat: Secretariat) -> None:
    number = secretariat.request()
    stranger: Browser = secretariat.browser()
    known, unknown = (stranger.get(f"/cases/{one}") for one in (number, "2026-999999"))
    assert known.status_code == unknown.status_code == 303
    assert known.text == unknown.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "nonsense"])
def test_audit_of_an_odd_day_is_a_page(clerk: Browser, day: str) -> None:
    assert clerk.client.get("/audit", params={"day": day}).status_code == 200


def test_log_in_over_a_session_ends_the_old_one(secretariat: Secretariat, clerk: Browser) -> None:
    (old,) = (one for one in clerk.client.cookies.jar if one.name == "helpdesk_session")
    assert clerk.log_in("baba").status_code == 303
    other = secretariat.browser()
    other.client.cookies.set("helpdesk_session", str(old.value))
    assert other.client.get("/queue", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("kept", ["[" * 100_000, '["/x", {"a": "b"}]', "7", '["x", {}]'])
def test_log_in_with_a_draft_that_is_none_goes_on(secretariat: Secretariat, kept: str) -> None:
    browser = secretariat.browser()
    data = {"name": "baba", "password": PASSWORD, "kept": kept, "csrf": ""}
    answer = browser.post("/login", data)
    assert answer.status_code == 303
    assert "draft" not in answer.headers["location"]


def test_registry_file_with_a_long_name_is_looked_at(
    secretariat: Secretariat, admin: Browser
) -> None:
    name = "あ" * 84 + "\0.csv"
    registry_upload.keep(secretariat.database, name, REGISTRY.encode(), "chiba", datetime.now(UTC))
    assert admin.client.get("/registry").status_code == 200
