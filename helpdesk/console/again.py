"""What somebody sees whose form was not taken: the page anew, with what they typed in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.responses import HTMLResponse, RedirectResponse, Response

from helpdesk.console import refusals, render
from helpdesk.console.ask import Ask, NotFound, Page
from helpdesk.console.doors import DOORS, Door
from helpdesk.console.handlers.case import mark_of
from helpdesk.console.kept import (
    Typed,
    holds_secret,
    is_worth_keeping,
    put_back,
    typed_in,
    without_untouched,
)
from helpdesk.console.words import N_
from helpdesk.desk import drafts
from helpdesk.errors import HelpdeskError

_MAIN = '<main id="main" tabindex="-1">'
_FRESH = N_("いまの内容で作った文面（こちらにするときは写してください）")


def refused(ask: Ask, error: HelpdeskError, is_post: bool) -> Response:
    """Say what was refused; nothing that was typed is lost."""
    status = 404 if isinstance(error, NotFound) else 503 if error.temporary else 409
    sentence = refusals.in_words(error, ask.words)
    typed = _typed(ask) if is_post and not ask.by_page else {}
    if typed and status == 409:
        found = _page_anew(ask, sentence, typed)
        if found is not None:
            return found
    # The same form again, as it was sent: what is busy now is free in a moment.
    again = _sent(ask) if status == 503 and typed and not holds_secret(ask.form) else []
    values = {
        "title": sentence,
        "problem": sentence,
        "back": page_of(ask),
        "status": status,
        "again": again,
        "homeless": [] if again else _homeless(typed),
        "nothing_changed": is_post,
    }
    return render.page(ask, Page("problem.html", values, status))


def _typed(ask: Ask) -> Typed:
    typed = typed_in(ask.form)
    marks = {name: mark_of(values[0]) for name, values in typed.items()}
    typed = without_untouched(typed, marks)
    return typed if is_worth_keeping(typed) else {}


def _sent(ask: Ask) -> list[tuple[str, str]]:
    return [(name, value) for name, value in ask.form.multi_items() if isinstance(value, str)]


def _homeless(typed: Typed) -> list[tuple[str, str]]:
    plain = ("csrf", "action", "facts", "agreed", "topic", "to")
    return [
        (name, value)
        for name, values in typed.items()
        for value in values
        if name not in plain and not name.startswith("mark-") and value.strip()
    ]


def _page_anew(ask: Ask, sentence: str, typed: Typed) -> Response | None:
    """Return the page from which a form came, as it is now, with what was typed in it."""
    path, _, query = page_of(ask).partition("?")
    door, params = _door_of(path)
    if door is None or not ask.may(door.needs):
        return None
    # What went well before is not said again beside what did not.
    still = [one for one in QueryParams(query).multi_items() if one[0] != "said"]
    asked = replace(ask, path=path, params=params, query=QueryParams(still), form=FormData())
    try:
        page = door.handler(asked)
        if not isinstance(page, Page):
            return None
        page = replace(page, values={**page.values, "problem": sentence}, status=409)
        return filled(asked, page, ask.path, typed)
    except HelpdeskError:  # It cannot be shown now: what was typed is shown without it.
        return None


def filled(ask: Ask, page: Page, leads_to: str, typed: Typed) -> Response:
    """Return a page with what was typed in its form."""
    fresh = ask.words.gettext(_FRESH)
    html, homeless = put_back(render.html(ask, page), ask.url(leads_to), typed, fresh)
    if homeless:
        box = render.piece(ask, "homeless.html", {"homeless": homeless})
        html = html.replace(_MAIN, _MAIN + box, 1)
    return HTMLResponse(html, status_code=page.status)


def page_of(ask: Ask) -> str:
    """Return the page on which a form stands: where the browser came from, or its own path."""
    for whole in (ask.came_from, ask.line("back"), ask.path):
        path = whole.partition("?")[0]
        if whole is ask.path:
            return _nearest(path)
        if path.startswith("/") and _door_of(path)[0] is not None:
            return whole
    return "/queue"


def _nearest(path: str) -> str:
    """Return the page above a form's own address: /cases/2026-000001/notes stands on the case."""
    while path and _door_of(path)[0] is None:
        path = path.rpartition("/")[0]
    return path or "/queue"


@lru_cache(maxsize=1)
def _pages() -> tuple[tuple[re.Pattern[str], Door], ...]:
    found = []
    for door in DOORS:
        parts = door.path.rsplit("/", 1)[-1]
        # What a page asks for by itself, and files, are no pages to return to.
        whole = not parts.endswith(".csv") and parts not in ("rows", "inbox", "calendar")
        if door.method == "GET" and door.needs != "nobody" and whole:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(door.path))
            found.append((re.compile(pattern), door))
    return tuple(found)


def _door_of(path: str) -> tuple[Door | None, dict[str, str]]:
    for pattern, door in _pages():
        if match := pattern.fullmatch(path):
            return door, match.groupdict()
    return None, {}


def to_login(ask: Ask, is_post: bool) -> Response:
    """Send somebody without a session to the log-in, and from there back to where they were."""
    if ask.by_page:  # A part of a page asks: what is typed on the page must not go away.
        return Response(status_code=401)
    if is_post:
        after = page_of(ask)
        if typed := _typed(ask):
            return login_with(ask, after, pack(ask.path, typed))
    else:
        after = ask.path + (f"?{urlencode(ask.query.multi_items())}" if ask.query else "")
        after = "" if ask.path in ("/", "/login") else after
    return RedirectResponse(ask.url("/login", after=after), status_code=303)


def pack(path: str, typed: Typed) -> str:
    """Return what was typed as one text, for the log-in's form."""
    return json.dumps([path, typed], ensure_ascii=False)


def login_with(ask: Ask, after: str, kept: str) -> Response:
    """Return the log-in that carries what was typed."""
    from helpdesk.console.handlers.account import login_form

    sentence = ask.words.gettext(
        N_(
            "ログインが終わっていました。入力した内容は残っています。ログインし直すと、元の画面に戻します。"
        )
    )
    return render.page(ask, login_form(ask, after, sentence, kept=kept, status=401))


def with_draft(ask: Ask, page: Page) -> Response:
    """Return a page, with what its reader typed before the log-in where its URL names that."""
    number = ask.query.get("draft", "")
    if ask.session is None or not (number.isascii() and number.isdigit() and len(number) < 16):
        return render.page(ask, page)
    found = drafts.find(ask.database, int(number), ask.user)
    if found is None:
        return render.page(ask, page)
    return filled(ask, page, found.path, found.typed)
