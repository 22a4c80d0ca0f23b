"""What comes by telephone, fax or in person: a case opened, or a whole request entered."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, Page, Refill
from helpdesk.console.words import N_
from helpdesk.desk import casework, entering, facility_search, queue
from helpdesk.desk.entering import Entered


def telephone_page(ask: Ask) -> Answer:
    """A case from a call or a fax."""
    return _telephone(ask, ask.query.get("q", ""), ask.query.get("facility", ""))


def find_for_telephone(ask: Ask) -> Answer:
    """Facilities to choose from, with everything else as it was typed; changes nothing."""
    page = _telephone(ask, ask.line("q", 120), ask.line("facility", 40))
    return Refill(page, "/telephone")


def _telephone(ask: Ask, q: str, facility: str) -> Page:
    values = {
        "title": ask.words.gettext(N_("電話・FAXの受付")),
        "found": facility_search.find(ask.desk, q, limit=8) if q else [],
        "q": q,
        "chosen": facility_search.by_number(ask.desk, facility),
    }
    return Page("telephone.html", values)


def open_by_telephone(ask: Ask) -> Answer:
    """Open a case from a call or a fax."""
    number = casework.open_case(
        ask.desk,
        ask.user,
        ask.line("channel", 20),
        ask.now,
        name=ask.line("name", 120),
        address=ask.line("address", 254),
        subject=ask.line("subject", 120) or ask.words.gettext(N_("電話での問い合わせ")),
        text=ask.text("text"),
        certification_number=ask.line("facility", 40) or None,
    )
    return Go(f"/cases/{number}", "opened")


def enter_page(ask: Ask) -> Answer:
    """The form of the guide, to be filled in by hand."""
    number = ask.query.get("facility", "")
    values = {
        "title": ask.words.gettext(N_("依頼の登録")),
        "facility": facility_search.by_number(ask.desk, number) if number else None,
        "kinds": entering.KINDS,
    }
    return Page("entered.html", values)


def enter(ask: Ask) -> Answer:
    """Queue a request by hand; somebody else approves it."""
    given = Entered(
        kind=ask.line("kind", 40),
        facility=ask.line("facility", 200),
        physician=ask.line("physician", 200),
        identity=ask.line("identity", 60),
        new_address=ask.line("new_address", 254) or None,
        answer_to=ask.line("answer_to", 254),
        note=ask.line("note", 200),
    )
    action_id = entering.enter(ask.desk, given, ask.user, ask.now)
    number = queue.shown(ask.database, action_id).action.case_number
    return Go(f"/cases/{number}", "entered")
