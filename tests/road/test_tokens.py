"""A mailbox and a relay that take no passwords, as Microsoft 365 and Google Workspace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import mails
from tests.servers.certificates import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.net import eventually
from tests.servers.smtp_sink import SmtpSink
from tests.servers.tokens import TokenServer

from .conftest import Office


def test_mailbox_and_relay_by_access_token(
    office: Office,
    make_dovecot: Callable[..., Dovecot],
    make_smtp_sink: Callable[..., SmtpSink],
    certificate: Certificate,
) -> None:
    tokens = TokenServer(office.user, expires_in=40)
    # Dovecot reads it as nobody, who may not enter the test's own folder.
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-oauth-"))
    try:
        configuration = folder / "oauth.conf.ext"
        configuration.write_text(
            f"tokeninfo_url = {tokens.url}/tokeninfo?access_token=\n"
            "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
        )
        folder.chmod(0o755)
        configuration.chmod(0o644)
        office.dovecot = make_dovecot(
            settings="auth_mechanisms = $auth_mechanisms xoauth2\n"
            f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {configuration}\n}}\n"
        )
        sink = make_smtp_sink(certificate=certificate, credentials=(office.user, "at-1"))
        name = office.user.replace("@", "%40")
        office.env |= {
            "HELPDESK_IMAP_URL": f"imap://{name}@127.0.0.1:{office.dovecot.imap_port}/INBOX",
            "HELPDESK_SMTP_URL": f"smtp://{name}@localhost:{sink.port}",
            "HELPDESK_TLS_CA_FILE": str(certificate.authority),
            "HELPDESK_OAUTH_TOKEN_URL": f"{tokens.url}/token",
            "HELPDESK_OAUTH_CLIENT_ID": "client",
            "HELPDESK_OAUTH_REFRESH_TOKEN": "rt-1",
        }
        daemon = office.start()
        office.deliver(mails.mail(mails.form(), message_id="<o1@mihon.example.jp>"))
        sink.wait_for(1, timeout_s=15)
        # The rotated token survives a restart: the endpoint takes no used one.
        daemon.stop()
        daemon = office.start()
        assert tokens.requests[-1]["refresh_token"] != "rt-1"
        tokens.refusal = (400, "invalid_grant")
        eventually(lambda: "invalid_grant" in str(daemon.healthz()), timeout_s=60, what="the alarm")
        answer = daemon.healthz()
        assert answer is not None
        assert answer[0] == 503
        assert "at-1" not in daemon.log
        assert "rt-" not in daemon.log
    finally:
        tokens.close()
        shutil.rmtree(folder, ignore_errors=True)
