"""Every page of the console, with who may open it: one table, from which tests are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.console.ask import Answer, Ask
from helpdesk.console.handlers import account, queue

Handler = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Door:
    """One path with one method."""

    method: str
    path: str
    handler: Handler
    #: nobody (open to all) | view | machine | decide | admin
    needs: str


def _get(path: str, handler: Handler, needs: str = "view") -> Door:
    return Door("GET", path, handler, needs)


def _post(path: str, handler: Handler, needs: str) -> Door:
    return Door("POST", path, handler, needs)


DOORS: tuple[Door, ...] = (
    _get("/login", account.login_page, "nobody"),
    _post("/login", account.log_in, "nobody"),
    _post("/language", account.set_language, "nobody"),
    _post("/logout", account.log_out, "view"),
    _get("/account", account.account_page),
    _post("/account/password", account.change_password, "view"),
    _post("/account/totp", account.set_up_totp, "view"),
    _post("/account/sessions/{id}/end", account.end_own_session, "view"),
    _get("/queue", queue.queue_page),
    _get("/queue/rows", queue.queue_rows),
    _get("/portal", queue.portal_page),
)

#: What somebody may open who must set up codes of the telephone first.
BEFORE_TOTP = frozenset({"/account", "/account/totp", "/logout", "/language"})
