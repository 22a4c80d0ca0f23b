"""Logging in and out, one's own password, telephone codes, sessions, and the language."""

from __future__ import annotations

import io

import segno

from helpdesk.console import refusals
from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import LANGUAGES, N_
from helpdesk.desk import drafts, passwords, sessions, users
from helpdesk.desk.context import Refused
from helpdesk.errors import HelpdeskError

# What a form held whose session had ended.
_LONGEST_KEPT = 400_000


def login_page(ask: Ask) -> Answer:
    """The log-in; a first run is told how to make the first admin."""
    if ask.session is not None:
        return Go("/queue")
    return login_form(ask, ask.query.get("after", ""), "")


def login_form(
    ask: Ask, after: str, problem: str, name: str = "", status: int = 200, kept: str = ""
) -> Page:
    """Return the log-in; `kept` is what was typed before a session ended."""
    values = {
        "title": ask.words.gettext(N_("ログイン")),
        "after": _own_path(after),
        "problem": problem,
        "name": name,
        "kept": kept,
        "nobody_yet": not users.anybody(ask.database),
    }
    return Page("login.html", values, status)


def log_in(ask: Ask) -> Answer:
    """Begin a session; whatever is wrong, the answer is the same; a busy moment counts nothing."""
    after, kept = ask.line("after", 2_000), ask.text("kept", _LONGEST_KEPT)
    try:
        found = sessions.log_in(
            ask.database,
            ask.line("name"),
            ask.text("password", passwords.MAX_PASSWORD_LENGTH),
            ask.line("code", 20),
            ask.now,
            address=ask.address,
            agent=ask.agent,
        )
    except sessions.LoginRefused as error:
        problem = refusals.in_words(error, ask.words)
        return login_form(ask, after, problem, ask.line("name", 80), 401, kept)
    except HelpdeskError as error:
        if not error.temporary:
            raise
        # Not the page that offers the same form again: it would carry the password.
        problem = refusals.in_words(error, ask.words)
        return login_form(ask, after, problem, ask.line("name", 80), 503, kept)
    if ask.session is not None:  # A second tab's old form: the browser has one session.
        sessions.log_out(ask.database, ask.session.id, ask.now)
    page = _restored(ask, found.name, _own_path(after) or "/queue", kept)
    return Go(page, token=found.token)


def _restored(ask: Ask, name: str, page: str, kept: str) -> str:
    """Return the page to go to, with the number of what was typed before the log-in."""
    number = drafts.keep(ask.database, name, kept, ask.now) if kept else None
    if number is None:
        return page
    return page + ("&" if "?" in page else "?") + f"draft={number}&said=restored"


def _own_path(path: str) -> str:
    """Return a path of the console, '' for anything that leads elsewhere."""
    plain = path.isascii() and path.startswith("/") and not path.startswith("//")
    return path if plain and "\\" not in path and not any(ord(c) < 33 for c in path) else ""


def log_out(ask: Ask) -> Answer:
    """End the session here and in the browser."""
    assert ask.session is not None  # noqa: S101 - the door demands one
    sessions.log_out(ask.database, ask.session.id, ask.now)
    return Go("/login", "logged_out", token="")


def set_language(ask: Ask) -> Answer:
    """Switch between Japanese and English; only the browser remembers."""
    wanted = ask.line("language")
    back = _own_path(ask.line("back")) or "/queue"
    return Go(back, language=wanted if wanted in LANGUAGES else "ja")


def account_page(ask: Ask) -> Answer:
    """One's own account."""
    return _account(ask, "")


def _account(ask: Ask, problem: str, secret: str = "") -> Page:
    known = users.account(ask.database, ask.user)
    secret = secret or ("" if known.totp_secret else users.new_totp_secret())
    values = {
        "title": ask.words.gettext(N_("自分の設定")),
        "problem": problem,
        "account": known,
        "sessions": sessions.listed(ask.database, ask.now, ask.user),
        "secret": secret,
        "code_image": _code_image(ask, secret) if secret else "",
        "shortest": passwords.MIN_PASSWORD_LENGTH,
    }
    return Page("account.html", values, 409 if problem else 200)


def _code_image(ask: Ask, secret: str) -> str:
    """Return the QR code of a secret as one SVG path: no style, no script."""
    address = users.totp_address(ask.user, secret, ask.desk.rules.desk.society)
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, svgclass="qr",
        lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def change_password(ask: Ask) -> Answer:
    """Change one's own password."""
    assert ask.session is not None  # noqa: S101 - the door demands one
    old, new = (ask.text(name, passwords.MAX_PASSWORD_LENGTH + 1) for name in ("old", "new"))
    try:
        users.change_own_password(ask.database, ask.user, old, new, ask.now, ask.session.id)
    except Refused as error:
        return _account(ask, refusals.in_words(error, ask.words))
    return Go("/account", "saved")


def set_up_totp(ask: Ask) -> Answer:
    """Put a telephone's codes in force."""
    secret = ask.line("secret", 64)
    try:
        users.confirm_totp(ask.database, ask.user, secret, ask.line("code", 20), ask.now)
    except Refused as error:
        kept = secret if users.is_totp_secret(secret) else ""
        return _account(ask, refusals.in_words(error, ask.words), kept)
    return Go("/account", "saved")


def end_own_session(ask: Ask) -> Answer:
    """End another log-in of one's own."""
    sessions.revoke(ask.database, ask.number("id"), ask.now, ask.user, ask.user)
    return Go("/account", "revoked")
