"""What people did by hand, as the page of a day tells it."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.console.words import N_, Words
from helpdesk.domain.audit import Event, in_words

#: Events by their name; {…} are keys of `about`, `what` in words.
_EVENTS: Mapping[str, str] = {
    "user_added": N_("利用者 {user} を登録（{role}）"),
    "user_changed": N_("利用者 {user}：{what}"),
    "session_ended": N_("利用者 {user} のログインを終わらせた"),
    "letter_dropped": N_("送信メール {letter} を送らないことにした"),
    "letter_retried": N_("送信メール {letter} をもう一度送ることにした"),
    "mail_replayed": N_("隔離されたメール {mail} を読み直すことにした"),
    "campaign_paused": N_("一斉案内「{campaign}」を止めた"),
    "campaign_resumed": N_("一斉案内「{campaign}」を再開した"),
    "snippet_saved": N_("定型文「{name}」を保存"),
    "snippet_removed": N_("定型文「{name}」を消去"),
    "exported": N_("変更を書き出した（{count}件）"),
    "person_exported": N_("個人の記録を書き出した（{found}件）"),
    "person_erased": N_("個人の記録を消去した（{erased}件）"),
    "key_rotated": N_("暗号鍵を替えた"),
    "seen": N_("{what}を見た（{which}）"),
}

_SEEN: Mapping[str, str] = {
    "case": N_("案件"),
    "contacts": N_("電話・郵送の連絡先一覧"),
    "contacts.csv": N_("電話・郵送の連絡先一覧のCSV"),
    "facility": N_("施設の記録"),
    "file": N_("添付ファイル"),
    "letter": N_("送信メール"),
    "mail": N_("受信したメール"),
    "quarantine": N_("隔離されたメール"),
    "registry": N_("名簿"),
    "registry.json": N_("名簿"),
}

_CHANGES: Mapping[str, str] = {
    "role": N_("権限を変えた（{before} → {after}）"),
    "password": N_("パスワードを変えた"),
    "enabled": N_("停止を解いた"),
    "stopped": N_("停止した"),
    "code_demanded": N_("確認コードを必須にした"),
    "code_free": N_("確認コードを任意にした"),
    "code_set": N_("確認コードを設定した"),
    "code_removed": N_("確認コードを解除した"),
}


def act_in_words(event: Event, words: Words) -> str:
    """Return an event as a clerk reads it; what has no words of its own, as the log has it."""
    about = {key: str(value) for key, value in event.about.items()}
    if event.event == "user_changed":
        change = words.gettext(_CHANGES.get(about.get("what", ""), "{what}"))
        about |= {name: words.label("role", about.get(name, "")) for name in ("before", "after")}
        about["what"] = change.format(**about)
    if event.event == "seen":
        about["what"] = words.gettext(_SEEN.get(about.get("what", ""), "{what}")).format(**about)
        about["which"] = event.case_number or about.get("which", "-")
    if event.event == "user_added":
        about["role"] = words.label("role", about.get("role", ""))
    if "campaign" in about:
        about["campaign"] = words.label("campaign", about["campaign"])
    try:
        return words.gettext(_EVENTS[event.event]).format(**about)
    except KeyError:
        return in_words(event)
