"""What is to be entered in the portal (反映待ち): a list to work off, and the letters it sends.

Saying that the portal has a change sends letters that nobody can call back: they are shown
first, of one change or of several at once, and one Enter sends what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from helpdesk.console import refusals
from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.handlers.queue import page_number
from helpdesk.console.words import N_
from helpdesk.desk import change_acts, portal, queue
from helpdesk.desk.context import Refused
from helpdesk.desk.preview import Preview, foresee
from helpdesk.desk.queue import ShownAction
from helpdesk.errors import HelpdeskError
from helpdesk.store.queue_view import QueueFilter

# Each preview is made by doing it and taking it back: more would hold up the other writers.
MOST_AT_ONCE = 20

_GONE = "the change no longer waits for the portal; look at its case"
_OTHER = "the letters are not those that were shown any more; look at them once more"


@dataclass(frozen=True, slots=True)
class Change:
    """One change that the portal is said to have, and what follows."""

    shown: ShownAction
    #: None where it waits for the portal no more.
    preview: Preview | None

    @property
    def refused(self) -> HelpdeskError | None:
        """Say why it cannot be taken note of now; None: it can."""
        return Refused(_GONE) if self.preview is None else self.preview.refused

    @property
    def seen(self) -> str:
        """Return a mark of the letters: what would go out otherwise now was not shown."""
        said = repr(self.preview.letters if self.preview else ())
        return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def portal_page(ask: Ask) -> Answer:
    """What is to be entered in the portal, to be worked off beside it."""
    return _list(ask)


def _list(ask: Ask, problem: str = "") -> Page:
    number = page_number(ask)
    found = queue.waiting(ask.desk, QueueFilter(state="portal"), ask.now, page=number, size=200)
    changes = {
        one.row.action_id: queue.shown(ask.database, one.row.action_id) for one in found.rows
    }
    values = {
        "title": ask.words.gettext(N_("反映待ち")),
        "waiting": found,
        "changes": changes,
        "taken_back": portal.taken_back(ask.database),
        "page": number,
        "problem": problem,
        "most": MOST_AT_ONCE,
    }
    return Page("portal.html", values, 409 if problem else 200)


def letters_page(ask: Ask) -> Answer:
    """The letters that go out once the chosen changes are said to be in the portal."""
    chosen = list(dict.fromkeys(ask.query.getlist("action")))
    found = [_change(ask, one) for one in chosen[:MOST_AT_ONCE]]
    good = [one for one in found if one.refused is None]
    values = {
        "title": ask.words.gettext(N_("反映の確認")),
        "changes": found,
        "words": {
            one.shown.action.id: refusals.in_words(one.refused, ask.words)
            for one in found
            if one.refused is not None
        },
        "good": good,
        "letters": [letter for one in good if one.preview for letter in one.preview.letters],
        "left_out": max(0, len(chosen) - MOST_AT_ONCE),
    }
    return Page("portal_letters.html", values)


def _change(ask: Ask, number: str) -> Change:
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound("there is no such page")
    shown = queue.shown(ask.database, int(number))
    action_id, by, now = shown.action.id, ask.user, ask.now
    if shown.action.state != "portal":
        return Change(shown, None)
    preview = foresee(
        ask.desk, shown.case.id, lambda desk: change_acts.reflect(desk, action_id, by, now)
    )
    return Change(shown, preview)


def reflect(ask: Ask) -> Answer:
    """The portal has these changes: each is its own decision; what is refused is named."""
    done, refused = 0, []
    chosen = [one for one in ask.form.getlist("action") if isinstance(one, str)]
    for number in list(dict.fromkeys(chosen))[:MOST_AT_ONCE]:
        change = _change(ask, number)
        try:
            _reflect(ask, change)
            done += 1
        except HelpdeskError as error:
            words = refusals.in_words(error, ask.words)
            refused.append(f"{change.shown.case.number}: {words}")
    if done:
        ask.parts.wake_sender()
    if not refused:
        return Go("/portal", "reflected" if done else "")
    taken = ask.words.gettext(N_("{n}件を反映済みにしました。次の変更はまだです。"))
    return _list(ask, "\n".join([taken.format(n=done), *refused]))


def _reflect(ask: Ask, change: Change) -> None:
    action_id = change.shown.action.id
    if change.refused is not None:
        raise change.refused
    if ask.line(f"seen-{action_id}", 64) != change.seen:
        raise Refused(_OTHER)
    change_acts.reflect(ask.desk, action_id, ask.user, ask.now)
