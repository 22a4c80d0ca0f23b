"""From a request to an answer: one way for every page.

Who asks, whether they may, whether a page of theirs sent the form; then the handler in a
thread; then every refusal becomes a page that says what to do.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk.console import refusals, render
from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.doors import BEFORE_TOTP, Door
from helpdesk.console.parts import Parts
from helpdesk.console.words import words_of
from helpdesk.desk import auditing, sessions
from helpdesk.desk.context import Refused
from helpdesk.errors import HelpdeskError

log = structlog.get_logger(__name__)

COOKIE = "helpdesk_session"
_LANGUAGE = "helpdesk_language"
_A_YEAR_S = 365 * 86_400

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
    ask = _ask(parts, request, FormData())
    if ask.session is None:
        return _to_login(ask)
    return _problem(ask, NotFound("there is no such page"))


def _serve(parts: Parts, door: Door, request: Request, form: FormData) -> Response:
    ask = _ask(parts, request, form)
    try:
        answer = _answer(ask, door)
    except HelpdeskError as error:
        return _problem(ask, error)
    except Exception:
        # The words of a foreign exception may quote a mail: the log names the place alone.
        log.exception("page_failed", path=door.path)
        return _broken(ask)
    return _response(ask, answer)


def _ask(parts: Parts, request: Request, form: FormData) -> Ask:
    now = datetime.now(UTC)
    token = request.cookies.get(COOKIE, "")
    by_page = request.headers.get("hx-request") == "true"
    session = sessions.session_of(parts.database, token, now, used=not by_page) if token else None
    return Ask(
        parts=parts,
        words=words_of(request.cookies.get(_LANGUAGE, "ja")),
        now=now,
        path=request.url.path.removeprefix(parts.site.base),
        params=request.path_params,
        query=request.query_params,
        form=form,
        session=session,
        token=token if session else "",
        by_page=by_page,
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
    )


def _answer(ask: Ask, door: Door) -> Answer:
    if door.needs != "nobody":
        if ask.session is None:
            return _to_login(ask)
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


def _to_login(ask: Ask) -> Response:
    after = ask.path if ask.path not in ("/", "/login") else ""
    target = ask.url("/login", after=after)
    if ask.by_page:  # A part of a page asks: the whole page goes to the log-in.
        return Response(status_code=401, headers={"HX-Redirect": ask.url("/login", after="")})
    return RedirectResponse(target, status_code=303)


def _response(ask: Ask, answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Page):
        return render.page(ask, answer)
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


def _problem(ask: Ask, error: HelpdeskError) -> Response:
    """Say what was refused; a page of its own, or a line where a part of a page asked."""
    status = 404 if isinstance(error, NotFound) else 503 if error.temporary else 409
    sentence = refusals.in_words(error, ask.words)
    back = ask.line("back") or ask.path
    values = {"title": sentence, "problem": sentence, "back": back, "status": status}
    return render.page(ask, Page("problem.html", values, status))


def _broken(ask: Ask) -> Response:
    sentence = ask.words.gettext(
        "エラーが起きました。何も変えていません。もう一度お試しいただき、続くときは運用担当にお知らせください。"
    )
    values = {"title": sentence, "problem": sentence, "back": "/queue", "status": 500}
    return render.page(ask, Page("problem.html", values, 500))
