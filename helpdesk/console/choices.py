"""What stands on the right of a case: each action that waits, with what each button would cause."""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpdesk.console import refusals
from helpdesk.console.ask import Ask
from helpdesk.desk import (
    approvals,
    awaiting,
    case_view,
    change_acts,
    queue,
)
from helpdesk.desk.answering import BLANK
from helpdesk.desk.context import FactsMoved
from helpdesk.desk.preview import Preview, foresee
from helpdesk.desk.standing import About
from helpdesk.domain.change import DECIDABLE
from helpdesk.domain.disclosure import WISHES
from helpdesk.domain.topics import FREE, TOPICS
from helpdesk.store.actions import Action

# A rejection that is only looked at needs a reason too.
_REASON = "preview"

# Stands for what a person will write, in a letter that is only looked at.
_WRITTEN = "〔回答〕"


@dataclass(frozen=True, slots=True)
class Choice:
    """One action that waits, with what each button would cause."""

    action: Action
    approval: Preview
    rejection: Preview | None
    #: Staff have answered from Outlook since; deciding needs a word of confirmation.
    answered: bool
    refused: str
    topic: str
    #: Approvals, marks, who is told on which ground: what stands beside the action.
    about: About
    #: Whom the registered address is told, as the person wishes: '' or one of WISHES.
    to: str = ""
    reason: str = ""
    #: An address in Cc of the request that gets the result too.
    copy_to: str = ""
    #: The letter for an identity that could not be confirmed; None: it does not fit.
    asking: Preview | None = None

    @property
    def moved(self) -> bool:
        """Say whether the registry or the case changed: it must be judged again first."""
        return isinstance(self.approval.refused, FactsMoved)


def in_cc_of(shown: case_view.CaseView) -> list[str]:
    """Return the addresses that the newest mail names in Cc."""
    newest = shown.newest
    return [one.address for one in newest.read.message.cc] if newest and newest.read else []


def choice_of(ask: Ask, shown: case_view.CaseView, action: Action) -> Choice:
    """Return what each button of one action would cause, as the query wishes it."""
    topic = ask.query.get("topic", "")
    topic = topic if topic in (*TOPICS, FREE) and action.kind in ("answer", "review") else ""
    by, now, case_id = ask.user, ask.now, shown.case.id
    about = queue.about(ask.desk, queue.shown(ask.database, action.id), now)
    if action.state not in (*DECIDABLE, "portal"):
        return Choice(action, Preview("", (), closes=False), None, False, "", "", about)
    to = ask.query.get("to", "")
    to = to if to in WISHES and action.kind == "confirm_address" else ""
    why = ask.query.get("reason", "")[:300]
    copy = ask.query.get("copy_to", "") if action.kind == "confirm_address" else ""
    copy = copy if copy in in_cc_of(shown) else ""
    if action.state == "portal":
        preview = foresee(
            ask.desk, case_id, lambda desk: change_acts.reflect(desk, action.id, by, now)
        )
        return Choice(action, preview, None, False, _words(ask, preview), "", about)
    edited = None
    if topic == FREE:  # The letter's own blank stands where the person will write.
        edited = approvals.draft(ask.desk, action.id, FREE, by, now).replace(BLANK, _WRITTEN)
    preview = foresee(
        ask.desk,
        case_id,
        lambda desk: approvals.approve(
            desk,
            action.id,
            by,
            now,
            anyway=True,
            topic=topic or None,
            edited=edited,
            to=to or None,
            reason=why,
            shown=about.facts or None,
            copy_to=copy or None,
        ),
    )
    if topic == FREE:
        shown_as = (replace(one, body=one.body.replace(_WRITTEN, BLANK)) for one in preview.letters)
        preview = replace(preview, letters=tuple(shown_as))
    rejection = foresee(
        ask.desk,
        case_id,
        lambda desk: approvals.reject(desk, action.id, by, _REASON, now, anyway=True),
    )
    outside = shown.case.answered_outside_at
    answered = outside is not None and outside >= action.created_at
    words = _words(ask, preview)
    asking = foresee(
        ask.desk,
        case_id,
        lambda desk: awaiting.ask(desk, action.id, by, now, anyway=True),
    )
    fits = asking if asking.refused is None else None
    return Choice(action, preview, rejection, answered, words, topic, about, to, why, copy, fits)


def _words(ask: Ask, preview: Preview) -> str:
    return refusals.in_words(preview.refused, ask.words) if preview.refused else ""
