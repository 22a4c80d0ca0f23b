"""The audit log as a chain: each entry holds a keyed digest over itself and the one before.

Who alters, removes or reorders an entry breaks every digest after it. The newest number
and digest are kept apart under a key of their own (the head), so that a tail that was cut
off is missed too. Only who puts back an older head together with the log as it was then
goes unseen from within: a head that was noted elsewhere shows that (`Head.parse`). No entry holds a
person's data: names of evidence, numbers of rows, and who did it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helpdesk.domain.keyed import keyed_digest

# Made once: `json.dumps` makes one for each call that has options.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

#: The digest before the first entry.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    #: A key of WORDS.
    event: str
    #: `system`, `mail`, `import`, `portal`, or the name of a person.
    actor: str
    #: What caused it: `mail:17`, `action:3`, `command`, `calendar`.
    cause: str
    case_number: str | None = None
    #: Plain values only; never a person's data.
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain."""

    id: int
    at: datetime
    event: Event
    digest: str
    #: Columns by which entries are found; they say again what `about` says.
    letter_id: int | None = None
    mail_id: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log goes; written `17:9f86d0…`, it anchors the log wherever it is noted."""

    number: int
    digest: str

    def __str__(self) -> str:
        """Return it as it is printed and noted."""
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head | None:
        """Return the head that a text spells, or None."""
        number, _, digest = text.strip().partition(":")
        if not (number.isascii() and number.isdigit() and re.fullmatch(r"[0-9a-f]{64}", digest)):
            return None
        return cls(int(number), digest)


def seal_of(key: bytes, head: Head) -> str:
    """Return the keyed digest of a head; `key` is another than the entries'."""
    return keyed_digest(key, str(head).encode()).hex()


def digest_of(key: bytes, before: str, number: int, at: datetime, event: Event) -> str:
    """Return the digest of an entry that follows the one with the digest `before`."""
    text = _JSON.encode(
        [
            before,
            number,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            event.event,
            event.actor,
            event.cause,
            event.case_number,
            dict(event.about),
        ]
    )
    return keyed_digest(key, text.encode("utf-8", "surrogatepass")).hex()


def faults_of(
    key: bytes, entries: Iterable[Entry], last: Head, expected_head: Head | None = None
) -> Iterator[str]:
    """Yield what is wrong with a chain.

    `last` is the head as kept apart, `expected_head` one that was noted elsewhere.
    """
    before, expected = GENESIS, 1
    for entry in entries:
        if entry.id != expected:
            yield f"entries {expected} to {entry.id - 1} are missing"
        right = digest_of(key, before, entry.id, entry.at, entry.event)
        if not hmac.compare_digest(right, entry.digest):
            yield f"entry {entry.id} was altered, or the one before it is another"
        found_by = (entry.event.about.get("letter"), entry.event.about.get("mail"))
        if (entry.letter_id, entry.mail_id) != found_by:
            yield f"entry {entry.id} was altered: it is found by another letter or mail"
        if expected_head is not None and entry.id == expected_head.number:
            wanted, expected_head = expected_head, None
            if not hmac.compare_digest(entry.digest, wanted.digest):
                yield f"entry {entry.id} is not the one of the expected head"
        before, expected = entry.digest, entry.id + 1
    if (expected - 1, before) != (last.number, last.digest):
        yield f"the log ends at entry {expected - 1}, but {last.number} entries were written"
    if expected_head is not None and expected_head != Head(0, GENESIS):
        yield f"the log ends before entry {expected_head.number}, the expected head"


#: What an event is called where people read it; {…} are keys of `about`.
WORDS: Mapping[str, str] = {
    "mail_taken": "メールを受信しました（mail {mail}）",
    "mail_decided": "メールを {disposition} と判断しました（mail {mail}、{reasons}）",
    "mail_quarantined": "メールを隔離しました（mail {mail}）",
    "verdict": "本人確認：{outcome}（{parts}）",
    "action_queued": "処理 {action} {kind} を承認待ちにしました",
    "letter_written": "送信メール {letter} を作成しました（{name}、{to}）",
    "letter_ended": "送信メール {letter} は {state} です",
    "approved": "処理 {action} を承認しました（{state}、{count}/{needed}）",
    "rejected": "処理 {action} を却下しました",
    "told": "登録アドレスを {to} に伝えました（{ground}）",
    "asked": "確認をお願いする案内を送り、処理 {action} を責任者変更待ちにしました",
    "entered": "処理 {action} {kind} を電話・FAXなどから登録しました",
    "call_back": "処理 {action} について代表電話での確認を記録しました",
    "proof_taken": "処理 {action} の確認番号を、受信の証拠と認めました",
    "change": "変更（処理 {action}）：{change} → {state}",
    "judged_anew": "処理 {action} を名簿の変更により判定し直しました（{outcome}）",
    "facts_moved": "処理 {action} の事実が変わりました（{facts}）",
    "withdrawal_reflected": "処理 {action} の変更の取り下げがマイページ側に反映されました",
    "address_changed": "名簿の {facility} のアドレスを変更しました",
    "address_reverted": "名簿の {facility} のアドレスを元に戻しました",
    "portal_acknowledged": "処理 {action} の変更をマイページ側が受け取りました",
    "imported": "名簿を取り込みました（追加 {added}、変更 {changed}、削除 {removed}）",
    "exported": "変更を書き出しました（{count} 件）",
    "viewed": "処理 {action} を表示しました",
    "seen": "{what} を表示しました（{which}）",
    "person_exported": "個人の記録を書き出しました（{found} 件）",
    "person_erased": "個人の記録を消去しました（{erased} 件）",
    "purged": "保存期間を過ぎた記録を消去しました（{counts}）",
    "key_rotated": "暗号鍵を {key} に替えました",
    "user_added": "利用者 {user}（{role}）を登録しました",
    "fields_corrected": "項目を手で直しました（{fields}）：{outcome}",
    "letter_dropped": "送信メール {letter} を送らないことにしました",
    "user_changed": "利用者 {user} を変更しました（{what}）",
    "own_records": "利用者 {user} ご自身の会員記録を登録しました（{count} 件）",
    "session_ended": "利用者 {user} のログインを終わらせました",
    "letter_retried": "送信メール {letter} をもう一度送ることにしました（{state}）",
    "mail_replayed": "隔離されたメールを読み直すことにしました（mail {mail}）",
    "campaign_paused": "一斉案内 {campaign} を止めました",
    "campaign_resumed": "一斉案内 {campaign} を再開しました",
    "snippet_saved": "定型文「{name}」を保存しました",
    "snippet_removed": "定型文「{name}」を消しました",
    "over_misses": "本人確認の不一致が上限を超えました（{scope}）",
}


def in_words(event: Event) -> str:
    """Return an event as a person reads it; what is not known stands as it was written."""
    about = {name: _plain(value) for name, value in event.about.items()}
    words = WORDS.get(event.event)
    if words is None:
        return f"{event.event} {about}"
    if event.event == "imported" and "addresses" in about:
        words += "。登録アドレス・電話番号の変更 {addresses} 件、責任者の変更 {persons} 件"
    try:
        return words.format(**about)
    except (KeyError, IndexError):
        return f"{event.event} {about}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value) or "-"
    return "-" if value is None else str(value)
