"""The tests' own servers do what the other tests rely on."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.servers.certificates import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.net import LOOPBACK, eventually, free_port
from tests.servers.postfix import Postfix
from tests.servers.proc import session_of
from tests.servers.proxy import TcpProxy
from tests.servers.smtp_sink import Drop, SmtpSink, Step

MAIL = "Subject: 試し\r\nMessage-ID: <1@example.test>\r\n\r\n本文\r\n.点\r\n".encode()


def send(port: int, to: str | list[str], raw: bytes = MAIL) -> dict[str, tuple[int, bytes]]:
    """Send one letter with the standard library's client and return the refusals."""
    with smtplib.SMTP(LOOPBACK, port, timeout=10) as smtp:
        return smtp.sendmail("desk@example.test", to, raw, ["BODY=8BITMIME"])


# Dovecot


def test_delivered_mail_is_read_back_byte_for_byte(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(MAIL, user)
    (raw,) = dovecot.wait_for_messages(user, 1)
    assert raw.endswith(MAIL)
    assert dovecot.flags(user) == {1: set()}


def test_mailboxes_of_two_users_are_apart(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(MAIL, user)
    assert dovecot.messages(f"other-{user}") == []


def test_many_mails_are_delivered_over_one_connection_in_order(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver_many([b"Subject: %d\r\n\r\n" % n for n in range(100)], user, mail_from="")
    raws = dovecot.messages(user)
    assert [raw.split(b"Subject: ")[1].split(b"\r\n")[0] for raw in raws] == [
        b"%d" % n for n in range(100)
    ]
    assert raws[0].startswith(b"Return-Path: <>")


def test_mail_is_put_in_place_with_flags_and_folder(dovecot: Dovecot, user: str) -> None:
    dovecot.append(MAIL, user, "helpdesk/処理済み", flags=["\\Seen"])
    assert dovecot.messages(user, "helpdesk/処理済み") == [MAIL]
    assert "\\Seen" in dovecot.flags(user, "helpdesk/処理済み")[1]
    assert "helpdesk/処理済み" in dovecot.folders(user)
    assert dovecot.messages(user, "no such folder") == []


def test_uidvalidity_is_changed_from_outside(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(MAIL, user)
    before = dovecot.uidvalidity(user)
    assert dovecot.change_uidvalidity(user) == dovecot.uidvalidity(user) == before + 1


def test_kicked_connection_is_closed(dovecot: Dovecot, user: str) -> None:
    client = dovecot.client(user)
    dovecot.kick(user)
    with pytest.raises((OSError, client.AbortError)):
        eventually(lambda: client.noop() is None, timeout_s=5)
    client.shutdown()


def test_frozen_connection_answers_again_after_thawing(dovecot: Dovecot, user: str) -> None:
    with dovecot.client(user) as client:
        pids = dovecot.freeze(user)
        assert len(pids) == 1
        client.socket().settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.noop()
        dovecot.thaw(pids)
        os.kill(pids[0], 0)
        client.shutdown()


def test_capabilities_can_be_left_out(make_dovecot: Callable[..., Dovecot], user: str) -> None:
    server = make_dovecot(without=("MOVE", "UIDPLUS", "IDLE"))
    with server.client(user) as client:
        announced = set(client.capabilities())
    assert not announced & {b"MOVE", b"UIDPLUS", b"IDLE"}
    assert b"SPECIAL-USE" in announced


def test_tls_is_verified_against_the_tests_own_authority(
    make_dovecot: Callable[..., Dovecot], user: str
) -> None:
    server = make_dovecot(tls=True)
    server.deliver(MAIL, user)
    with server.client(user, tls=True) as client:
        client.select_folder("INBOX")
        assert client.search() == [1]
    assert server.imap_url(user).startswith("imaps://")
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection((LOOPBACK, server.imaps_port)) as peer,
    ):
        ssl.create_default_context().wrap_socket(peer, server_hostname="localhost")


def test_stopped_server_leaves_no_process_and_starts_again_with_its_mail(
    make_dovecot: Callable[..., Dovecot], user: str
) -> None:
    server = make_dovecot()
    server.deliver(MAIL, user)
    client = server.client(user)
    server.freeze(user)
    master = server.pid
    assert len(session_of(master)) > 3
    server.stop()
    client.shutdown()
    assert session_of(master) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, server.imap_port))
    server.start()
    assert len(server.messages(user)) == 1
    server.remove()
    assert not server.folder.exists()


# Postfix


def test_relay_hands_every_address_to_dovecot(
    dovecot: Dovecot, postfix: Postfix, user: str
) -> None:
    assert send(postfix.smtp_port, user) == {}
    (raw,) = dovecot.wait_for_messages(user, 1)
    assert raw.endswith("本文\r\n.点\r\n".encode())


def test_relay_keeps_letters_while_dovecot_is_down(
    make_postfix: Callable[..., Postfix],
) -> None:
    relay = make_postfix(free_port())
    send(relay.smtp_port, "clinic@example.jp")
    eventually(lambda: relay.queue_length() == 1)
    relay.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, relay.smtp_port))


# The sink


def test_sink_keeps_envelope_and_bytes(smtp_sink: SmtpSink) -> None:
    send(smtp_sink.port, ["a@example.jp", "b@example.jp"])
    (letter,) = smtp_sink.wait_for(1)
    assert letter.mail_from == "desk@example.test"
    assert letter.recipients == ("a@example.jp", "b@example.jp")
    assert letter.content == MAIL
    assert letter.message_id == "<1@example.test>"
    assert smtp_sink.letters_to("b@example.jp") == [letter]


@pytest.mark.parametrize(
    ("step", "reply", "code"),
    [
        ("CONNECT", "421 4.3.2 not now", 421),
        ("MAIL", "451 4.3.0 later", 451),
        ("RCPT", "450 4.2.0 greylisted", 450),
        ("RCPT", "550 5.1.1 no such user", 550),
        ("DATA", "452 4.3.1 full", 452),
        ("DOT", "554 5.7.1 no", 554),
        ("DOT", "421 4.3.2 going down", 421),
    ],
)
def test_sink_refuses_at_a_step_once_and_then_is_polite(
    smtp_sink: SmtpSink, step: Step, reply: str, code: int
) -> None:
    smtp_sink.react(step, reply, times=1)
    with pytest.raises(smtplib.SMTPException) as refused:
        send(smtp_sink.port, "a@example.jp")
    assert str(code) in str(refused.value)
    assert smtp_sink.letters == []
    send(smtp_sink.port, "a@example.jp")
    assert len(smtp_sink.letters) == 1


def test_sink_refuses_one_recipient_of_two(smtp_sink: SmtpSink) -> None:
    smtp_sink.react("RCPT", "550 5.1.1 no such user", address="b@example.jp")
    refused = send(smtp_sink.port, ["a@example.jp", "b@example.jp"])
    assert refused == {"b@example.jp": (550, b"5.1.1 no such user")}
    assert smtp_sink.letters[0].recipients == ("a@example.jp",)


@pytest.mark.parametrize(
    ("step", "drop", "kept"),
    [
        ("CONNECT", "before", 0),
        ("MAIL", "before", 0),
        ("RCPT", "after", 0),
        ("DATA", "before", 0),
        ("DATA", "after", 0),
        ("DOT", "before", 0),
        ("DOT", "after", 1),
    ],
)
def test_sink_drops_the_connection_at_a_step(
    smtp_sink: SmtpSink, step: Step, drop: Drop, kept: int
) -> None:
    smtp_sink.react(step, drop=drop, times=1)
    with pytest.raises((smtplib.SMTPException, OSError)):
        send(smtp_sink.port, "a@example.jp")
    assert len(smtp_sink.letters) == kept
    send(smtp_sink.port, "a@example.jp")
    assert len(smtp_sink.letters) == kept + 1


def test_sink_keeps_a_letter_and_answers_late(smtp_sink: SmtpSink) -> None:
    smtp_sink.react("DOT", delay_s=0.3)
    send(smtp_sink.port, "a@example.jp")
    assert time.monotonic() - smtp_sink.letters[0].at >= 0.3


def test_sink_goes_down_and_comes_back_on_the_same_port(smtp_sink: SmtpSink) -> None:
    with smtplib.SMTP(LOOPBACK, smtp_sink.port) as smtp:
        smtp.ehlo()
        smtp_sink.stop()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.noop()
        smtp.close()
    with pytest.raises(ConnectionRefusedError):
        send(smtp_sink.port, "a@example.jp")
    smtp_sink.start()
    send(smtp_sink.port, "a@example.jp")
    assert len(smtp_sink.letters) == 1


def test_sink_demands_starttls_and_log_in(
    make_smtp_sink: Callable[..., SmtpSink], certificate: Certificate
) -> None:
    sink = make_smtp_sink(certificate=certificate, credentials=("desk", "p@ss"))
    assert sink.url() == f"smtp://desk:p%40ss@127.0.0.1:{sink.port}?starttls=required"
    with smtplib.SMTP(LOOPBACK, sink.port, timeout=10) as smtp:
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            smtp.sendmail("desk@example.test", "a@example.jp", MAIL)
        smtp.starttls(context=certificate.client_context())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("desk", "wrong")
        smtp.login("desk", "p@ss")
        smtp.sendmail("desk@example.test", "a@example.jp", MAIL)
    assert len(sink.letters) == 1


def test_sink_speaks_implicit_tls(
    make_smtp_sink: Callable[..., SmtpSink], certificate: Certificate
) -> None:
    sink = make_smtp_sink(certificate=certificate, tls="implicit")
    context = certificate.client_context()
    with smtplib.SMTP_SSL(LOOPBACK, sink.port, context=context, timeout=10) as smtp:
        smtp.sendmail("desk@example.test", "a@example.jp", MAIL)
    assert len(sink.letters) == 1
    assert sink.url().startswith("smtps://")


# The proxy


def test_proxy_counts_what_passes(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    send(proxy.port, "a@example.jp")
    assert proxy.connections == 1
    assert proxy.bytes_to_server > len(MAIL)
    assert proxy.bytes_to_client > 0


def test_proxy_cuts_after_the_final_dot_and_the_letter_has_arrived(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    proxy.cut_on(rb"\r\n\.\r\n", "to_server")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(proxy.port, "a@example.jp")
    smtp_sink.wait_for(1)
    assert proxy.cuts == 1
    send(proxy.port, "a@example.jp")
    assert len(smtp_sink.letters) == 2


def test_proxy_swallows_the_final_dot_and_the_letter_does_not_arrive(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    proxy.cut_on(rb"\r\n\.\r\n", "to_server", swallow=True)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(proxy.port, "a@example.jp")
    time.sleep(0.4)
    assert smtp_sink.letters == []


@pytest.mark.parametrize("reset", [False, True])
def test_proxy_cuts_in_the_middle_of_a_fetched_mail(
    dovecot: Dovecot, user: str, make_proxy: Callable[[int], TcpProxy], reset: bool
) -> None:
    dovecot.deliver(MAIL + b"x" * 5000, user)
    proxy = make_proxy(dovecot.imap_port)
    proxy.cut_after(2000, "to_client", reset=reset)
    with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as peer:
        peer.sendall(f"a LOGIN {user} secret\r\nb SELECT INBOX\r\n".encode())
        peer.sendall(b"c UID FETCH 1 BODY.PEEK[]\r\n")
        heard = b""
        with suppress(ConnectionResetError):
            while data := peer.recv(4096):
                heard += data
    assert len(heard) <= 2000
    assert reset or len(heard) == 2000
    assert proxy.bytes_to_client == 2000


def test_proxy_stalls_and_resumes_without_closing(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as peer:
        assert peer.recv(4) == b"220 "
        peer.recv(1000)
        proxy.stall()
        peer.sendall(b"NOOP\r\n")
        peer.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.recv(1)
        proxy.resume()
        peer.settimeout(5)
        assert peer.recv(4) == b"250 "


def test_proxy_refuses_and_cuts_at_once(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as peer:
        peer.recv(1000)
        proxy.cut_now()
        assert peer.recv(1) == b""
    proxy.refuse()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(proxy.port, "a@example.jp")
    proxy.refuse(False)
    send(proxy.port, "a@example.jp")


def test_proxy_slows_what_passes(
    smtp_sink: SmtpSink, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = make_proxy(smtp_sink.port)
    proxy.throttle(200)
    started = time.monotonic()
    with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as peer:
        heard = b""
        while not heard.endswith(b"\r\n"):
            heard += peer.recv(100)
    assert time.monotonic() - started >= len(heard) / 200 * 0.8
