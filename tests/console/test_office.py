"""Registry, campaigns, corrections, links, contacts, reports, letters, rules, users, audit."""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import insert

from helpdesk.console.handlers.downloads import harmless
from helpdesk.desk import corrections, links, outbox, reminders, reports, users
from helpdesk.domain.calendar import JST
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store.schema import contact_task, link
from tests import mails

from .conftest import PASSWORD, REGISTRY, Browser, Secretariat, said
from .test_case import answer_token, form_of


def upload(browser: Browser, text: str, name: str = "portal.csv") -> Any:
    return browser.post("/registry", files={"file": (name, text.encode("utf-8"), "text/csv")})


def take(browser: Browser) -> Any:
    """Send the form of the page that shows the difference."""
    return browser.post(*waiting(browser))


def waiting(browser: Browser) -> tuple[str, dict[str, str]]:
    html = browser.page("/registry")
    path = re.findall(r"/registry/\d+/take", html)[0]
    return path, {"seen": re.findall(r'name="seen" value="([0-9a-f]+)"', html)[0]}


def test_difference_is_shown_before_anything_is_taken(
    secretariat: Secretariat, clerk: Browser
) -> None:
    changed = REGISTRY.replace("みほん東病院", "みほん新東病院").replace("1975-01-02", "1975-01-03")
    changed += "R0104,みほん西病院,連携施設,例示 次郎,,,,,K0101,未申請,\n"
    assert upload(clerk, changed).headers["location"] == "/registry"
    html = clerk.page("/registry")
    assert "みほん新東病院" in html
    assert "R0104" in html
    assert "1975-01-03" not in html, "a birthdate is named, not shown"
    assert "みほん新東病院" not in clerk.page("/facilities"), "nothing is taken yet"
    assert clerk.do(*waiting(clerk)) == "/registry?said=imported"
    assert "みほん新東病院" in clerk.page("/facilities")
    assert "portal.csv" in clerk.page("/registry")


def test_conflict_with_an_approved_change_is_shown(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    answer_token(secretariat)
    clerk.do(f"/cases/{number}/call-back", form_of(clerk, number, "call-back"))
    clerk.do(f"/cases/{number}/reflect", form_of(clerk, number, "reflect"))
    upload(clerk, REGISTRY)
    html = clerk.page("/registry")
    assert "衝突：ここで承認した変更を保ちます" in html
    row = html[html.index("ここで承認（保ちます）") :].split("<tbody>")[1].split("</tr>")[0]
    for words in ("みほん中央病院", "new@mihon.example.jp", "old@mihon.example.jp", "変更前のまま"):
        assert words in row, "what is in conflict, and what to do about it"
    assert take(clerk).status_code == 303
    assert "new@mihon.example.jp" in clerk.page("/facilities/K0101")
    upload(clerk, REGISTRY.replace("old@mihon.example.jp", "third@mihon.example.jp"))
    html = clerk.page("/registry")
    assert "third@mihon.example.jp" in html
    assert "ファイルは第三のアドレスです（変更前は old@mihon.example.jp）" in html
    take(clerk)
    assert "new@mihon.example.jp" in clerk.page("/facilities/K0101"), "kept, import after import"


def test_wrong_file_is_refused_by_its_rows(secretariat: Secretariat, clerk: Browser) -> None:
    upload(clerk, REGISTRY.replace("基幹施設,見本 太郎", "病院,見本 太郎"))
    html = clerk.page("/registry")
    assert "このファイルは取り込めません" in html
    assert "/take" not in html
    assert upload(clerk, "x", "virus.exe").status_code == 409
    assert clerk.post("/registry").status_code == 409


def test_file_can_be_left_and_another_ones_cannot_be_taken(
    secretariat: Secretariat, clerk: Browser
) -> None:
    upload(clerk, REGISTRY)
    old = waiting(clerk)
    upload(clerk, REGISTRY.replace("東病院", "北病院"))
    assert "ほかの方が先に変更しました" in said(clerk.post(*old).text)
    clerk.do(waiting(clerk)[0].replace("/take", "/drop"))
    assert "/take" not in clerk.page("/registry")


def test_campaigns_are_rehearsed_as_a_calendar(secretariat: Secretariat, clerk: Browser) -> None:
    page = clerk.page("/campaigns?month=2027-02")
    path = re.findall(r'hx-get="([^"]+)"', page)[0].replace("&amp;", "&")
    html = clerk.page(path)
    assert "更新申請のご案内 開始" in html
    assert ">2通</b>" in html, "a number says what it counts"
    assert "送らない 1件：申請済のため" in html
    assert "更新申請のご案内 締切間近" in html
    assert not [one for one in outbox.listed(secretariat.database) if "renewal" in one.letter]


def test_campaign_is_held_back_and_goes_on(secretariat: Secretariat, clerk: Browser) -> None:
    first = datetime(2027, 2, 1, 9, 30, tzinfo=JST)
    clerk.do("/campaigns/renewal/pause")
    assert "babaさんが止めました" in clerk.page("/campaigns")
    with secretariat.database.read() as tx:
        assert not list(reminders.current_steps(secretariat.desk, tx, first))
    assert "更新申請のご案内" not in clerk.page("/campaigns/calendar?month=2027-02")
    clerk.do("/campaigns/renewal/resume")
    with secretariat.database.read() as tx:
        assert list(reminders.current_steps(secretariat.desk, tx, first))
    assert clerk.post("/campaigns/nonsense/pause").status_code == 409


def test_correction_is_asked_for_and_ended(secretariat: Secretariat, clerk: Browser) -> None:
    html = clerk.page("/corrections/new?facility=K0101")
    assert 'name="point" value="seal"' in html
    assert clerk.do(
        "/corrections/new",
        {"facility": "K0101", "point": ["seal", "form"], "items": "概要書の3ページ"},
    )
    (one,) = corrections.listed(secretariat.database, open_only=True)
    assert len(one.items) == 3
    page = clerk.page("/corrections")
    assert "概要書の3ページ" in page
    clerk.do(f"/corrections/{one.id}/close", {"reason": "電話で済んだ"})
    assert "続いている修正依頼はありません" in clerk.page("/corrections")
    assert "電話で済んだ" in clerk.page("/corrections?all=1")


def test_correction_without_a_point_is_refused(clerk: Browser) -> None:
    assert clerk.post("/corrections/new", {"facility": "K0101"}).status_code == 409
    assert clerk.post("/corrections/new", {"facility": "K0101", "items": "x", "due_on": "2020-01-01"}).status_code == 409  # fmt: skip


@pytest.mark.parametrize(("answer", "state"), [("accepted", "accepted"), ("declined", "declined")])
def test_link_is_settled(secretariat: Secretariat, clerk: Browser, answer: str, state: str) -> None:
    with secretariat.database.begin() as tx:
        tx.execute(
            insert(link).values(
                purpose_key="R0102:K0101:2027-04-01", affiliate_number="R0102", core_number="K0101",
                begins_on=date(2027, 4, 1), state="human", trouble="no_answer", late=False,
                created_at=datetime.now(UTC), reminded=2,
            )
        )  # fmt: skip
    (one,) = links.listed(secretariat.database, open_only=True)
    assert "督促の後も基幹施設からの回答がありません" in clerk.page("/links")
    clerk.do(f"/links/{one.id}/confirm", {"answer": answer})
    (one,) = links.listed(secretariat.database, open_only=False)
    assert one.state == state


def task(secretariat: Secretariat, subject: str = "更新申請のご案内") -> None:
    with secretariat.database.begin() as tx:
        tx.execute(
            insert(contact_task).values(
                purpose_key="renewal:2027:R0103", certification_number="R0103", subject=subject,
                reason="no_address", created_at=datetime.now(UTC), state="open",
            )
        )  # fmt: skip


def test_whom_to_telephone_is_listed_printed_and_worked_off(
    secretariat: Secretariat, clerk: Browser
) -> None:
    task(secretariat)
    html = clerk.page("/unreachable")
    assert "03-0000-0103" in html
    assert "data-print" in html
    path = re.findall(r"/unreachable/\d+/done", html)[0]
    clerk.do(path)
    assert "電話・郵送で連絡する施設はありません" in clerk.page("/unreachable")


def test_table_for_spreadsheets_holds_no_formula(secretariat: Secretariat, clerk: Browser) -> None:
    task(secretariat, '=HYPERLINK("http://evil.example.com")')
    answer = clerk.get("/unreachable.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "R0103"
    assert rows[1][5].startswith("'=")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        " =1",
        "　＝1",
        "＋1",
        "－1",
        "＠x",
        '"=1',
        "|x",
        "%x",
    ],
)
def test_cell_that_could_be_a_formula_is_text(text: str) -> None:
    assert harmless(text).startswith("'")


def test_cells_that_are_harmless_stay_as_they_are() -> None:
    assert [harmless(one) for one in ("みほん病院", 12, None, "a=1", "")] == ["みほん病院", "12", "", "a=1", ""]  # fmt: skip


def test_year_is_counted_drawn_and_given_as_a_table(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    secretariat.request("other@x.example.jp", identity="1999年1月1日")
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    html = clerk.page("/reports")
    assert html.count("<svg") == 2
    assert "style=" not in html
    now = datetime.now(UTC)
    found = reports.year_of_work(secretariat.database, reports.this_year(now), now)
    assert sum(found.mails["request"]) == 2
    assert sum(found.misses) == 1
    assert found.times[0] == 1
    rows = list(csv.reader(io.StringIO(clerk.get("/reports.csv").content.decode("utf-8-sig"))))
    assert ["依頼", "2"] in [[row[0], row[-1]] for row in rows]
    assert clerk.page("/reports?year=2020").count("<svg") == 2


def test_business_year_begins_in_april() -> None:
    assert reports.business_year(date(2027, 3, 31)) == 2026
    assert reports.business_year(date(2027, 4, 1)) == 2027


@pytest.fixture
def own_files(secretariat: Secretariat) -> Path:
    """Give the secretariat rules and letters of its own on disk."""
    shutil.copyfile(shipped_folder() / RULES_NAME, secretariat.folder / RULES_NAME)
    shutil.copytree(shipped_folder() / TEMPLATES_NAME, secretariat.folder / TEMPLATES_NAME)
    return secretariat.folder


def edit_form(browser: Browser, path: str) -> dict[str, str]:
    from html import unescape

    html = browser.page(path)
    found = dict(re.findall(r'<input type="hidden" name="(seen)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<input name="(subject)" value="([^"]*)"', html))
    found |= dict(
        re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    )
    return {name: unescape(value) for name, value in found.items()}


def test_letter_is_looked_at_on_a_real_case_and_put_in_force(
    secretariat: Secretariat, own_files: Path, admin: Browser
) -> None:
    number = secretariat.request()
    form = edit_form(admin, "/letters/address_hint")
    form["body"] = form["body"].replace("お待たせいたしました。", "たいへんお待たせいたしました。")
    shown = admin.post("/letters/address_hint/preview", form | {"case": number})
    assert shown.status_code == 200
    assert "たいへんお待たせいたしました。" in shown.text
    assert "みほん中央病院　見本 太郎 先生" in shown.text
    assert "たいへん" not in form_of(admin, number, "approve")["letter-address_hint"]
    assert admin.do("/letters/address_hint", form).endswith("in_force")
    assert "たいへん" in form_of(admin, number, "approve")["letter-address_hint"]
    page = admin.page("/letters/address_hint")
    assert "<ins>たいへんお待たせ" in page
    assert "chiba" in page
    assert admin.post("/letters/address_hint", form).status_code == 409, "an old page"


def test_letter_with_a_mistake_is_not_put_in_force(
    secretariat: Secretariat, own_files: Path, admin: Browser
) -> None:
    form = edit_form(admin, "/letters/address_hint")
    before = (own_files / TEMPLATES_NAME / "letters/address_hint/body.txt").read_text("utf-8")
    answer = admin.post("/letters/address_hint", form | {"body": "{{ nonsense }} {% if"})
    assert answer.status_code == 409
    assert "{% if" in answer.text, "what was written is not lost"
    assert (own_files / TEMPLATES_NAME / "letters/address_hint/body.txt").read_text(
        "utf-8"
    ) == before


def test_letters_cannot_reach_into_the_program(
    secretariat: Secretariat, own_files: Path, admin: Browser
) -> None:
    form = edit_form(admin, "/letters/address_hint")
    attack = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    assert admin.post("/letters/address_hint/preview", form | {"body": attack}).status_code == 409
    assert admin.get("/letters/..%2f..%2fetc").status_code == 404


def test_rules_are_tried_over_past_mails_and_put_in_force(
    secretariat: Secretariat, own_files: Path, admin: Browser
) -> None:
    secretariat.arrive(
        mails.mail(
            "学会の年会費の支払い方法を教えてください。",
            message_id="<fee@x.test>",
            subject="年会費",
        )
    )
    secretariat.request()
    form = edit_form(admin, "/rules")
    assert "通のうち 0 通の扱いが変わります" in admin.post("/rules/try", form).text
    changed = form | {"text": re.sub(r"\n  reply_within: .*", "", form["text"]).replace("desk:\n", "desk:\n  reply_within: 5bd\n", 1)}  # fmt: skip
    assert admin.do("/rules", changed).endswith("in_force"), said(
        admin.post("/rules", changed).text
    )
    assert secretariat.desk.rules.desk.reply_within.amount == 5
    assert "reply_within: 5bd" in admin.page("/rules")


def test_rules_with_a_mistake_say_where_and_change_nothing(
    secretariat: Secretariat, own_files: Path, admin: Browser
) -> None:
    form = edit_form(admin, "/rules")
    answer = admin.post("/rules", form | {"text": "desk: {nonsense: 1}\n"})
    assert answer.status_code == 409
    assert "nonsense" in said(answer.text)
    assert (own_files / RULES_NAME).read_text("utf-8") == form["text"]


def test_shipped_files_are_not_changed(secretariat: Secretariat, admin: Browser) -> None:
    from helpdesk.console.parts import Files, Parts

    parts = secretariat.parts
    secretariat.parts = lambda: Parts(  # type: ignore[method-assign]
        **{**{f: getattr(parts(), f) for f in Parts.__dataclass_fields__}, "files": Files()}
    )
    browser = secretariat.browser("chiba")
    assert "出荷時の文面を使っています" in browser.page("/letters/address_hint")
    form = edit_form(browser, "/letters/address_hint")
    assert browser.post("/letters/address_hint", form).status_code == 409


def test_admin_adds_locks_and_frees_people(secretariat: Secretariat, admin: Browser) -> None:
    admin.do("/users", {"name": "doi", "role": "approver", "password": "plum kite engine"})
    assert secretariat.browser().log_in("doi", "plum kite engine").status_code == 303
    assert "もう使われています" in said(admin.post("/users", {"name": "doi", "role": "approver", "password": "plum kite engine"}).text)  # fmt: skip
    assert "推測されやすい" in said(admin.post("/users", {"name": "eto", "role": "approver", "password": "short"}).text)  # fmt: skip
    baba = secretariat.browser("baba")
    admin.do("/users/baba/enabled", {"enabled": "0"})
    assert baba.get("/queue").status_code == 303
    assert secretariat.browser().log_in("baba").status_code == 401
    admin.do("/users/baba/enabled", {"enabled": "1"})
    admin.do("/users/baba/role", {"role": "operator"})
    assert users.account(secretariat.database, "baba").role == "operator"
    admin.do("/users/baba/totp", {"what": "demand"})
    assert users.account(secretariat.database, "baba").totp_required
    admin.do("/users/baba/password", {"password": "violet ladder moss"})
    assert secretariat.browser().log_in("baba", "violet ladder moss").status_code == 303
    assert secretariat.browser().log_in("baba", PASSWORD).status_code == 401


def test_last_admin_stays(secretariat: Secretariat, admin: Browser) -> None:
    for path, data in (("role", {"role": "operator"}), ("enabled", {"enabled": "0"})):
        assert "管理者が一人もいなくなる" in said(admin.post(f"/users/chiba/{path}", data).text)
    assert admin.get("/users").status_code == 200


def test_admin_ends_anybodys_session(secretariat: Secretariat, admin: Browser) -> None:
    other = secretariat.browser("baba")
    admin.do(re.findall(r"/sessions/\d+/end", admin.page("/users"))[0])
    assert other.get("/queue").status_code == 303


def test_day_is_told_with_who_did_what(secretariat: Secretariat, admin: Browser) -> None:
    number = secretariat.request()
    admin.do(f"/cases/{number}/approve", form_of(admin, number, "approve"))
    secretariat.browser().log_in("baba", "wrong")
    html = admin.page("/audit")
    assert f"/cases/{number}" in html
    assert "ログイン失敗" in html
    assert "ログイン失敗" not in secretariat.browser("baba").page("/audit")
    assert "この日は何もありません" in admin.page("/audit?day=2020-01-01")
    assert admin.get("/audit?day=nonsense").status_code == 200


def test_months_that_are_over_are_counted_once_a_day_and_add_up(secretariat: Secretariat) -> None:
    now = datetime(2027, 2, 10, 3, tzinfo=UTC)
    for month in (5, 9, 12):
        secretariat.arrive(mails.mail(mails.form(), message_id=f"<m{month}@x.test>"),
                           datetime(2026, month, 20, 3, tzinfo=UTC))  # fmt: skip
    secretariat.arrive(mails.mail(mails.form(), message_id="<m2@x.test>"), now)
    whole = reports.year_of_work(secretariat.database, 2026, now + timedelta(days=400))
    for day in (now, now, now + timedelta(days=1), datetime(2026, 4, 1, tzinfo=UTC)):
        found = reports.year_of_work(secretariat.database, 2026, day)
        assert (found.mails, found.verdicts, found.times) == (
            whole.mails,
            whole.verdicts,
            whole.times,
        )
    (numbers,) = whole.mails.values()
    assert [numbers[n] for n in (1, 5, 8, 10)] == [1, 1, 1, 1]
    # What comes in now is seen at once.
    secretariat.arrive(mails.mail(mails.form(), message_id="<m3@x.test>"), now)
    (numbers,) = reports.year_of_work(secretariat.database, 2026, now).mails.values()
    assert numbers[10] == 2


def test_preview_of_a_letter_that_names_a_clerk_is_not_called_automatic(admin: Browser) -> None:
    for name, automatic in (("address_told", False), ("receipt", True)):
        page = LexborHTMLParser(admin.page(f"/letters/{name}"))
        given = {
            "subject": page.css_first("[name=subject]").attributes["value"],
            "body": page.css_first("textarea").text(),
        }
        html = admin.post(f"/letters/{name}/preview", given).text
        assert "このように届きます" in html
        assert ("このメールは自動送信です" in html) is automatic
        assert ("担当：見本" in html) is not automatic
