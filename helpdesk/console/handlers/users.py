"""People: who may do what, and who is logged in."""

from __future__ import annotations

from helpdesk.console import refusals
from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import N_
from helpdesk.desk import passwords, sessions, users
from helpdesk.desk.context import Refused


def users_page(ask: Ask) -> Answer:
    """Everybody, and every session."""
    return _users(ask, "")


def _users(ask: Ask, problem: str) -> Page:
    values = {
        "title": ask.words.gettext(N_("利用者")),
        "accounts": users.listed(ask.database),
        "sessions": sessions.listed(ask.database, ask.now),
        "shortest": passwords.MIN_PASSWORD_LENGTH,
        "problem": problem,
    }
    return Page("users.html", values, 409 if problem else 200)


def add(ask: Ask) -> Answer:
    """Add somebody."""
    password = ask.text("password", passwords.MAX_PASSWORD_LENGTH + 1)
    try:
        users.add_user(
            ask.database,
            ask.line("name", 81),
            ask.line("role", 20),
            password,
            ask.now,
            by=ask.user,
        )
    except Refused as error:
        return _users(ask, refusals.in_words(error, ask.words))
    return Go("/users", "user_added")


def set_role(ask: Ask) -> Answer:
    """Give somebody another role."""
    users.set_role(ask.database, ask.params["name"], ask.line("role", 20), ask.now, by=ask.user)
    return Go("/users", "saved")


def set_password(ask: Ask) -> Answer:
    """Give somebody a new password."""
    password = ask.text("password", passwords.MAX_PASSWORD_LENGTH + 1)
    try:
        users.set_password(ask.database, ask.params["name"], password, ask.now, by=ask.user)
    except Refused as error:
        return _users(ask, refusals.in_words(error, ask.words))
    return Go("/users", "saved")


def set_enabled(ask: Ask) -> Answer:
    """Lock somebody out, or let them in."""
    enabled = ask.line("enabled", 5) == "1"
    users.set_enabled(ask.database, ask.params["name"], ask.now, enabled=enabled, by=ask.user)
    return Go("/users", "saved")


def set_totp(ask: Ask) -> Answer:
    """Demand codes of the telephone, or forget a lost one."""
    what = ask.line("what", 20)
    if what == "remove":
        users.remove_totp(ask.database, ask.params["name"], ask.now, by=ask.user)
    else:
        users.demand_totp(ask.database, ask.params["name"], demanded=what == "demand", by=ask.user)
    return Go("/users", "saved")


def end_session(ask: Ask) -> Answer:
    """End anybody's session."""
    sessions.revoke(ask.database, ask.number("id"), ask.now, None, ask.user)
    return Go("/users", "revoked")
