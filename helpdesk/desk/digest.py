"""The secretariat's morning letter: what waits, what is overdue, what leaves today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from helpdesk.desk import correction_letters, link_notices, unreachable
from helpdesk.desk.context import Desk, japan_date
from helpdesk.desk.freshness import registry_is_stale
from helpdesk.desk.notices import Notice, staff_address, write_notice
from helpdesk.desk.reminders import current_steps, key_of, paused_ids
from helpdesk.desk.standings import standings_of
from helpdesk.domain.calendar import format_date
from helpdesk.domain.campaign import SKIPS, rule_for
from helpdesk.domain.links import TROUBLES
from helpdesk.domain.office_hours import leaves_at
from helpdesk.domain.season import DatedStep, Season, seasons_near
from helpdesk.store import (
    actions,
    contacts,
    corrections,
    facilities,
    facts,
    letters,
    links,
    mails,
    reminders,
)
from helpdesk.store.database import Transaction

_FACT = "digest_on"

# Lines of one section; the number is always whole.
_SHOWN = 15

_DAY = timedelta(days=1)

#: Part of the letter: its title and its lines.
Part = tuple[str, Sequence[str]]

#: Kinds of actions, as staff call them.
_KINDS = {
    "confirm_address": "メールアドレスの確認",
    "change_address": "メールアドレスの変更",
    "review": "内容の確認",
    "answer": "ご質問への回答",
    "correction": "データ修正依頼",
    "correction_overdue": "データ修正依頼（期限超過）",
    "link": "連携依頼",
}

# Reasons that say nothing is wrong: such facilities are not reported each morning.
_EXPECTED = frozenset({"applied", "not_due", "answered", "stopped"})


def write_digest(desk: Desk, now: datetime) -> int:
    """Write today's digest once, on a working morning that has something to say."""
    settings, today = desk.rules.deadlines.digest, japan_date(now)
    until = desk.rules.deadlines.send_until
    if leaves_at(now, settings.at, until, desk.rules.desk.calendar, None) > now:
        return 0
    with desk.database.read() as tx:
        if facts.read_fact(tx, _FACT) == today.isoformat():
            return 0
    with desk.database.begin() as tx:
        facts.write_fact(tx, _FACT, today.isoformat())
        parts = [part for part in parts_of(desk, tx, now) if part[1]]
        if not parts:
            return 0
        notice = Notice(
            letter="digest",
            purpose_key=f"digest:{today.isoformat()}",
            recipient=staff_address(desk),
            matter="digest",
            values={"today": format_date(today), "sections": [_section(part) for part in parts]},
        )
        return int(write_notice(desk, tx, None, notice, now) is not None)


def _section(part: Part) -> dict[str, object]:
    title, lines = part
    shown = list(lines[:_SHOWN])
    return {
        "title": title,
        "total": len(lines),
        "lines": shown,
        "more": len(lines) - len(shown),
    }


def parts_of(desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    """Return every part of the digest, empty ones too."""
    makers: tuple[Callable[[Desk, Transaction, datetime], list[Part]], ...] = (
        _registry,
        _actions,
        _corrections,
        _links,
        _contacts,
        _stuck,
        _today,
        _skipped,
    )
    return [part for make in makers for part in make(desk, tx, now)]


def _registry(desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    waits = registry_is_stale(desk, tx, now) and (
        any(_undecided_steps(desk, tx, now))
        or bool(correction_letters.due_on(desk, tx, japan_date(now)))
    )
    at = facilities.last_import_at(tx)
    since = format_date(japan_date(at)) if at else "まだありません"
    return [("名簿の取り込みが古いため、案内を止めています", [f"最後の取り込み：{since}"] * waits)]


def _undecided_steps(desk: Desk, tx: Transaction, now: datetime) -> list[bool]:
    return [
        bool(reminders.undecided(tx, key_of(season, step), 1))
        for season, step in current_steps(desk, tx, now)
    ]


def _actions(_desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    found = actions.list_actions(tx, undecided_only=True)

    def line(one: actions.Action) -> str:
        age = (japan_date(now) - japan_date(one.created_at)).days
        name = f"　{one.facility_name}" if one.facility_name else ""
        return f"{one.case_number}　{_KINDS.get(one.kind, one.kind)}{name}（{age}日前）"

    oldest_first = sorted(found, key=lambda one: one.created_at)
    return [
        ("承認待ち", [line(one) for one in oldest_first if one.state != "portal"]),
        ("反映待ち", [line(one) for one in oldest_first if one.state == "portal"]),
    ]


def _corrections(_desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    found = corrections.list_corrections(tx, open_only=True)
    today = japan_date(now)
    overdue = [
        f"{one.case_number}　{one.facility_name}（期限 {format_date(one.due_on)}）"
        for one in found
        if one.state == "asked" and one.due_on is not None and one.due_on < today
    ]
    return [("期限を過ぎたデータ修正依頼", overdue)]


def _links(_desk: Desk, tx: Transaction, _now: datetime) -> list[Part]:
    found = links.list_links(tx, open_only=True)

    def lines(*states: str) -> list[str]:
        return [
            f"{one.case_number or '番号なし'}　{one.affiliate_name} → {one.core_name or '未定'}"
            + (f"（{TROUBLES[one.trouble]}）" if one.trouble else "")
            for one in found
            if one.state in states
        ]

    return [
        ("回答をお待ちしている連携依頼", lines("asked")),
        ("回答があり、確認が必要な連携依頼", lines("accepting", "declining")),
        ("担当者の対応が必要な連携依頼", lines("human")),
    ]


def _contacts(_desk: Desk, tx: Transaction, _now: datetime) -> list[Part]:
    found = contacts.list_tasks(tx, open_only=True)
    lines = [f"{one.facility_name or one.certification_number}　{one.subject}" for one in found]
    return [("電話・郵送でのご連絡", lines)]


def _stuck(_desk: Desk, tx: Transaction, _now: datetime) -> list[Part]:
    failed = [f"送信 {one.id}　{one.letter}（{one.state}）" for one in letters.stuck(tx)]
    quarantined = [f"隔離 {one.id}　{one.error}" for one in mails.quarantined(tx)]
    return [("送信できなかったメール", failed), ("隔離されたメール", quarantined)]


def _today(desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    today = japan_date(now)
    lines = []
    for season, step in _steps_on(desk, tx, today, now):
        number = _recipients(tx, season, step)
        if number:
            name = unreachable.SUBJECTS.get(season.campaign.id, season.campaign.id)
            at = f"{season.campaign.send_at:%H:%M}"
            lines.append(f"{name}（{step.step.id}）{number}通、{at}から")
    reminded = [
        f"データ修正依頼　{one.facility_name}" for one in correction_letters.due_on(desk, tx, today)
    ]
    for one in links.list_links(tx, open_only=True):
        line = f"連携依頼　{one.affiliate_name} → {one.core_name or '未定'}"
        if one.state == "planned" and link_notices.is_first_day(desk, one, today):
            lines.append(line)
        elif link_notices.due_step(desk, one, today) == "remind" and not link_notices.is_unread(
            tx, one
        ):
            reminded.append(line)
    return [("本日お送りする案内", lines), ("本日お送りする督促", reminded)]


def _steps_on(
    desk: Desk, tx: Transaction, today: date, now: datetime
) -> list[tuple[Season, DatedStep]]:
    tomorrow = now + _DAY
    held_back = paused_ids(desk, tx)
    return [
        (season, step)
        for campaign in desk.rules.campaigns
        if campaign.id not in held_back
        for season in seasons_near(campaign, tomorrow, desk.rules.desk.calendar)
        for step in season.steps
        if step.day == today
    ]


def _recipients(tx: Transaction, season: Season, step: DatedStep) -> int:
    """Count who would get a step as the registry stands now."""
    every = facilities.all_facilities(tx)
    standings = standings_of(tx, season.campaign.id, season.period.year, every)
    return sum(
        rule_for(season, step, one, standings[one.certification_number], step.due_at).skipped
        is None
        for one in every
    )


def _skipped(_desk: Desk, tx: Transaction, now: datetime) -> list[Part]:
    counted: Counter[tuple[str, str]] = Counter()
    for key, reason, number in reminders.count_by_outcome(tx, now - _DAY, now):
        if reason is not None and reason not in _EXPECTED:
            name = unreachable.SUBJECTS.get(key.campaign, key.campaign)
            counted[f"{name}（{key.step}）", reason] += number
    lines = [
        f"{what}　{number}件：{SKIPS[reason]}" for (what, reason), number in sorted(counted.items())
    ]
    return [("見送った案内", lines)]
