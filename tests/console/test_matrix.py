"""Who may do what, written down once more by hand: a door without a line here fails."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.routing import Mount, Route

from helpdesk.console.ask import MAY
from helpdesk.console.doors import DOORS
from helpdesk.console.guard import Guard
from helpdesk.console.web import build_app

from .conftest import Secretariat
from .test_doors import ROLES, furnished, path_of

__all__ = ["furnished"]

#: Every door by who may open it. A line is added by whoever adds the door, after thinking.
TABLE = {
    "nobody": """
        GET /login
        POST /login
        POST /language
    """,
    "view": """
        POST /logout
        GET /account
        POST /account/password
        POST /account/totp
        POST /account/sessions/{id}/end
        GET /queue
        GET /queue/rows
        GET /portal
        GET /cases/{number}
        GET /cases/{number}/facilities
        GET /cases/{number}/mails/{id}
        GET /cases/{number}/mails/{id}/html
        GET /cases/{number}/mails/{id}/files/{index}
        POST /cases/{number}/presence
        GET /search
        GET /facilities
        GET /facilities/{number}
        GET /outbox
        GET /outbox/{id}
        GET /quarantine
        GET /quarantine/{id}
        GET /quarantine/{id}/source
        GET /quarantine/{id}/html
        GET /quarantine/{id}/files/{index}
        GET /registry
        GET /campaigns
        GET /campaigns/calendar
        GET /corrections
        GET /links
        GET /unreachable
        GET /reports
        GET /reports.csv
        GET /audit
        GET /letters
        GET /letters/{name}
        GET /rules
        GET /snippets
        GET /play
        GET /play/inbox
        POST /play
    """,
    "machine": """
        POST /quarantine/{id}/replay
        POST /registry
        POST /registry/{id}/take
        POST /registry/{id}/drop
        GET /telephone/request
        POST /telephone/request
    """,
    "decide": """
        GET /portal/letters
        POST /portal/letters
        GET /unreachable.csv
        POST /cases/{number}/approve
        POST /cases/{number}/reject
        POST /cases/{number}/ask
        POST /cases/{number}/letter
        POST /cases/{number}/reflect
        POST /cases/{number}/call-back
        POST /cases/{number}/stop
        POST /cases/{number}/proof
        POST /cases/{number}/revert
        POST /cases/{number}/fields
        POST /cases/{number}/facility
        POST /cases/{number}/notes
        POST /cases/{number}/work
        POST /outbox/{id}/retry
        POST /outbox/{id}/drop
        POST /campaigns/{campaign}/pause
        POST /campaigns/{campaign}/resume
        GET /corrections/new
        POST /corrections/new
        POST /corrections/{id}/close
        POST /links/{id}/confirm
        POST /links/{id}/close
        POST /unreachable/{id}/done
        POST /letters/{name}/preview
        POST /snippets
        POST /snippets/{id}/delete
        GET /telephone
        POST /telephone/find
        POST /telephone
    """,
    "admin": """
        POST /letters/{name}
        POST /rules/try
        POST /rules
        GET /users
        POST /users
        POST /users/{name}/role
        POST /users/{name}/password
        POST /users/{name}/enabled
        POST /users/{name}/totp
        POST /sessions/{id}/end
    """,
}
ASKED = {
    line.strip(): needs for needs, lines in TABLE.items() for line in lines.strip().splitlines()
}

#: Addresses beside the doors: what browsers need, and what machines ask on loopback.
BESIDE = {"/", "/static/{name}", "/healthz", "/metrics"}


def test_every_door_stands_in_the_table_with_who_may_open_it() -> None:
    assert {f"{door.method} {door.path}": door.needs for door in DOORS} == ASKED


def test_roles_grow_and_never_shrink() -> None:
    assert MAY["operator"] < MAY["approver"] < MAY["admin"]
    assert set(TABLE) - {"nobody"} == MAY["admin"]


@pytest.mark.parametrize("base", ["", "/helpdesk"])
def test_nothing_is_served_beside_the_doors(secretariat: Secretariat, base: str) -> None:
    secretariat.base = base
    guard = build_app(secretariat.parts())
    assert isinstance(guard, Guard)
    app: Any = guard._app
    found = set()
    for route in app.routes:
        inner = route.routes if isinstance(route, Mount) else [route]
        for one in inner:
            assert isinstance(one, Route)
            methods = (one.methods or set()) - {"HEAD"}
            found |= {f"{method} {one.path}" for method in methods if one.path not in BESIDE}
    assert found == set(ASKED)


@pytest.mark.parametrize("name", list(ROLES))
def test_every_role_gets_what_the_table_says(
    secretariat: Secretariat, furnished: dict[str, str], name: str
) -> None:
    """Also the doors of the demo's page: there only where the demo runs."""
    secretariat.play = lambda _raw, _sender: None
    browser = secretariat.browser(name)
    wrong = []
    for door in DOORS:
        needs = ASKED.get(f"{door.method} {door.path}", "missing")
        if needs == "nobody" or door.path == "/logout":
            continue
        path = path_of(door, furnished)
        answer = browser.get(path) if door.method == "GET" else browser.post(path, {"csrf": ""})
        if not name:
            good = answer.status_code == 303 and "/login" in answer.headers["location"]
        else:
            good = (answer.status_code == 403) != (
                needs in ROLES[name]
            ) and answer.status_code < 500
        if not good:
            wrong.append((door.method, path, answer.status_code))
    assert wrong == []
