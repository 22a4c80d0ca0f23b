"""The change of a registered address (②) as a small state machine.

    waiting → approved → confirming → (the old address is told) → cooling → portal → done
    aside: held, rejected, expired, reverted

One function, `step`, takes where a change stands and what happened, and returns where it
stands then, which letters that wants and what it waits for. None: it means nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

WAITING, APPROVED, CONFIRMING, COOLING = "waiting", "approved", "confirming", "cooling"
PORTAL, DONE = "portal", "done"
HELD, REJECTED, EXPIRED, REVERTED = "held", "rejected", "expired", "reverted"

RELAXED, STANDARD, STRICT = "relaxed", "standard", "strict"

#: States in which a person may approve: new, stopped, or back in the queue by its date.
DECIDABLE = (WAITING, HELD, EXPIRED)
#: States between the approval and the portal, in which a stop holds a change.
UNDER_WAY = (APPROVED, CONFIRMING, COOLING, PORTAL)

#: What a state waits for.
FOR_TOKEN, FOR_TIME, FOR_CALL_BACK = "token", "cool_off", "call_back"
#: Another change of the same facility, and that the portal has this one.
FOR_OTHER, FOR_PORTAL = "other_change", "portal"

OLD_FAILED_NOTE = "旧アドレスにメールが届きませんでした。"
STOPPED_NOTE = "変更を止めるお申し出がありました。電話などでご確認ください。"

# Letters, and to whom: the new address, the old one, both.
CONFIRM_LETTER, NOTICE_LETTER = "change_confirm", "change_notice"


def as_decided(kind: str, state: str) -> str:
    """Return what a person decided of an action that stands at `state` today.

    Of a change of address the approval is the decision; how far it got is news of later.
    """
    later = {CONFIRMING, COOLING, PORTAL, DONE, HELD, REVERTED}
    return APPROVED if kind == "change_address" and state in later else state


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a change stands and what speaks for it."""

    state: str
    #: relaxed | standard | strict
    level: str
    #: The registry has an old address, and mail is known of no failure there.
    old_reached: bool
    #: The new address has answered with its token.
    confirmed: bool = False
    #: The old address has been told already.
    old_told: bool = False
    #: The old address has agreed, by an answer that proves the receipt of our letter.
    old_agreed: bool = False
    #: The request came from the old address and its domain vouched for it.
    asked_from_old: bool = False
    #: A named approver has spoken with the facility by the registry's telephone (代表電話).
    called_back: bool = False
    #: An import made it the old address a short time ago: its word alone ends no wait.
    old_imported: bool = False
    #: Another change of the same facility was under way before it.
    other_first: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Where a change goes."""

    state: str
    #: CONFIRM_LETTER and NOTICE_LETTER, as needed.
    letters: tuple[str, ...] = ()
    #: One of the words FOR_… above; None: for a person, or for nothing.
    waits_for: str | None = None
    #: Why a person is asked, in words for staff.
    note: str = ""


def wait_before_portal(standing: Standing) -> str | None:
    """Return what must be waited for once the new address has confirmed.

    A call-back stands for the wait at every level. Where nobody can object from the old
    address, time alone proves nothing: somebody must be spoken with.
    """
    if standing.level == RELAXED or standing.called_back:
        return None
    if not standing.old_reached:
        return FOR_CALL_BACK
    heard = (standing.old_agreed or standing.asked_from_old) and not standing.old_imported
    if standing.level == STANDARD and heard:
        return None
    return FOR_TIME


def begins_anew(before: str, after: str) -> bool:
    """Say whether nothing counts any more that was said about a change so far.

    So it is where it was stopped, where the registry moved under it, and where it left
    the portal's list: the new address answers once more, and the old one is told again.
    """
    return after in (HELD, WAITING) or (before, after) == (PORTAL, EXPIRED)


def step(standing: Standing, event: str) -> Step | None:
    """Return what an event makes of a change; None where it means nothing."""
    act = _EVENTS[event]
    return act(standing)


def _set_out(one: Standing) -> Step | None:
    if one.state != APPROVED:
        return None
    if one.confirmed:  # Only the call was wanting: the new address need not answer twice.
        return _confirmed_on(one)
    return Step(CONFIRMING, (CONFIRM_LETTER,), FOR_TOKEN)


def _confirmed(one: Standing) -> Step | None:
    return _confirmed_on(replace(one, confirmed=True)) if one.state == CONFIRMING else None


def _confirmed_on(one: Standing) -> Step:
    letters = (NOTICE_LETTER,) if one.old_reached and not one.old_told else ()
    waits_for = wait_before_portal(one)
    return _to_portal(one, letters) if waits_for is None else Step(COOLING, letters, waits_for)


def _to_portal(one: Standing, letters: tuple[str, ...] = ()) -> Step:
    """One change of a facility after the other: the portal is never told two at once."""
    if one.other_first:
        return Step(COOLING, letters, FOR_OTHER)
    return Step(PORTAL, letters, FOR_PORTAL)


def _released(one: Standing) -> Step | None:
    """The old address agreed, or somebody was spoken with."""
    if one.state != COOLING:
        return None
    waits_for = wait_before_portal(one)
    return _to_portal(one) if waits_for is None else Step(COOLING, (), waits_for)


def _cooled(one: Standing) -> Step | None:
    """The wait is over, for the old address or for the change that came first.

    Time proves something only where the old address could have objected meanwhile.
    """
    if one.state != COOLING:
        return None
    if wait_before_portal(one) == FOR_CALL_BACK:
        return Step(COOLING, (), FOR_CALL_BACK, OLD_FAILED_NOTE)
    return _to_portal(one)


def _stopped(one: Standing) -> Step | None:
    """Also what is held already: it may be so for another reason, which one person may lift."""
    if one.state not in (*UNDER_WAY, *DECIDABLE):
        return None
    return Step(HELD, note=STOPPED_NOTE)


def _new_failed(one: Standing) -> Step | None:
    """Mail to the new address came back: also of one that has confirmed, a person sees to it."""
    if one.state not in (CONFIRMING, COOLING, PORTAL):
        return None
    return Step(HELD, note="新しいアドレスにメールが届きませんでした。")


def _old_failed(one: Standing) -> Step | None:
    """The notice to the old address came back: nobody there can object."""
    if one.state not in (COOLING, PORTAL) or wait_before_portal(one) is None:
        return None
    return Step(COOLING, (), FOR_CALL_BACK, OLD_FAILED_NOTE)


def _overdue(one: Standing) -> Step | None:
    """Nobody answered in time, or an approval has grown old: back into the queue."""
    notes = {
        WAITING: "一人目の承認から期限が過ぎました。",
        CONFIRMING: "新しいアドレスから期限までにご返信がありませんでした。",
        COOLING: "代表電話での確認が期限までに記録されませんでした。",
        PORTAL: "承認から期限までに、マイページへの反映が記録されませんでした。"
        "反映待ちの一覧から外しました。",
    }
    return Step(EXPIRED, note=notes[one.state]) if one.state in notes else None


def _reflected(one: Standing) -> Step | None:
    return Step(DONE) if one.state == PORTAL else None


def _reverted(one: Standing) -> Step | None:
    return Step(REVERTED) if one.state == DONE else None


def _rejected(one: Standing) -> Step | None:
    return Step(REJECTED) if one.state in (*DECIDABLE, *UNDER_WAY) else None


_EVENTS = {
    "set_out": _set_out,
    "confirmed": _confirmed,
    "released": _released,
    "cooled": _cooled,
    "stopped": _stopped,
    "new_failed": _new_failed,
    "old_failed": _old_failed,
    "overdue": _overdue,
    "reflected": _reflected,
    "reverted": _reverted,
    "rejected": _rejected,
}
