"""Questions that were written before the phrases were tuned on them, scored whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.desk.reading import scope_of
from helpdesk.domain.disposition import Sorting, sort_message
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from helpdesk.domain.topics import TOPICS
from helpdesk.rules import load_rules
from helpdesk.shipped import RULES_NAME, shipped_folder
from tests import mails

RULES = load_rules(shipped_folder() / RULES_NAME)
UNANSWERED = ("human", "other")


def sort(subject: str, body: str, **more: object) -> Sorting:
    raw = mails.mail(body, message_id="<q@x.test>", subject=subject, **more)  # type: ignore[arg-type]
    message = read_message(raw)
    return sort_message(message, read_request(message), scope_of(RULES), answers_us=False)


def held_out() -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "held_out.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [(topic, subject, body.replace("\\n", "\n")) for topic, subject, body in rows]


def test_held_out_questions_are_read_right_and_hardly_any_is_answered_wrongly() -> None:
    questions = held_out()
    assert len(questions) > 300
    assert {topic for topic, _, _ in questions} == {*TOPICS, *UNANSWERED}
    right, wrong = 0, []
    for topic, subject, body in questions:
        found = sort(subject, body)
        answered = found.topic if found.disposition == "question" else None
        expected = None if topic in UNANSWERED else topic
        right += answered == expected
        if answered is not None and answered != expected:
            wrong.append((topic, answered, subject))
    assert right / len(questions) >= 0.95
    assert len(wrong) / len(questions) <= 0.01, wrong


@pytest.mark.parametrize(
    "body",
    [
        "施設マイページのパスワードを忘れました。どうすればよいですか。",
        "施設マイページのﾊﾟｽﾜｰﾄﾞを忘れました。どうすればよいですか。",
        "施設マイページのぱすわーどをわすれました。どうすればよいですか。",
        "施設マイページのパスワ\nードを忘れました。どう\nすればよいですか。",
        "施設マイページのパスワートを忘れました。どうすればよいですか。",
    ],
)
def test_spelling_width_and_line_breaks_do_not_matter(body: str) -> None:
    assert sort("お尋ね", body).topic == "password_reset"


def test_grounds_are_score_margin_and_phrases_of_the_rules() -> None:
    asks = sort("締め切り", "更新申請はいつまでですか。").asks
    assert asks is not None
    assert asks.best == "application_period"
    assert asks.score >= RULES.topics.threshold
    assert asks.margin >= RULES.topics.margin
    assert "〈いつ〉 + 〈申請〉" in asks.phrases


def test_what_was_quoted_is_not_what_is_asked() -> None:
    body = (
        "更新申請の手順を教えてください。\n\n"
        "2026年11月1日(日) 10:00 学会事務局 <desk@society.example.jp>:\n"
        "> パスワードが不明の場合は、ログイン画面から手続きを行ってください。\n"
    )
    assert sort("お尋ね", body).topic == "application_steps"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("年会費", "年会費の納入期限はいつまでですか。"),
        ("更新申請のご提案", "弊社の更新申請支援サービスをご紹介します。配信停止はこちら。"),
        ("【重要】", "パスワードを再設定してください。どうすればよいか確認 https://x.invalid/"),
        ("お礼", "先日はありがとうございました。"),
    ],
)
def test_other_business_and_advertisement_are_left_alone(subject: str, body: str) -> None:
    found = sort(subject, body)
    assert (found.disposition, found.topic, found.ours) == ("other", None, False)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("施設マイページのパスワードを忘れました。何度も聞いています。", "needs_a_person"),
        ("施設責任者が交代します。更新申請の手順を教えてください。", "needs_a_person"),
        ("更新申請の年会費の扱いはどうなりますか。", "other_business"),
        ("施設マイページについて。", "no_topic"),
    ],
)
def test_doubt_goes_to_a_person_with_its_reason(body: str, reason: str) -> None:
    found = sort("お尋ね", body)
    assert (found.disposition, found.topic) == ("unclear", "human")
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("name", "body", "documents"),
    [
        ("申請書.pdf", "よろしくお願いいたします。", True),
        ("scan001.pdf", "公印書類をお送りします。", True),
        ("image001.png", "申請書に公印は必要ですか。送付先もありますか。", False),
        ("地図.pdf", "よろしくお願いいたします。", False),
    ],
)
def test_sealed_documents_by_mail_are_seen(name: str, body: str, documents: bool) -> None:
    raw = mails.mail(body, message_id="<d@x.test>", subject="更新申請")
    letter = read_message(raw)
    assert not letter.attachments
    found = sort_with_file(body, name)
    assert found.documents is documents
    if documents:
        assert (found.disposition, found.topic) == ("unclear", "human")


def sort_with_file(body: str, name: str) -> Sorting:
    import email
    from email.message import EmailMessage
    from email.policy import SMTP

    made = email.message_from_bytes(
        mails.mail(body, message_id="<d@x.test>", subject="更新申請"), policy=SMTP
    )
    assert isinstance(made, EmailMessage)
    kind = ("image", "png") if name.endswith("png") else ("application", "pdf")
    made.add_attachment(b"x", maintype=kind[0], subtype=kind[1], filename=name)
    message = read_message(made.as_bytes())
    return sort_message(message, read_request(message), scope_of(RULES), answers_us=False)
