"""Settings: what the machine needs to know, from the environment.

Everything here is the operator's; what the secretariat may change is in rules. No
secret ever stands in a message or in a repr.
"""

from __future__ import annotations

import difflib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from helpdesk.config.urls import (
    IMAP_FORM,
    SMTP_FORM,
    ImapUrl,
    SmtpUrl,
    is_loopback,
    parse_imap_url,
    parse_smtp_url,
)
from helpdesk.errors import HelpdeskError

__all__ = [
    "ImapUrl",
    "OAuth",
    "Settings",
    "SettingsError",
    "SmtpUrl",
    "is_loopback",
    "load_settings",
    "parse_imap_url",
    "parse_smtp_url",
]

_PREFIX = "HELPDESK_"

# Settings that hold a password or a key; each may be named by NAME_FILE instead.
_SECRETS = (
    "imap_url",
    "smtp_url",
    "database_url",
    "secret_key",
    "oauth_client_secret",
    "oauth_refresh_token",
    "webhook_secret",
)

# A secret is a line or two; a file that is larger is not the one that was meant.
_SECRET_FILE_BYTES = 64 * 1024

# 64 bits at least, even where somebody writes hexadecimal digits.
_SECRET_KEY_CHARS = 16


@dataclass(frozen=True, slots=True)
class OAuth:
    """Where access tokens come from (RFC 6749)."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str
    expires: date | None


class SettingsError(HelpdeskError):
    """Settings are missing or wrong; one sentence for each, without any secret."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        """Keep the sentences; str() is all of them, one a line."""
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class _Unusable:
    """A secret that could not be read from its file, and why."""

    sentence: str


def _usable(read: Callable[[str], Any]) -> BeforeValidator:
    """Return a validator that reads a text, or says why there is none to read."""

    def check(value: Any) -> Any:
        if isinstance(value, _Unusable):
            raise ValueError(value.sentence)
        return read(value) if isinstance(value, str) else value

    return BeforeValidator(check)


def _read_database_url(text: str) -> str:
    if not re.match(r"(sqlite|postgresql(\+psycopg)?)://.", text):
        raise ValueError(
            "is no database; write sqlite:///var/helpdesk.db"
            " or postgresql://user:password@host/database"
        )
    return text


def _read_secret_key(text: str) -> bytes:
    if len(text) < _SECRET_KEY_CHARS:
        raise ValueError(
            f"needs at least {_SECRET_KEY_CHARS} characters; make one with: openssl rand -hex 32"
        )
    return text.encode()


def _read_console_bind(text: str) -> str:
    _address(text)
    return text


def _address(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})", text)
    if not found or not 0 < int(found[2]) < 65536:
        raise ValueError("is no host and port; write for example 127.0.0.1:8080")
    return found[1].strip("[]"), int(found[2])


def _read_console_url(text: str) -> str:
    if not text:
        return ""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise ValueError("is no address; write for example https://desk.example.jp/helpdesk")
    return text.rstrip("/")


def _read_token_url(text: str) -> str:
    if not text:
        return ""
    url = urlsplit(text)
    plain = url.scheme == "http" and is_loopback(url.hostname or "")
    if not url.hostname or not (url.scheme == "https" or plain):
        raise ValueError("is no https:// address of a token endpoint")
    return text


def _read_webhook_url(text: str) -> str:
    if not text:
        return ""
    url = urlsplit(text)
    plain = url.scheme == "http" and is_loopback(url.hostname or "")
    if not url.hostname or not (url.scheme == "https" or plain):
        raise ValueError("is no https:// address that the portal answers on")
    return text


def _read_ca_file(text: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=text)
    except ssl.SSLError as error:
        raise ValueError("names a file that holds no certificate in PEM form") from error
    except OSError as error:
        raise ValueError(f"names a file that cannot be read ({error.strerror})") from error
    return text


class Settings(BaseSettings):
    """The settings, checked. Mailbox, relay and key may be absent until they are needed."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    imap_url: Annotated[ImapUrl | None, NoDecode, _usable(parse_imap_url)] = Field(
        default=None, repr=False
    )
    smtp_url: Annotated[SmtpUrl | None, NoDecode, _usable(parse_smtp_url)] = Field(
        default=None, repr=False
    )
    database_url: Annotated[str, _usable(_read_database_url)] = Field(
        default="sqlite:///var/helpdesk.db", repr=False
    )
    #: Key of the marks in our Message-IDs; None: one is drawn and kept in the database.
    secret_key: Annotated[bytes | None, _usable(_read_secret_key)] = Field(default=None, repr=False)
    rules: Path = Path("mailbox_rules.yaml")
    templates: Path = Path("templates")
    console_bind: Annotated[str, _usable(_read_console_bind)] = "127.0.0.1:8080"
    #: Where people find the console, as their browsers name it: behind a reverse proxy.
    console_url: Annotated[str, _usable(_read_console_url)] = ""
    #: The demo's own server: mail that is written on the console's page goes there.
    demo_smtp_url: Annotated[SmtpUrl | None, NoDecode, _usable(parse_smtp_url)] = Field(
        default=None, repr=False
    )
    #: Certificates that servers may be signed by instead of the system's, a PEM file.
    tls_ca_file: Annotated[str | None, _usable(_read_ca_file)] = None

    #: Where access tokens come from, for servers that take no passwords.
    oauth_token_url: Annotated[str, _usable(_read_token_url)] = ""
    oauth_client_id: str = ""
    oauth_client_secret: str = Field(default="", repr=False)
    #: Set: the grant is refresh_token, else client_credentials.
    oauth_refresh_token: str = Field(default="", repr=False)
    oauth_scope: str = ""
    #: Last day of the client secret, for the alarm days ahead.
    oauth_expires: date | None = None

    #: Where the portal is told of approved changes; none: its staff read the list.
    webhook_url: Annotated[str, _usable(_read_webhook_url)] = ""
    webhook_secret: str = Field(default="", repr=False)

    webhook_secret_file: Path | None = None
    oauth_client_secret_file: Path | None = None
    oauth_refresh_token_file: Path | None = None
    imap_url_file: Path | None = None
    smtp_url_file: Path | None = None
    database_url_file: Path | None = None
    secret_key_file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        taken = dict(given)
        for name in _SECRETS:
            path = taken.get(f"{name}_file")
            if path is None:
                continue
            if name in taken:
                other = _variable(f"{name}_file")
                taken[name] = _Unusable(f"is given, and {other} too; keep one of them")
            else:
                taken[name] = _secret_in(Path(path), _variable(f"{name}_file"))
        return taken

    @property
    def rules_given(self) -> bool:
        """Say whether HELPDESK_RULES was set, so that its absence is a mistake."""
        return "rules" in self.model_fields_set

    @property
    def templates_given(self) -> bool:
        """Say whether HELPDESK_TEMPLATES was set, so that its absence is a mistake."""
        return "templates" in self.model_fields_set

    @property
    def console_address(self) -> tuple[str, int]:
        """Host and port of the console."""
        return _address(self.console_bind)

    def require_imap(self) -> ImapUrl:
        """Return where the mailbox is. Raises SettingsError where it was not said."""
        if self.imap_url is None:
            raise SettingsError((_not_set("imap_url", IMAP_FORM),))
        self._require_proof("imap_url", self.imap_url.user, self.imap_url.password)
        return self.imap_url

    def require_smtp(self) -> SmtpUrl:
        """Return where the relay is. Raises SettingsError where it was not said."""
        if self.smtp_url is None:
            raise SettingsError((_not_set("smtp_url", SMTP_FORM),))
        self._require_proof("smtp_url", self.smtp_url.user, self.smtp_url.password)
        return self.smtp_url

    @property
    def oauth(self) -> OAuth | None:
        """Where access tokens come from; None: passwords are used."""
        if not self.oauth_token_url:
            return None
        return OAuth(
            token_url=self.oauth_token_url,
            client_id=self.oauth_client_id,
            client_secret=self.oauth_client_secret,
            refresh_token=self.oauth_refresh_token,
            scope=self.oauth_scope,
            expires=self.oauth_expires,
        )

    @property
    def webhook(self) -> tuple[str, bytes] | None:
        """Where the portal is told, and the secret; None: nowhere. Raises SettingsError."""
        if not self.webhook_url:
            return None
        if len(self.webhook_secret) < _SECRET_KEY_CHARS:
            raise SettingsError(
                (f"HELPDESK_WEBHOOK_SECRET needs at least {_SECRET_KEY_CHARS} characters",)
            )
        return self.webhook_url, self.webhook_secret.encode()

    def _require_proof(self, name: str, user: str | None, password: str | None) -> None:
        if user and not password and not self.oauth_token_url:
            raise SettingsError(
                (f"{_variable(name)} needs a password, or HELPDESK_OAUTH_TOKEN_URL for tokens",)
            )

    def require_secret_key(self) -> bytes:
        """Return the key. Raises SettingsError where there is none."""
        if self.secret_key is None:
            raise SettingsError((_not_set("secret_key", "what openssl rand -hex 32 prints"),))
        return self.secret_key


def load_settings(env_file: Path | None) -> Settings:
    """Return the settings from the environment and, below it, from `env_file`.

    Raises SettingsError with one sentence for every mistake.
    """
    if env_file is not None:
        _check_env_file(env_file)
    options: dict[str, Any] = {"_env_file": env_file, "_env_file_encoding": "utf-8"}
    try:
        return Settings(**options)
    except ValidationError as error:
        # The library's error holds what was given, so it is not kept as the cause.
        mistakes = tuple(_sentence(one) for one in error.errors(include_input=False))
    raise SettingsError(mistakes)


def _sentence(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    cause = error.get("ctx", {}).get("error")
    return f"{_variable(name)} {cause if cause is not None else 'has a value that makes no sense'}"


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"


def _not_set(name: str, form: str) -> str:
    variable = _variable(name)
    return f"{variable} is not set; write {form}, or name a file that holds it in {variable}_FILE"


def _secret_in(path: Path, variable: str) -> str | _Unusable:
    """Return the first and only line of a secret's file, or why it cannot be used."""
    try:
        with path.open("rb") as file:
            raw = file.read(_SECRET_FILE_BYTES + 1)
        text = raw.decode("utf-8").strip("\r\n")
    except OSError as error:
        return _Unusable(f"is missing: {variable} names {path}, which cannot be read"
                         f" ({error.strerror})")  # fmt: skip
    except UnicodeDecodeError:
        return _Unusable(f"is missing: {variable} names {path}, which is not UTF-8 text")
    if not text or len(raw) > _SECRET_FILE_BYTES:
        return _Unusable(f"is missing: {variable} names {path}, which is empty or too large")
    return text


def _check_env_file(env_file: Path) -> None:
    """Refuse a file that cannot be read, or that has settings nobody knows."""
    try:
        text = env_file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            (f"{env_file}: the settings file cannot be read ({error.strerror})",)
        ) from error
    except UnicodeDecodeError:
        raise SettingsError((f"{env_file}: the settings file is not UTF-8 text",)) from None
    if mistakes := tuple(_odd_lines(env_file, text)):
        raise SettingsError(mistakes)


def _odd_lines(env_file: Path, text: str) -> Iterator[str]:
    """Yield a sentence for each line that would otherwise be passed over in silence."""
    known = sorted(_variable(name) for name in Settings.model_fields)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"{env_file}:{number}: "
        found = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", line)
        if not found:
            yield f"{place}this line is no setting; write NAME=value, or # before a remark"
        elif found[1].upper().startswith(_PREFIX) and found[1].upper() not in known:
            near = difflib.get_close_matches(found[1].upper(), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{place}there is no setting {found[1]}{hint}"
