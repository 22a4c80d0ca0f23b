"""The letters: templates/letters, checked as a whole when they are read, then rendered.

The one door to Jinja2. Templates are the operator's, values are anybody's: a value is
data and never becomes a template, and a template can do no more than place values,
choose and repeat (no attributes, no calls but its own macros, no arithmetic).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.exceptions import TemplateNotFound
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.domain.wrapping import fold_line
from helpdesk.errors import HelpdeskError
from helpdesk.mail.compose import Rendered, build_mail
from helpdesk.mail.wording import CAMPAIGN_LETTERS, COMMON, LETTERS, NOTICES, harmless, trials
from helpdesk.rules import Rules

__all__ = ["LetterBook", "LettersError", "Rendered", "build_mail"]

_SUBJECT, _BODY = "subject.txt", "body.txt"

_Sources = tuple[tuple[str, str], ...]
_Desk = tuple[tuple[str, str | int | None], ...]

# About 35 full-width characters a line; names of hospitals are longer.
_COLUMNS = 70

# Far above the longest letter that anybody would read.
_LONGEST_BODY = 20_000
_LONGEST_SUBJECT = 250
_LARGEST_FILE = 64 * 1024

# Filters that place or shape a value and cost nothing; `format`, `center` or `indent`
# could make a megabyte of one character.
_FILTERS = ("default", "d", "first", "join", "last", "length", "list", "replace", "trim", "lower")
_TESTS = ("defined", "undefined", "none", "in", "eq", "equalto", "==", "ne", "!=", "true", "false")
_LOOP = frozenset({"first", "last", "index", "index0", "length"})
_ARITHMETIC = frozenset({"*", "**", "/", "//", "%"})


class LettersError(HelpdeskError):
    """Templates cannot be used, or a letter cannot be rendered; every mistake is listed."""

    def __init__(self, mistakes: list[str]) -> None:
        """Keep the mistakes, `file:line: sentence` each; str() is all of them, one a line."""
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with nothing in it that a letter does not need."""

    intercepted_binops = _ARITHMETIC

    def __init__(self, folder: Path, sources: Mapping[str, str]) -> None:
        self._folder = folder
        self._sources = sources
        super().__init__(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=-1,
            auto_reload=False,
        )
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        if name not in self._sources:
            return None
        # The path is what a traceback then names.
        return self._sources[name], str(self._folder / name), lambda: True

    def make_globals(self, d: MutableMapping[str, Any] | None) -> dict[str, Any]:
        # They never change, and a map of maps is copied slowly, for each part of each letter.
        return {**self.globals, **(d or {})}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and attr in _LOOP

    def is_safe_callable(self, obj: Any) -> bool:
        # What is undefined explains itself when it is called.
        return isinstance(obj, Macro | StrictUndefined)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(f"a letter cannot calculate (the operator {operator})")


class LetterBook:
    """All letters, compiled. They stay as they were read, whatever happens to the files."""

    def __init__(self, templates: Mapping[str, Template], desk: Mapping[str, object]) -> None:
        """Use `load`."""
        self._templates = templates
        self._desk = harmless(desk)

    @classmethod
    def load(cls, folder: Path, rules: Rules) -> LetterBook:
        """Read and try every letter below `folder`/letters. Raises LettersError."""
        folder = folder / "letters"
        mistakes: list[str] = []
        sources = tuple(_sources(folder, mistakes).items())
        mistakes += _compiled(folder, sources)[1]
        if not mistakes:
            book, wrong = _tried(folder, sources, _desk_of(rules))
            mistakes += wrong
        mistakes += _unknown_letters(rules)
        if mistakes:
            raise LettersError(list(dict.fromkeys(mistakes)))
        return book

    def render(self, letter: str, values: Mapping[str, object]) -> Rendered:
        """Return a letter's text; values beyond those it may use are passed over.

        Raises LettersError where a value that it needs is absent.
        """
        try:
            return self._render(letter, values)
        except (TemplateError, RecursionError) as error:
            # Jinja2 names the variable, never its value.
            raise LettersError([f"the letter {letter} cannot be written: {error}"]) from error

    def _render(self, letter: str, values: Mapping[str, object]) -> Rendered:
        if letter not in LETTERS:
            raise TemplateNotFound(letter, "there is no letter of that name")
        allowed = COMMON | LETTERS[letter]
        given = {name: value for name, value in values.items() if name in allowed}
        known = {**self._desk, **harmless(given)}
        subject = _bounded(self._templates[f"{letter}/{_SUBJECT}"], known, _LONGEST_SUBJECT)
        body = _bounded(self._templates[f"{letter}/{_BODY}"], known, _LONGEST_BODY)
        columns = _COLUMNS if letter in NOTICES or letter == "correction_request" else None
        return Rendered(" ".join(subject.split()), _tidy(body, columns))

    def trial_of(self, letter: str, folder: Path) -> str | None:
        """Render a letter on every set of trial values; return what goes wrong first."""
        for values in trials(letter):
            try:
                rendered = self._render(letter, values)
            except (TemplateError, RecursionError) as error:
                return f"{_place_of(error, folder, letter)}: {error}"
            if not rendered.subject or not rendered.body.strip():
                empty = _BODY if rendered.subject else _SUBJECT
                return f"{folder / letter / empty}:1: nothing is written here"
        return None


# A reload, a preview and each command on the same files find them compiled and tried.
@lru_cache(maxsize=4)
def _compiled(folder: Path, sources: _Sources) -> tuple[Mapping[str, Template], tuple[str, ...]]:
    """Return the templates of these sources, and every mistake in them."""
    known = dict(sources)
    check = _Check(folder, _Sandbox(folder, known), known)
    return check.compiled(), tuple(check.mistakes)


@lru_cache(maxsize=4)
def _tried(folder: Path, sources: _Sources, desk: _Desk) -> tuple[LetterBook, tuple[str, ...]]:
    """Return the book of these sources, and what goes wrong when each letter is written."""
    book = LetterBook(_compiled(folder, sources)[0], dict(desk))
    trials_of = (book.trial_of(letter, folder) for letter in LETTERS)
    return book, tuple(error for error in trials_of if error is not None)


def _desk_of(rules: Rules) -> _Desk:
    """Return what every letter may say of the desk itself."""
    desk = rules.desk
    return (
        ("society", desk.society),
        ("desk_name", desk.name),
        ("desk_address", desk.address),
        ("telephone", desk.telephone),
        ("office_hours", desk.office_hours),
        ("signature", desk.signature),
        ("portal_url", desk.portal_url),
        ("reply_days", desk.reply_within.amount),
    )


def _unknown_letters(rules: Rules) -> Iterator[str]:
    """Yield what is wrong with the letters that the rules' campaigns name."""
    for number, campaign in enumerate(rules.campaigns):
        for place, step in enumerate(campaign.steps):
            if step.letter not in CAMPAIGN_LETTERS:
                yield (
                    f"mailbox_rules.yaml: campaigns[{number}].steps[{place}].letter: a campaign"
                    f" has no letter {step.letter}; it has: {', '.join(sorted(CAMPAIGN_LETTERS))}"
                )


def _bounded(template: Template, values: Mapping[str, Any], longest: int) -> str:
    pieces: list[str] = []
    size = 0
    for piece in template.generate(values):
        pieces.append(piece)
        size += len(piece)
        if size > longest:
            raise TemplateError(f"the text is longer than {longest} characters")
    return "".join(pieces)


def _tidy(body: str, columns: int | None) -> str:
    """Return the body without blanks at line ends and without gaps left by absent parts.

    `columns`: lines that a long name makes wider are folded. None: a form that comes back
    filled in must keep its lines.
    """
    stripped = [line.rstrip() for line in body.split("\n")]
    if columns is not None:
        stripped = [part for line in stripped for part in fold_line(line, columns)]
    lines = "\n".join(stripped)
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _sources(folder: Path, mistakes: list[str]) -> dict[str, str]:
    """Return every file below the folder by its relative name."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.txt")):
        try:
            with path.open("rb") as file:
                raw = file.read(_LARGEST_FILE + 1)
            text = raw.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            words = error.strerror if isinstance(error, OSError) else "save it as UTF-8"
            mistakes.append(f"{path}:1: the file cannot be read ({words})")
            continue
        if len(raw) > _LARGEST_FILE:
            mistakes.append(f"{path}:1: the file is larger than {_LARGEST_FILE // 1024} kB")
        found[path.relative_to(folder).as_posix()] = text.replace("\r\n", "\n")
    needed = (folder / letter / name for letter in LETTERS for name in (_SUBJECT, _BODY))
    mistakes += [
        f"{path}:1: the file is missing; `helpdesk init DIR` writes a copy of the shipped one"
        for path in needed
        if not path.exists()
    ]
    return found


class _Check:
    """Reads templates and finds what would fail later, with file and line."""

    def __init__(self, folder: Path, sandbox: _Sandbox, sources: Mapping[str, str]) -> None:
        self.mistakes: list[str] = []
        self._folder = folder
        self._sandbox = sandbox
        self._trees: dict[str, nodes.Template] = {}
        for name, source in sources.items():
            try:
                self._trees[name] = sandbox.parse(source, name)
                sandbox.get_template(name)
            except TemplateSyntaxError as error:
                self._add(error.name or name, error.lineno, error.message or "cannot be read")
                self._trees.pop(name, None)

    def compiled(self) -> dict[str, Template]:
        """Check every letter and return the templates by name."""
        for letter, own in LETTERS.items():
            for name in (f"{letter}/{_SUBJECT}", f"{letter}/{_BODY}"):
                for part in self._with_parts(name):
                    self._check_variables(part, letter, COMMON | own)
        if self.mistakes:
            return {}
        return {name: self._sandbox.get_template(name) for name in self._trees}

    def _with_parts(self, name: str, seen: set[str] | None = None) -> Iterator[str]:
        """Yield a template and every template that it includes or imports."""
        seen = set() if seen is None else seen
        tree = self._trees.get(name)
        if tree is None or name in seen:
            return
        seen.add(name)
        yield name
        for part in find_referenced_templates(tree):
            if part is None:
                self._add(name, 1, "name the included part as a text in quotes")
            elif part not in self._trees:
                if not any(f"{self._folder / part}:" in mistake for mistake in self.mistakes):
                    line = self._line_of(tree, part)
                    self._add(name, line, f"there is no part {part} below letters/")
            else:
                yield from self._with_parts(part, seen)

    @staticmethod
    def _line_of(tree: nodes.Template, part: str) -> int:
        lines = [one.lineno for one in tree.find_all(nodes.Const) if one.value == part]
        return lines[0] if lines else 1

    def _check_variables(self, name: str, letter: str, allowed: frozenset[str]) -> None:
        tree = self._trees[name]
        for variable in sorted(find_undeclared_variables(tree) - allowed):
            lines = [one.lineno for one in tree.find_all(nodes.Name) if one.name == variable]
            self._add(
                name,
                min(lines, default=1),
                f"the letter {letter} has no value {variable};"
                f" it has: {', '.join(sorted(allowed))}",
            )

    def _add(self, name: str, line: int, text: str) -> None:
        mistake = f"{self._folder / name}:{line}: {text}"
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)


def _place_of(error: BaseException, folder: Path, letter: str) -> str:
    """Return file and line of the template that failed while it was rendered."""
    place = f"{folder / letter / _BODY}:1"
    trace = error.__traceback__
    while trace is not None:
        # Jinja2 puts the template's own path and line into the traceback.
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(str(folder)):
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
