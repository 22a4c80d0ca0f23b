"""Settings from the environment, from files, and what is said about mistakes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpdesk.config import (
    ImapUrl,
    SettingsError,
    SmtpUrl,
    is_loopback,
    load_settings,
    parse_imap_url,
    parse_smtp_url,
)

SECRET = "s3cret-Passw0rd"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("HELPDESK_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("text", "url", "why"),
    [
        (
            "imaps://desk:pw@mail.example.jp:1993/INBOX",
            ImapUrl("mail.example.jp", 1993, "desk", "pw", "INBOX", tls=True),
            "everything said",
        ),
        (
            "imaps://desk:pw@mail.example.jp",
            ImapUrl("mail.example.jp", 993, "desk", "pw", "INBOX", tls=True),
            "default port and folder",
        ),
        (
            "imap://desk:pw@127.0.0.1",
            ImapUrl("127.0.0.1", 143, "desk", "pw", "INBOX", tls=False),
            "without TLS on this machine",
        ),
        (
            "imap://desk:pw@[::1]:1143/",
            ImapUrl("::1", 1143, "desk", "pw", "INBOX", tls=False),
            "IPv6 loopback",
        ),
        (
            "imaps://desk%40example.jp:p%2Fw%23%25@MAIL.example.jp/%E4%BA%8B%E5%8B%99%E5%B1%80/%20a",
            ImapUrl("mail.example.jp", 993, "desk@example.jp", "p/w#%", "事務局/ a", tls=True),
            "percent-encoded, folder below a folder",
        ),
        (
            "imaps://desk@example.jp:pw@mail.example.jp",
            ImapUrl("mail.example.jp", 993, "desk@example.jp", "pw", "INBOX", tls=True),
            "a bare @ in the user",
        ),
    ],
)
def test_imap_url_is_read(text: str, url: ImapUrl, why: str) -> None:
    assert parse_imap_url(text) == url, why


@pytest.mark.parametrize(
    ("text", "url", "why"),
    [
        (
            "smtps://desk:pw@relay.example.jp",
            SmtpUrl("relay.example.jp", 465, "desk", "pw", "implicit"),
            "TLS from the first byte",
        ),
        (
            "smtp://desk:pw@relay.example.jp",
            SmtpUrl("relay.example.jp", 587, "desk", "pw", "starttls"),
            "STARTTLS is required unless said otherwise",
        ),
        (
            "smtp://relay.example.jp:25?starttls=required",
            SmtpUrl("relay.example.jp", 25, None, None, "starttls"),
            "a relay that asks no password",
        ),
        (
            "smtp://localhost:2525/?starttls=never",
            SmtpUrl("localhost", 2525, None, None, "never"),
            "without TLS on this machine",
        ),
    ],
)
def test_smtp_url_is_read(text: str, url: SmtpUrl, why: str) -> None:
    assert parse_smtp_url(text) == url, why


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("IMAP_URL", f"imap://desk:{SECRET}@mail.example.jp", "imap:// would send"),
        ("IMAP_URL", f"http://desk:{SECRET}@mail.example.jp", "write imaps://"),
        ("IMAP_URL", f"imaps://desk:{SECRET}@", "write imaps://"),
        ("IMAP_URL", "imaps://mail.example.jp", "needs user and password"),
        ("IMAP_URL", f"imaps://desk:{SECRET}/x@mail.example.jp", "%2F"),
        ("IMAP_URL", f"imaps://desk:{SECRET}#x@mail.example.jp", "nothing after the folder"),
        ("IMAP_URL", f"imaps://desk:{SECRET}%@mail.example.jp", "bare % in the password"),
        ("IMAP_URL", f"imaps://desk:{SECRET}%0d%0aA1@mail.example.jp", "control character"),
        ("IMAP_URL", f"imaps://desk:{SECRET}@mail.example.jp/IN%0aBOX", "control character"),
        ("IMAP_URL", f"imaps://desk:{SECRET}\n@mail.example.jp", "spaces, newlines"),
        ("IMAP_URL", f"imaps://desk:{SECRET}%ff@mail.example.jp", "not UTF-8"),
        ("IMAP_URL", f"imaps://desk:{SECRET}@mail.example.jp:99999", "port"),
        ("IMAP_URL", f"imaps://desk:{SECRET}@[::1/INBOX", "write imaps://"),
        ("SMTP_URL", f"smtp://desk:{SECRET}@relay.example.jp?starttls=never", "on this machine"),
        ("SMTP_URL", f"smtp://desk:{SECRET}@relay.example.jp?starttls=maybe", "no option but"),
        ("SMTP_URL", f"smtps://desk:{SECRET}@relay.example.jp?starttls=never", "encrypted already"),
        ("SMTP_URL", f"smtps://:{SECRET}@relay.example.jp", "or neither"),
        ("SMTP_URL", f"smtps://desk:{SECRET}@relay.example.jp/INBOX", "takes no path"),
        ("DATABASE_URL", f"mysql://desk:{SECRET}@db.example.jp/x", "is no database"),
        ("SECRET_KEY", SECRET, "at least 16 characters"),
        ("CONSOLE_BIND", "8080", "127.0.0.1:8080"),
        ("CONSOLE_BIND", "127.0.0.1:99999", "127.0.0.1:8080"),
        ("TLS_CA_FILE", "/nowhere/ca.pem", "cannot be read"),
    ],
)
def test_mistake_names_the_variable_and_never_the_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"HELPDESK_{variable}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    text = str(caught.value)
    assert text.startswith(f"HELPDESK_{variable} ")
    assert words in text
    assert "\n" not in text
    assert SECRET not in text
    assert SECRET not in repr(caught.value.__cause__) + repr(caught.value.__context__)


def test_every_mistake_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_IMAP_URL", "nonsense")
    monkeypatch.setenv("HELPDESK_SMTP_URL", "nonsense")
    monkeypatch.setenv("HELPDESK_CONSOLE_BIND", "nonsense")
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    assert len(caught.value.mistakes) == 3


def test_nothing_needs_to_be_set_for_the_database_alone() -> None:
    settings = load_settings(None)
    assert settings.database_url == "sqlite:///var/helpdesk.db"
    assert settings.rules == Path("mailbox_rules.yaml")
    assert not settings.rules_given
    assert settings.templates == Path("templates")
    assert not settings.templates_given
    assert settings.console_address == ("127.0.0.1", 8080)
    assert settings.secret_key is None


def test_absent_mailbox_and_relay_are_demanded_when_needed() -> None:
    settings = load_settings(None)
    for demand, variable in [
        (settings.require_imap, "HELPDESK_IMAP_URL"),
        (settings.require_smtp, "HELPDESK_SMTP_URL"),
        (settings.require_secret_key, "HELPDESK_SECRET_KEY"),
    ]:
        with pytest.raises(SettingsError, match=f"^{variable} is not set; write .*{variable}_FILE"):
            demand()


def test_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_IMAP_URL", "")
    monkeypatch.setenv("HELPDESK_RULES", "")
    settings = load_settings(None)
    assert settings.imap_url is None
    assert not settings.rules_given


def test_given_paths_are_remembered_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_RULES", "mailbox_rules.yaml")
    monkeypatch.setenv("HELPDESK_TEMPLATES", "templates")
    settings = load_settings(None)
    assert settings.rules_given
    assert settings.templates_given


def test_no_secret_stands_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_IMAP_URL", f"imaps://desk:{SECRET}@mail.example.jp")
    monkeypatch.setenv("HELPDESK_SMTP_URL", f"smtps://desk:{SECRET}@relay.example.jp")
    monkeypatch.setenv("HELPDESK_DATABASE_URL", f"postgresql://desk:{SECRET}@db.example.jp/x")
    monkeypatch.setenv("HELPDESK_SECRET_KEY", SECRET * 3)
    settings = load_settings(None)
    assert settings.require_imap().password == SECRET
    assert settings.require_secret_key() == SECRET.encode() * 3
    shown = f"{settings!r} {settings} {settings.imap_url!r} {settings.smtp_url!r}"
    assert SECRET not in shown


@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
def test_every_secret_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, newline: str
) -> None:
    secrets = {
        "IMAP_URL": f"imaps://desk:{SECRET}@mail.example.jp",
        "SMTP_URL": f"smtps://desk:{SECRET}@relay.example.jp",
        "DATABASE_URL": f"postgresql://desk:{SECRET}@db.example.jp/x",
        "SECRET_KEY": SECRET * 3,
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value + newline, encoding="utf-8", newline="")
        monkeypatch.setenv(f"HELPDESK_{name}_FILE", str(tmp_path / name))
    settings = load_settings(None)
    assert settings.require_imap().password == SECRET
    assert settings.require_smtp().password == SECRET
    assert settings.database_url == secrets["DATABASE_URL"]
    assert settings.require_secret_key() == secrets["SECRET_KEY"].encode()


def test_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HELPDESK_SECRET_KEY", SECRET * 3)
    monkeypatch.setenv("HELPDESK_SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsError, match=r"^HELPDESK_SECRET_KEY is given, and .*_FILE too"):
        load_settings(None)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"", "empty"), (b"\xff\xfe", "not UTF-8")]
)
def test_unusable_secret_file_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "imap"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("HELPDESK_IMAP_URL_FILE", str(path))
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    assert str(caught.value).startswith("HELPDESK_IMAP_URL is missing: HELPDESK_IMAP_URL_FILE")
    assert words in str(caught.value)


def test_settings_file_is_read_below_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "env"
    path.write_text(
        "# 設定\nTZ=Asia/Tokyo\nHELPDESK_CONSOLE_BIND=127.0.0.1:9000\n"
        f'HELPDESK_IMAP_URL="imaps://desk:{SECRET}@mail.example.jp"\n'
        "export HELPDESK_RULES=/etc/helpdesk/rules.yaml\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("HELPDESK_CONSOLE_BIND", "[::1]:8081")
    settings = load_settings(path)
    assert settings.console_address == ("::1", 8081)
    assert settings.require_imap().password == SECRET
    assert settings.rules == Path("/etc/helpdesk/rules.yaml")
    assert settings.rules_given


def test_settings_file_with_mistakes_is_refused_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text(f"HELPDESK_IMAPURL=x\n\nimaps://desk:{SECRET}@x\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    first, second = caught.value.mistakes
    assert first.startswith(f"{path}:1: there is no setting HELPDESK_IMAPURL; did you mean")
    assert second.startswith(f"{path}:3: this line is no setting")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"A=\xff"])
def test_unreadable_settings_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "env"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="the settings file"):
        load_settings(path)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost.example.jp", False),
        ("127.0.0.1.example.jp", False),
        ("192.0.2.1", False),
        ("0.0.0.0", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, own: bool) -> None:
    assert is_loopback(host) is own
