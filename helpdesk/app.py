"""The composition root: builds every part once, from the settings."""

from __future__ import annotations

import hashlib

from helpdesk.config import Settings
from helpdesk.desk.context import Desk
from helpdesk.hook import Webhook
from helpdesk.mail.letters import LetterBook
from helpdesk.mail.oauth import TokenSource
from helpdesk.rules import load_rules
from helpdesk.shipped import resolve_rules_path, resolve_templates_path
from helpdesk.store import tokens
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate


def open_database(settings: Settings) -> Database:
    """Return the database, created or brought up to date. Raises DatabaseError."""
    database = Database(settings.database_url, settings.secret_key)
    migrate(database)
    return database


def build_desk(settings: Settings, database: Database) -> Desk:
    """Return the desk with the rules and templates as they stand on disk now.

    Raises RulesError or LettersError with every mistake that was found.
    """
    rules = load_rules(resolve_rules_path(settings.rules, settings.rules_given))
    folder = resolve_templates_path(settings.templates, settings.templates_given)
    letters = LetterBook.load(folder, rules)
    hook = settings.webhook
    return Desk(
        database=database,
        rules=rules,
        letters=letters,
        key=_key(settings, database),
        webhook=Webhook(*hook, settings.tls_ca_file) if hook else None,
    )


def _key(settings: Settings, database: Database) -> bytes:
    """Return HELPDESK_SECRET_KEY, or the one that was drawn once and kept in the database."""
    if settings.secret_key is not None:
        return settings.secret_key
    with database.read() as tx:
        return database.keyring.secret(tx)


def build_token_source(settings: Settings, database: Database) -> TokenSource | None:
    """Return where access tokens come from, or None where passwords are used."""
    oauth = settings.oauth
    if oauth is None:
        return None
    # A new token in the settings replaces what was rotated from the old one.
    origin = hashlib.sha256(oauth.refresh_token.encode()).hexdigest()

    def kept() -> str | None:
        with database.read() as tx:
            return tokens.kept_refresh_token(tx, origin)

    def keep(token: str) -> None:
        with database.begin() as tx:
            tokens.keep_refresh_token(tx, origin, token)

    return TokenSource(
        oauth, kept_refresh_token=kept, keep_refresh_token=keep, tls_ca_file=settings.tls_ca_file
    )
