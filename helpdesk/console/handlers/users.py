"""People: who may do what, and who is logged in."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import N_
from helpdesk.desk import passwords, sessions, users


def users_page(ask: Ask) -> Answer:
    """Everybody, and every session."""
    values = {
        "title": ask.words.gettext(N_("利用者")),
        "accounts": users.listed(ask.database),
        "sessions": sessions.listed(ask.database, ask.now),
        "shortest": passwords.MIN_PASSWORD_LENGTH,
    }
    return Page("users.html", values)


def add(ask: Ask) -> Answer:
    """Add somebody."""
    password = ask.text("password", passwords.MAX_PASSWORD_LENGTH + 1)
    users.add_user(
        ask.database, ask.line("name", 81), ask.line("role", 20), password, ask.now, by=ask.user
    )
    return Go("/users", "user_added")


def set_role(ask: Ask) -> Answer:
    """Give somebody another role."""
    users.set_role(ask.database, ask.params["name"], ask.line("role", 20), ask.now, by=ask.user)
    return Go("/users", "saved")


def set_password(ask: Ask) -> Answer:
    """Give somebody a new password."""
    password = ask.text("password", passwords.MAX_PASSWORD_LENGTH + 1)
    users.set_password(ask.database, ask.params["name"], password, ask.now, by=ask.user)
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
