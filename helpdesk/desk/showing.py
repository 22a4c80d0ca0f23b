"""What else is known of a mail: for `parse --full`, and in words for `helpdesk show`."""

from __future__ import annotations

from typing import Any

from helpdesk.domain.authentication import read_authentication
from helpdesk.domain.disposition import Sorting
from helpdesk.domain.message import Message
from helpdesk.domain.quoting import OWN, QUOTED, SIGNATURE
from helpdesk.domain.request import Reading
from helpdesk.domain.written_by import read_written_by
from helpdesk.rules import Rules


def full_details(message: Message, reading: Reading) -> dict[str, Any]:
    """Return what `parse --full` adds, keys as DESIGN section 5 fixes them."""
    bounce = message.bounce
    return {
        "text": message.text,
        "quoted": message.quoted,
        "signature": message.signature,
        "attachments": [
            {"name": one.name, "type": one.type, "size": one.size, "sha256": one.sha256}
            for one in message.attachments
        ],
        "defects": list(message.defects),
        "written_by": read_written_by(message, reading).kind,
        "bounce": {
            "address": bounce.address,
            "permanent": bounce.permanent,
            "original_message_id": bounce.original_message_id,
        }
        if bounce
        else None,
    }


_NAMES = {OWN: "本人の文", QUOTED: "引用", SIGNATURE: "署名"}
_DISPOSITIONS = {
    "request": "依頼", "question": "質問", "reply": "返信", "unclear": "担当者が確認",
    "other": "対象外", "auto_reply": "自動返信", "bounce": "不達通知", "bulk": "一斉配信",
    "quarantined": "隔離",
}  # fmt: skip


def shown(message: Message, sorting: Sorting, rules: Rules) -> str:
    """Return one mail in words for people: what was decoded how, quoted, and decided why.

    No control characters but line ends: what a mail says must not steer a terminal.
    """
    lines = [*_head(message), *_verdict(message, sorting, rules), *_decodings(message)]
    lines += _parts(message)
    for segment in message.segments:
        text = message.body[segment.start : segment.end].strip("\n")
        lines += ["", f"── {_NAMES[segment.kind]} ──", text]
    return "\n".join(_safe(line) for line in "\n".join(lines).split("\n")) + "\n"


def _safe(line: str) -> str:
    return "".join(char if char.isprintable() or char in " \t　" else "�" for char in line)


def _head(message: Message) -> list[str]:
    sender = message.sender
    who = (
        f"{sender.name} <{sender.address}>" if sender else f"（読めません）{message.header('from')}"
    )
    return [
        f"差出人      {who}",
        f"件名        {message.subject}",
        f"日時        {message.date.isoformat() if message.date else 'なし'}",
        f"Message-ID  {message.message_id or 'なし'}",
        *(
            f"転送元      {one.sender.address if one.sender else '（読めません）'}　{one.subject}"
            for one in message.forwarded
        ),
    ]


def _verdict(message: Message, sorting: Sorting, rules: Rules) -> list[str]:
    lines = [
        f"扱い        {_DISPOSITIONS[sorting.disposition]}（{sorting.disposition}）",
        f"理由        {', '.join(sorting.reasons)}",
    ]
    lines += [
        f"機械の印    {name}: {value[:200]}" for name, value in message.headers if _is_mark(name)
    ]
    if message.bounce:
        kind = {True: "恒久的", False: "一時的", None: "不明"}[message.bounce.permanent]
        lines.append(
            f"不達        {message.bounce.address or '宛先不明'}（{kind}）"
            f" 元のメール {message.bounce.original_message_id or '不明'}"
        )
    found = read_authentication(message, rules.mailbox.authserv_id)
    if found:
        aligned = "差出人と一致" if found.aligned else "差出人と一致せず"
        lines.append(
            f"送信元認証  SPF={found.spf} DKIM={found.dkim} DMARC={found.dmarc}（{aligned}）"
        )
    return lines


_MARKS = frozenset(
    "auto-submitted return-path precedence x-loop x-auto-response-suppress x-autoreply"
    " x-spam-flag x-spam-status x-failed-recipients x-helpdesk-letter".split()
)


def _is_mark(name: str) -> bool:
    return name in _MARKS or name.startswith("list-")


def _decodings(message: Message) -> list[str]:
    lines = []
    for number, one in enumerate(message.decodings, start=1):
        label = f"表示は {one.label}" if one.label else "表示なし"
        doubt = "" if one.exact else "　表示どおりではありません"
        others = f"　ほかの候補 {', '.join(one.alternatives)}" if one.alternatives else ""
        lines.append(f"文字コード  本文{number}：{one.charset}（{label}）{doubt}{others}")
    return lines


def _parts(message: Message) -> list[str]:
    lines = [
        f"添付        {one.name or '（名前なし）'}　{one.type}　{one.size:,} バイト　"
        f"SHA-256 {one.sha256[:16]}…"
        for one in message.attachments
    ]
    if message.encrypted:
        lines.append(f"暗号        {message.encrypted}（読んでいません）")
    if message.signed:
        lines.append("電子署名    あり（検証していません）")
    return lines + [f"不備        {defect}" for defect in message.defects]
