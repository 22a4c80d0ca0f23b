"""Settings from the environment, or from a file of NAME=value lines.

Every mistake is one sentence that names the variable; a secret is never printed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from helpdesk.errors import HelpdeskError

# Shorter keys could be tried out offline from one Message-ID of ours.
_MIN_KEY_LENGTH = 16

Tls = Literal["implicit", "starttls", "never"]


class SettingsError(HelpdeskError):
    """A setting is missing or wrong."""


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """Where the mailbox is and how to log in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: bool


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """Where the relay is and how to log in; user None: without log-in."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: Tls


class _Environment(BaseSettings):
    """The variables as they are written; each secret also as NAME_FILE."""

    model_config = SettingsConfigDict(env_prefix="HELPDESK_", extra="ignore")

    imap_url: str | None = None
    imap_url_file: Path | None = None
    smtp_url: str | None = None
    smtp_url_file: Path | None = None
    database_url: str | None = None
    database_url_file: Path | None = None
    rules: Path | None = None
    templates: Path | None = None
    console_bind: str = "127.0.0.1:8080"
    secret_key: str | None = None
    secret_key_file: Path | None = None
    tls_ca_file: str | None = None


class Settings:
    """The settings of one process, checked."""

    def __init__(self, values: _Environment) -> None:
        """Check what every command needs. Raises SettingsError."""
        self._values = values
        self.database_url = _secret(values, "database_url") or "sqlite:///var/helpdesk.db"
        self.rules = values.rules or Path("mailbox_rules.yaml")
        self.rules_given = values.rules is not None
        self.templates = values.templates or Path("templates")
        self.templates_given = values.templates is not None
        self.console_address = _address(values.console_bind)
        self.tls_ca_file = _existing_file(values.tls_ca_file)
        key = _secret(values, "secret_key")
        if key is not None and len(key) < _MIN_KEY_LENGTH:
            raise SettingsError(
                f"HELPDESK_SECRET_KEY has fewer than {_MIN_KEY_LENGTH} characters;"
                " make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        #: None: a key is drawn and kept in the database.
        self.secret_key = key.encode() if key is not None else None

    def require_imap(self) -> ImapUrl:
        """Return where the mailbox is. Raises SettingsError."""
        text = _secret(self._values, "imap_url")
        if text is None:
            raise SettingsError(
                "HELPDESK_IMAP_URL is not set; write imaps://user:password@host:993/INBOX"
            )
        return _imap_url(text)

    def require_smtp(self) -> SmtpUrl:
        """Return where the relay is. Raises SettingsError."""
        text = _secret(self._values, "smtp_url")
        if text is None:
            raise SettingsError(
                "HELPDESK_SMTP_URL is not set; write smtps://user:password@host:465"
                " or smtp://user:password@host:587?starttls=required"
            )
        return _smtp_url(text)


def load_settings(env_file: Path | None) -> Settings:
    """Read the settings; what the environment sets stands over the file. Raises SettingsError."""
    if env_file is not None and not env_file.is_file():
        raise SettingsError(f"the settings file {env_file} does not exist")
    try:
        return Settings(_Environment(_env_file=env_file, _env_file_encoding="utf-8"))  # type: ignore[call-arg]
    except ValidationError as error:
        names = ", ".join(f"HELPDESK_{str(fault['loc'][0]).upper()}" for fault in error.errors())
        raise SettingsError(f"{names}: the value cannot be read") from None
    except UnicodeDecodeError:
        raise SettingsError(f"the settings file {env_file} is not UTF-8") from None


def _secret(values: _Environment, name: str) -> str | None:
    """Return a setting, or the content of the file that NAME_FILE names."""
    variable = f"HELPDESK_{name.upper()}"
    value: str | None = getattr(values, name)
    path: Path | None = getattr(values, f"{name}_file")
    if path is None:
        return value or None
    if value:
        raise SettingsError(f"{variable} and {variable}_FILE are both set; keep one")
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{variable}_FILE: the file {path} cannot be read") from None


def _existing_file(path: str | None) -> str | None:
    if path and not Path(path).is_file():
        raise SettingsError(f"HELPDESK_TLS_CA_FILE: there is no file {path}")
    return path or None


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError("HELPDESK_CONSOLE_BIND is not host:port; write 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _split(text: str, variable: str, schemes: dict[str, int]) -> tuple[SplitResult, str, int]:
    """Return the parts of a URL with host and port; the text itself is never shown."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(
            f"{variable} is not a URL; write @ / : # in a password as %40 %2F %3A %23"
        ) from None
    if parts.scheme not in schemes:
        raise SettingsError(
            f"{variable} starts with one of: {', '.join(f'{s}://' for s in schemes)}"
        )
    if not host:
        raise SettingsError(f"{variable} names no host")
    if parts.fragment or "@" in (parts.path or ""):
        raise SettingsError(f"{variable}: write @ / : # in a password as %40 %2F %3A %23")
    return parts, host, port or schemes[parts.scheme]


def _imap_url(text: str) -> ImapUrl:
    variable = "HELPDESK_IMAP_URL"
    parts, host, port = _split(text, variable, {"imaps": 993, "imap": 143})
    if parts.username is None or parts.password is None:
        raise SettingsError(
            f"{variable} needs user and password: imaps://user:password@host:993/INBOX"
        )
    if parts.scheme == "imap" and not is_loopback(host):
        raise SettingsError(f"{variable}: imap:// is for this machine only; write imaps://")
    return ImapUrl(
        host=host,
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.lstrip("/")) or "INBOX",
        tls=parts.scheme == "imaps",
    )


def _smtp_url(text: str) -> SmtpUrl:
    variable = "HELPDESK_SMTP_URL"
    parts, host, port = _split(text, variable, {"smtps": 465, "smtp": 587})
    wanted = parse_qs(parts.query).get("starttls", ["required"])[-1]
    if wanted not in ("required", "never"):
        raise SettingsError(f"{variable}: starttls is required or never")
    tls: Tls = "implicit" if parts.scheme == "smtps" else "starttls"
    if parts.scheme == "smtp" and wanted == "never":
        if not is_loopback(host):
            raise SettingsError(f"{variable}: starttls=never is for this machine only")
        tls = "never"
    return SmtpUrl(
        host=host,
        port=port,
        user=_unquoted(parts.username),
        password=_unquoted(parts.password),
        tls=tls,
    )


def _unquoted(value: str | None) -> str | None:
    return unquote(value) if value is not None else None


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine: then nothing travels that TLS would protect."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
