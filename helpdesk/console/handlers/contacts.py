"""Corrections (データ修正依頼), links (連携依頼), and whom to telephone or write to."""

from __future__ import annotations

from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.handlers import downloads
from helpdesk.console.handlers.case import date_of
from helpdesk.console.words import N_
from helpdesk.desk import corrections, facility_search, links, unreachable
from helpdesk.desk.context import japan_date
from helpdesk.domain.links import TROUBLES


def corrections_page(ask: Ask) -> Answer:
    """What applicants must put right, the longest overdue first."""
    everything = ask.query.get("all") == "1"
    values = {
        "title": ask.words.gettext(N_("修正依頼")),
        "found": corrections.listed(ask.database, open_only=not everything),
        "everything": everything,
        "today": japan_date(ask.now),
    }
    return Page("corrections.html", values)


def new_correction_page(ask: Ask) -> Answer:
    """A new correction request: facility first, then the points."""
    q = ask.query.get("q", "")
    values = {
        "title": ask.words.gettext(N_("修正を依頼する")),
        "q": q,
        "found": facility_search.find(ask.desk, q, limit=8) if q else (),
        "chosen": facility_search.by_number(ask.desk, ask.query.get("facility", "")),
        "points": ask.desk.rules.deadlines.corrections.points,
    }
    return Page("correction_new.html", values)


def new_correction(ask: Ask) -> Answer:
    """Ask a facility to put points right."""
    points = [one for one in ask.form.getlist("point") if isinstance(one, str)]
    items = [line.strip() for line in ask.text("items").split("\n") if line.strip()]
    corrections.new(
        ask.desk,
        ask.line("facility", 40),
        items,
        points,
        ask.user,
        ask.now,
        due_on=date_of(ask, "due_on"),
    )
    ask.parts.wake_sender()
    return Go("/corrections", "asked")


def close_correction(ask: Ask) -> Answer:
    """End a correction request by hand."""
    corrections.close(ask.desk, ask.number("id"), ask.user, ask.line("reason", 300), ask.now)
    return Go("/corrections", "closed")


def links_page(ask: Ask) -> Answer:
    """Link requests, the earliest first day first."""
    everything = ask.query.get("all") == "1"
    values = {
        "title": ask.words.gettext(N_("連携")),
        "found": links.listed(ask.database, open_only=not everything),
        "everything": everything,
        "troubles": TROUBLES,
    }
    return Page("links.html", values)


def confirm_link(ask: Ask) -> Answer:
    """Confirm the core facility's word, and tell the affiliate."""
    answer = ask.line("answer", 20)
    answer = answer if answer in ("accepted", "declined") else ""
    links.confirm(ask.desk, ask.number("id"), answer or None, ask.user, ask.now)
    ask.parts.wake_sender()
    return Go("/links", "settled")


def close_link(ask: Ask) -> Answer:
    """End a link request without telling anybody."""
    links.close(ask.desk, ask.number("id"), ask.user, ask.line("reason", 300), ask.now)
    return Go("/links", "closed")


def unreachable_page(ask: Ask) -> Answer:
    """Whom no mail reaches: to be printed and worked off by telephone or post."""
    everything = ask.query.get("all") == "1"
    values = {
        "title": ask.words.gettext(N_("電話・郵送の連絡先")),
        "found": unreachable.listed(ask.database, open_only=not everything),
        "everything": everything,
    }
    return Page("unreachable.html", values)


def unreachable_table(ask: Ask) -> Answer:
    """The same as a table for a spreadsheet."""
    head = [
        "認定番号",
        "施設名",
        "施設責任者",
        "代表電話",
        "メールアドレス",
        "用件",
        "理由",
        "期限",
    ]
    rows = [
        [
            one.certification_number,
            one.facility_name,
            one.physician,
            one.main_phone,
            one.address,
            one.subject,
            ask.words.label("unreachable", one.reason),
            one.due_on,
        ]
        for one in unreachable.listed(ask.database, open_only=True)
    ]
    return downloads.table("renraku.csv", [head, *rows])


def called(ask: Ask) -> Answer:
    """Somebody was telephoned or written to."""
    unreachable.done(
        ask.database,
        ask.number("id"),
        ask.user,
        ask.now,
        reachable=bool(ask.line("reachable")),
    )
    return Go("/unreachable", "called")
