"""Questions on the main road: answered by the machine, handed over, answered by staff."""

from __future__ import annotations

from typing import Any

import pytest

from helpdesk.shipped import RULES_NAME, shipped_folder
from tests import mails

from .conftest import CLERK, Office

QUESTION = "施設マイページのパスワードを忘れました。どうすればよいですか。"


def ask(number: int, body: str, **more: Any) -> bytes:
    return mails.mail(body, message_id=f"<q{number}@mihon.example.jp>", subject="お尋ね", **more)


def text_of(letter: Any) -> str:
    content = letter.message.get_content()
    assert isinstance(content, str)
    return content


def test_question_is_answered_and_the_second_one_goes_to_a_person(office: Office) -> None:
    office.start()
    office.deliver(ask(1, QUESTION))
    answer = office.wait_for_letters(1)[0]
    assert "「パスワードをお忘れの方はこちら」" in text_of(answer)
    assert "自動送信" in text_of(answer)
    assert office.queue() == []
    office.deliver(ask(2, "施設マイページのパスワードが分かりません。教えてください。"))
    receipt = office.wait_for_letters(2)[1]
    assert "受け付けました" in text_of(receipt)
    (action,) = office.queue()
    assert (action["kind"], action["letter"]) == ("answer", "topic_password_reset")
    assert action["case"] in str(answer.message["Subject"])


def test_answer_to_an_automatic_answer_goes_to_a_person(office: Office) -> None:
    office.start()
    office.deliver(ask(1, QUESTION))
    answer = office.wait_for_letters(1)[0]
    back = ask(
        2,
        "試しましたがメールが届きません。どうすればよいですか。",
        headers={"In-Reply-To": answer.message_id, "References": answer.message_id},
    )
    office.deliver(back)
    office.wait_for_letters(2)
    (action,) = office.queue()
    assert action["kind"] == "review"
    assert action["case"] in str(answer.message["Subject"])


def test_form_that_was_sent_for_an_address_comes_back_as_a_request(office: Office) -> None:
    office.start()
    office.deliver(ask(1, "施設マイページのメールアドレスを変更したいのですが、手続きは。"))
    answer = office.wait_for_letters(1)[0]
    assert "3）施設責任者会員番号または生年月日" in text_of(answer)
    back = ask(2, mails.form(), headers={"In-Reply-To": answer.message_id})
    office.deliver(back)
    office.wait_for_letters(2)
    (action,) = office.queue()
    assert (action["kind"], action["verdict"]) == ("confirm_address", "verified")
    assert action["case"] in str(answer.message["Subject"])


def test_staff_answer_is_edited_sent_and_kept_and_changed_rules_are_tried_on_it(
    office: Office,
) -> None:
    daemon = office.start()
    office.deliver(ask(1, "みほん中央病院の見本です。申請ボタンが押せません。", sender="x@x.test"))
    office.wait_for_letters(1)
    (action,) = office.queue()
    assert (action["kind"], action["facility"]) == ("answer", "K0101")
    shown = office.run("queue", "show", "1")
    assert "申請状況" in shown
    draft = office.run("queue", "letter", "1", "--topic", "completion_check", "--as", CLERK)
    file = office.folder / "letter.txt"
    file.write_text(draft.replace("ご案内いたします。", "お答えいたします。"), encoding="utf-8")
    office.run("queue", "approve", "1", "--topic", "nonsense", "--as", CLERK, status=1)
    office.run(
        "queue", "approve", "1", "--topic", "completion_check", "--edit", str(file), "--as", CLERK
    )
    letter = text_of(office.wait_for_letters(2)[1])
    assert "お答えいたします。" in letter
    assert f"担当：{CLERK}" in letter
    assert "自動送信" not in letter
    assert "変わります" in office.run("rules", "try", str(shipped_folder() / RULES_NAME))
    changed = office.folder / "changed.yaml"
    office.write_rules(topics={"kinds": {"apply_button_disabled": {
        "answer": "staff", "phrases": {"申請ボタン": 1}}}})  # fmt: skip
    changed.write_bytes(office.rules.read_bytes())
    office.write_rules()
    rows = [row for row in office.run("rules", "try", str(changed)).splitlines() if "→" in row]
    assert any("question/apply_button_disabled → " in row for row in rows)
    (example,) = [row for row in rows if row.startswith("example 1")]
    assert "completion_check" in example
    assert "見本" not in example
    daemon.stop()


# The letters name the period; no reminder of it leaves.
RENEWAL_AT_REST = {
    "id": "renewal",
    "opens": "02-01 00:00",
    "closes": "02-28 23:59",
    "paused": True,
    "steps": [{"id": "opens", "at": "opens", "on_holiday": "after", "letter": "renewal_opens"}],
}


def test_documents_by_mail_go_to_a_person_with_the_letter_ready(office: Office) -> None:
    import email
    from email.message import EmailMessage
    from email.policy import SMTP

    made = email.message_from_bytes(ask(1, "公印書類をお送りします。"), policy=SMTP)
    assert isinstance(made, EmailMessage)
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="申請書.pdf")
    office.write_rules(campaigns=[RENEWAL_AT_REST])
    office.start()
    office.deliver(made.as_bytes())
    office.wait_for_letters(1)
    (action,) = office.queue()
    assert (action["kind"], action["letter"]) == ("answer", "documents_by_mail")
    office.run("queue", "approve", str(action["id"]), "--as", CLERK)
    letter = text_of(office.wait_for_letters(2)[1])
    assert "メールではお受けすることができません" in letter
    assert "更新申請の期間" in letter


@pytest.mark.parametrize(
    ("server", "told"),
    [("mx.society.example.jp", True), ("mx.elsewhere.example.jp", False)],  # anybody's header
)
def test_state_is_told_to_the_registered_address_that_authenticates(
    office: Office, server: str, told: bool
) -> None:
    office.write_rules(mailbox__authserv_id="mx.society.example.jp")
    office.start()
    results = f"{server}; dmarc=pass header.from=mihon.example.jp; spf=pass smtp.mailfrom=old@mihon.example.jp"
    raw = mails.mail(
        "更新申請が完了しているかどうか、確認する方法を教えてください。\n",
        message_id="<s1@mihon.example.jp>",
        sender="old@mihon.example.jp",
        subject="更新申請の完了の確認",
        headers={"Authentication-Results": results},
    )
    office.deliver(raw)
    (letter,) = office.wait_for_letters(1)
    name = letter.message["X-Helpdesk-Letter"]
    assert name == ("topic_completion_check" if told else "receipt_inquiry")
