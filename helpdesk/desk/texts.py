"""Letters and rules changed by staff: looked at, tried over past mails, then put in force.

What is in force is a file, as for the operator; each change is kept with who and when.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from helpdesk.desk import examples
from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.examples import Trial
from helpdesk.desk.writing import addressee_for
from helpdesk.mail.letters import LetterBook, Rendered
from helpdesk.mail.wording import LETTERS, trials
from helpdesk.rules import Rules, load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store import cases, texts
from helpdesk.store.texts import TextChange

_PARTS = ("subject.txt", "body.txt")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

#: Letters in the order of the list: all that exist.
NAMES = tuple(sorted(LETTERS))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where letters and rules lie; None: the shipped ones serve, and stay as they are."""

    rules: Path | None
    templates: Path | None

    def rules_text(self) -> str:
        """Return the rules as they stand on disk."""
        path = self.rules or shipped_folder() / RULES_NAME
        return path.read_text(encoding="utf-8-sig")

    def letter_text(self, name: str) -> tuple[str, str]:
        """Return subject and body of a letter's template. Raises Refused."""
        if name not in LETTERS:
            raise Refused(f"there is no letter {name[:40]}")
        folder = (self.templates or shipped_folder() / TEMPLATES_NAME) / "letters" / name
        subject, body = ((folder / part).read_text(encoding="utf-8-sig") for part in _PARTS)
        return subject, body


def fingerprint(text: str) -> str:
    """Return a mark of what was edited, so that nobody writes over another's change."""
    return sha256(text.encode()).hexdigest()[:16]


def preview_letter(
    desk: Desk, sources: Sources, name: str, subject: str, body: str, number: str
) -> Rendered:
    """Return a letter as it would read, on a real case where a number is given.

    Raises Refused, or LettersError with every mistake.
    """
    with _changed_letters(sources, name, subject, body) as folder:
        book = LetterBook.load(folder, desk.rules)
    values = dict(trials(name)[0])
    if "clerk" in LETTERS[name] and values.get("clerk"):  # Whom it names has approved it.
        values["automatic"] = False
    if number:
        with desk.database.read() as tx:
            case = cases.case_by_number(tx, number)
        if case is None:
            raise Refused(f"there is no case {number[:20]}")
        values |= {"case_number": case.number, "subject": case.subject}
        values["addressee"] = addressee_for(case)
    return book.render(name, values)


@contextmanager
def _changed_letters(sources: Sources, name: str, subject: str, body: str) -> Iterator[Path]:
    """Give a copy of the templates in which one letter is changed."""
    if not _NAME.fullmatch(name) or name not in LETTERS:
        raise Refused(f"there is no letter {name[:40]}")
    with tempfile.TemporaryDirectory(prefix="helpdesk-") as made:
        folder = Path(made) / TEMPLATES_NAME
        shutil.copytree(
            (sources.templates or shipped_folder() / TEMPLATES_NAME) / "letters",
            folder / "letters",
        )
        for part, text in zip(_PARTS, (subject, body), strict=True):
            (folder / "letters" / name / part).write_text(text, encoding="utf-8")
        yield folder


def save_letter(
    desk: Desk,
    sources: Sources,
    name: str,
    new: tuple[str, str],
    seen: str,
    by: str,
    now: datetime,
    put_in_force: Callable[[], str | None],
) -> None:
    """Put a changed letter in force. Raises Refused, or LettersError with every mistake."""
    if sources.templates is None:
        raise Refused("the file on disk belongs to the shipped copy and is not changed")
    before = sources.letter_text(name)
    if fingerprint("\0".join(before)) != seen:
        raise Refused("somebody else changed this letter meanwhile; look at it again")
    with _changed_letters(sources, name, *new) as folder:
        LetterBook.load(folder, desk.rules)
    files = {
        sources.templates / "letters" / name / part: (old, text)
        for part, old, text in zip(_PARTS, before, new, strict=True)
        if old != text
    }
    _write(desk, files, f"letters/{name}", by, now, put_in_force)


def check_rules(text: str) -> Rules:
    """Return the rules that a text says. Raises RulesError with every mistake."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-") as made:
        path = Path(made) / RULES_NAME
        path.write_text(text, encoding="utf-8")
        return load_rules(path)


def try_rules(desk: Desk, text: str) -> Trial:
    """Read every kept mail with changed rules; say what would be read otherwise."""
    return examples.try_rules(desk, check_rules(text))


def save_rules(
    desk: Desk,
    sources: Sources,
    text: str,
    seen: str,
    by: str,
    now: datetime,
    put_in_force: Callable[[], str | None],
) -> None:
    """Put changed rules in force. Raises Refused, or RulesError with every mistake."""
    if sources.rules is None:
        raise Refused("the file on disk belongs to the shipped copy and is not changed")
    before = sources.rules_text()
    if fingerprint(before) != seen:
        raise Refused("somebody else changed the rules meanwhile; look at them again")
    check_rules(text)
    _write(desk, {sources.rules: (before, text)}, RULES_NAME, by, now, put_in_force)


def _write(
    desk: Desk,
    files: Mapping[Path, tuple[str, str]],
    name: str,
    by: str,
    now: datetime,
    put_in_force: Callable[[], str | None],
) -> None:
    """Write files, put them in force, and keep the change; all is as before where that fails."""
    for path, (_, text) in files.items():
        _replace(path, text)
    problem = put_in_force()
    if problem is not None:
        for path, (before, _) in files.items():
            _replace(path, before)
        put_in_force()
        raise Refused(problem)
    with desk.database.begin() as tx:
        for path, (before, text) in files.items():
            part = f"{name}/{path.name}" if name != path.name else name
            texts.record_change(tx, part, before, text, by, now)


def _replace(path: Path, text: str) -> None:
    """Replace a file in one step: whoever reads it sees the old or the new one whole."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        raise Refused(f"{path.name} cannot be written ({error.strerror})") from error


def changes(desk: Desk, name: str) -> list[TextChange]:
    """Return the changes of a file that were made here, newest first."""
    with desk.database.read() as tx:
        return texts.changes_of(tx, name)
