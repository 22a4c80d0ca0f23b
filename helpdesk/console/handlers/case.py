"""The case: one page on which a person decides, and what its buttons do."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from helpdesk.console.ask import Answer, Ask, Go, NotFound, Page
from helpdesk.console.choices import choice_of, in_cc_of
from helpdesk.desk import (
    approvals,
    awaiting,
    case_story,
    case_view,
    casework,
    change_acts,
    facility_search,
    free_letters,
    hand_reading,
    queue,
    snippets,
)
from helpdesk.desk.casework import CHANNELS
from helpdesk.desk.context import Refused
from helpdesk.desk.preview import with_edited
from helpdesk.domain.approval import MARKS
from helpdesk.domain.by_hand import changes_of
from helpdesk.domain.change import DECIDABLE
from helpdesk.domain.registry_diff import COLUMNS
from helpdesk.domain.request import FIELD_NAMES
from helpdesk.domain.topics import FREE, FREE_LETTER, TOPICS


def case_page(ask: Ask) -> Answer:
    """The case with everything that is known of it.

    Whoever opens it will decide in a moment: by then what a colleague answered from Outlook
    is to be known.
    """
    ask.parts.wake_watcher()
    return _case(ask, "")


def _case(ask: Ask, problem: str) -> Page:
    number = ask.params["number"]
    try:
        shown = case_view.view(ask.desk, number, ask.now)
    except Refused as error:
        raise NotFound(str(error)) from error
    choices = [choice_of(ask, shown, one) for one in shown.waiting] if ask.may("decide") else []
    values = {
        "title": f"{number} {shown.case.subject}",
        "view": shown,
        "asked_before": _asked_before(shown),
        "choices": choices,
        "problem": problem,
        "groups": case_view.GROUPS,
        "topics": TOPICS,
        "snippets": snippets.listed(ask.database) if ask.may("decide") else [],
        "mark": mark_of,
        "changes": changes_of,
        "channels": CHANNELS,
        "mark_words": MARKS,
        "columns": COLUMNS,
        "decidable": DECIDABLE,
        "in_cc": in_cc_of(shown),
        "free_letter": _free_letter(ask, shown),
    }
    return Page("case.html", values, 409 if problem else 200)


def _asked_before(shown: case_view.CaseView) -> list[case_story.ShownMail]:
    """Return the requests before the newest one, newest first: their fields still count."""
    asked = [one for one in shown.mails if one.read and one.read.reading.is_request]
    return [one for one in reversed(asked) if not one.by_staff and one is not shown.newest]


def _free_letter(ask: Ask, shown: case_view.CaseView) -> str:
    """Return the letter to be written where nothing calls for one; '' where nobody could get it."""
    if not ask.may("decide") or not shown.case.correspondent:
        return ""
    return free_letters.draft(ask.desk, shown.case.number, ask.user, ask.now)


def mark_of(text: str) -> str:
    """Return a mark of a letter's text: what comes back with another mark was edited."""
    return sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _edited(ask: Ask) -> dict[str, str]:
    """Return the letters that the person changed, by name."""
    found = {}
    for key in ask.form:
        name = key.removeprefix("letter-")
        if name != key:
            text = ask.text(key)
            if mark_of(text) != ask.line(f"mark-{name}", 40):
                found[name] = text
    return found


def _action(ask: Ask) -> int:
    """Return the action of the form, if it belongs to the case of the path."""
    text = ask.line("action", 20)
    number = ask.params["number"]
    if text.isascii() and text.isdigit():
        found = queue.shown(ask.database, int(text)).action
        if found.case_number == number:
            return found.id
    raise NotFound("there is no action of that number in this case")


def approve(ask: Ask) -> Answer:
    """Approve with the letters as they stand in the form."""
    action_id = _action(ask)
    topic = ask.line("topic", 40) or None
    edited = _edited(ask)
    free = None
    if topic == FREE:
        edited.pop(FREE_LETTER, None)
        free = ask.text(f"letter-{FREE_LETTER}")
    state = approvals.approve(
        with_edited(ask.desk, edited),
        action_id,
        ask.user,
        ask.now,
        anyway=bool(ask.line("anyway")),
        topic=topic,
        edited=free,
        to=ask.line("to", 20) or None,
        reason=ask.line("reason", 300),
        copy_to=ask.line("copy_to", 254) or None,
        shown=ask.line("facts", 64) or None,
        # Absent where nothing was foreseen: "judge again" approves nothing.
        agreed=ask.text("agreed", 2_000).split() if "agreed" in ask.form else None,
    )
    ask.parts.wake_sender()
    if state in ("confirming", "cooling", "portal"):
        return Go("/queue", f"approved_{state}")
    return Go("/queue", "second_needed" if state == "waiting" else "approved")


def reject(ask: Ask) -> Answer:
    """Reject, with the reason for the file and the letter that gives none."""
    approvals.reject(
        with_edited(ask.desk, _edited(ask)),
        _action(ask),
        ask.user,
        ask.line("reason", 1000),
        ask.now,
        anyway=bool(ask.line("anyway")),
    )
    ask.parts.wake_sender()
    return Go("/queue", "rejected")


def ask_identity(ask: Ask) -> Answer:
    """The identity could not be confirmed: say who counts, and wait for the registry."""
    awaiting.ask(
        with_edited(ask.desk, _edited(ask)),
        _action(ask),
        ask.user,
        ask.now,
        anyway=bool(ask.line("anyway")),
    )
    ask.parts.wake_sender()
    return Go("/queue", "identity_asked")


def write_freely(ask: Ask) -> Answer:
    """Write to the correspondent although nothing waits."""
    text = ask.text(f"letter-{FREE_LETTER}")
    free_letters.write(ask.desk, ask.params["number"], ask.user, text, ask.now)
    ask.parts.wake_sender()
    return _back(ask, "written")


def reflect(ask: Ask) -> Answer:
    """The portal has the change: the registry changes, both addresses are told."""
    desk = with_edited(ask.desk, _edited(ask))
    change_acts.reflect(desk, _action(ask), ask.user, ask.now)
    ask.parts.wake_sender()
    return Go("/portal" if ask.line("back") == "/portal" else "/queue", "reflected")


def call_back(ask: Ask) -> Answer:
    """Somebody spoke with the facility by the registry's telephone."""
    change_acts.call_back(ask.desk, _action(ask), ask.user, ask.now)
    ask.parts.wake_sender()
    return _back(ask, "called_back")


def stop_change(ask: Ask) -> Answer:
    """Stop a change on its way."""
    change_acts.hold(ask.desk, _action(ask), ask.user, ask.line("reason", 300), ask.now)
    return _back(ask, "stopped")


def take_proof(ask: Ask) -> Answer:
    """Take a token from another address for the new address's answer."""
    change_acts.confirm(ask.desk, _action(ask), ask.user, ask.now)
    ask.parts.wake_sender()
    return _back(ask, "proof_taken")


def revert(ask: Ask) -> Answer:
    """Undo a change that is in force."""
    change_acts.revert(ask.desk, _action(ask), ask.user, ask.line("reason", 300), ask.now)
    ask.parts.wake_sender()
    return _back(ask, "reverted")


def correct(ask: Ask) -> Answer:
    """Put the fields right by hand and judge again."""
    given = {name: ask.line(f"field-{name}", 200) for name in FIELD_NAMES}
    hand_reading.correct_fields(ask.desk, ask.params["number"], ask.user, given, ask.now)
    return _back(ask, "corrected")


def choose_facility(ask: Ask) -> Answer:
    """Judge against the facility that the person picked."""
    number = ask.line("certification_number", 40)
    hand_reading.choose_facility(ask.desk, ask.params["number"], ask.user, number, ask.now)
    return _back(ask, "corrected")


def add_note(ask: Ask) -> Answer:
    """Add a note, a call or a fax."""
    kind = ask.line("kind", 20) or "note"
    casework.add_note(ask.database, ask.params["number"], ask.user, kind, ask.text("text"), ask.now)
    return _back(ask, "noted")


def set_work(ask: Ask) -> Answer:
    """Say who works on the case, what it waits for, and when it comes back."""
    casework.set_work(
        ask.database,
        ask.params["number"],
        ask.user,
        ask.now,
        handler=ask.user if ask.line("mine") else None,
        hold=ask.line("hold", 20) or None,
        resume_on=date_of(ask, "resume_on"),
    )
    return _back(ask, "work")


def date_of(ask: Ask, name: str) -> date | None:
    """Return a date field of the form; None where it is blank. Raises Refused."""
    text = ask.line(name, 20)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("this is no date; choose it from the calendar") from None


def presence(ask: Ask) -> Answer:
    """The page says that it is open; who else has it open is answered."""
    others = casework.look_at(ask.database, ask.params["number"], ask.user, ask.now)
    return Page(
        "case_presence.html", {"title": "", "number": ask.params["number"], "others": others}
    )


def facility_choices(ask: Ask) -> Answer:
    """Facilities that the words may mean, to pick one."""
    found = facility_search.find(ask.desk, ask.query.get("q", ""), limit=8)
    values: dict[str, Any] = {
        "title": "", "found": found, "number": ask.params["number"], "q": ask.query.get("q", ""),
    }  # fmt: skip
    return Page("case_facilities.html", values)


def _back(ask: Ask, said: str) -> Go:
    return Go(f"/cases/{ask.params['number']}", said)
