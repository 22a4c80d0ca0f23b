"""The answers to questions, read against the society's guide."""

from __future__ import annotations

import pytest

from helpdesk.domain.topics import DOCUMENTS_LETTER, TOPICS, topic_letter
from helpdesk.mail.letters import LetterBook
from helpdesk.mail.wording import trials
from helpdesk.rules import load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder

FOLDER = shipped_folder()
BOOK = LetterBook.load(FOLDER / TEMPLATES_NAME, load_rules(FOLDER / RULES_NAME))


def body_of(letter: str, **changed: object) -> str:
    values = {**trials(letter)[0], "automatic": True, "clerk": None, **changed}
    return BOOK.render(letter, values).body


def one_line(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("topic", "sentences"),
    [
        ("password_reset", ["「パスワードをお忘れの方はこちら」", "お知らせすることもできません"]),
        ("login_page", ["トップにある「専門医認定制度」の中に", "「マイページTOP」"]),
        ("menu_not_shown", ["【Ctrl】キーと【F5】キーを同時に", "キャッシュを削除", "右側"]),
        ("narrow_screen_menu", ["右上にある「三」を選択", "横幅"]),
        ("application_period", ["2027年2月1日（月）0:00から", "2027年2月28日（日）23:59まで",
                                "申請期間外は、申請画面は表示されません", "左下"]),
        ("application_steps", ["「1.申請書」と「2.概要書」", "「登録済み」のチェック", "左下",
                               "「申請済みです。」", "公印を押した"]),
        ("apply_button_disabled", ["「1.申請書」と「2.概要書」の両方", "「登録済み」のチェック",
                                   "申請期間外", "「申請済みです。」"]),
        ("sealed_documents", ["PDF", "「1.申請書」の下のほうから", "指定の書式", "「Ⅳ.申請書類」",
                              "「公印」が必要です"]),
        ("responsible_physician", ["当学会の認定取得者", "施設としての責任者とは異なります"]),
        ("data_correction", ["申請アドレスあてに", "「更新申請」ボタンを、もう一度クリック"]),
        ("completion_check", ["申請完了のメールが届きます", "「申請済みです。」",
                              "いずれも確認できない場合は、申請手続きが完了していない可能性"]),
        ("core_requirements", ["「緩和医療指導医」が1名以上常勤", "「基幹施設更新要項」"]),
        ("affiliate_requirements", ["申請時に、基幹施設を登録", "「連携施設更新要項」", "事前に"]),
        ("link_request", ["合格判定の後、認定開始日にシステム内から", "連携が必須"]),
        ("facility_directory", ["「基幹施設・連携施設・認定研修施設名簿」",
                                "https://society.example.jp/list"]),
        ("account_sharing", ["業務関係者の中で共有していただいて結構", "大切に保管"]),
        ("address_request", ["1）認定施設名（可能なら認定番号）", "施設責任者ご本人から",
                             "施設の代表アドレス", "病院長など施設としての責任者ではなく"]),
    ],
)  # fmt: skip
def test_answer_says_what_the_guide_says(topic: str, sentences: list[str]) -> None:
    body = one_line(body_of(topic_letter(topic)))
    for sentence in sentences:
        assert sentence in body


@pytest.mark.parametrize("letter", [*map(topic_letter, TOPICS), DOCUMENTS_LETTER])
def test_every_answer_says_how_to_reach_a_person(letter: str) -> None:
    body = body_of(letter)
    assert "このメールにそのままご返信ください。担当者が拝見し" in body
    assert "03-0000-0000" in body
    assert "2026-000123" in body


@pytest.mark.parametrize(
    ("state", "days_left", "words"),
    [
        ("open", 3, "最終日まで、あと3日です。"),
        ("open", 0, "本日が最終日です。"),
        ("before", 60, "まだ始まっておりません"),
        ("over", -3, "終了いたしました"),
    ],
)
def test_answer_about_the_period_says_where_today_lies(
    state: str, days_left: int, words: str
) -> None:
    period = {**trials("topic_application_period")[0]["period"]}
    period |= {"state": state, "days_left": days_left}
    assert words in body_of("topic_application_period", period=period)


def test_state_of_the_facility_carries_the_date_of_the_import() -> None:
    for letter in ("topic_completion_check", "topic_apply_button_disabled"):
        body = body_of(letter)
        assert "（2027年2月1日（月）時点）" in body
        assert "入力中" in body
        assert "行き違いの節は" in body
        assert "登録状況" not in body_of(letter, state=None)


def test_letter_of_a_person_names_the_clerk() -> None:
    body = body_of("topic_login_page", automatic=False, clerk="事務 花子")
    assert "担当：事務 花子" in body
    assert "自動送信" not in body
