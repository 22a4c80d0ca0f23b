"""The whole way with a person on it: a mail in Dovecot, Chromium, the daemon, the letter."""

from __future__ import annotations

import pytest

from tests import mails
from tests.console.browser import chromium

from .conftest import Office


@pytest.mark.slow
def test_clerk_reads_corrects_approves_and_the_letter_arrives(office: Office) -> None:
    daemon = office.start()
    office.run("user", "add", "suzuki", "--role", "approver", input="correct horse battery\n")
    office.deliver(
        mails.mail(mails.form(identity="1968年4月19日"), message_id="<slip@mihon.example.jp>")
    )
    assert len(office.wait_for_letters(1)) == 1, "the receipt"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{daemon.base_url}/")
        page.fill("[name=name]", "sato")
        page.fill("[name=password]", "correct horse battery")
        page.keyboard.press("Enter")
        page.click("a:has-text('-000001')")
        assert "不一致" in page.inner_text("main")
        assert page.locator("mark.f3").first.inner_text().endswith("1968年4月19日")
        # On the telephone it turned out to be a slip of the pen.
        page.click("text=項目を手で直して照合し直す")
        page.fill("[name=field-birthdate]", "1968-04-09")
        page.click("button:has-text('直して照合し直す')")
        page.wait_for_url("**said=corrected")
        # Who put it right may not approve it: a colleague looks at what was changed.
        assert "手で直した" in page.inner_text("main")
        case = page.url.partition("?")[0]
        page.context.clear_cookies()
        page.goto(case)
        page.fill("[name=name]", "suzuki")
        page.fill("[name=password]", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/*")
        told, hint = (
            page.locator(f"textarea[name=letter-{name}]")
            for name in ("address_at_registered", "address_hint")
        )
        assert "old@mihon.example.jp" in told.input_value()
        shown = hint.input_value()
        page.click("summary:has-text('2/2')")  # The second letter is folded until it is wanted.
        hint.fill(shown.replace("お待たせいたしました。", "お電話をありがとうございました。"))
        page.click("#approve")
        page.wait_for_url("**/queue?said=approved")
        page.close()
    arrived = {one.recipients[0]: one for one in office.wait_for_letters(3)[1:]}
    text = arrived[mails.HEAD].message.get_body().get_content()
    assert "お電話をありがとうございました。" in text
    assert "old@mihon.example.jp" not in text
    told_text = arrived["old@mihon.example.jp"].message.get_body().get_content()
    assert "old@mihon.example.jp" in told_text
