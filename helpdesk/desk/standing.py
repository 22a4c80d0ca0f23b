"""What a decider must know of an action beyond the request: approvals, who wrote, waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.desk import imported
from helpdesk.desk.answering import period_values
from helpdesk.desk.context import Desk
from helpdesk.desk.deciding import ABOUT_ADDRESS
from helpdesk.desk.who_decides import is_called_back, marks_now, others_of, standing_for
from helpdesk.domain.approval import MARKS, SHOWN_DIGITS, approvals_needed, facts_hash
from helpdesk.domain.calendar import format_datetime
from helpdesk.domain.change import FOR_CALL_BACK, FOR_OTHER, FOR_PORTAL, FOR_TIME, FOR_TOKEN
from helpdesk.domain.written_by import WrittenBy
from helpdesk.store import approvals, changes, portal_changes
from helpdesk.store.actions import Action
from helpdesk.store.approvals import Approval
from helpdesk.store.changes import Change
from helpdesk.store.database import Transaction
from helpdesk.store.portal_changes import PortalChange
from helpdesk.store.registry_shifts import ShiftRecord

_WAITS: Mapping[str, str] = {
    FOR_TOKEN: "新しいアドレスからのご返信を待っています",
    FOR_TIME: "旧アドレスからのお申し出を待っています",
    FOR_CALL_BACK: "代表電話での確認の記録（helpdesk queue call-back）を待っています",
    FOR_OTHER: "同じ施設の、先に進んでいる変更が済むのを待っています",
    FOR_PORTAL: "マイページへの反映を待っています",
}

_WRITTEN_BY = {"self": "施設責任者本人", "proxy": "代理の方", "unknown": "不明"}


@dataclass(frozen=True, slots=True)
class About:
    """What stands beside an action when it is shown."""

    facts: str
    marks: tuple[str, ...] = ()
    needed: int = 1
    given: tuple[str, ...] = ()
    #: Every approval there was, oldest first; those by `given` count for what is shown now.
    approvals: tuple[Approval, ...] = ()
    main_phone: str = ""
    member_address: str = ""
    authenticated: bool = False
    written_by: WrittenBy | None = None
    cc: tuple[str, ...] = ()
    called_back: str = ""
    change: Change | None = None
    #: What the wait means, near the end of a renewal period above all.
    wait: str = ""
    #: Cases of other changes of the same facility that are under way or came first.
    others: tuple[str, ...] = ()
    #: What the portal was to be told, and whether it has it; oldest first.
    portal: tuple[PortalChange, ...] = ()
    #: What imports changed lately of the columns that a proof rests on.
    imported: tuple[ShiftRecord, ...] = ()

    def lines(self) -> list[tuple[str, object]]:
        """Return what a terminal shows: titles and values."""
        rows: list[tuple[str, object]] = [("事実", self.facts)] if self.facts else []
        rows += [("注意", MARKS[mark]) for mark in self.marks if mark in MARKS]
        rows += [("名簿の変更", imported.in_words(one)) for one in self.imported]
        if self.others:
            rows.append(("同じ施設の変更", "、".join(self.others)))
        if self.written_by is not None:
            words = f"「{self.written_by.words}」" if self.written_by.words else ""
            rows.append(("書いた方", f"{_WRITTEN_BY[self.written_by.kind]}{words}"))
        rows.append(("送信ドメイン認証", "合格" if self.authenticated else "なし"))
        rows += [("Cc", one) for one in self.cc]
        if self.main_phone:
            rows.append(("代表電話（名簿）", self.main_phone))
        if self.member_address:
            rows.append(("会員登録メールアドレス（名簿）", self.member_address))
        if self.needed > 1 or self.given:
            rows.append(("承認", f"{len(self.given)}/{self.needed} {'、'.join(self.given)}"))
        if self.called_back:
            rows.append(("代表電話での確認", self.called_back))
        if self.wait:
            rows.append(("待ち", self.wait))
        rows += [("マイページ", _portal_in_words(one)) for one in self.portal]
        return rows

    def row(self) -> dict[str, Any]:
        """Return what programs read."""
        change = self.change
        return {
            "facts": self.facts or None,
            "marks": list(self.marks),
            "approvals_needed": self.needed,
            "approved_by": list(self.given),
            "main_phone": self.main_phone or None,
            "member_address": self.member_address or None,
            "authenticated": self.authenticated,
            "written_by": self.written_by.kind if self.written_by else None,
            "cc": list(self.cc),
            "called_back": self.called_back or None,
            "imported": [imported.in_words(one) for one in self.imported],
            "other_changes": list(self.others),
            "wait": self.wait or None,
            "waits_for": change.waits_for if change else None,
            "due_at": change.due_at.isoformat() if change and change.due_at else None,
            "proof_from": change.proof_from if change else None,
            "portal": [
                {"kind": one.kind, "state": one.state, "webhook": one.hook, "error": one.last_error}
                for one in self.portal
            ],
        }


def _portal_in_words(one: PortalChange) -> str:
    """Say whether the portal has a change, or one that was undone."""
    kind = {"change": "変更", "revert": "取り消し", "withdraw": "変更の取り下げ"}[one.kind]
    if one.state == "reflected":
        return (
            f"{kind}を反映済み（{one.reflected_by} {format_datetime(one.reflected_at)}）"
            if (one.reflected_at)
            else f"{kind}を反映済み"
        )
    if one.state == "withdrawn":
        return f"{kind}は取り下げました"
    sent = "書き出し済み" if one.exported_at else "書き出し前"
    hook = "" if one.hook == "none" else f"、webhook {one.hook}"
    error = f"（{one.last_error}）" if one.last_error else ""
    return f"{kind}は反映待ち（{sent}{hook}）{error}"


def about_action(
    desk: Desk,
    tx: Transaction,
    action: Action,
    now: datetime,
    *,
    main_phone: str = "",
    member_address: str = "",
    written_by: WrittenBy | None = None,
    cc: tuple[str, ...] = (),
) -> About:
    """Return what stands beside an action."""
    if action.kind not in ABOUT_ADDRESS:
        return About(facts="", authenticated=action.authenticated, written_by=written_by, cc=cc)
    marks = marks_now(desk, tx, action, now)
    wanted = facts_hash(action.facts)
    change = changes.change_of(tx, action.id)
    called = action.called_back_at if is_called_back(action) else None
    return About(
        facts=wanted[:SHOWN_DIGITS],
        marks=marks,
        needed=approvals_needed(desk.rules.identity.level, marks),
        given=tuple(one.by for one in standing_for(tx, action)),
        approvals=tuple(approvals.every(tx, action.id)),
        main_phone=main_phone,
        member_address=member_address,
        authenticated=action.authenticated,
        written_by=written_by,
        cc=cc,
        called_back=f"{action.called_back_by} {format_datetime(called)}" if called else "",
        change=change,
        wait=wait_in_words(desk, action, change, now),
        others=tuple(others_of(tx, action)),
        portal=tuple(portal_changes.of_action(tx, action.id)),
        imported=tuple(imported.lately(desk, tx, action.certification_number, now)),
    )


def wait_in_words(desk: Desk, action: Action, change: Change | None, now: datetime) -> str:
    """Say what a change waits for, until when, and what that means for the renewal period."""
    if action.kind != "change_address" or action.state in ("done", "rejected", "reverted"):
        return ""
    said = []
    if change is not None and change.waits_for is not None and change.due_at is not None:
        until = format_datetime(change.due_at)
        # Nobody knows when the other change is done.
        limit = "" if change.waits_for == FOR_OTHER else f"（{until} まで）"
        said.append(f"{_WAITS[change.waits_for]}{limit}。")
    period = period_values(desk, now)
    if period is not None and period["state"] == "open":
        said.append(
            f"更新申請の締切は {period['closes']}（残り{period['days_left']}日）です。"
            "反映までは、これまでのアドレスでログインして申請できます。"
            "間に合わない場合は、代表電話で確認して記録すると待ち時間がなくなります。"
        )
    return "".join(said)
