"""The demo's page on which one plays the facility head: write a mail, see what comes back."""

from __future__ import annotations

from typing import Any

from helpdesk.console import refusals
from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.words import N_
from helpdesk.desk import facility_search, playing
from helpdesk.desk.context import Refused
from helpdesk.domain.registry import Facility

_SUBJECT = "施設マイページ：メールアドレスについて"

#: What one may begin with.
SCENES = {
    "right": N_("正しい依頼（①確認）"),
    "change": N_("正しい依頼（②変更）"),
    "wrong": N_("生年月日を間違えた依頼"),
    "missing": N_("項目が足りない依頼"),
    "question": N_("質問"),
    "own": N_("自分の言葉で"),
}


def _form(one: Facility, birthdate: str, wish: str) -> str:
    return (
        "事務局 ご担当者様\n\nお世話になっております。\n\n"
        f"1）認定施設名（可能なら認定番号）\n{one.name}（{one.certification_number}）\n"
        f"2）施設責任者氏名\n{one.physician}\n"
        f"3）施設責任者会員番号または生年月日（本人確認用）\n{birthdate}\n"
        f"4）対応希望内容\n{wish}\n\nよろしくお願いいたします。\n"
    )


def _scene(scene: str, one: Facility) -> tuple[str, str]:
    """Return subject and text of a scene."""
    born = one.birthdate
    date = f"{born.year}年{born.month}月{born.day}日" if born else one.member_number
    confirm = "①メールアドレスの確認希望連絡"
    if scene == "question":
        return (
            "更新申請について",
            "お世話になっております。\n更新申請の期間はいつからいつまででしょうか。\n",
        )
    if scene == "own":
        return "アドレスの件", ""
    if scene == "change":
        change = (
            "②新しいメールアドレス登録希望連絡\n新しいメールアドレス：shinki@hospital.example.jp"
        )
        return _SUBJECT, _form(one, date, change)
    proof = {"wrong": "1950年12月31日", "missing": ""}.get(scene, date)
    return _SUBJECT, _form(one, proof, confirm)


def _player(ask: Ask) -> Facility:
    found = facility_search.find(ask.desk, "", limit=200)
    known = [one for one in found if one.birthdate or one.member_number] or list(found)
    if not known:
        raise NotFound("there is no facility to play")
    return known[0]


def _require_demo(ask: Ask) -> None:
    if ask.parts.play is None:
        raise NotFound("there is no such page")


def play_page(ask: Ask) -> Answer:
    """A mail to begin with, and the inbox."""
    _require_demo(ask)
    player = _player(ask)
    scene = ask.query.get("scene", "right")
    subject, body = _scene(scene if scene in SCENES else "right", player)
    address = ask.query.get("address", "")[:254] or "sekininsha@hospital.example.jp"
    return _play(
        ask,
        scene=scene,
        subject=subject,
        body=body,
        address=address,
        name=player.physician,
        answers=ask.query.get("answers", "")[:250],
    )


def _play(ask: Ask, problem: str = "", **mail: Any) -> Page:
    values = {
        "title": ask.words.gettext(N_("体験：施設責任者になってみる")),
        "scenes": [(key, ask.words.gettext(text)) for key, text in SCENES.items()],
        "mail": mail,
        "problem": problem,
    }
    return Page("play.html", values, 409 if problem else 200)


def inbox(ask: Ask) -> Answer:
    """What came back so far; asked for by the page itself."""
    _require_demo(ask)
    address = ask.query.get("address", "")[:254]
    found = playing.arrived(ask.database, address) if address else []
    return Page("play_inbox.html", {"title": "", "found": found, "address": address})


def send(ask: Ask) -> Answer:
    """Send the mail into the desk's own mailbox."""
    _require_demo(ask)
    assert ask.parts.play is not None  # noqa: S101 - looked at above
    address, name = ask.line("address", 254), ask.line("name", 100)
    subject, body, answers = ask.line("subject", 300), ask.text("body"), ask.line("answers", 250)
    try:
        raw = playing.written(ask.desk, address, name, subject, body, answers, ask.now)
    except Refused as error:
        return _play(
            ask,
            refusals.in_words(error, ask.words),
            scene=ask.line("scene"),
            subject=subject,
            body=body,
            address=address,
            name=name,
            answers=answers,
        )
    ask.parts.play(raw, address)
    return Go(ask.url("/play", address=address, scene="own").removeprefix(ask.base), "played")
