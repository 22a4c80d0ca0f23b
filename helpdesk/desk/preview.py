"""What a decision would do, seen before it is taken: by taking it, and taking it back.

The letters are those that the decision itself writes. A person may change their text;
an edited text stands for the template's body of the letter of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from helpdesk.desk.answering import edited_letter
from helpdesk.desk.context import Desk, Refused, Registry
from helpdesk.domain.message import read_message
from helpdesk.domain.token import without_token
from helpdesk.mail.letters import LetterBook, Rendered
from helpdesk.mail.wording import LETTERS
from helpdesk.store import case_view, cases
from helpdesk.store.trial import trial


@dataclass(frozen=True, slots=True)
class PreviewedLetter:
    """A letter exactly as it would leave."""

    name: str
    recipient: str
    subject: str
    body: str
    #: Shadow mode: it is written, and nothing leaves.
    held: bool
    #: A letter with a token leaves as it is: nobody here may read the token, or lose it.
    editable: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would cause."""

    #: The action's state after it; '' where it is refused.
    state: str
    letters: tuple[PreviewedLetter, ...]
    #: Whether the case is closed then.
    closes: bool
    #: Why it would be refused now; None: it can be decided so.
    refused: Refused | None = None


def foresee(desk: Desk, case_id: int, decide: Callable[[Desk], str]) -> Preview:
    """Return what `decide` would do to a case; nothing of it stays."""
    with trial(desk.database) as database:
        # What the trial does to the registry must not be remembered as its state.
        stage = replace(desk, database=database, registry=Registry())
        with database.read() as tx:
            newest = case_view.newest_letter_id(tx)
        try:
            state = decide(stage)
        except Refused as error:
            return Preview("", (), closes=False, refused=error)
        with database.read() as tx:
            written = case_view.letters_of(tx, case_id, newest)
            closes = cases.case_by_id(tx, case_id).state == "closed"
    return Preview(state, tuple(_previewed(one) for one in written), closes)


def _previewed(one: case_view.CaseLetter) -> PreviewedLetter:
    message = read_message(one.source)
    subject, body = without_token(message.subject), without_token(message.body)
    editable = (subject, body) == (message.subject, message.body)
    return PreviewedLetter(one.letter, one.recipient, subject, body, one.state == "held", editable)


def with_edited(desk: Desk, edited: Mapping[str, str]) -> Desk:
    """Return a desk that writes these bodies (by name of the letter). Raises Refused."""
    if "token" in {value for name in edited for value in LETTERS.get(name, ())}:
        raise Refused("a letter that carries a token leaves as it is")
    bodies = {name: edited_letter(text) for name, text in edited.items()}
    return replace(desk, letters=_EditedBook(desk.letters, bodies)) if bodies else desk


class _EditedBook(LetterBook):
    """The letters, some of them with the body that a person wrote."""

    def __init__(self, book: LetterBook, bodies: Mapping[str, str]) -> None:
        self._book, self._bodies = book, bodies

    def render(self, letter: str, values: Mapping[str, object]) -> Rendered:
        rendered = self._book.render(letter, values)
        body = self._bodies.get(letter)
        return rendered if body is None else replace(rendered, body=body)
