"""What a handler is asked, and what it may answer."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.responses import Response

from helpdesk.console.parts import Parts
from helpdesk.console.words import Words
from helpdesk.desk.context import Desk, Refused
from helpdesk.store.database import Database
from helpdesk.store.web_sessions import WebSession

#: What each role may do (権限). Everybody may look.
MAY: Mapping[str, frozenset[str]] = {
    "operator": frozenset({"view", "machine"}),
    "approver": frozenset({"view", "machine", "decide"}),
    "admin": frozenset({"view", "machine", "decide", "admin"}),
}


class NotFound(Refused):
    """There is no such page or thing."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, read and checked."""

    parts: Parts
    words: Words
    now: datetime
    path: str
    params: Mapping[str, str]
    query: QueryParams
    form: FormData
    #: None: nobody is logged in.
    session: WebSession | None
    #: The cookie's token, '' where there is none.
    token: str = ""
    #: The page asked by itself (polling, search as one types).
    by_page: bool = False
    address: str = ""
    agent: str = ""
    #: Path and query of the console's page on which the form or link stood, '' where unknown.
    came_from: str = ""

    @property
    def database(self) -> Database:
        """The database."""
        return self.parts.database

    @property
    def desk(self) -> Desk:
        """The desk with the rules in force."""
        return self.parts.desk()

    @property
    def user(self) -> str:
        """The name of who asks."""
        assert self.session is not None  # noqa: S101 - every door but a few demands one
        return self.session.staff_name

    @property
    def base(self) -> str:
        """What stands before every path."""
        return self.parts.site.base

    def may(self, what: str) -> bool:
        """Say whether the person may do this: view, machine, decide, admin."""
        return self.session is not None and what in MAY.get(self.session.role, frozenset())

    def url(self, path: str, **query: object) -> str:
        """Return an address of the console."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{self.base}{path}" + (f"?{urlencode(given)}" if given else "")

    @property
    def csrf(self) -> str:
        """The token that every form of this session carries."""
        return csrf_token(self.desk.key, self.token)

    def text(self, name: str, longest: int = 20_000) -> str:
        """Return one field of the form as text, '' where it is absent."""
        value = self.form.get(name)
        return value[:longest].replace("\r\n", "\n") if isinstance(value, str) else ""

    def line(self, name: str, longest: int = 500) -> str:
        """Return one field of the form as a single line."""
        return " ".join(self.text(name, longest).split())

    def upload(self, name: str) -> tuple[str, bytes] | None:
        """Return name and content of an uploaded file, or None."""
        value = self.form.get(name)
        if not isinstance(value, UploadFile) or not value.filename:
            return None
        return value.filename, value.file.read()

    def number(self, name: str) -> int:
        """Return a number of the path. Raises NotFound."""
        value = self.params[name]
        if not value.isascii() or not value.isdigit() or len(value) > 15:
            raise NotFound("there is no such page")
        return int(value)


def csrf_token(key: bytes, token: str) -> str:
    """Return the form token of a session: it can be made of neither key nor cookie alone."""
    return hmac.new(key, f"form\0{token}".encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a template."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Go:
    """Another page is to be opened, with one sentence about what was done."""

    path: str
    #: A key of SAID in words.py.
    said: str = ""
    #: For the log-in alone: the cookie's new token, '' to take it away.
    token: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Refill:
    """A page with what was just typed in its form."""

    page: Page
    #: Where the form leads.
    leads_to: str


Answer = Page | Go | Refill | Response
