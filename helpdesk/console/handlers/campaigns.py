"""Campaigns: the days to come as a calendar, what went out, and a brake."""

from __future__ import annotations

from datetime import date, timedelta

from helpdesk.console.ask import Answer, Ask, Go, Page
from helpdesk.console.words import N_
from helpdesk.desk import campaigns
from helpdesk.desk.context import japan_date
from helpdesk.domain.campaign import SKIPS


def _month(ask: Ask) -> date:
    """Return the first day of the month that the URL names; this month where it names none."""
    year, _, month = ask.query.get("month", "").partition("-")
    if year.isdigit() and month.isdigit() and 2000 <= int(year) < 2100 and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return japan_date(ask.now).replace(day=1)


def campaigns_page(ask: Ask) -> Answer:
    """Every campaign, and the month; the calendar itself is asked for by the page."""
    first = _month(ask)
    values = {
        "title": ask.words.gettext(N_("一斉案内")),
        "standings": campaigns.standings(ask.desk),
        "month": first,
        "before": first - timedelta(days=1),
        "after": first + timedelta(days=31),
        "went_out": campaigns.went_out(ask.desk, first),
        "skips": SKIPS,
    }
    return Page("campaigns.html", values)


def calendar(ask: Ask) -> Answer:
    """The rehearsal of a month, which takes a moment."""
    first = _month(ask)
    days = campaigns.month(ask.desk, first, ask.now)
    lead = [None] * first.weekday()
    cells = [*lead, *days]
    weeks = [cells[at : at + 7] for at in range(0, len(cells), 7)]
    weeks[-1] = weeks[-1] + [None] * (7 - len(weeks[-1]))
    values = {
        "title": "",
        "weeks": weeks,
        "month": first,
        "skips": SKIPS,
        "today": japan_date(ask.now),
        "total": sum(one.letters for day in days for one in day.planned),
    }
    return Page("campaigns_calendar.html", values)


def pause(ask: Ask) -> Answer:
    """Hold a campaign back."""
    campaigns.set_paused(ask.desk, ask.params["campaign"], ask.user, ask.now, paused=True)
    return Go("/campaigns", "paused")


def resume(ask: Ask) -> Answer:
    """Let a campaign go on."""
    campaigns.set_paused(ask.desk, ask.params["campaign"], ask.user, ask.now, paused=False)
    return Go("/campaigns", "resumed")
