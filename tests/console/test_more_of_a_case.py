"""What a clerk does besides deciding: asking, copying, writing freely, entering, coming back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import update

from helpdesk.desk.context import japan_date
from helpdesk.store import facilities
from helpdesk.store.schema import facility
from tests import mails

from .conftest import Browser, Secretariat, said
from .test_case import form_of, forms, letters, text_of
from .test_portal import in_portal


def mismatch(secretariat: Secretariat) -> str:
    return secretariat.request(physician="別人 次郎", identity="1968年4月19日")


def test_identity_that_is_not_confirmed_is_asked_about_with_the_letter_as_it_goes(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = mismatch(secretariat)
    page = clerk.page(f"/cases/{number}")
    assert "本人確認ができないことを伝えて待つ" in page
    form = form_of(clerk, number, "ask")
    shown = form["letter-identity_unconfirmed"].replace("\r\n", "\n")
    before = len(letters(secretariat))
    assert clerk.do(f"/cases/{number}/ask", form).endswith("said=identity_asked")
    letter = letters(secretariat)[before]
    assert text_of(letter).split() == shown.split(), "what was shown is what leaves"
    after = clerk.page(f"/cases/{number}")
    assert "保留" in after
    assert not forms(after, f"/cases/{number}/ask"), "it is asked once"
    again = clerk.post(f"/cases/{number}/ask", form)
    assert again.status_code == 409
    assert "責任者変更待ち" in said(again.text)
    assert "sender" in secretariat.woken


def test_request_that_is_verified_has_no_such_button(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    assert not forms(clerk.page(f"/cases/{number}"), f"/cases/{number}/ask")


def test_result_goes_to_one_in_cc_too(secretariat: Secretariat, clerk: Browser) -> None:
    raw = mails.mail(mails.form(), message_id="<cc@x.test>", sender=mails.HEAD)
    raw = raw.replace(b"Subject:", b"Cc: clerk@mihon.example.jp\r\nSubject:", 1)
    number = secretariat.case_of(secretariat.arrive(raw))
    assert "clerk@mihon.example.jp</option>" in clerk.page(f"/cases/{number}")
    query = "?copy_to=clerk@mihon.example.jp"
    form = form_of(clerk, number, "approve", query)
    assert form["copy_to"] == "clerk@mihon.example.jp"
    before = len(letters(secretariat))
    clerk.do(f"/cases/{number}/approve", form)
    to = [str(one["To"]) for one in letters(secretariat)[before:]]
    assert "clerk@mihon.example.jp" in to
    other = secretariat.request("b@x.example.jp")
    refused = clerk.post(
        f"/cases/{other}/approve",
        {**form_of(clerk, other, "approve"), "copy_to": "x@evil.example.com"},
    )
    assert "Ccにあったアドレスだけ" in said(refused.text)


def test_letter_is_written_although_nothing_waits(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    form = form_of(clerk, number, "letter")
    blank = clerk.post(f"/cases/{number}/letter", form)
    assert "回答の文がまだ書かれていません" in said(blank.text)
    text = form["letter-answer_free"].replace(
        "（ここに回答を書いてください）", "先日の件、承知しました。"
    )
    before = len(letters(secretariat))
    for _ in range(2):  # A second click sends nothing.
        assert clerk.do(f"/cases/{number}/letter", {**form, "letter-answer_free": text})
    (letter,) = letters(secretariat)[before:]
    assert "先日の件、承知しました。" in text_of(letter)
    assert str(letter["To"]) == mails.HEAD
    assert "先日の件、承知しました。" in clerk.page(f"/cases/{number}"), "it stands in the thread"


def test_operator_writes_no_letter(secretariat: Secretariat) -> None:
    number = secretariat.request()
    operator = secretariat.browser("ando")
    assert "先方にメールを書く" not in operator.page(f"/cases/{number}")
    assert operator.post(f"/cases/{number}/letter", {"letter-answer_free": "x"}).status_code == 403


REQUEST = {
    "kind": "change_address",
    "facility": "みほん中央病院",
    "physician": "見本 太郎",
    "identity": "昭和43年4月9日",
    "new_address": "new@mihon.example.jp",
    "answer_to": "",
    "note": "03-0000-0101 から",
}


def test_request_of_a_call_is_entered_judged_and_approved_by_another(
    secretariat: Secretariat, clerk: Browser, admin: Browser
) -> None:
    target = clerk.do("/telephone/request", REQUEST)
    number = re.findall(r"\d{4}-\d+", target)[0]
    page = clerk.page(f"/cases/{number}")
    assert "一致" in page
    assert "baba が登録しました" in page
    own = clerk.post(f"/cases/{number}/approve", action_of(page))
    assert "ご自身で登録した、または項目を直した依頼です" in said(own.text)
    assert admin.do(f"/cases/{number}/approve", form_of(admin, number, "approve"))


def action_of(page: str) -> dict[str, Any]:
    found = re.search(r'name="action" value="(\d+)"', page)
    assert found
    return {"action": found[1]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"identity": "さあ"}, "足りない項目"),
        ({"new_address": ""}, "足りない項目"),
        ({"new_address": "no address"}, "メールアドレスの形ではありません"),
    ],
)
def test_request_of_a_call_that_lacks_something_comes_back_as_it_was(
    clerk: Browser, given: dict[str, str], words: str
) -> None:
    refused = clerk.post("/telephone/request", {**REQUEST, **given})
    assert refused.status_code == 409
    assert words in said(refused.text)
    assert 'value="見本 太郎"' in refused.text


def test_day_that_is_over_is_no_day_to_come_back(secretariat: Secretariat, clerk: Browser) -> None:
    from datetime import UTC, datetime

    number = secretariat.request()
    today = japan_date(datetime.now(UTC))
    for days, status in ((-1, 409), (0, 303), (1, 303)):
        day = (today + timedelta(days=days)).isoformat()
        answer = clerk.post(f"/cases/{number}/work", {"resume_on": day, "mine": "1"})
        assert answer.status_code == status, day
        if status == 409:
            assert "再対応日が過ぎた" in said(answer.text)
            assert f'value="{day}"' in answer.text, "what was chosen stands there"


def test_case_that_was_closed_meanwhile_says_so_and_keeps_the_words(
    secretariat: Secretariat, clerk: Browser, admin: Browser
) -> None:
    number = secretariat.request()
    admin.do(f"/cases/{number}/approve", form_of(admin, number, "approve"))
    fields = clerk.post(f"/cases/{number}/fields", {"field-facility_name": "みほん東病院"})
    assert fields.status_code == 409
    assert "本人確認の情報は消去" in said(fields.text)
    assert "みほん東病院" in fields.text
    held = clerk.post(f"/cases/{number}/work", {"hold": "sender"})
    assert "この案件は終了しています" in said(held.text)
    assert clerk.do(f"/cases/{number}/notes", {"text": "後から電話がありました"}), "a note is kept"
    decided = clerk.post(f"/cases/{number}/reject", {"action": "1", "reason": "遅すぎた理由"})
    assert decided.status_code == 409
    assert "遅すぎた理由" in decided.text


def test_case_whose_facility_changed_is_judged_again_by_one_button(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    with secretariat.database.begin() as tx:
        tx.execute(
            update(facility)
            .where(facility.c.certification_number == "K0101")
            .values(main_phone="03-9999-0101", version=facility.c.version + 1)
        )
        facilities._bump(tx)  # As an import does.
    page = clerk.page(f"/cases/{number}")
    assert "もう一度照合する" in page
    form = form_of(clerk, number, "approve")
    again = clerk.post(f"/cases/{number}/approve", form)
    assert again.status_code == 409
    assert "承認して送る" in again.text
    before = len(letters(secretariat))
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    assert len(letters(secretariat)) > before


def frozen(secretariat: Secretariat, clerk: Browser) -> str:
    """Return a request that two people must approve: its facility's address changed lately."""
    in_portal(secretariat, clerk)
    path = re.findall(r'href="(/portal/letters\?action=\d+)"', clerk.page("/portal"))[0]
    clerk.do("/portal/letters", forms(clerk.page(path), "/portal/letters")[0])
    return secretariat.request("again@mihon.example.jp")


def test_page_from_before_a_first_approval_sends_nothing_unseen(
    secretariat: Secretariat, clerk: Browser, admin: Browser
) -> None:
    number = frozen(secretariat, clerk)
    before = len(letters(secretariat))
    path = f"/cases/{number}/approve"
    stale = form_of(admin, number, "approve")
    assert "もう一人の承認が必要です" in admin.page(f"/cases/{number}")
    first = form_of(clerk, number, "approve")
    assert clerk.do(path, first) == "/queue?said=second_needed"
    assert "あなたはすでに承認しています" in said(clerk.post(path, first).text), "a second click"
    answer = admin.post(path, stale)
    assert answer.status_code == 409
    assert "baba" in said(answer.text)
    assert "承認しました" in said(answer.text)
    assert len(letters(secretariat)) == before, "its letters were on no page"
    html = admin.page(f"/cases/{number}")
    assert re.search(r"1 / 2</b>\s*<span[^>]*>baba \d+月\d+日", html), "who, and when"
    admin.do(path, form_of(admin, number, "approve"))
    assert len(letters(secretariat)) > before
    answer = admin.post(path, stale)
    assert "chiba" in said(answer.text)
    assert "完了" in said(answer.text)


def test_approvals_stay_named_while_a_change_is_on_its_way(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    assert re.search(r"承認した人 <span[^>]*>baba \d+月\d+日", clerk.page(f"/cases/{number}"))


def test_fields_of_an_earlier_mail_stay_in_sight_beside_the_answer(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(identity="")
    asked = letters(secretariat)[-1]
    raw = mails.mail("会員番号：123456", message_id="<rest@x.test>", subject=f"Re: {asked['Subject']}",
                     headers={"In-Reply-To": str(asked["Message-ID"])})  # fmt: skip
    assert secretariat.case_of(secretariat.arrive(raw)) == number
    html = clerk.page(f"/cases/{number}").split("名簿との照合")[0]
    newest, _, before = html.partition("この前のメール")
    assert "123456" in newest
    assert re.findall(r'<mark class="f(\d)"', before) == ["1", "1", "2", "4"]


def test_a_change_on_its_way_is_not_said_to_wait_for_staff(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(wish=mails.CHANGE)

    def state() -> str:
        bar = LexborHTMLParser(clerk.page(f"/cases/{number}")).css_first(".casebar > .chip")
        return bar.text() if bar else ""

    assert "担当者待ち" in state()
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    assert "先方待ち" in state()
