"""A year of work in numbers, drawn here and as a table; and what happened on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from helpdesk.console.acts import act_in_words
from helpdesk.console.ask import Answer, Ask, Page
from helpdesk.console.handlers import downloads
from helpdesk.console.words import N_
from helpdesk.desk import audit_view, reports
from helpdesk.desk.context import japan_date
from helpdesk.domain.calendar import JST

# Kinds of mail in the order of the table.
_MAILS = ("request", "question", "reply", "unclear", "bounce", "auto_reply", "bulk", "other",
          "quarantined")  # fmt: skip

# What somebody wrote to have something done.
_ASKING = ("request", "question", "reply", "unclear")

_TIMES = (N_("1時間以内"), N_("4時間以内"), N_("24時間以内"), N_("3日以内"), N_("それ以上"))


def _year(ask: Ask) -> reports.Year:
    text = ask.query.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) < 2100 else 0
    return reports.year_of_work(ask.database, year or reports.this_year(ask.now), ask.now)


def _rows(ask: Ask, found: reports.Year) -> list[tuple[str, list[int]]]:
    """Return the lines of the table: a name and twelve numbers."""
    label, nothing = ask.words.label, [0] * 12
    rows = [
        (label("disposition", kind), found.mails[kind]) for kind in _MAILS if kind in found.mails
    ]
    rows += [
        (f"{ask.words.gettext(N_('決定'))}：{label('kind', kind)}", numbers)
        for kind, numbers in sorted(found.decisions.items())
    ]
    rows += [
        (ask.words.gettext(N_("自動のメール")), found.letters.get(True, nothing)),
        (ask.words.gettext(N_("担当者のメール")), found.letters.get(False, nothing)),
        (ask.words.gettext(N_("本人確認の不一致・候補複数")), found.misses),
    ]
    return rows


def reports_page(ask: Ask) -> Answer:
    """The year with its charts."""
    found = _year(ask)
    counted = [found.mails.get(kind, [0] * 12) for kind in _ASKING]
    volume = [sum(column) for column in zip(*counted, strict=True)]
    values: dict[str, Any] = {
        "title": ask.words.gettext(N_("統計")),
        "found": found,
        "rows": _rows(ask, found),
        "volume": volume,
        "times": list(zip((ask.words.gettext(one) for one in _TIMES), found.times, strict=True)),
        "this_year": reports.this_year(ask.now),
    }
    return Page("reports.html", values)


def reports_table(ask: Ask) -> Answer:
    """The year as a table for a spreadsheet."""
    found = _year(ask)
    head = ["", *(f"{one.year}-{one.month:02}" for one in found.months), "計"]
    rows = [[name, *numbers, sum(numbers)] for name, numbers in _rows(ask, found)]
    return downloads.table(f"toukei-{found.year}.csv", [head, *rows])


# Beyond them no clock and no database counts on.
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def audit_page(ask: Ask) -> Answer:
    """What happened on a day, newest first."""
    text = ask.query.get("day", "")
    try:
        day = date.fromisoformat(text) if text else japan_date(ask.now)
    except ValueError:
        day = japan_date(ask.now)
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    since = datetime(day.year, day.month, day.day, tzinfo=JST).astimezone(UTC)
    values = {
        "title": ask.words.gettext(N_("記録")),
        "on": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "found": audit_view.traces(ask.database, since, since + timedelta(days=1)),
        "act": lambda event: act_in_words(event, ask.words),
        "may_see_logins": ask.may("admin"),
    }
    return Page("audit.html", values)
