"""The monthly list to an officer: what one person decided where two should have been."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.notices import Notice, write_notice
from helpdesk.domain.calendar import JST, format_datetime
from helpdesk.store import approvals, facts

_FACT = "officer_list"

_KINDS = {"confirm_address": "アドレスの確認", "change_address": "アドレスの変更"}


def write_list(desk: Desk, now: datetime) -> int:
    """Write last month's list once, on the first business day; 1 where it was written.

    It is written also where nothing was decided alone: a letter that is missing is noticed.
    """
    officer, today = desk.rules.identity.officer, japan_date(now)
    first = today.replace(day=1)
    if officer is None or today < desk.rules.desk.calendar.add_business_days(first, 0):
        return 0
    begin = (first - timedelta(days=1)).replace(day=1)
    month = f"{begin.year}-{begin.month:02d}"
    with desk.database.read() as tx:
        if facts.read_fact(tx, _FACT) == month:
            return 0
    with desk.database.begin() as tx:
        known = facts.read_fact(tx, _FACT)
        if known == month:
            return 0
        facts.write_fact(tx, _FACT, month)
        if known is None and not approvals.decided_alone(tx, _start(begin), _start(first)):
            return 0  # The first month of use: there is nothing to tell of before.
        found = approvals.decided_alone(tx, _start(begin), _start(first))
        lines = [
            f"{one.case_number} {_KINDS.get(one.kind, one.kind)} {one.by} {format_datetime(one.at)}"
            for one in found
        ]
        values = {
            "month": f"{begin.year}年{begin.month}月",
            "decisions": lines,
            "addressee": "ご担当 役員 様",
        }
        notice = Notice("officer_list", f"officer_list:{month}", officer, "digest", values)
        write_notice(desk, tx, None, notice, now)
    return 1


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST)
