"""Made-up mails: the form as the guide prints it, and what else comes in."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from email.message import EmailMessage

DESK = "desk@society.example.jp"
SUBJECT = "施設マイページ：メールアドレスについて"
HEAD = "taro@mihon.example.jp"

CONFIRM = "①メールアドレスの確認希望連絡"
CHANGE = "②新しいメールアドレス登録希望連絡\n新しいメールアドレス：new@mihon.example.jp"


def form(
    facility: str = "みほん中央病院（K0101）",
    physician: str = "見本 太郎",
    identity: str = "1968年4月9日",
    wish: str = CONFIRM,
) -> str:
    """Return the body of a filled-in form."""
    return (
        "事務局 ご担当者様\n\nお世話になっております。\n\n"
        f"1）認定施設名（可能なら認定番号）\n{facility}\n"
        f"2）施設責任者氏名\n{physician}\n"
        f"3）施設責任者会員番号または生年月日（本人確認用）\n{identity}\n"
        f"4）対応希望内容\n{wish}\n\nよろしくお願いいたします。\n"
    )


def mail(
    body: str,
    *,
    message_id: str,
    sender: str = HEAD,
    name: str = "見本 太郎",
    subject: str = SUBJECT,
    to: str = DESK,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return one mail in UTF-8 as it comes from a person's mail client."""
    letter = EmailMessage()
    letter["From"] = f"{name} <{sender}>"
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = "Tue, 24 Nov 2026 10:00:00 +0900"
    letter["Message-ID"] = message_id
    for key, value in (headers or {}).items():
        letter[key] = value
    letter.set_content(body, cte="base64")
    return letter.as_bytes()


def jis(text: str) -> bytes:
    """Return text in ISO-2022-JP as Outlook writes it: with NEC and IBM characters."""
    out, mode = b"", b"\x1b(B"
    for char in text:
        octets = char.encode("cp932")
        wanted, data = _jis_code(octets)
        if wanted != mode:
            out, mode = out + wanted, wanted
        out += data
        if char == "\n":
            mode = b"\x1b(B"
    return out + (b"" if mode == b"\x1b(B" else b"\x1b(B")


def _jis_code(octets: bytes) -> tuple[bytes, bytes]:
    if len(octets) == 1:
        if octets[0] < 0x80:
            return b"\x1b(B", octets
        return b"\x1b(I", bytes([octets[0] & 0x7F])
    lead, trail = octets
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2
    if trail >= 0x9F:
        return b"\x1b$B", bytes([row + 0x22, trail - 0x7E])
    return b"\x1b$B", bytes([row + 0x21, trail - 0x1F - (trail > 0x7F)])


def outlook_mail(body: str, *, message_id: str, sender: str = HEAD) -> bytes:
    """Return one mail in ISO-2022-JP, headers too, as Outlook sends it."""
    subject = base64.b64encode(jis(SUBJECT)).decode()
    head = (
        f"From: {sender}\r\nTo: {DESK}\r\nSubject: =?iso-2022-jp?B?{subject}?=\r\n"
        f"Message-ID: {message_id}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\n"
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="iso-2022-jp"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n\r\n"
    )
    return head.encode() + jis(body).replace(b"\n", b"\r\n")
