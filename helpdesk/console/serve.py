"""From a request to an answer: one way for every page.

Who asks, whether they may, whether a page of theirs sent the form; then the handler in a
thread; then every refusal becomes a page that says what to do.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk.console import again, render
from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page, Refill
from helpdesk.console.doors import BEFORE_TOTP, Door
from helpdesk.console.kept import typed_in
from helpdesk.console.parts import Parts
from helpdesk.console.words import words_of
from helpdesk.desk import auditing, sessions
from helpdesk.desk.context import Refused
from helpdesk.errors import HelpdeskError
from helpdesk.store.database import patience
from helpdesk.store.web_sessions import WebSession

log = structlog.get_logger(__name__)

COOKIE = "helpdesk_session"
_LANGUAGE = "helpdesk_language"
_A_YEAR_S = 365 * 86_400

# So long a page waits for another writer, all its waits together; then it says so.
_PATIENCE_S = 4.0

# A form has a few dozen fields and one file.
_MAX_FIELDS = 400


class _PageIsOld(Refused):
    """The form's token does not belong to this session."""


def endpoint(parts: Parts, door: Door) -> Callable[[Request], Awaitable[Response]]:
    """Return what Starlette calls for one door."""

    async def serve(request: Request) -> Response:
        form = FormData()
        if door.method == "POST":
            form = await request.form(max_fields=_MAX_FIELDS, max_files=1)
        try:
            return await run_in_threadpool(_serve, parts, door, request, form)
        finally:
            await form.close()

    return serve


def not_found(parts: Parts) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what is shown where no door is."""

    async def serve(request: Request, _error: Exception) -> Response:
        return await run_in_threadpool(_no_door, parts, request)

    return serve


def _no_door(parts: Parts, request: Request) -> Response:
    ask = _ask(parts, request, FormData(), _session(parts, request))
    if ask.session is None:
        return again.to_login(ask, is_post=False)
    return again.refused(ask, NotFound("there is no such page"), is_post=False)


def _serve(parts: Parts, door: Door, request: Request, form: FormData) -> Response:
    is_post = door.method == "POST"
    with patience(_PATIENCE_S):
        try:
            session = _session(parts, request)
        except HelpdeskError as error:
            return again.refused(_ask(parts, request, form, None), error, is_post)
        ask = _ask(parts, request, form, session)
        try:
            return _response(ask, _answer(ask, door))
        except HelpdeskError as error:
            return again.refused(ask, error, is_post)
        except Exception:
            # The words of a foreign exception may quote a mail: the log names the place alone.
            log.exception("page_failed", path=door.path)
            return _broken(ask)


def _session(parts: Parts, request: Request) -> WebSession | None:
    token = request.cookies.get(COOKIE, "")
    used = request.headers.get("hx-request") != "true"
    return (
        sessions.session_of(parts.database, token, datetime.now(UTC), used=used) if token else None
    )


def _ask(parts: Parts, request: Request, form: FormData, session: WebSession | None) -> Ask:
    return Ask(
        parts=parts,
        words=words_of(request.cookies.get(_LANGUAGE, "ja")),
        now=datetime.now(UTC),
        path=request.url.path.removeprefix(parts.site.base),
        params=request.path_params,
        query=request.query_params,
        form=form,
        session=session,
        token=request.cookies.get(COOKIE, "") if session else "",
        by_page=request.headers.get("hx-request") == "true",
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        came_from=_came_from(parts, request),
    )


def _came_from(parts: Parts, request: Request) -> str:
    """Return the page of ours that the browser names as the one before, '' for any other."""
    found = urlsplit(request.headers.get("referer", ""))
    if found.netloc != request.headers.get("host", "") or not found.path.startswith(
        parts.site.base
    ):
        return ""
    path = found.path.removeprefix(parts.site.base)
    return path + (f"?{found.query}" if found.query else "")


def _answer(ask: Ask, door: Door) -> Answer:
    if door.needs != "nobody":
        if ask.session is None:
            return again.to_login(ask, door.method == "POST")
        if ask.session.totp_required and not ask.session.has_totp and door.path not in BEFORE_TOTP:
            return Go("/account", "")
        if not ask.may(door.needs):
            return Page("forbidden.html", {"title": ask.words.gettext("権限がありません")}, 403)
        if door.method == "POST" and not hmac.compare_digest(
            ask.line("csrf").encode(), ask.csrf.encode()
        ):
            raise _PageIsOld("the page is old; open it again")
    answer = door.handler(ask)
    if door.shows and not ask.by_page:
        _note_seen(ask, door)
    return answer


def _note_seen(ask: Ask, door: Door) -> None:
    """Keep who looked at what speaks of persons, before it leaves."""
    case_number = ask.params["number"] if door.path.startswith("/cases/") else None
    which = ask.params.get("id") or ask.params.get("number") or "-"
    auditing.note_seen(ask.database, door.shows, which, ask.user, "console", case_number)


def _response(ask: Ask, answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Page):
        return again.with_draft(ask, answer)
    if isinstance(answer, Refill):
        return again.filled(ask, answer.page, answer.leads_to, typed_in(ask.form))
    separator = "&" if "?" in answer.path else "?"
    said = f"{separator}said={answer.said}" if answer.said else ""
    response = RedirectResponse(f"{ask.base}{answer.path}{said}", status_code=303)
    if answer.token is not None:
        _set_cookie(ask, response, COOKIE, answer.token, None if answer.token else 0)
    if answer.language is not None:
        _set_cookie(ask, response, _LANGUAGE, answer.language, _A_YEAR_S)
    return response


def _set_cookie(ask: Ask, response: Response, name: str, value: str, age: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age,
        path=ask.base or "/",
        secure=ask.parts.site.is_secure,
        httponly=True,
        samesite="strict",
    )


def _broken(ask: Ask) -> Response:
    sentence = ask.words.gettext(
        "エラーが起きました。何も変えていません。もう一度お試しいただき、続くときは運用担当にお知らせください。"
    )
    values = {"title": sentence, "problem": sentence, "back": "/queue", "status": 500}
    values |= {"again": [], "homeless": [], "nothing_changed": False}
    return render.page(ask, Page("problem.html", values, 500))
