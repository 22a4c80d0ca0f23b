"""Servers that refuse, break, freeze or lie; what a person is told, and that nothing is lost."""

from __future__ import annotations

import shutil
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import mails
from tests.servers.certificates import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.net import eventually, free_port
from tests.servers.proxy import TcpProxy
from tests.servers.smtp_sink import SmtpSink

from .conftest import CLERK, Office

FIRST = mails.mail(mails.form(), message_id="<x1@mihon.example.jp>")


def state(office: Office) -> list[tuple[str, int]]:
    return [(row["state"], row["attempts"]) for row in office.outbox()]


def test_greylisted_letter_is_tried_again_and_arrives_once(office: Office) -> None:
    office.sink.react("RCPT", "450 4.2.0 greylisted", times=2)
    office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    eventually(lambda: state(office) == [("sent", 3)], timeout_s=10, what="sent at the third try")
    assert len(office.sink.letters) == 1


def test_refused_recipient_is_shown_and_not_tried_again(office: Office) -> None:
    office.sink.react("RCPT", "550 5.1.1 unknown user")
    office.start()
    office.deliver(FIRST)
    eventually(lambda: state(office) == [("failed", 1)], timeout_s=10, what="failed")
    assert "550" in office.outbox()[0]["error"]
    office.sink.calm()
    office.run("outbox", "retry", "1")
    office.wait_for_letters(1)
    office.run("outbox", "retry", "1", status=1)


def test_refusal_after_the_dot_is_definite(office: Office) -> None:
    office.sink.react("DOT", "554 5.6.0 not wanted")
    office.start()
    office.deliver(FIRST)
    eventually(lambda: state(office) == [("failed", 1)], timeout_s=10, what="failed")


def test_letter_whose_250_is_lost_waits_for_a_person(office: Office) -> None:
    office.sink.react("DOT", drop="after", times=1)
    office.start()
    office.deliver(FIRST)
    eventually(lambda: state(office) == [("unknown", 1)], timeout_s=10, what="unknown")
    time.sleep(1.5)  # Longer than every poll: it is not sent again by itself.
    assert len(office.sink.letters) == 1
    office.run("outbox", "retry", "1")
    office.wait_for_letters(2)
    assert len({letter.message_id for letter in office.sink.letters}) == 1


def test_doubt_is_resolved_where_the_relay_files_its_own_copies(office: Office) -> None:
    office.write_rules(mailbox__save_sent="server")
    office.sink.react("DOT", drop="after", times=1)
    office.start()
    office.deliver(FIRST)
    (letter,) = office.wait_for_letters(1)
    eventually(lambda: state(office) == [("unknown", 1)], timeout_s=10, what="unknown")
    office.dovecot.append(letter.content, office.user, "Sent")
    eventually(lambda: state(office)[0][0] == "sent", timeout_s=15, what="found in Sent")
    assert len(office.sink.letters) == 1


def test_relay_that_is_down_costs_no_try_and_health_says_so(office: Office) -> None:
    office.sink.stop()
    daemon = office.start(healthy=False)
    eventually(lambda: "relay" in str(daemon.healthz()), timeout_s=5, what="health")
    office.deliver(FIRST)
    eventually(lambda: state(office) == [("queued", 0)], timeout_s=10, what="queued")
    answer = daemon.healthz()
    assert answer is not None
    assert answer[0] == 503
    assert "cannot be reached" in answer[1] or "cannot be used" in answer[1]
    office.sink.start()
    office.wait_for_letters(1, timeout_s=30)
    eventually(lambda: (daemon.healthz() or (0,))[0] == 200, timeout_s=10, what="well again")


def test_relay_that_hangs_up_at_421_gets_the_letter_later(office: Office) -> None:
    office.sink.react("MAIL", "421 4.3.2 shutting down", times=1)
    office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1, timeout_s=20)
    assert len(office.sink.letters) == 1


def test_relay_without_starttls_gets_nothing_where_tls_is_demanded(office: Office) -> None:
    office.env["HELPDESK_SMTP_URL"] = office.sink.url().partition("?")[0]
    daemon = office.start(healthy=False)
    office.deliver(FIRST)
    eventually(lambda: office.letter_states().total() == 1, timeout_s=10, what="written")
    time.sleep(1)
    assert office.sink.count("MAIL") == 0
    assert (daemon.healthz() or (0,))[0] == 503


def test_letters_travel_by_starttls_and_log_in_where_demanded(
    office: Office, make_smtp_sink: Callable[..., SmtpSink], certificate: Certificate
) -> None:
    sink = make_smtp_sink(certificate=certificate, credentials=("desk", "p@ss/word"))
    office.env["HELPDESK_SMTP_URL"] = f"smtp://desk:p%40ss%2Fword@localhost:{sink_port(sink)}"
    office.env["HELPDESK_TLS_CA_FILE"] = str(certificate.authority)
    office.start()
    office.deliver(FIRST)
    sink.wait_for(1, timeout_s=15)


def sink_port(sink: SmtpSink) -> int:
    return sink.port


def test_certificate_of_a_stranger_is_refused(
    office: Office, make_smtp_sink: Callable[..., SmtpSink], certificate: Certificate
) -> None:
    sink = make_smtp_sink(certificate=certificate)
    office.env["HELPDESK_SMTP_URL"] = f"smtp://localhost:{sink.port}"
    daemon = office.start(healthy=False)
    eventually(lambda: "certificate" in str(daemon.healthz()), timeout_s=10, what="reason")
    assert sink.letters == []


def test_wrong_relay_password_is_said_and_not_hammered(
    office: Office, make_smtp_sink: Callable[..., SmtpSink], certificate: Certificate
) -> None:
    sink = make_smtp_sink(certificate=certificate, credentials=("desk", "right"))
    office.env["HELPDESK_SMTP_URL"] = f"smtp://desk:wrong@localhost:{sink.port}"
    office.env["HELPDESK_TLS_CA_FILE"] = str(certificate.authority)
    daemon = office.start(healthy=False)
    eventually(lambda: "refused user name" in str(daemon.healthz()), timeout_s=10, what="reason")
    office.deliver(FIRST)
    time.sleep(3)
    assert sink.count("AUTH") == 1
    assert "wrong" not in daemon.log


def test_wrong_mailbox_password_is_said_and_not_hammered(office: Office) -> None:
    right = office.env["HELPDESK_IMAP_URL"]
    office.env["HELPDESK_IMAP_URL"] = right.replace(":secret@", ":mistaken@")
    daemon = office.start(healthy=False)
    eventually(lambda: "refused user name" in str(daemon.healthz()), timeout_s=10, what="reason")
    time.sleep(3)
    assert daemon.log.count("mailbox_lost") == 1
    assert "mistaken" not in daemon.log
    daemon.stop()


def test_mailbox_over_tls_with_our_own_authority(
    office: Office, make_dovecot: Callable[..., Dovecot]
) -> None:
    server = make_dovecot(tls=True)
    office.dovecot = server
    office.env["HELPDESK_IMAP_URL"] = (
        f"imaps://{office.user.replace('@', '%40')}:secret@localhost:{server.imaps_port}/INBOX"
    )
    daemon = office.start(healthy=False)
    eventually(lambda: "certificate" in str(daemon.healthz()), timeout_s=10, what="refusal")
    daemon.kill()
    assert server.certificate is not None
    office.env["HELPDESK_TLS_CA_FILE"] = str(server.certificate.authority)
    office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    office.wait_until_handled(1)


@pytest.mark.parametrize("without", [("IDLE",), ("MOVE",), ("MOVE", "UIDPLUS")])
def test_poorer_servers_serve_as_well(
    office: Office, make_dovecot: Callable[..., Dovecot], without: tuple[str, ...]
) -> None:
    office.dovecot = make_dovecot(without=without)
    office.env["HELPDESK_IMAP_URL"] = office.dovecot.imap_url(office.user)
    daemon = office.start()
    office.deliver(mails.mail("会費の件", subject="年会費", message_id="<fee@x.test>"))
    with office.dovecot.client(office.user) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Deleted"])  # Somebody's own deletion.
    office.deliver(FIRST)
    office.wait_for_letters(1)
    if "UIDPLUS" in without:
        time.sleep(1)
        assert len(office.inbox()) == 2  # Left in place: a bare EXPUNGE would take the other.
    else:
        office.wait_until_handled(1)
        assert len(office.inbox()) == 1
    daemon.stop()
    daemon = office.start()
    daemon.stop()
    assert len(office.outbox()) == 1


@pytest.mark.parametrize("name", ["送信済みアイテム", "Sent Items", "SENT", "INBOX/送信済み"])
def test_sent_folder_is_known_by_its_name_where_the_server_marks_none(
    office: Office, make_dovecot: Callable[..., Dovecot], name: str
) -> None:
    office.dovecot = make_dovecot(without=("SPECIAL-USE",))
    office.env["HELPDESK_IMAP_URL"] = office.dovecot.imap_url(office.user)
    with office.dovecot.client(office.user) as client:
        assert [folder for _, _, folder in client.list_folders()] == ["INBOX"]
        client.create_folder(name)
    office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    eventually(lambda: len(office.folder_of(name)) == 1, timeout_s=10, what="the copy in Sent")


def through(office: Office, make_proxy: Callable[[int], TcpProxy]) -> TcpProxy:
    proxy = make_proxy(office.dovecot.imap_port)
    office.env["HELPDESK_IMAP_URL"] = office.dovecot.imap_url(office.user, port=proxy.port)
    return proxy


def test_connection_cut_while_fetching_stores_nothing_broken(
    office: Office, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = through(office, make_proxy)
    long = mails.mail(mails.form() + "あ" * 20_000, message_id="<x2@mihon.example.jp>")
    for offset in (3_000, 9_000, 30_000):
        proxy.cut_after(offset, "to_client", times=1)
    office.deliver(long)
    office.start(healthy=False)
    office.wait_for_letters(1, timeout_s=40)
    assert proxy.cuts >= 1
    assert len(office.outbox()) == 1


def test_connection_cut_after_move_leaves_one_mail_and_one_letter(
    office: Office, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = through(office, make_proxy)
    proxy.cut_on(rb"UID MOVE", "to_server", times=1)
    office.deliver(FIRST)
    office.start(healthy=False)
    office.wait_for_letters(1, timeout_s=20)
    office.wait_until_handled(1)
    assert proxy.cuts == 1
    assert (len(office.inbox()), len(office.outbox())) == (0, 1)


def many(office: Office, count: int) -> None:
    """Put a question of so many people into the mailbox: it comes in by three fetches or more."""
    for number in range(count):
        office.deliver(
            mails.mail(
                "代表者印は必要でしょうか。",
                subject=f"更新申請の件 {number}",
                message_id=f"<m{number}@x.test>",
                sender=f"m{number}@x.test",
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize("command", [rb"UID MOVE", rb"UID FETCH 101\b"])
def test_connection_cut_while_mails_are_decided_costs_no_mail_and_no_letter(
    office: Office, make_proxy: Callable[[int], TcpProxy], command: bytes
) -> None:
    many(office, 160)
    proxy = through(office, make_proxy)
    proxy.cut_on(command, "to_server", times=1)
    office.start(healthy=False)
    office.wait_for_letters(160, timeout_s=90)
    office.wait_until_handled(160)
    assert proxy.cuts == 1
    assert office.inbox() == []
    to = sorted(letter.recipients[0] for letter in office.sink.letters)
    assert to == sorted(f"m{number}@x.test" for number in range(160))


@pytest.mark.slow
def test_daemon_stops_while_another_thread_waits_for_the_mailbox(
    office: Office, make_proxy: Callable[[int], TcpProxy]
) -> None:
    many(office, 160)
    proxy = through(office, make_proxy)
    daemon = office.start(healthy=False)
    eventually(lambda: daemon.log.count("taken_in") >= 2, timeout_s=20, what="two batches")
    proxy.stall()
    eventually(lambda: daemon.log.count('"decided"') >= 50, timeout_s=20, what="one decided")
    daemon.stop()


def test_kicked_connection_is_made_anew(office: Office) -> None:
    daemon = office.start()
    office.dovecot.kick(office.user)
    eventually(lambda: "mailbox_lost" in daemon.log, timeout_s=10, what="noticed")
    office.deliver(FIRST)
    office.wait_for_letters(1, timeout_s=20)


def test_frozen_server_is_noticed_and_the_daemon_stops_all_the_same(office: Office) -> None:
    daemon = office.start()
    pids = office.dovecot.freeze(office.user)
    try:
        office.deliver(FIRST)
        # The poll finds the silence; a new connection gets a process that answers.
        office.wait_for_letters(1, timeout_s=60)
        office.dovecot.freeze(office.user)
        daemon.stop()
    finally:
        office.dovecot.thaw(pids)
        office.dovecot.thaw(office.dovecot.imap_pids(office.user))


def test_change_of_uidvalidity_causes_no_second_letter(office: Office) -> None:
    office.write_rules(mailbox__folders={"handled": "leave", "attention": "leave"})
    daemon = office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    office.dovecot.change_uidvalidity(office.user, "INBOX")
    office.dovecot.kick(office.user)
    again = mails.mail(
        mails.form(facility="みほん東病院"), message_id="<x3@x.test>", sender="e@x.test"
    )
    office.deliver(again)
    office.wait_for_letters(2, timeout_s=20)
    daemon.stop()
    assert len(office.sink.letters) == 2
    assert len(office.inbox()) == 2


def test_folder_that_cannot_be_filled_leaves_the_mail_in_place(
    office: Office, make_dovecot: Callable[..., Dovecot]
) -> None:
    office.write_rules(mailbox__folders={"handled": "a/../b"})
    daemon = office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    eventually(lambda: "not_filed" in daemon.log, timeout_s=10, what="said")
    assert len(office.inbox()) == 1
    office.deliver(mails.mail(mails.form(), message_id="<x5@x.test>", sender="z@x.test"))
    office.wait_for_letters(2)


def test_second_console_address_is_one_clear_sentence(office: Office) -> None:
    office.env["HELPDESK_CONSOLE_BIND"] = f"127.0.0.1:{free_port()}"
    office.start()
    second = office.start(wait=False)
    assert second.wait() == 1
    assert "HELPDESK_CONSOLE_BIND" in second.log
    assert "Traceback" not in second.log


def test_database_is_for_its_owner_alone(office: Office) -> None:
    database = office.folder / "var/helpdesk.db"
    shutil.rmtree(database.parent)  # It may be a copy; the product is to make its own.
    office.queue()
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"HELPDESK_IMAP_URL": ""}, "HELPDESK_IMAP_URL is not set"),
        ({"HELPDESK_IMAP_URL": "imap://a:b@mail.example.jp"}, "imaps://"),
        ({"HELPDESK_SMTP_URL": "smtp://mail.example.jp?starttls=never"}, "on this machine"),
        ({"HELPDESK_DATABASE_URL": "mysql://x"}, "HELPDESK_DATABASE_URL"),
        ({"HELPDESK_RULES": "/no/such/file.yaml"}, "/no/such/file.yaml"),
        ({"HELPDESK_SECRET_KEY": "short"}, "HELPDESK_SECRET_KEY"),
    ],
)
def test_wrong_setting_ends_the_start_with_one_sentence(
    office: Office, change: dict[str, str], sentence: str
) -> None:
    office.env |= change
    said = office.run("run", status=1)
    assert sentence in said
    assert "Traceback" not in said
    assert "secret@" not in said


def test_broken_rules_end_the_start_with_file_line_and_key(office: Office) -> None:
    office.rules.write_text("desk:\n  name: a\n  adress: b@example.jp\n", encoding="utf-8")
    said = office.run("run", status=1)
    assert f"{office.rules}:3: desk.adress" in said
    assert said == office.run("rules", "check", status=1)


def test_registry_with_a_bad_row_is_refused_whole(office: Office, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "認定番号,施設名,施設種別,責任者氏名,生年月日\n"
        "K0201,よい病院,基幹施設,良 一,1970-01-02\n"
        "K0202,わるい病院,基幹,悪 二,昭和65年1月1日\n",
        encoding="utf-8",
    )
    before = office.rows("registry", "list")
    said = office.run("registry", "import", str(bad), status=1)
    assert "row 3" in said
    assert "施設種別" in said
    assert "生年月日" in said
    assert "昭和65" not in said
    assert office.rows("registry", "list") == before


@pytest.mark.parametrize("arguments", [("queue", "approve"), ("nosuch",), ("queue", "show", "x")])
def test_wrong_usage_is_status_two(office: Office, arguments: tuple[str, ...]) -> None:
    office.run(*arguments, status=2)


def test_replayed_mail_is_decided_again(office: Office, monkeypatch: Any) -> None:
    office.env |= {"POISON": "1"}
    daemon = office.start(module="tests.road.poisoned")
    office.deliver(mails.mail(mails.form(), message_id="<poison@x.test>", sender="p@x.test"))
    office.deliver(FIRST)
    office.wait_for_letters(1)
    eventually(lambda: office.rows("quarantine", "list"), timeout_s=15, what="quarantined")
    daemon.signal(signal.SIGTERM)
    daemon.wait()
    (row,) = office.rows("quarantine", "list")
    assert "RuntimeError" in row["reason"]
    assert "POISON" not in row["reason"]
    raw = office.run("quarantine", "show", str(row["id"]))
    assert "<poison@x.test>" in raw
    office.run("quarantine", "replay", str(row["id"]))
    office.start()
    office.wait_for_letters(2)
    assert office.rows("quarantine", "list") == []


def test_approved_letters_leave_while_the_mailbox_is_down(
    office: Office, make_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = through(office, make_proxy)
    daemon = office.start()
    office.deliver(FIRST)
    office.wait_for_letters(1)
    proxy.refuse(True)
    proxy.cut_now()
    eventually(lambda: (daemon.healthz() or (0,))[0] == 503, timeout_s=10, what="health")
    office.run("queue", "approve", "1", "--as", CLERK)
    office.wait_for_letters(2)
