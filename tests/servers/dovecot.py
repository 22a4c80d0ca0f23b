"""A real Dovecot: any user name is a mailbox of its own, the password is always `secret`."""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.servers import needs
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.net import LOOPBACK, eventually, free_port, greets
from tests.servers.proc import end_session

PASSWORD = "secret"

_HERE = Path(__file__).parent
_PACKAGES = "dovecot-core, dovecot-imapd and dovecot-lmtpd"

# What Dovecot announces after log-in, so that a variant can leave some of it out.
_CAPABILITIES = (
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND UNSELECT "
    "CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN "
    "LIST-STATUS BINARY MOVE LITERAL+ SPECIAL-USE"
).split()


class Dovecot:
    """One server in a folder of its own; `stop` and `start` again keep ports and mail."""

    def __init__(
        self, *, tls: bool = False, without: Sequence[str] = (), settings: str = ""
    ) -> None:
        """Prepare a server; `without` names capabilities it does not announce.

        `settings` is added to the end of the configuration as it is. With `tls` there is
        `imaps_port` too, STARTTLS on `imap_port`, and `certificate`.
        """
        self._programs = needs.program("dovecot", _PACKAGES), needs.program("doveadm", _PACKAGES)
        # Short, outside pytest's private folders: nobody must get in, and the path of a
        # Unix socket holds at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="hd-dovecot-"))
        self.folder.chmod(0o755)
        needs.give_to_nobody(self.folder)
        self.imap_port, self.lmtp_port = free_port(), free_port()
        self.imaps_port = free_port() if tls else 0
        self.certificate: Certificate | None = None
        if tls:
            self.use_certificate()
        self._config = self.folder / "dovecot.conf"
        self._config.write_text(self._configuration(tls, without, settings))
        self._process: subprocess.Popen[bytes] | None = None

    def use_certificate(
        self, names: tuple[str, ...] = ("localhost", LOOPBACK), *, expired: bool = False
    ) -> Certificate:
        """Put a new certificate in place; a running server takes it at its next start."""
        self.certificate = make_certificate(self.folder, names=names, expired=expired)
        needs.give_to_nobody(self.certificate.key)
        return self.certificate

    def start(self) -> None:
        """Start and wait until both doors answer."""
        (self.folder / "run").mkdir(exist_ok=True)
        needs.give_to_nobody(self.folder / "run")
        self._process = subprocess.Popen(
            needs.unprivileged(self._programs[0], "-F", "-c", str(self._config)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
            start_new_session=True,
        )
        eventually(self._answers, timeout_s=20.0, what="Dovecot's greeting")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"Dovecot ended at its start: {self.log()[-2000:]}")
        return greets(self.imap_port, b"* OK") and greets(self.lmtp_port, b"220 ")

    @property
    def pid(self) -> int:
        """Return the number of the master process, which leads the session of all others."""
        assert self._process is not None, "not running"
        return self._process.pid

    def stop(self) -> None:
        """End the server and every process of it, frozen ones included."""
        if self._process is None:
            return
        self._process.terminate()
        end_session(self._process.pid)
        self._process.wait(10)
        self._process = None

    def remove(self) -> None:
        """Stop, and take the folder away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Return what the server logged and said on its error output."""
        texts = []
        for name in ("stderr", "dovecot.log"):
            with suppress(FileNotFoundError):
                texts.append((self.folder / name).read_text(errors="replace"))
        return "".join(texts)

    # Mail in

    def deliver(self, raw: bytes, to: str, *, mail_from: str = "sender@example.test") -> None:
        """Deliver one mail over LMTP; returns after the 250. '' is the null return path."""
        self.deliver_many([raw], to, mail_from=mail_from)

    def deliver_many(
        self, raws: Iterable[bytes], to: str, *, mail_from: str = "sender@example.test"
    ) -> None:
        """Deliver several mails over one connection, in order."""
        with smtplib.LMTP(LOOPBACK, self.lmtp_port) as lmtp:
            for raw in raws:
                lmtp.sendmail(mail_from, [to], raw)

    def append(
        self,
        raw: bytes,
        user: str,
        folder: str = "INBOX",
        *,
        flags: Sequence[str] = (),
        at: datetime | None = None,
    ) -> None:
        """Put one mail in place as a mail program does, with flags and an arrival time."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, raw, flags, at)

    # Mail out

    def client(self, user: str, *, tls: bool = False) -> IMAPClient:
        """Return a logged-in client; use it in a `with`, which logs out."""
        context = self.certificate.client_context() if tls and self.certificate else None
        client = IMAPClient(
            LOOPBACK,
            port=self.imaps_port if tls else self.imap_port,
            ssl=tls,
            ssl_context=context,
            timeout=20.0,
        )
        client.login(user, PASSWORD)
        return client

    def imap_url(self, user: str, folder: str = "INBOX", *, port: int | None = None) -> str:
        """Return the address of a mailbox as the settings take it; `port` of a proxy."""
        scheme, own = ("imaps", self.imaps_port) if self.imaps_port else ("imap", self.imap_port)
        name = quote(user, safe="")
        return f"{scheme}://{name}:{PASSWORD}@{LOOPBACK}:{port or own}/{quote(folder, safe='')}"

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return the mails of a folder in order of UID, untouched; [] where there is no such."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            uids = sorted(client.search())
            found = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
            # A mail that somebody took away in between is missing from the answer.
            return [bytes(found[uid][b"BODY[]"]) for uid in uids if uid in found]

    def wait_for_messages(
        self, user: str, count: int, folder: str = "INBOX", *, timeout_s: float = 20.0
    ) -> list[bytes]:
        """Return the mails of a folder as soon as there are this many (or more)."""
        seen: list[bytes] = []

        def enough() -> bool:
            seen[:] = self.messages(user, folder)
            return len(seen) >= count

        what = f"{count} mails in {folder}"
        try:
            eventually(enough, timeout_s=timeout_s, pause_s=0.05, what=what)
        except TimeoutError as error:
            raise TimeoutError(f"{error} (there are {len(seen)})") from None
        return seen

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """Return the flags of every mail by UID; \\Recent, which no person sets, left out."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search())
        return {
            uid: {flag.decode() for flag in flags} - {"\\Recent"}
            for uid, flags in sorted(found.items())
        }

    def folders(self, user: str) -> list[str]:
        """Return the names of all folders, sorted."""
        with self.client(user) as client:
            return sorted(str(name) for _, _, name in client.list_folders())

    # Faults

    def doveadm(self, *arguments: str) -> str:
        """Run doveadm against this server and return what it printed."""
        done = subprocess.run(
            needs.unprivileged(self._programs[1], "-c", str(self._config), *arguments),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"doveadm {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def kick(self, user: str) -> None:
        """Throw every connection of a user out; nobody being there is no error."""
        with suppress(RuntimeError):
            self.doveadm("kick", user)

    def imap_pids(self, user: str) -> list[int]:
        """Return the processes that serve a user, for SIGSTOP and SIGCONT; `stop` ends all."""
        lines = self.doveadm("who", "-1", user).splitlines()[1:]
        return sorted({int(word[2]) for line in lines if len(word := line.split()) > 3})

    def freeze(self, user: str) -> list[int]:
        """Stop a user's connections without closing them: a half-open peer."""
        pids = self.imap_pids(user)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return pids

    def thaw(self, pids: Iterable[int]) -> None:
        """Let frozen connections go on."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        """Return the UIDVALIDITY of a folder."""
        with self.client(user) as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def change_uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        """Raise the UIDVALIDITY of a folder by one, as after a restored backup; return it."""
        value = self.uidvalidity(user, folder) + 1
        self.doveadm("mailbox", "update", "--uid-validity", str(value), "-u", user, folder)
        return value

    def delete_folder(self, user: str, folder: str) -> None:
        """Take a folder away with what is in it."""
        with self.client(user) as client, suppress(IMAPClientError):
            client.delete_folder(folder)

    # Configuration

    def _configuration(self, tls: bool, without: Sequence[str], settings: str) -> str:
        is_new = self._version() >= (2, 4)
        text = (_HERE / ("dovecot-2.4.conf" if is_new else "dovecot-2.3.conf")).read_text()
        user, group = _names()
        for name, value in {
            "DIR": str(self.folder),
            "USER": user,
            "GROUP": group,
            "IMAP": str(self.imap_port),
            "IMAPS": str(self.imaps_port),
            "LMTP": str(self.lmtp_port),
        }.items():
            text = text.replace(f"@{name}@", value)
        if "SPECIAL-USE" in without:  # Then no folder is marked, and none made by itself.
            text = re.sub(r"(?m)^ *(?:special_use|auto) = .*\n", "", text)
        return "\n".join(
            (text, _tls_settings(self.folder, tls, is_new), _announced(without), settings, "")
        )

    def _version(self) -> tuple[int, ...]:
        said = subprocess.run(
            [self._programs[0], "--version"], capture_output=True, text=True, check=True
        ).stdout
        return tuple(int(part) for part in said.split()[0].split(".")[:2])


def _names() -> tuple[str, str]:
    if needs.is_root():
        return (
            pwd.getpwuid(needs.NOBODY).pw_name,
            grp.getgrgid(needs.NOBODY).gr_name,
        )
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _tls_settings(folder: Path, tls: bool, is_new: bool) -> str:
    if not tls:
        return "ssl = no"
    names = ("ssl_server_cert_file = ", "ssl_server_key_file = ")
    certificate, key = names if is_new else ("ssl_cert = <", "ssl_key = <")
    return f"ssl = yes\n{certificate}{folder}/cert.pem\n{key}{folder}/key.pem"


def _announced(without: Sequence[str]) -> str:
    if not without:
        return ""
    words = " ".join(word for word in _CAPABILITIES if word not in without)
    return f"protocol imap {{\n  imap_capability = {words}\n}}"
