"""Hard mails with the truth beside them: charset x label x encoding x client x structure.

Everything is made up, and nothing is random but by its seed: the same number gives the
same mail. The truth is what a person would say of the mail, not what the reader says.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests import mails

#: Characters that the standard library's codecs lose under the labels Outlook gives.
SPECIAL = "①②㈱髙﨑Ⅱ№℡"


@dataclass(frozen=True, slots=True)
class Hard:
    """One mail and what is true of it."""

    name: str
    raw: bytes
    subject: str
    #: The person's own words; they are in `text` and nowhere else.
    own: str
    #: The words that were quoted; '' where nothing was.
    quoted: str
    signature: str
    attachment: str | None


SURNAMES = ("髙橋", "山﨑", "見本", "例示", "濵田", "德永")
FACILITIES = (
    "㈱みほん髙原病院",
    "見本①病院",
    "例示大学医学部附属病院",
    "医療法人社団みほん会 﨑田病院",
)


def cp51932(text: str) -> bytes:
    """Return text in EUC-JP with NEC's and IBM's rows."""
    out = bytearray()
    for char in text:
        octets = char.encode("cp932")
        if len(octets) == 1:
            out += octets if octets[0] < 0x80 else b"\x8e" + octets
        else:
            _, pair = mails._jis_code(octets)
            out += bytes(byte | 0x80 for byte in pair)
    return bytes(out)


# Code, how the text becomes bytes, and the labels that mails in it carry.
CODES = (
    ("jis", mails.jis, ("iso-2022-jp", "ISO-2022-JP", "iso-2022-jp-ms", "cp50221", "us-ascii", "", "utf-8", "shift_jis", "unknown-8bit")),
    ("cp932", lambda text: text.encode("cp932"), ("shift_jis", "Windows-31J", "x-sjis", "cp932", "sjis-win", "MS_Kanji", "us-ascii", "", "iso-8859-1", "utf-8", "euc-jp")),
    ("cp51932", cp51932, ("euc-jp", "CP51932", "eucJP-win", "x-euc-jp", "", "us-ascii", "utf-8")),
    ("utf-8", lambda text: text.encode(), ("utf-8", "UTF8", "unicode-1-1-utf-8", "shift_jis", "iso-2022-jp", "", "us-ascii", "iso-8859-1", "x-no-such-code")),
    ("gb18030", lambda text: text.encode("gb18030"), ("gb18030", "gb2312", "GBK")),
)  # fmt: skip

# Client, how it announces and marks a quotation; {} is what it quotes, line by line.
DESK = f"日本みほん医学会 事務局 <{mails.DESK}>"
CLIENTS = (
    ("none", "", ""),
    ("marks alone", "", "> "),
    ("gmail", f"2026年11月1日(日) 10:00 {DESK}:\n\n", "> "),
    ("gmail without marks", f"2026年11月1日(日) 10:00 {DESK}:\n\n", ""),
    ("gmail wrapped", f"2026年11月1日(日) 10:00 日本みほん医学会 事務局\n<{mails.DESK}>:\n\n", "> "),
    ("gmail english", f"On Sun, Nov 1, 2026 at 10:00 AM Mihon Igakkai Jimukyoku\n<{mails.DESK}> wrote:\n\n", "> "),
    ("outlook", f"差出人: {DESK}\n送信日時: 2026年11月1日 10:00\n宛先: a@mihon.example.jp\n件名: ご案内\n\n", ""),
    ("outlook wrapped", f"差出人: {DESK}\n送信日時: 2026年11月1日 10:00\n宛先: a@mihon.example.jp;\n b@mihon.example.jp\nCC: c@mihon.example.jp\n件名: ご案内\n\n", ""),
    ("outlook english", f"From: {DESK}\nSent: Sunday, November 1, 2026 10:00 AM\nTo: a@mihon.example.jp\nSubject: x\n\n", ""),
    ("outlook old", f"-----Original Message-----\nFrom: {DESK}\nSent: Sunday\n\n", ""),
    ("outlook old japanese", f"-----元のメッセージ-----\n差出人: {DESK}\n\n", ""),
    ("outlook phone", f"Outlook for iOS を入手\n________________________________\n差出人: {DESK}\n送信日時: 2026年11月1日\n宛先: a@x.test\n件名: x\n\n", ""),
    ("iphone", f"iPhoneから送信\n\n2026/11/01 10:00、{DESK}のメール:\n\n", "> "),
    ("apple english", f"On Nov 1, 2026, at 10:00, {DESK} wrote:\n\n", "> "),
    ("yahoo", f"----- Original Message -----\nFrom: {DESK}\nDate: 2026/11/1, Sun 10:00\n\n", ""),
    ("yahoo japanese", "----- 元のメッセージ -----\n", ""),
    ("thunderbird", "On 2026/11/01 10:00, 事務局 wrote:\n", "> "),
    ("thunderbird japanese", "2026/11/01 10:00、事務局 さんは書きました:\n", "> "),
    ("becky", f"On Sun, 01 Nov 2026 10:00:00 +0900\n{DESK} wrote:\n\n", "> "),
    ("forward", f"---------- Forwarded message ---------\nFrom: {DESK}\nDate: x\nSubject: y\n\n\n", ""),
)  # fmt: skip

SIGNATURES = (
    "",
    "-- \n{facility}\n{name}",
    "━━━━━━━━━━━━\n{facility} 医局\n{name}\n〒100-0000 東京都みほん区1-1\nTEL 03-0000-0000\n━━━━━━━━━━━━",
    "*********************\n{facility}\n{name}\n電話：03-0000-0000\n*********************",
    "──────────\n{facility}\n{name}\n──────────",
)

STRUCTURES = ("plain", "alternative", "mixed", "html", "related", "deep")
ENCODINGS = ("base64", "quoted-printable", "8bit")
_OLD = "先日お送りしたご案内の文面です。"


def generate(count: int, seed: int = 0) -> Iterator[Hard]:
    """Yield `count` hard mails; every dimension comes up evenly, in other company each time."""
    for number in range(count):
        yield one_mail(number + seed * 1_000_003)


def one_mail(number: int) -> Hard:
    """Return the mail of a number."""
    dice = random.Random(number)
    code, encode, labels = CODES[number % len(CODES)]
    label = dice.choice(labels)
    client, intro, mark = CLIENTS[(number // len(CODES)) % len(CLIENTS)]
    structure = dice.choice(STRUCTURES)
    facility, surname = dice.choice(FACILITIES), dice.choice(SURNAMES)
    # What a code cannot hold cannot be in its mail; GB18030 holds everything.
    own = f"{facility}の{surname}です。①の会員番号は{number:06d}で、ﾌﾘｶﾞﾅもお知らせします。"
    signature = dice.choice(SIGNATURES).format(facility=facility, name=f"{surname} 太郎")
    body = own + "\n\n"
    if signature:
        body += signature + "\n\n"
    if client != "none":
        body += intro + mark + _OLD + "\n"
    subject = f"施設マイページ：{surname}（№{number}）㈱"
    attachment = f"申請書①_{surname}.docx" if structure in ("mixed", "deep") else None
    part = _text(
        body,
        structure,
        encode,
        label,
        dice.choice(ENCODINGS if code != "jis" else ("7bit", *ENCODINGS[:2])),
    )
    source = _headers(subject, encode, label, dice, code) + _structured(
        part, structure, attachment, dice
    )
    name = f"{number}: {code} as {label or 'nothing'}, {client}, {structure}"
    return Hard(name, source, subject, own, "" if client == "none" else _OLD, signature, attachment)


def _headers(subject: str, encode: object, label: str, dice: random.Random, code: str) -> bytes:
    octets = encode(subject)  # type: ignore[operator]
    declared = label if label not in ("", "us-ascii", "unknown-8bit", "x-no-such-code") else code
    declared = {"jis": "iso-2022-jp", "cp51932": "euc-jp", "cp932": "shift_jis"}.get(
        declared, declared
    )
    how = dice.choice(("words", "split", "raw" if code in ("utf-8", "cp932", "jis") else "words"))
    if how == "raw":
        shown = octets
    elif how == "split" and code != "jis":  # In the middle of a character.
        cut = 3 * (len(octets) // 2 // 3) + 1
        shown = b"\r\n ".join(_word(one, declared) for one in (octets[:cut], octets[cut:]))
    else:
        shown = _word(octets, declared)
    return (
        b"From: =?utf-8?B?" + base64.b64encode("見本 太郎".encode()) + b"?= <" + mails.HEAD.encode() + b">\r\n"
        b"To: " + mails.DESK.encode() + b"\r\nSubject: " + shown + b"\r\n"
        b"Message-ID: <" + str(dice.random()).encode() + b"@mihon.example.jp>\r\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\n"
    )  # fmt: skip


def _word(octets: bytes, label: str) -> bytes:
    return b"=?" + label.encode() + b"?B?" + base64.b64encode(octets) + b"?="


def _text(body: str, structure: str, encode: object, label: str, encoding: str) -> bytes:
    """Return one text part, headers and all."""
    kind = "plain"
    if structure == "html":
        kind, body = "html", _as_html(body)
    octets = encode(body).replace(b"\n", b"\r\n")  # type: ignore[operator]
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    charset = f'; charset="{label}"' if label else ""
    head = f"Content-Type: text/{kind}{charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + octets


def _as_html(body: str) -> str:
    escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<html><body><div>{escaped.replace(chr(10), '<br>' + chr(10))}</div></body></html>"


def _structured(part: bytes, structure: str, attachment: str | None, dice: random.Random) -> bytes:
    if structure in ("plain", "html"):
        return part
    if structure == "alternative":
        other = b"Content-Type: text/html; charset=us-ascii\r\n\r\n<p>HTML</p>"
        return _multipart("alternative", "b1", part, other)
    if structure == "related":
        picture = b"Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
        return _multipart("related", "b2", part, picture)
    assert attachment is not None
    mixed = _multipart("mixed", "b3", part, _document(attachment, dice))
    return (
        _multipart("mixed", "b4", mixed, b"Content-Type: text/plain\r\n\r\n")
        if structure == "deep"
        else mixed
    )


def _multipart(kind: str, boundary: str, *parts: bytes) -> bytes:
    lines = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    for part in parts:
        lines += b"--" + boundary.encode() + b"\r\n" + part + b"\r\n"
    return lines + b"--" + boundary.encode() + b"--\r\n"


def _document(name: str, dice: random.Random) -> bytes:
    octets = name.encode()
    quoted = "".join(f"%{byte:02X}" for byte in octets)
    cut = 3 * (len(quoted) // 2 // 3)
    forms = (
        f"filename*=UTF-8''{quoted}",
        f"filename*0*=UTF-8''{quoted[:cut]};\r\n filename*1*={quoted[cut:]}",
        f'filename="{_word(octets, "utf-8").decode()}"',
        f'filename="{_word(mails.jis(name), "iso-2022-jp").decode()}"',
        f'filename="{_word(octets[:7], "utf-8").decode()}\r\n {_word(octets[7:], "utf-8").decode()}"',
    )
    return (
        f"Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document\r\n"
        f"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; {dice.choice(forms)}\r\n\r\n"
        + base64.b64encode(b"PK\x03\x04 a document").decode()
    ).encode()
