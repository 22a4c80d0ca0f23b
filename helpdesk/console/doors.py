"""Every page of the console, with who may open it: one table, from which tests are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.console.ask import Answer, Ask
from helpdesk.console.handlers import (
    account,
    calls,
    campaigns,
    case,
    case_mails,
    contacts,
    facilities,
    outbox,
    play,
    portal,
    quarantine,
    queue,
    registry,
    reports,
    search,
    snippets,
    texts,
    users,
)

Handler = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Door:
    """One path with one method."""

    method: str
    path: str
    handler: Handler
    #: nobody (open to all) | view | machine | decide | admin
    needs: str
    #: What it shows of persons, for the audit log; '': nothing of one.
    shows: str = ""


def _get(path: str, handler: Handler, needs: str = "view", shows: str = "") -> Door:
    return Door("GET", path, handler, needs, shows)


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
    _get("/portal", portal.portal_page),
    _get("/portal/letters", portal.letters_page, "decide"),
    _post("/portal/letters", portal.reflect, "decide"),
    _get("/cases/{number}", case.case_page, shows="case"),
    _get("/cases/{number}/facilities", case.facility_choices),
    _get("/cases/{number}/mails/{id}", case_mails.raw_mail, shows="mail"),
    _get("/cases/{number}/mails/{id}/html", case_mails.html_part, shows="mail"),
    _get("/cases/{number}/mails/{id}/files/{index}", case_mails.file, shows="file"),
    _post("/cases/{number}/approve", case.approve, "decide"),
    _post("/cases/{number}/reject", case.reject, "decide"),
    _post("/cases/{number}/ask", case.ask_identity, "decide"),
    _post("/cases/{number}/letter", case.write_freely, "decide"),
    _post("/cases/{number}/reflect", case.reflect, "decide"),
    _post("/cases/{number}/call-back", case.call_back, "decide"),
    _post("/cases/{number}/stop", case.stop_change, "decide"),
    _post("/cases/{number}/proof", case.take_proof, "decide"),
    _post("/cases/{number}/revert", case.revert, "decide"),
    _post("/cases/{number}/fields", case.correct, "decide"),
    _post("/cases/{number}/facility", case.choose_facility, "decide"),
    _post("/cases/{number}/notes", case.add_note, "decide"),
    _post("/cases/{number}/work", case.set_work, "decide"),
    _post("/cases/{number}/presence", case.presence, "view"),
    _get("/search", search.search_page),
    _get("/facilities", facilities.list_page),
    _get("/facilities/{number}", facilities.facility_page, shows="facility"),
    _get("/outbox", outbox.list_page),
    _get("/outbox/{id}", outbox.letter_page, shows="letter"),
    _post("/outbox/{id}/retry", outbox.retry, "decide"),
    _post("/outbox/{id}/drop", outbox.drop, "decide"),
    _get("/quarantine", quarantine.list_page),
    _get("/quarantine/{id}", quarantine.mail_page, shows="quarantine"),
    _get("/quarantine/{id}/source", quarantine.download, shows="quarantine"),
    _get("/quarantine/{id}/html", quarantine.html_part, shows="quarantine"),
    _get("/quarantine/{id}/files/{index}", quarantine.file, shows="quarantine"),
    _post("/quarantine/{id}/replay", quarantine.replay, "machine"),
    _get("/registry", registry.registry_page),
    _post("/registry", registry.upload, "machine"),
    _post("/registry/{id}/take", registry.take, "machine"),
    _post("/registry/{id}/drop", registry.drop, "machine"),
    _get("/campaigns", campaigns.campaigns_page),
    _get("/campaigns/calendar", campaigns.calendar),
    _post("/campaigns/{campaign}/pause", campaigns.pause, "decide"),
    _post("/campaigns/{campaign}/resume", campaigns.resume, "decide"),
    _get("/corrections", contacts.corrections_page),
    _get("/corrections/new", contacts.new_correction_page, "decide"),
    _post("/corrections/new", contacts.new_correction, "decide"),
    _post("/corrections/{id}/close", contacts.close_correction, "decide"),
    _get("/links", contacts.links_page),
    _post("/links/{id}/confirm", contacts.confirm_link, "decide"),
    _post("/links/{id}/close", contacts.close_link, "decide"),
    _get("/unreachable", contacts.unreachable_page, shows="contacts"),
    _get("/unreachable.csv", contacts.unreachable_table, "decide", shows="contacts.csv"),
    _post("/unreachable/{id}/done", contacts.called, "decide"),
    _get("/reports", reports.reports_page),
    _get("/reports.csv", reports.reports_table),
    _get("/audit", reports.audit_page),
    _get("/letters", texts.letters_page),
    _get("/letters/{name}", texts.letter_page),
    _post("/letters/{name}/preview", texts.preview_letter, "decide"),
    _post("/letters/{name}", texts.save_letter, "admin"),
    _get("/rules", texts.rules_page),
    _post("/rules/try", texts.try_rules, "admin"),
    _post("/rules", texts.save_rules, "admin"),
    _get("/users", users.users_page, "admin"),
    _post("/users", users.add, "admin"),
    _post("/users/{name}/role", users.set_role, "admin"),
    _post("/users/{name}/password", users.set_password, "admin"),
    _post("/users/{name}/enabled", users.set_enabled, "admin"),
    _post("/users/{name}/totp", users.set_totp, "admin"),
    _post("/sessions/{id}/end", users.end_session, "admin"),
    _get("/snippets", snippets.snippets_page),
    _post("/snippets", snippets.save, "decide"),
    _post("/snippets/{id}/delete", snippets.remove, "decide"),
    _get("/play", play.play_page),
    _get("/play/inbox", play.inbox),
    _post("/play", play.send, "view"),
    _get("/telephone", calls.telephone_page, "decide"),
    _post("/telephone/find", calls.find_for_telephone, "decide"),
    _post("/telephone", calls.open_by_telephone, "decide"),
    _get("/telephone/request", calls.enter_page, "machine"),
    _post("/telephone/request", calls.enter, "machine"),
)

#: What somebody may open who must set up codes of the telephone first.
BEFORE_TOTP = frozenset({"/account", "/account/totp", "/logout", "/language"})
