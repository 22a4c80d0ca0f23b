"""The demo's page: a mail as the facility head writes it, and what comes back."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime
from email import policy

import pytest

from helpdesk.desk import outbox, playing
from helpdesk.store import delivery

from .conftest import Secretariat, said
from .test_case import forms

HEAD = "sekininsha@hospital.example.jp"


def leave(secretariat: Secretariat) -> None:
    """Let everything leave that waits."""
    now = datetime.now(UTC)
    with secretariat.database.begin() as tx:
        for one in delivery.claim(tx, "worker", now, now, 50):
            delivery.begin_handing_over(tx, [one], now)
            delivery.mark_sent(tx, [(one, now)], keep_copy=False)


def test_mail_is_written_and_its_answer_read(secretariat: Secretariat) -> None:
    secretariat.play = lambda raw, _sender: secretariat.arrive(raw) and None
    browser = secretariat.browser("baba")
    (form,) = forms(browser.page("/play"), "/play")
    form |= {
        "name": "見本 太郎",
        "address": HEAD,
        "subject": "施設マイページ：メールアドレスについて",
    }
    where = browser.do("/play", form)
    assert "played" in where
    assert "まだ届いていません" in browser.page(f"/play/inbox?address={HEAD}")
    leave(secretariat)
    html = browser.page(f"/play/inbox?address={HEAD}")
    assert "受付番号" in html
    answers = re.findall(r"answers=([^\"&]+)", html)[0]
    (reply,) = forms(browser.page(f"/play?scene=own&address={HEAD}&answers={answers}"), "/play")
    assert reply["answers"].startswith("<helpdesk.")
    browser.do(
        "/play", reply | {"address": HEAD, "subject": "Re:", "body": "ありがとうございます。"}
    )
    assert len({one.case_number for one in outbox.listed(secretariat.database)}) == 1


def test_every_scene_can_be_begun_with(secretariat: Secretariat) -> None:
    secretariat.play = lambda _raw, _sender: None
    browser = secretariat.browser("baba")
    for scene in ("right", "change", "wrong", "missing", "question", "own", "<script>"):
        assert browser.client.get("/play", params={"scene": scene}).status_code == 200
    assert "メールアドレスの形ではありません" in said(
        browser.post("/play", {"address": "x\r\nBcc: y@example.jp", "body": "x"}).text
    )


def test_page_is_for_the_demo_alone(secretariat: Secretariat) -> None:
    browser = secretariat.browser("chiba")
    assert browser.get("/play").status_code == 404
    assert browser.get("/play/inbox?address=x").status_code == 404
    assert browser.post("/play", {"address": HEAD, "body": "x"}).status_code == 404
    assert "/play" not in browser.page("/queue")


@pytest.mark.parametrize(
    "name",
    ["見本 太郎", '見本 "太郎"', "見本, 太郎", "Taro (Dr.) Mihon", "O'Brien; x: y", "<x@evil.example.com>",
     "太郎@みほん", "髙橋　一郎", "\\back", "a\r\nBcc: x@evil.example.com", "", "名" * 10],
)  # fmt: skip
def test_name_of_the_sender_arrives_as_it_was_typed(secretariat: Secretariat, name: str) -> None:
    raw = playing.written(secretariat.desk, HEAD, name, "件名", "本文", "", datetime.now(UTC))
    (sender,) = email.message_from_bytes(raw, policy=policy.default)["From"].addresses
    assert sender.addr_spec == HEAD
    plain = "".join(one for one in name if one.isprintable())
    assert sender.display_name.split() == plain.split()
    assert b"\nBcc:" not in raw
