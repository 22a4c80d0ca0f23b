"""The whole road on servers that can less than Dovecot: all of it switched off, and pymap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from imapclient import IMAPClient

from helpdesk.config import ImapUrl
from helpdesk.demo.servers import imap_server
from tests import mails
from tests.servers.dovecot import Dovecot
from tests.servers.net import eventually

from .conftest import Office

POOREST = ("MOVE", "UIDPLUS", "IDLE", "SPECIAL-USE", "MULTIAPPEND")


def staff_answer(name: str) -> bytes:
    return mails.mail(
        "お電話の件、承知しました。",
        message_id=f"<staff-{name}@society.example.jp>",
        sender=mails.DESK,
        name="事務局 佐藤",
        subject="Re: なんでも",
        to=f"{name}@x.test",
        headers={"In-Reply-To": f"<{name}@x.test>"},
    )


def request(name: str) -> bytes:
    return mails.mail(mails.form(), message_id=f"<{name}@x.test>", sender=f"{name}@x.test")


def test_server_that_can_nothing_beyond_imap_itself_serves_as_well(
    office: Office, make_dovecot: Callable[..., Dovecot]
) -> None:
    office.dovecot = make_dovecot(without=POOREST)
    office.env["HELPDESK_IMAP_URL"] = office.dovecot.imap_url(office.user)
    with office.dovecot.client(office.user) as client:
        assert not {one.encode() for one in POOREST} & set(client.capabilities())
        client.create_folder("送信済みアイテム")
    office.start()
    office.deliver(request("a"))
    office.wait_for_letters(1)
    eventually(lambda: office.folder_of("送信済みアイテム"), timeout_s=10, what="the copy in Sent")
    office.sink.react("RCPT", "450 later")
    office.deliver(request("b"))
    eventually(
        lambda: office.letter_states() == {"sent": 1, "deferred": 1}, timeout_s=15, what="deferred"
    )
    office.dovecot.append(staff_answer("b"), office.user, "送信済みアイテム")
    eventually(lambda: office.letter_states() == {"sent": 1, "held": 1}, timeout_s=15, what="held")
    assert len(office.inbox()) == 2  # Nothing can be moved without harm.


@pytest.fixture
def pymap(tmp_path: Path) -> Iterator[ImapUrl]:
    ending: Any = SimpleNamespace(held_back=nullcontext)  # The test ends it, and no signal.
    with imap_server(tmp_path / "pymap.log", ending) as url:
        yield url


def folders(url: ImapUrl) -> dict[str, int]:
    """Return how many mails lie in each folder."""
    with IMAPClient(url.host, port=url.port, ssl=False) as client:
        client.login(url.user, url.password)
        listed = client.list_folders()
        names = [name for flags, _, name in listed if b"\\Noselect" not in flags]
        return {name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in names}


def put(url: ImapUrl, raw: bytes, folder: str = "INBOX") -> None:
    with IMAPClient(url.host, port=url.port, ssl=False) as client:
        client.login(url.user, url.password)
        client.append(folder, raw, msg_time=datetime.now(UTC))


def test_pymap_serves_as_well(office: Office, pymap: ImapUrl) -> None:
    office.env["HELPDESK_IMAP_URL"] = (
        f"imap://{pymap.user}:{pymap.password}@{pymap.host}:{pymap.port}/INBOX"
    )
    with IMAPClient(pymap.host, port=pymap.port, ssl=False) as client:
        client.login(pymap.user, pymap.password)
        client.create_folder("Sent")
    daemon = office.start()
    put(pymap, mails.mail("会費の件", subject="年会費", message_id="<fee@x.test>"))
    put(pymap, request("a"))
    office.wait_for_letters(1)
    eventually(
        lambda: folders(pymap) == {"INBOX": 1, "Sent": 1, "helpdesk/処理済み": 1},
        timeout_s=15,
        what="filed, and a copy in Sent",
    )
    office.sink.react("RCPT", "450 later")
    put(pymap, request("b"))
    eventually(
        lambda: office.letter_states() == {"sent": 1, "deferred": 1}, timeout_s=15, what="deferred"
    )
    put(pymap, staff_answer("b"), "Sent")
    eventually(lambda: office.letter_states() == {"sent": 1, "held": 1}, timeout_s=15, what="held")
    assert "mailbox_lost" not in daemon.log  # It tells of mail in pieces of lines.
