"""What stands beside the form: a question of its own, or words that mean nothing more."""

from __future__ import annotations

import pytest

from helpdesk.domain.besides import asked_besides
from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from helpdesk.domain.topics import TopicReading
from tests import mails
from tests.questions.test_questions import RULES


def besides(wish: str) -> TopicReading | None:
    text = (
        "お世話になっております。\n\n1）認定施設名：みほん病院\n2）施設責任者氏名：見本 太郎\n"
        f"3）施設責任者会員番号：1234567\n4）対応希望内容：{wish}\n\nよろしくお願いいたします。\n"
    )
    message = read_message(mails.mail(text, message_id="<a@x.test>"))
    form = RULES.form.patterns
    return asked_besides(message, read_request(message, form), form, RULES.topics.book)


@pytest.mark.parametrize(
    ("wish", "topic"),
    [
        ("② new@mihon.example.jp\nなお、パスワードも不明です。", "password_reset"),
        ("①\nパスワードを忘れてしまいました。", "password_reset"),
        ("①\n\nまた、今年度の更新申請の締切はいつでしょうか。", "application_period"),
        ("①\nあわせて、申請書の公印は病院長の印でよろしいでしょうか。", "sealed_documents"),
        ("①\n\n更新申請の受付期間も教えてください。", "application_period"),
    ],
)
def test_a_question_beside_the_form_is_read(wish: str, topic: str) -> None:
    found = besides(wish)
    assert found is not None
    assert (found.best, found.sure) == (topic, True)


@pytest.mark.parametrize(
    "wish",
    [
        "①",
        "①メールアドレスの確認希望連絡",
        "②新しいメールアドレス登録希望連絡 new@mihon.example.jp",
        "①\nパスワードは分かっています。",
        "登録しているメールアドレスがわからなくなりましたので教えてください。",
        "前任者が退職し、アドレスが分かりません。ご確認をお願いいたします。",
    ],
)
def test_the_form_and_its_courtesies_ask_nothing_besides(wish: str) -> None:
    assert besides(wish) is None


@pytest.mark.parametrize(
    "wish",
    [
        "①\nまた、4月から施設責任者を辞退したいと考えています。",
        "①\n何度電話してもつながらず、対応がひどすぎます。",
        "①\n締切はいつですか。また、公印はどなたの印が必要でしょうか。",
    ],
)
def test_what_needs_a_person_is_said_to_one(wish: str) -> None:
    found = besides(wish)
    assert found is not None
    assert not found.sure
