"""A request that asks something else as well, on the main road."""

from __future__ import annotations

from typing import Any

from tests import mails

from .conftest import Office

APART = "あわせてお尋ねの件は、別のメールでご案内いたします。"


def request_and(words: str) -> bytes:
    return mails.mail(f"{mails.form()}\n\n{words}\n", message_id="<both@mihon.example.jp>")


def texts(letters: list[Any]) -> list[str]:
    return [str(one.message.get_content()) for one in letters]


def test_both_are_served(office: Office) -> None:
    office.start()
    office.deliver(request_and("また、申請書の公印は病院長の印でよろしいでしょうか。"))
    receipt, answer = sorted(texts(office.wait_for_letters(2)), key=lambda text: APART not in text)
    assert APART in receipt
    assert "公印" in answer
    (action,) = office.queue()
    assert (action["kind"], action["verdict"]) == ("confirm_address", "verified")


def test_a_complaint_beside_the_form_is_shown_to_the_clerk(office: Office) -> None:
    office.start()
    office.deliver(request_and("何度電話してもつながらず、対応がひどすぎます。"))
    (receipt,) = texts(office.wait_for_letters(1))
    assert APART not in receipt
    (action,) = office.queue()
    assert action["kind"] == "confirm_address"
    assert "依頼のほかにご質問がある" in office.run("queue", "show", str(action["id"]))


def test_a_date_that_cannot_be_is_named_as_the_reason(office: Office) -> None:
    office.start()
    office.deliver(
        mails.mail(mails.form(identity="昭和65年13月40日"), message_id="<odd@mihon.example.jp>")
    )
    (letter,) = texts(office.wait_for_letters(1))
    assert "お書きの日付は暦にないもののようです。" in letter
    assert "65" not in letter
