"""What comes wrapped: winmail.dat, S/MIME, PGP, invitations, mails inside mails."""

from __future__ import annotations

import base64
import datetime as dt
import struct
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from helpdesk.domain.disposition import Scope, Sorting, sort_message
from helpdesk.domain.message import Message, read_message
from helpdesk.domain.request import read_request
from tests import mails

SCOPE = Scope(frozenset({mails.DESK}), ("施設マイページ",))
FORM = mails.form()


def sort(message: Message, *, answers_us: bool = False) -> Sorting:
    return sort_message(message, read_request(message), SCOPE, answers_us=answers_us)


def envelope(content_type: str, body: bytes, subject: str = "x") -> bytes:
    shown = base64.b64encode(subject.encode()).decode()
    return (
        f"From: {mails.HEAD}\r\nTo: {mails.DESK}\r\nSubject: =?utf-8?B?{shown}?=\r\nMessage-ID: <a@x.test>\r\n"
        f"Content-Type: {content_type}\r\n"
    ).encode() + body


def in_base64(octets: bytes) -> bytes:
    return b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)


# ── winmail.dat ────────────────────────────────────────────────────────────────


def attribute(level: int, number: int, data: bytes) -> bytes:
    return (
        struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) % 65536)
    )


def unicode_property(tag: int, text: str) -> bytes:
    octets = (text + "\0").encode("utf-16-le")
    padded = octets + b"\0" * (-len(octets) % 4)
    return struct.pack("<HHII", 0x001F, tag, 1, len(octets)) + padded


def winmail(properties: bytes = b"", count: int = 0, body: bytes = b"") -> bytes:
    stream = struct.pack("<IH", 0x223E9F78, 1)
    stream += attribute(1, 0x00069007, struct.pack("<II", 932, 0))
    if body:
        stream += attribute(1, 0x0002800C, body + b"\0")
    if properties:
        stream += attribute(1, 0x00069003, struct.pack("<I", count) + properties)
    stream += attribute(2, 0x00069002, bytes(14))
    stream += attribute(2, 0x00018010, "申請~1.DOC".encode("cp932") + b"\0")
    stream += attribute(2, 0x0006800F, b"a document")
    long_name = unicode_property(0x3707, "申請書①.docx")
    return stream + attribute(2, 0x00069005, struct.pack("<I", 1) + long_name)


def rtf(text: str) -> bytes:
    words = "".join(
        "\\par\n"
        if char == "\n"
        else char
        if char < "\x80"
        else "".join(f"\\'{byte:02x}" for byte in char.encode("cp932"))
        for char in text
    )
    plain = (r"{\rtf1\ansi\ansicpg932{\fonttbl{\f0 Gothic;}}" + words + "}").encode()
    packed = struct.pack("<IIII", len(plain) + 12, len(plain), 0x414C454D, 0) + plain
    return (
        struct.pack("<HHII", 0x0102, 0x1009, 1, len(packed)) + packed + b"\0" * (-len(packed) % 4)
    )


@pytest.mark.parametrize(
    "stream",
    [
        winmail(body=FORM.encode("cp932")),
        winmail(unicode_property(0x1000, FORM), 1),
        winmail(rtf(FORM), 1),
    ],
    ids=["body", "property", "rich text"],
)
def test_text_and_attachments_of_winmail_dat_are_read(stream: bytes) -> None:
    message = read_message(envelope('application/ms-tnef; name="winmail.dat"', in_base64(stream)))
    assert "みほん中央病院" in message.text
    assert [(one.name, one.size) for one in message.attachments] == [
        ("申請書①.docx", 10),
        ("winmail.dat", len(stream)),
    ]
    assert sort(message).disposition == "request"


def test_compressed_rich_text_is_unpacked() -> None:
    from helpdesk.domain.rtf import unpack_rtf

    # The example of MS-OXRTFCP 3.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423"
        "20af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


# ── signed and encrypted ───────────────────────────────────────────────────────


def smime(octets: bytes) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "見本")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(day).not_valid_after(day + dt.timedelta(days=1000))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    builder = (
        pkcs7.PKCS7SignatureBuilder().set_data(octets).add_signer(certificate, key, hashes.SHA256())
    )
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def test_opaque_smime_is_read() -> None:
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + FORM.encode()
    message = read_message(
        envelope(
            "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            in_base64(smime(inner)),
        )
    )
    assert (message.signed, message.encrypted) == (True, None)
    assert sort(message).disposition == "request"


def test_detached_smime_is_read_and_its_signature_listed() -> None:
    body = (
        b"\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + FORM.encode()
        + b"\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIAG\r\n--b--\r\n"
    )  # fmt: skip
    message = read_message(envelope("multipart/signed; boundary=b", body))
    assert (message.signed, sort(message).disposition) == (True, "request")
    assert [one.name for one in message.attachments] == ["smime.p7s"]


def test_inline_pgp_signature_is_taken_off() -> None:
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{FORM}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    message = read_message(mails.mail(text, message_id="<a@x.test>"))
    assert "PGP" not in message.body
    assert (message.signed, sort(message).disposition) == (True, "request")


ENCRYPTED = {
    "S/MIME": envelope("application/pkcs7-mime; smime-type=enveloped-data", in_base64(b"0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x03\xa0\x80\0\0")),
    "PGP/MIME": envelope("multipart/encrypted; boundary=b", b"\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nabc\r\n--b--\r\n"),
    "PGP inline": mails.mail("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n", message_id="<a@x.test>", subject="x"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_what_is_encrypted_goes_to_a_human(kind: str) -> None:
    message = read_message(ENCRYPTED[kind])
    assert message.encrypted is not None
    found = sort(message)
    assert (found.disposition, found.topic, found.reasons) == ("unclear", "human", ("encrypted",))


# ── inside another mail ────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_form_in_a_forwarded_mail_is_read_and_both_senders_are_known(encoding: str) -> None:
    inner = mails.outlook_mail(FORM, message_id="<inner@x.test>", sender="inner@mihon.example.jp")
    octets = inner if encoding == "7bit" else base64.encodebytes(inner)
    body = (
        b"\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "転送します。".encode()
        + f"\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + octets + b"\r\n--b--\r\n"
    )  # fmt: skip
    message = read_message(envelope("multipart/mixed; boundary=b", body))
    assert (message.text.strip(), sort(message).disposition) == ("転送します。", "request")
    assert message.sender is not None
    assert message.sender.address == mails.HEAD
    (forwarded,) = message.forwarded
    assert forwarded.sender is not None
    assert (forwarded.sender.address, forwarded.subject) == (
        "inner@mihon.example.jp",
        mails.SUBJECT,
    )


def test_form_filled_in_inside_the_quotation_is_found() -> None:
    quoted = "\n".join(f"> {line}" for line in FORM.split("\n"))
    message = read_message(
        mails.mail(
            f"記入しました。\n\n2026年11月1日(日) 10:00 事務局 <{mails.DESK}>:\n{quoted}\n",
            message_id="<a@x.test>",
        )
    )
    assert (message.text.strip(), sort(message).disposition) == ("記入しました。", "request")


# ── invitations and documents ──────────────────────────────────────────────────


def test_invitation_is_read_and_goes_to_a_human() -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:施設マイページの\r\n 打合せ\r\nDESCRIPTION:会員番号\\n123\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    message = read_message(
        envelope("text/calendar; charset=utf-8; method=REQUEST", b"\r\n" + calendar.encode())
    )
    assert message.invitation == "request"
    assert "施設マイページの打合せ\n会員番号\n123" in message.body
    assert sort(message).disposition == "unclear"


@pytest.mark.parametrize("name", ["申請.docx", "form.pdf", "パスワード付き.zip", "一覧.xlsx"])
def test_form_in_a_document_goes_to_a_human(name: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mails.HEAD, mails.DESK, mails.SUBJECT
    letter.set_content("添付のとおり申請いたします。よろしくお願いいたします。")
    letter.add_attachment(b"PK", maintype="application", subtype="octet-stream", filename=name)
    message = read_message(letter.as_bytes())
    assert [one.name for one in message.attachments] == [name]
    assert sort(message).reasons == ("form_attached",)


def test_form_in_the_text_is_a_request_whatever_is_attached() -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mails.HEAD, mails.DESK, mails.SUBJECT
    letter.set_content(FORM)
    letter.add_attachment(b"PK", maintype="application", subtype="pdf", filename="a.pdf")
    assert sort(read_message(letter.as_bytes())).disposition == "request"
