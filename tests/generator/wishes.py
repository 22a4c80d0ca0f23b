"""How the wish of field 4 is written, with what it means."""

from __future__ import annotations

import random

from tests.generator.writing import wide

CONFIRM, CHANGE, BOTH, OTHER = "confirm_address", "change_address", "both", "other"
_ONE = "①メールアドレスの確認希望連絡"
_TWO = "②新しいメールアドレス登録希望連絡"

#: Text, and what is wished; None: nothing was chosen.
CONFIRMING = (
    "①", _ONE, "1", "（1）", "１", "1）", "１番", "①を希望します", "①でお願いいたします。", "①希望",
    "①　メールアドレスの確認", "メールアドレスの確認希望連絡", "メールアドレスの確認を希望します。",
    "登録されているメールアドレスを教えてください。", "登録中のアドレスが分からなくなりましたので、ご教示ください。",
    "現在登録しているメールアドレスを知りたい", "メールアドレスが不明のため確認したいです", "アドレス確認",
    f"○{_ONE}\n　{_TWO}", f"{_ONE} ○\n{_TWO}", "○　①　／　　　②", "①（○）　②（　）", "①：○\n②：",
    f"[○] {_ONE}\n[ ] {_TWO}", f"☑{_ONE}\n□{_TWO}", f"■ {_ONE}\n□ {_TWO}", "●①　○②", "①に○",
    f"{_ONE}\n（施設の代表アドレスなどもご登録いただけます）", "確認希望", "登録アドレスの照会をお願いします",
    "①（②は希望しません）", "どのアドレスで登録されているか確認させてください", "①です。よろしくお願いいたします。",
    "メアドの確認をお願いします", "前任者が登録したメールアドレスがわかりません。ご連絡ください。",
    "①のメールアドレスの確認を希望いたします。変更は不要です。", f"→{_ONE}", "①ﾒｰﾙｱﾄﾞﾚｽの確認希望連絡",
)  # fmt: skip
CHANGING = (
    "② {n}", "②\n{n}", f"{_TWO}\n{{n}}", f"{_TWO} {{n}}", f"{_TWO}\n新しいメールアドレス：{{n}}",
    f"{_TWO}（{{n}}）", "2\n{n}", "２　{n}", "(2) {n}", "②を希望します。\n{n}", "②希望　{n}",
    "新しいメールアドレスの登録を希望します。\n{n}", "メールアドレスを{n}に変更してください。ご確認をお願いします。",
    "下記アドレスへの変更をお願いします。\n{n}", "メールアドレスの変更\n新：{n}", "登録アドレスの変更　→　{n}",
    "② {w}", "②\n{w}", "②\n{sp}", "② mailto:{n}", "② <mailto:{n}>", "② {n}<mailto:{n}>", "② <{n}>", "②「{n}」",
    "②\n旧：{o}\n新：{n}", "②\n旧アドレス：{o}\n新アドレス：{n}", "②\n変更前 {o}\n変更後 {n}", "②\n{o} → {n}",
    "②\n{o} から {n} へ変更してください", "②\n現在：{o}\n変更後：{n}", "②\n現在のアドレス（{o}）から下記へ\n{n}",
    "②\n新：{n}\n旧：{o}", "② {n}（旧 {o}）", "②\n{n}\n{n}", "② {n}（{n}）", "②\n{n}\n確認用：{n}",
    f"　{_ONE}\n○{_TWO}\n新しいメールアドレス：{{n}}", f"{_ONE}\n{_TWO}○\n{{n}}", "□①　☑②\n{n}", "①（　）　②（○）　{n}",
    f"□ {_ONE}\n■ {_TWO}\n{{n}}", "②に○\n{n}", "②（①は不要です）\n{n}", "新しいアドレスは {n} です。登録をお願いします。",
    "アドレスを変更したい。新しいアドレスは「{n}」です。", "担当者交代のため、{n} への変更を希望いたします。",
    "②新しいメールアドレス登録希望連絡\n（施設の代表アドレスなどもご登録いただけます）\n{n}", "代表アドレス（{n}）に差し替えをお願いします",
    "② 新規アドレス：{N}", "②\n新しいメールアドレス\n{n}", "②登録希望アドレス：{n}", "②\nE-mail: {n}", "② メール：{n}",
    "② メールアドレス：{n}", "新アドレスの登録　{n}", "②\n変更後のメールアドレス： {n}", "② {n} です。", "②　{n}　に変更希望",
)  # fmt: skip
UNUSABLE = (
    "②", _TWO, "②\nnew@mihon,example.jp", "② new@", "② tantou＠", "②\n新しいメールアドレス：", "② kanwa@hospital",
    "② @mihon.example.jp", "②\n新しいメールアドレス：後日連絡します", "② kanwa.mihon.example.jp", "② kanwa@@mihon.example.jp",
    "メールアドレスを変更したいです。", "②を希望します。", "② kanwa@mihon..example.jp", "②\n旧：{o}", "② kanwa@mihon.example,jp",
)  # fmt: skip
BOTHS = (
    "①と② {n}", "①②両方 {n}", "両方お願いします。\n{n}", f"{_ONE}\n{_TWO}\n両方を希望します。\n{{n}}", "①、②\n{n}",
    "①及び②を希望します。\n新しいメールアドレス：{n}", f"○{_ONE}\n○{_TWO}\n{{n}}", "①も②も希望します {n}", "1と2 {n}", "１および２　{n}",
    "現在のアドレスの確認と、新しいアドレス {n} の登録をお願いします。", f"{_ONE}と{_TWO}の両方\n{{n}}", "①＋②　{n}", "☑①　☑②　{n}",
    "登録中のメールアドレスを教えてください。また、{n} への変更もお願いします。",
)  # fmt: skip
NONE = (
    "", f"{_ONE} または {_TWO} など", f"{_ONE}　または　{_TWO}", f"{_ONE}\n{_TWO}", "①　②", "①または②", "①・②", "① / ②",
    f"\n {_ONE} または {_TWO} など\n（施設の代表アドレスなどもご登録いただけます）", "（　）①　（　）②", f"□{_ONE}\n□{_TWO}", "-", "？",
)  # fmt: skip
OTHERS = (
    "アカウントの削除をお願いします", "担当者の追加をお願いします", "施設名の変更をお願いします", "施設責任者の変更届について",
    "登録情報の訂正をお願いします", "認定証の再発行を希望します", "認定の辞退について", "住所の修正をお願いします。",
    "メールアドレスの削除をお願いします", "メールアドレスの追加をお願いします。", "登録名義の修正", "退会を希望します",
)  # fmt: skip


def wish(
    chance: random.Random, kind: str, new: str, old: str
) -> tuple[str, str | None, str | None]:
    """Return text, request and new address of a wish: confirm, change, both, other, none, unusable."""
    table = {
        "confirm": CONFIRMING, "change": CHANGING, "both": BOTHS, "other": OTHERS, "none": NONE,
        "unusable": UNUSABLE,
    }[kind]  # fmt: skip
    text = chance.choice(table)
    local, _, domain = new.partition("@")
    shown = text
    for key, value in (
        ("{n}", new), ("{o}", old), ("{w}", wide(new)), ("{sp}", f"{local} @ {domain}"),
        ("{N}", new.upper()),
    ):  # fmt: skip
        shown = shown.replace(key, value)
    meaning = {
        "confirm": CONFIRM,
        "change": CHANGE,
        "both": BOTH,
        "other": OTHER,
        "unusable": CHANGE,
    }
    address = new if kind in ("change", "both") else None
    return shown, meaning.get(kind), address
