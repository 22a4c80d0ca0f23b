"""The case's page: what was said, what is known, what will be done; and what its buttons do."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime, timedelta
from email import policy
from email.utils import format_datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from helpdesk.desk import casework, outbox, queue
from helpdesk.desk.context import japan_date
from helpdesk.domain.token import find_tokens
from helpdesk.mail.letters import LetterBook
from helpdesk.store import facilities
from helpdesk.store.schema import case, facility, letter_source
from tests import mails

from .conftest import Browser, Secretariat, said


def forms(html: str, path: str) -> list[dict[str, str]]:
    """Return the fields of the forms that go to a path, as a browser would send them."""
    found = []
    for block in re.findall(rf'<form method="post" action="{path}".*?</form>', html, re.DOTALL):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', block))
        fields |= dict(
            re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', block, re.DOTALL)
        )
        found.append(
            {name: unescape(value).replace("\n", "\r\n") for name, value in fields.items()}
        )
    return found


def fields_of(browser: Browser, number: str) -> dict[str, str]:
    """Return what stands in the form of the fields."""
    html = browser.page(f"/cases/{number}")
    block = html[html.index(f'action="/cases/{number}/fields"') :].split("</form>")[0]
    found = dict(re.findall(r'<input name="(field-[^"]+)" value="([^"]*)"', block))
    wish = re.search(r'<option value="(\w+)" selected', block)
    return {**found, "field-request": wish[1] if wish else ""}


def form_of(browser: Browser, number: str, what: str, query: str = "") -> dict[str, str]:
    return forms(browser.page(f"/cases/{number}{query}"), f"/cases/{number}/{what}")[0]


def letters(secretariat: Secretariat) -> list[Any]:
    """Return the letters as mail readers show them, oldest first."""
    with secretariat.database.read() as tx:
        raws = tx.execute(
            select(letter_source.c.source).order_by(letter_source.c.letter_id)
        ).scalars()
        return [email.message_from_bytes(raw, policy=policy.default) for raw in raws]


def text_of(letter: Any) -> str:
    return str(letter.get_body().get_content()).replace("\r\n", "\n")


def test_case_shows_where_each_field_was_read(secretariat: Secretariat, clerk: Browser) -> None:
    html = clerk.page(f"/cases/{secretariat.request()}").split("名簿との照合")[0]
    marks = re.findall(r'<mark class="f(\d)".*?</span>([^<]+)</mark>', html)
    assert marks == [
        ("1", "みほん中央病院"),
        ("1", "K0101"),
        ("2", "見本 太郎"),
        ("3", "1968年4月9日"),
        ("4", "①メールアドレスの確認希望連絡"),
    ]


def test_difference_to_the_registry_is_shown_character_by_character(
    secretariat: Secretariat, clerk: Browser
) -> None:
    html = clerk.page(
        f"/cases/{secretariat.request(physician='見本 次郎', identity='1968年4月19日')}"
    )
    assert '見本 <span class="d-only">次</span>郎' in html
    assert '見本 <span class="d-only">太</span>郎' in html
    assert '1968-04-<span class="d-only">1</span>9' in html
    assert "名簿の氏名と違います" in html


def test_letter_is_shown_exactly_as_it_goes_out(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    before = len(outbox.listed(secretariat.database))
    form = form_of(clerk, number, "approve")
    assert len(outbox.listed(secretariat.database)) == before, "looking writes nothing"
    assert clerk.do(f"/cases/{number}/approve", form) == "/queue?said=approved"
    told, hinted = letters(secretariat)[-2:]
    for letter, name in ((told, "address_at_registered"), (hinted, "address_hint")):
        assert text_of(letter).strip() == form[f"letter-{name}"].replace("\r\n", "\n").strip()
    assert "old@mihon.example.jp" in text_of(told)
    assert "old@mihon.example.jp" not in text_of(hinted)
    assert secretariat.woken == ["watcher", "sender"]  # Opened, and decided.


def test_edited_letter_leaves_as_edited(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    form["letter-address_hint"] = "見本先生\r\n\r\nお電話の件も承知しました。\r\n"
    clerk.do(f"/cases/{number}/approve", form)
    assert text_of(letters(secretariat)[-1]) == "見本先生\n\nお電話の件も承知しました。\n"


def test_edited_letter_keeps_its_indents_and_its_long_lines(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    body = f"見本先生\n\n　　https://mypage.example.jp\n{'長' * 700}【ここまで】\n　　担当：佐藤\n"
    form["letter-address_hint"] = body.replace("\n", "\r\n")
    clerk.do(f"/cases/{number}/approve", form)
    assert text_of(letters(secretariat)[-1]) == body


def test_no_sender_turns_the_text_around(secretariat: Secretariat, clerk: Browser) -> None:
    raw = mails.mail(mails.form(), message_id="<turn@x.test>", name="\u202egne")
    html = clerk.page(f"/cases/{secretariat.case_of(secretariat.arrive(raw))}")
    assert "gne" in html
    assert "\u202e" not in html


def test_empty_letter_is_refused_in_one_sentence(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve") | {"letter-address_hint": "   "}
    answer = clerk.post(f"/cases/{number}/approve", form)
    assert answer.status_code == 409
    assert "文面が空です" in said(answer.text)
    assert queue.listed(secretariat.database, undecided_only=True)


def test_consequences_are_said_in_words(secretariat: Secretariat, clerk: Browser) -> None:
    html = clerk.page(f"/cases/{secretariat.request(wish=mails.CHANGE)}")
    assert "new@mihon.example.jp にメールを送ります" in html
    assert "新しいアドレスからの返信を待ちます。名簿はまだ変わりません" in html
    assert "＊＊＊＊" in html, "the token is nobody's here"
    assert "letter-change_confirm" not in html, "a letter with a token is not edited"
    assert "理由を書かないお断りのメールを送ります" in html


def answer_token(secretariat: Secretariat) -> None:
    """Let the new address answer the letter that carries the token."""
    letter = letters(secretariat)[-1]
    raw = mails.mail("", message_id="<token@x.test>", sender="new@mihon.example.jp", subject=f"Re: {letter['Subject']}",
                     headers={"In-Reply-To": str(letter["Message-ID"])})  # fmt: skip
    secretariat.arrive(raw)


def change_of(secretariat: Secretariat) -> Any:
    return next(
        one
        for one in queue.listed(secretariat.database, undecided_only=False)
        if one.kind == "change_address"
    )


def test_change_is_asked_called_back_and_worked_off_beside_the_portal(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    assert clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve")).endswith(
        "confirming"
    )
    assert "返事や日数を待っています" in clerk.page(f"/cases/{number}")
    answer_token(secretariat)
    assert change_of(secretariat).state == "cooling"
    html = clerk.page(f"/cases/{number}")
    assert not find_tokens(html)
    assert "代表電話 03-0000-0101 で確認した" in html
    clerk.do(f"/cases/{number}/call-back", forms(html, f"/cases/{number}/call-back")[0])
    assert change_of(secretariat).state == "portal"
    assert "名簿のアドレスが new@mihon.example.jp に変わります" in clerk.page(f"/cases/{number}")
    html = clerk.page("/portal")
    assert forms(html, f"/cases/{number}/reflect") == [], "no letter leaves by one click"
    path = re.findall(r'href="(/portal/letters\?action=\d+)"', html)[0]
    (form,) = forms(clerk.page(path), "/portal/letters")
    assert clerk.do("/portal/letters", form) == "/portal?said=reflected"
    with secretariat.database.read() as tx:
        address = tx.execute(
            select(facility.c.address).where(facility.c.certification_number == "K0101")
        ).scalar()
    assert address == "new@mihon.example.jp"
    assert "反映を待つ変更はありません" in clerk.page("/portal")
    revert = forms(clerk.page(f"/cases/{number}"), f"/cases/{number}/revert")[0]
    clerk.do(f"/cases/{number}/revert", revert | {"reason": "先方の申し出"})
    assert change_of(secretariat).state == "reverted"
    html = clerk.page("/portal")
    assert "取消を反映待ち" in html
    (form,) = forms(html, f"/cases/{number}/reflect")
    assert clerk.do(f"/cases/{number}/reflect", form) == "/portal?said=reflected"
    assert "取消を反映待ち" not in clerk.page("/portal")


def test_change_on_its_way_is_stopped(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    stop = form_of(clerk, number, "stop")
    clerk.do(f"/cases/{number}/stop", stop | {"reason": "電話で中止の申し出"})
    assert change_of(secretariat).state == "held"


def test_address_is_told_to_the_sender_after_a_call_back(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request("taro@elsewhere.example.jp")
    assert "できませんでした" in clerk.page(f"/cases/{number}?to=sender") or "承認して送る" not in clerk.page(f"/cases/{number}?to=sender")  # fmt: skip
    clerk.do(f"/cases/{number}/call-back", form_of(clerk, number, "call-back"))
    html = clerk.page(f"/cases/{number}?to=sender")
    assert "代表電話で確認済み" in html
    form = forms(html, f"/cases/{number}/approve")[0]
    assert "letter-address_told" in form
    clerk.do(f"/cases/{number}/approve", form)
    told = {str(one["To"]) for one in letters(secretariat) if "old@mihon" in text_of(one)}
    assert told == {"old@mihon.example.jp", "taro@elsewhere.example.jp"}


def test_letter_with_a_token_cannot_be_written_anew(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    form = form_of(clerk, number, "approve") | {"letter-change_confirm": "確認番号：AAAA"}
    assert clerk.post(f"/cases/{number}/approve", form).status_code == 409
    assert change_of(secretariat).state == "waiting"


def test_rejection_needs_a_reason_and_tells_none(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request(identity="1999年1月1日")
    form = form_of(clerk, number, "reject")
    assert "理由を書いて" in said(clerk.post(f"/cases/{number}/reject", form).text)
    assert clerk.do(f"/cases/{number}/reject", form | {"reason": "生年月日が違う"}).endswith(
        "rejected"
    )
    assert "生年月日が違う" not in text_of(letters(secretariat)[-1])
    assert "生年月日が違う" in clerk.page(f"/cases/{number}")


def test_second_decision_says_who_decided(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    clerk.do(f"/cases/{number}/approve", form)
    answer = clerk.post(f"/cases/{number}/approve", form)
    assert answer.status_code == 409
    assert "ほかの方がすでに決めています" in said(answer.text)
    assert len(letters(secretariat)) == 3, "the receipt, the address, and a hint"


def test_registry_that_moved_is_judged_again_before_anything_leaves(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve")
    with secretariat.database.begin() as tx:
        facilities.change_address(tx, "K0101", "moved@mihon.example.jp", datetime.now(UTC))
    answer = clerk.post(f"/cases/{number}/approve", form)
    assert "もう一度照合しました" in said(answer.text)
    assert len(letters(secretariat)) == 1


def test_fields_are_put_right_by_hand_and_judged_again(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(physician="見本 太朗々", identity="1968年4月19日")
    assert "承認できません" in clerk.page(f"/cases/{number}")
    fields = {
        "field-facility_name": "みほん中央病院",
        "field-certification_number": "K0101",
        "field-responsible_physician": "見本 太郎",
        "field-birthdate": "1968-04-09",
        "field-request": "confirm_address",
    }
    assert clerk.do(f"/cases/{number}/fields", fields).endswith("corrected")
    # What rests on fields that somebody put right is somebody else's to approve.
    assert "ほかの承認者にお願いしてください" in clerk.page(f"/cases/{number}")
    other = secretariat.browser("chiba")
    assert other.do(f"/cases/{number}/approve", form_of(other, number, "approve"))
    html = clerk.page(f"/cases/{number}")
    assert "項目の修正" in html


def test_what_was_put_right_by_hand_never_looks_like_the_mail(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(physician="見本 太朗々", identity="1968年4月19日")
    given = fields_of(clerk, number)
    given |= {"field-responsible_physician": "見本 太郎", "field-birthdate": "1968-04-09"}
    clerk.do(f"/cases/{number}/fields", given)
    html = clerk.page(f"/cases/{number}")
    marks = [
        re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<div class="byhand">(.*?)</div>', html)
    ]
    assert len(marks) == 2, "the two fields that were changed, no other"
    assert all("手で直した：baba" in one for one in marks)
    assert "見本 太朗々 → 見本 太郎" in marks[0]
    assert "1968-04-19 → 1968-04-09" in marks[1], "the mail itself still says it"
    decision = html[html.index("行うこと</h2>") :]
    assert "手で直した項目があります" in decision
    story = re.sub(r"<[^>]+>", "", html[html.index("経緯</h2>") :])
    assert "施設責任者氏名：見本 太朗々 → 見本 太郎" in story
    assert "生年月日：値はここに残しません" in story
    assert "1968-04" not in story[story.index("項目の修正") :]


def test_correction_that_is_taken_back_leaves_no_mark(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    given = fields_of(clerk, number)
    right = given["field-responsible_physician"]
    for name in ("例示 花子", right):
        clerk.do(f"/cases/{number}/fields", given | {"field-responsible_physician": name})
    html = clerk.page(f"/cases/{number}")
    assert "byhand" not in html
    assert html.count("項目の修正") == 2, "the story tells both"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("field-birthdate", "昭和65年", "1968-04-09 のように"),
        ("field-birthdate", "昭和43年4月31日", "1968-04-09 のように"),
        ("field-birthdate", "1968-04-09 か 1968-04-19", "1968-04-09 のように"),
        ("field-new_address", "not an address", "メールアドレスの形ではありません"),
        ("field-request", "drop table", "見つかりません"),
    ],
)
def test_field_that_makes_no_sense_is_refused(
    secretariat: Secretariat, clerk: Browser, field: str, value: str, words: str
) -> None:
    answer = clerk.post(f"/cases/{secretariat.request()}/fields", {field: value})
    assert answer.status_code == 409
    assert words in said(answer.text)


@pytest.mark.parametrize(
    "written", ["昭和43年4月9日", "Ｓ43.4.9", "1968/4/9", "1968年４月９日", "19680409"]
)
def test_birthdate_is_written_by_hand_as_the_mail_writes_it(
    secretariat: Secretariat, clerk: Browser, written: str
) -> None:
    number = secretariat.request(identity="1968年4月19日")
    fields = {
        "field-facility_name": "みほん中央病院",
        "field-responsible_physician": "見本 太郎",
        "field-birthdate": written,
        "field-request": "confirm_address",
    }
    assert clerk.do(f"/cases/{number}/fields", fields).endswith("corrected")
    assert 'name="field-birthdate" value="1968-04-09"' in clerk.page(f"/cases/{number}")


def test_missing_field_filled_in_by_hand_makes_something_to_decide(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request(identity="")
    assert "足りない項目" in clerk.page(f"/cases/{number}")
    fields = {
        "field-facility_name": "みほん中央病院",
        "field-responsible_physician": "見本 太郎",
        "field-member_number": "１２３４５６",
        "field-request": "change_address",
        "field-new_address": "new@mihon.example.jp",
    }
    clerk.do(f"/cases/{number}/fields", fields)
    (waiting,) = queue.listed(secretariat.database, undecided_only=True)
    assert (waiting.kind, waiting.verdict) == ("change_address", "verified")
    assert waiting.new_address == "new@mihon.example.jp"


def test_other_wish_by_hand_replaces_what_waits(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    fields = {
        "field-facility_name": "みほん中央病院",
        "field-responsible_physician": "見本 太郎",
        "field-birthdate": "1968-04-09",
        "field-request": "change_address",
        "field-new_address": "new@mihon.example.jp",
    }
    clerk.do(f"/cases/{number}/fields", fields)
    (waiting,) = queue.listed(secretariat.database, undecided_only=True)
    assert waiting.kind == "change_address"


def test_another_facility_is_found_and_chosen(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request(facility="ひがし", physician="例示 花子", identity="1975年1月2日")
    html = clerk.page(f"/cases/{number}/facilities?q=東病院")
    assert "みほん東病院" in html
    clerk.do(f"/cases/{number}/facility", {"certification_number": "R0102"})
    (waiting,) = queue.listed(secretariat.database, undecided_only=True)
    assert (waiting.certification_number, waiting.verdict) == ("R0102", "verified")
    assert (
        clerk.post(f"/cases/{number}/facility", {"certification_number": "X1"}).status_code == 409
    )


@pytest.mark.parametrize(
    "words", ["高橋", "髙橋", "タカハシ", "たかはし", "ｒ０１０３", "0000-0103"]
)
def test_facility_is_found_by_variants_kana_numbers_and_telephone(
    clerk: Browser, secretariat: Secretariat, words: str
) -> None:
    number = secretariat.request()
    assert "R0103" in clerk.page(f"/cases/{number}/facilities?q={words}")


QUESTION = "お世話になっております。更新申請の件で、代表者印は何に押せばよいでしょうか。費用のことも伺いたいです。"


def question(secretariat: Secretariat) -> str:
    raw = mails.mail(QUESTION, message_id="<q@x.test>", subject="更新申請について")
    return secretariat.case_of(secretariat.arrive(raw))


def test_question_is_answered_with_a_topics_letter(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = question(secretariat)
    form = form_of(clerk, number, "approve", "?topic=login_page")
    assert "ログイン" in form["letter-topic_login_page"]
    clerk.do(f"/cases/{number}/approve", form)
    assert "マイページTOP" in text_of(letters(secretariat)[-1])


def test_question_is_answered_freely_with_sentences_that_are_kept(
    secretariat: Secretariat, clerk: Browser
) -> None:
    clerk.do("/snippets", {"name": "費用", "text": "費用はかかりません。"})
    number = question(secretariat)
    html = clerk.page(f"/cases/{number}?topic=free")
    assert 'data-insert="費用はかかりません。"' in html
    form = form_of(clerk, number, "approve", "?topic=free")
    answer = clerk.post(f"/cases/{number}/approve", form)
    assert "回答の文がまだ書かれていません" in said(answer.text)
    form["letter-answer_free"] = form["letter-answer_free"].replace(
        "（ここに回答を書いてください）", "費用はかかりません。"
    )
    clerk.do(f"/cases/{number}/approve", form)
    body = text_of(letters(secretariat)[-1])
    assert "費用はかかりません。" in body
    assert "担当：baba" in body


def test_answer_from_outlook_is_in_the_thread_and_must_be_known(
    secretariat: Secretariat, clerk: Browser
) -> None:
    from helpdesk.desk import staff_answers
    from helpdesk.domain.message import read_message

    number = secretariat.request()
    own = mails.mail("こちらで返信しました。", message_id="<own@society.example.jp>", sender=mails.DESK,
                     name="事務局", to=mails.HEAD, subject="Re: " + mails.SUBJECT,
                     headers={"In-Reply-To": "<r1@x.test>", "References": "<r1@x.test>"})  # fmt: skip
    written = format_datetime(datetime.now(UTC)).encode()  # After the request that it answers.
    own = own.replace(b"Tue, 24 Nov 2026 10:00:00 +0900", written)
    with secretariat.database.begin() as tx:
        assert staff_answers.join(secretariat.desk, tx, read_message(own), datetime.now(UTC))
        staff_answers.join(secretariat.desk, tx, read_message(own), datetime.now(UTC))
    html = clerk.page(f"/cases/{number}")
    assert html.count("こちらで返信しました。") == 1
    form = form_of(clerk, number, "approve")
    assert "Outlook" in said(clerk.post(f"/cases/{number}/approve", form).text)
    assert clerk.do(f"/cases/{number}/approve", form | {"anyway": "1"})


def test_note_work_and_day_of_return(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    clerk.do(f"/cases/{number}/notes", {"kind": "telephone", "text": "折り返しの約束をした"})
    clerk.do(f"/cases/{number}/work", {"mine": "1", "hold": "committee", "resume_on": "2099-01-15"})
    html = clerk.page(f"/cases/{number}")
    assert "折り返しの約束をした" in html
    assert "委員会確認中" in html
    assert number not in clerk.page("/queue").split('id="rows"')[1]
    assert number in clerk.page("/queue?when=hold")
    clerk.do(f"/cases/{number}/work", {"mine": "1", "hold": "", "resume_on": ""})
    assert number in clerk.page("/queue")


def test_case_comes_back_on_its_day_and_is_worked_on(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    day = japan_date(datetime.now(UTC)) + timedelta(days=2)
    clerk.do(f"/cases/{number}/work", {"resume_on": day.isoformat()})
    assert number not in clerk.page("/queue").split('id="rows"')[1]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        browser = secretariat.browser("baba")
        assert number in browser.page("/queue")
        # The day that is over still stands in the form: taking the case is not refused for it.
        browser.do(f"/cases/{number}/work", {"resume_on": day.isoformat(), "mine": "1"})


def test_who_else_has_the_case_open_is_said(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request()
    other = secretariat.browser("chiba")
    assert other.post(f"/cases/{number}/presence").text.strip() == ""
    assert "chibaさんも開いています" in clerk.post(f"/cases/{number}/presence").text
    assert "chibaさんが開いています" in clerk.page("/queue")


def test_case_from_a_call_is_opened_and_decided(secretariat: Secretariat, clerk: Browser) -> None:
    html = clerk.page("/telephone?q=東病院")
    assert 'name="facility" value="R0102"' in html
    where = clerk.do(
        "/telephone",
        {
            "channel": "telephone",
            "name": "例示",
            "text": "アドレスを忘れたとのこと",
            "facility": "R0102",
        },
    )
    number = re.findall(r"\d{4}-\d{6}", where)[0]
    assert "アドレスを忘れた" in clerk.page(f"/cases/{number}")
    assert number in clerk.page("/queue?handler=baba")
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    assert not letters(secretariat)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ｈｅａｄ＠mihon.example.jp ", "head@mihon.example.jp"),
        ("a@b.example.jp Bcc: c@d.jp", None),
    ],
)
def test_address_of_a_call_can_be_written_to(
    secretariat: Secretariat, clerk: Browser, written: str, kept: str | None
) -> None:
    typed = {"channel": "telephone", "text": "電話があった", "address": written}
    answer = clerk.post("/telephone", typed)
    if kept is None:
        assert answer.status_code == 409
        assert "メールアドレスの形ではありません" in said(answer.text)
    else:
        number = re.findall(r"\d{4}-\d{6}", answer.headers["location"])[0]
        assert kept in clerk.page(f"/cases/{number}")


def test_case_that_does_not_exist_is_not_found(clerk: Browser) -> None:
    for path in ("/cases/2026-999999", "/cases/x'--", "/cases/2026-999999/mails/1"):
        assert clerk.get(path).status_code in (404, 409)


def test_action_of_another_case_cannot_be_decided_here(
    secretariat: Secretariat, clerk: Browser
) -> None:
    one, two = secretariat.request(), secretariat.request("other@x.example.jp")
    form = form_of(clerk, one, "approve")
    assert clerk.post(f"/cases/{two}/approve", form).status_code == 404
    assert len(queue.listed(secretariat.database, undecided_only=True)) == 2


def test_mail_of_another_case_cannot_be_read_here(secretariat: Secretariat, clerk: Browser) -> None:
    one, two = secretariat.request(), secretariat.request("other@x.example.jp")
    mine = re.findall(rf"/cases/{one}/mails/(\d+)", clerk.page(f"/cases/{one}"))[0]
    assert clerk.get(f"/cases/{one}/mails/{mine}").status_code == 200
    assert clerk.get(f"/cases/{two}/mails/{mine}").status_code == 409


def test_extra_fields_of_a_form_change_nothing(secretariat: Secretariat, clerk: Browser) -> None:
    number = secretariat.request(wish=mails.CHANGE)
    form = form_of(clerk, number, "approve")
    clerk.do(
        f"/cases/{number}/approve",
        form
        | {
            "state": "done",
            "new_address": "evil@x.example.com",
            "verdict": "verified",
            "by": "chiba",
        },
    )
    (waiting,) = queue.listed(secretariat.database, undecided_only=True)
    assert (waiting.state, waiting.new_address) == ("confirming", "new@mihon.example.jp")
    assert waiting.decided_by == "baba"


def test_operator_sees_the_case_and_decides_nothing(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    operator = secretariat.browser("ando")
    html = operator.page(f"/cases/{number}")
    assert "決めるのは承認者か管理者です" in html
    form = form_of(clerk, number, "approve") | {"csrf": operator.csrf()}
    assert operator.post(f"/cases/{number}/approve", form).status_code == 403
    with pytest.raises(Exception, match="may not decide"):
        casework.add_note(secretariat.database, number, "ando", "note", "x", datetime.now(UTC))


def test_case_without_a_name_or_address_can_be_shown(
    secretariat: Secretariat, clerk: Browser
) -> None:
    raw = mails.mail(mails.form(), message_id="<noname@x.test>").replace(b"From: ", b"X-From: ")
    mail_id = secretariat.arrive(raw)
    with secretariat.database.read() as tx:
        known = tx.execute(select(case.c.number)).scalars().all()
    assert mail_id
    for number in known:
        assert clerk.get(f"/cases/{number}").status_code == 200


def test_letters_of_the_desk_stay_as_they_are_after_an_edit(
    secretariat: Secretariat, clerk: Browser
) -> None:
    number = secretariat.request()
    form = form_of(clerk, number, "approve") | {"letter-address_hint": "一度だけ"}
    clerk.do(f"/cases/{number}/approve", form)
    other = form_of(clerk, secretariat.request("other@x.example.jp"), "approve")
    assert "一度だけ" not in other["letter-address_hint"]
    assert isinstance(secretariat.desk.letters, LetterBook)
