"""What an import causes: reminders stop, corrections are done, links are planned or settled.

Found from the difference alone, shown in the dry run, and carried out in the import's
own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.desk import corrections as correcting
from helpdesk.desk import link_notices, unreachable
from helpdesk.desk import links as linking
from helpdesk.desk import reminders as reminding
from helpdesk.desk.context import Desk, japan_date
from helpdesk.domain.campaign import is_concerned, lapsed
from helpdesk.domain.corrections import is_done_by
from helpdesk.domain.links import MENDABLE, TROUBLES, is_newly_approved, trouble_of
from helpdesk.domain.registry import Facility
from helpdesk.domain.registry_diff import ImportPlan
from helpdesk.domain.season import season_of
from helpdesk.rules import Rules
from helpdesk.store import contacts, corrections, letters, links, reminders
from helpdesk.store.database import Transaction
from helpdesk.store.links import Link, NewLink

#: Who ended what an import ended.
BY_IMPORT = "import"

# An approval may come some weeks after the first day; a day that is longer ago is that of
# the certification before.
_LATEST_APPROVAL = timedelta(days=90)

#: Kinds of effects, in the words of the dry run.
WORDS = {
    "reminders_stop": "督促を止めます",
    "correction_done": "データ修正依頼を完了にします",
    "correction_closed": "データ修正依頼を終了します",
    "link_planned": "連携依頼を予定します",
    "link_mended": "連携依頼を再開します",
    "link_closed": "連携依頼を終了します",
    "link_accepted": "連携の承諾を確認しました",
    "link_declined": "連携の辞退を確認しました",
    "contact_ended": "電話・郵送の連絡を終了します",
    "contact_address": "電話・郵送の連絡を終了します",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that an import causes."""

    #: A key of WORDS.
    kind: str
    certification_number: str
    detail: str = ""
    #: The row it is about, where there is one.
    row_id: int = 0
    link: NewLink | None = None

    def __str__(self) -> str:
        """Return it as the dry run shows it."""
        detail = f"（{self.detail}）" if self.detail else ""
        return f"{self.certification_number} {WORDS[self.kind]}{detail}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The registry before and after an import."""

    before: Mapping[str, Facility]
    after: Mapping[str, Facility]
    #: Numbers whose row is new, differs, or is gone.
    touched: tuple[str, ...]
    is_first: bool


def difference(before: Mapping[str, Facility], plan: ImportPlan, *, is_first: bool) -> Difference:
    """Return the two states of the registry that a plan leads from and to."""
    changed = [*plan.added, *(one.facility for one in plan.changed)]
    gone = {one.certification_number for one in plan.removed}
    after = {number: one for number, one in before.items() if number not in gone}
    after |= {one.certification_number: one for one in changed}
    touched = (*(one.certification_number for one in changed), *sorted(gone))
    return Difference(before, after, touched, is_first)


def find_effects(desk: Desk, tx: Transaction, diff: Difference, now: datetime) -> list[Effect]:
    """Return everything that an import causes; writes nothing."""
    return [
        *_reminders(desk.rules, diff, now),
        *_corrections(tx, diff),
        *_links(desk, tx, diff, japan_date(now)),
        *_contacts(desk.rules, tx, diff),
    ]


def _reminders(rules: Rules, diff: Difference, now: datetime) -> Iterator[Effect]:
    for campaign in rules.campaigns:
        for year in (now.year - 1, now.year, now.year + 1):
            season = season_of(campaign, year, rules.desk.calendar)
            if not season.period.opens <= now < season.steps[-1].due_at:
                continue
            for number in diff.touched:
                before, after = diff.before.get(number), diff.after.get(number)
                if before is None or before.application_state in campaign.unless_state:
                    continue
                if not is_concerned(season, before):
                    continue
                if after is None:
                    yield Effect("reminders_stop", number, "名簿から外れました")
                elif after.application_state in campaign.unless_state:
                    yield Effect("reminders_stop", number, after.application_state)


def _corrections(tx: Transaction, diff: Difference) -> Iterator[Effect]:
    for one in corrections.open_corrections_of(tx, diff.touched):
        number = one.certification_number
        after = diff.after.get(number)
        if after is None:
            yield Effect("correction_closed", number, "名簿から外れました", one.id)
        elif is_done_by(diff.before.get(number), after):
            yield Effect("correction_done", number, after.application_state, one.id)
        elif after.application_state == "不合格":
            yield Effect("correction_closed", number, after.application_state, one.id)


def _links(desk: Desk, tx: Transaction, diff: Difference, today: date) -> Iterator[Effect]:
    every = links.list_links(tx, open_only=True)
    touched = set(diff.touched)
    ended: set[str] = set()
    for one in every:
        effect = _of_open_link(desk, tx, one, diff, touched)
        if effect is not None:
            yield effect
            if effect.kind == "link_closed":
                ended.add(one.affiliate_number)
    for number in diff.touched:
        after = diff.after.get(number)
        if after is None:
            continue
        approved = is_newly_approved(diff.before.get(number), after)
        if diff.is_first and (after.certified_from or date.min) < today:
            continue  # What was in force before we were there is nobody's news.
        moved = number in ended and after.application_state == "承認"
        if not approved and not moved:
            continue
        new = _new_link(after, today)
        known = links.link_by_purpose(tx, new.purpose_key)
        if known is not None:
            if known.state == "closed" and known.ended_by == BY_IMPORT:
                yield Effect("link_mended", number, "再び承認されました", known.id)
        else:
            trouble = _trouble(tx, after, diff, today)
            day = after.certified_from.isoformat() if after.certified_from else "開始日なし"
            detail = TROUBLES[trouble] if trouble else f"{day}、基幹施設 {after.core_number}"
            yield Effect("link_planned", number, detail, link=new)


def _new_link(affiliate: Facility, today: date) -> NewLink:
    begins_on = affiliate.certified_from
    number, core = affiliate.certification_number, affiliate.core_number
    return NewLink(
        purpose_key=f"{number}:{core}:{begins_on.isoformat() if begins_on else ''}",
        affiliate_number=number,
        core_number=core,
        begins_on=begins_on,
        late=begins_on is not None and begins_on < today,
    )


def _trouble(tx: Transaction, affiliate: Facility, diff: Difference, today: date) -> str | None:
    core = diff.after.get(affiliate.core_number)
    dead = unreachable.cannot_be_reached(tx, [core.address]) if core and core.address else set()
    if affiliate.certified_from and affiliate.certified_from < today - _LATEST_APPROVAL:
        return "old_first_day"
    return trouble_of(affiliate, core, bool(dead))


def _of_open_link(
    desk: Desk, tx: Transaction, one: Link, diff: Difference, touched: set[str]
) -> Effect | None:
    number = one.affiliate_number
    after = diff.after.get(number)
    if after is None:
        return Effect("link_closed", number, "名簿から外れました", one.id)
    if number in touched and after.application_state != "承認":
        return Effect("link_closed", number, f"申請状況 {after.application_state}", one.id)
    if number in touched and (after.core_number, after.certified_from) != (
        one.core_number,
        one.begins_on,
    ):
        return Effect("link_closed", number, "基幹施設または認定開始日が変わりました", one.id)
    settings = desk.rules.deadlines.links
    said = dict(after.extra).get(settings.column, "").strip()
    if said in settings.accepted:
        return Effect("link_accepted", number, said, one.id)
    if said in settings.declined:
        return Effect("link_declined", number, said, one.id)
    if one.state == "human" and one.trouble in MENDABLE:
        core = diff.after.get(one.core_number)
        dead = unreachable.cannot_be_reached(tx, [core.address]) if core and core.address else ()
        if trouble_of(after, core, bool(dead)) is None:
            return Effect("link_mended", number, "", one.id)
    return None


def _contacts(rules: Rules, tx: Transaction, diff: Difference) -> Iterator[Effect]:
    unless = {one.id: one.unless_state for one in rules.campaigns}
    for task_id, purpose, number in contacts.open_tasks_of(tx, diff.touched):
        before, after = diff.before.get(number), diff.after.get(number)
        if after is None:
            yield Effect("contact_ended", number, "名簿から外れました", task_id)
        elif after.application_state in unless.get(purpose.partition(":")[0], ()):
            yield Effect("contact_ended", number, after.application_state, task_id)
        elif (
            after.address
            and (before is None or after.address.lower() != before.address.lower())
            and not unreachable.cannot_be_reached(tx, [after.address])
        ):
            yield Effect("contact_address", number, "新しいアドレスが登録されました", task_id)


def carry_out(desk: Desk, tx: Transaction, effects: list[Effect], now: datetime) -> None:
    """Carry out what was found, after the registry's own rows were changed."""
    for effect in effects:
        _CARRY_OUT[effect.kind](desk, tx, effect, now)


def _stop_reminders(_desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    number = effect.certification_number
    reason = "applied" if effect.detail != "名簿から外れました" else "withdrawn"
    for row in reminders.waiting_letters(tx, [number]):
        if row.letter_id is not None:
            letters.cancel_waiting(tx, [row.letter_id], "an import says that it is settled")
            reminders.set_skipped(tx, row.id, reason, now)


def _end_correction(_desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    one = corrections.correction_by_id(tx, effect.row_id)
    if one is not None:
        state = "done" if effect.kind == "correction_done" else "closed"
        correcting.end(tx, one, state, BY_IMPORT, effect.detail, now)


def _plan_link(_desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    assert effect.link is not None  # noqa: S101 - set by every such effect
    link_id = links.insert_link(tx, effect.link, now)
    one = links.link_by_id(tx, link_id) if link_id is not None else None
    if one is None:
        return
    trouble = link_notices.trouble_now(tx, one, japan_date(now) - _LATEST_APPROVAL)
    if trouble is not None:
        link_notices.to_person(tx, one, trouble, now)


def _change_link(desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    one = links.link_by_id(tx, effect.row_id)
    if one is None:
        return
    if effect.kind == "link_closed":
        linking.drop(tx, one, BY_IMPORT, effect.detail, now)
    elif effect.kind == "link_mended":
        link_notices.resume(tx, one, BY_IMPORT, now)
    else:
        linking.settle(desk, tx, one, effect.kind.removeprefix("link_"), BY_IMPORT, now)


def _end_contact(_desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    contacts.end_task(tx, effect.row_id, "dropped", BY_IMPORT, now)


def _write_after_all(desk: Desk, tx: Transaction, effect: Effect, now: datetime) -> None:
    """Let the letter follow that had no address, where it still makes sense."""
    _end_contact(desk, tx, effect, now)
    for season, step in reminding.current_steps(desk, tx, now, paused_too=True):
        if lapsed(season, step, now) is None:
            key = reminding.key_of(season, step)
            ids = reminders.unreached(tx, key, [effect.certification_number])
            reminders.reopen_all(tx, ids, now)


_CARRY_OUT: Mapping[str, Callable[[Desk, Transaction, Effect, datetime], None]] = {
    "reminders_stop": _stop_reminders,
    "correction_done": _end_correction,
    "correction_closed": _end_correction,
    "link_planned": _plan_link,
    "link_mended": _change_link,
    "link_closed": _change_link,
    "link_accepted": _change_link,
    "link_declined": _change_link,
    "contact_ended": _end_contact,
    "contact_address": _write_after_all,
}
