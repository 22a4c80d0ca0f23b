"""The letters: templates compiled once, checked at load, rendered with data only.

The door to Jinja2. A template sees a fixed set of names; a name that it uses and does
not get is a mistake found at load. Values come from mails written by anybody: they are
cleaned here and are never templates themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.errors import HelpdeskError
from helpdesk.rules import Rules

_EVERYWHERE = frozenset(
    {
        "society",
        "desk_name",
        "desk_address",
        "telephone",
        "office_hours",
        "signature",
        "portal_url",
        "case_number",
        "subject",
        "addressee",
        "automatic",
    }
)

#: Every letter with the names it may use beyond those that all have.
LETTERS: Mapping[str, frozenset[str]] = {
    "receipt": frozenset({"received_at", "reply_by", "reply_days"}),
    "receipt_inquiry": frozenset({"received_at", "reply_by", "reply_days"}),
    "receipt_again": frozenset({"received_at", "reply_by"}),
    "missing_fields": frozenset({"missing", "form"}),
    "address_told": frozenset({"address", "clerk"}),
    "change_done_new": frozenset({"changed_at", "clerk"}),
    "change_done_old": frozenset({"changed_at", "clerk"}),
    "declined": frozenset({"clerk"}),
    "declined_inquiry": frozenset({"clerk"}),
}

# A letter of the desk has about 2 kB; a template that loops makes more.
_MAX_BODY_LENGTH = 50_000

_MAX_SUBJECT_LENGTH = 300
_MAX_VALUE_LENGTH = 4_000

# Control characters, line and paragraph separators, and what turns the direction of
# writing: none of them belongs into a value, all of them can fake something.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\ud800-\udfff]"
)
_BREAKS = re.compile(r"[\n\t]+")


class LettersError(HelpdeskError):
    """A template has mistakes; none of them is put in force."""


class LetterFailed(HelpdeskError):
    """A letter could not be rendered."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One letter as text: the subject on one line, the body with LF."""

    subject: str
    body: str


class LetterBook:
    """All letters, compiled, with what the rules say of the desk."""

    def __init__(self, templates: Mapping[str, tuple[Any, Any]], desk: Mapping[str, str]) -> None:
        """Keep compiled templates; use `load`."""
        self._templates = templates
        self._desk = desk

    @classmethod
    def load(cls, folder: Path, rules: Rules) -> LetterBook:
        """Compile and check every letter of a templates folder. Raises LettersError."""
        letters = folder / "letters"
        environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(letters, encoding="utf-8"),
            undefined=StrictUndefined,
            autoescape=False,  # Plain text: escaping would show &amp; to people.
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        mistakes = [
            mistake for name in LETTERS for mistake in _mistakes(environment, letters, name)
        ]
        if mistakes:
            raise LettersError("\n".join(dict.fromkeys(mistakes)))
        templates = {
            name: tuple(environment.get_template(f"{name}/{part}") for part in _PARTS)
            for name in LETTERS
        }
        return cls(templates, _desk_values(rules))  # type: ignore[arg-type]

    def render(self, letter: str, values: Mapping[str, object]) -> Rendered:
        """Fill one letter in. Raises LetterFailed, never returns half a letter."""
        subject, body = self._templates[letter]
        clean = {name: _clean(value) for name, value in values.items()}
        try:
            filled = (
                subject.render(**self._desk, **clean),
                body.render(**self._desk, **clean),
            )
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise LetterFailed(
                f"the template of {letter} cannot be filled in ({type(error).__name__})"
            ) from error
        if len(filled[1]) > _MAX_BODY_LENGTH:
            raise LetterFailed(f"the template of {letter} makes a letter that is far too long")
        return Rendered(
            subject=" ".join(filled[0].split())[:_MAX_SUBJECT_LENGTH],
            body=re.sub(r"\n{3,}", "\n\n", filled[1]).strip("\n") + "\n",
        )


_PARTS = ("subject.txt", "body.txt")


def _desk_values(rules: Rules) -> dict[str, str]:
    desk = rules.desk
    return {
        "society": desk.society,
        "desk_name": desk.name,
        "desk_address": desk.address,
        "telephone": desk.telephone,
        "office_hours": desk.office_hours,
        "signature": desk.signature.rstrip("\n"),
        "portal_url": desk.portal_url,
    }


def _mistakes(environment: Any, folder: Path, name: str) -> list[str]:
    found = []
    for part in _PARTS:
        allowed = _EVERYWHERE | LETTERS[name]
        found += _check(environment, folder, f"{name}/{part}", allowed, depth=0)
    return found


def _check(
    environment: Any, folder: Path, template: str, allowed: frozenset[str], depth: int
) -> list[str]:
    """Return what is wrong with a template and those it includes."""
    path = folder / template
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        return [f"{path}:1: cannot be read ({error.strerror})"]
    except UnicodeDecodeError:
        return [f"{path}:1: is not UTF-8; save it as UTF-8"]
    try:
        tree = environment.parse(source, template)
    except TemplateSyntaxError as error:
        return [f"{path}:{error.lineno}: {error.message}"]
    found = []
    for name in sorted(find_undeclared_variables(tree) - allowed):
        line = _line_of(tree, name)
        found.append(
            f"{path}:{line}: {name} is not known here; known: {', '.join(sorted(allowed))}"
        )
    for included in find_referenced_templates(tree):
        if included is None or depth > 3:
            found.append(f"{path}:1: include names its file in quotes, and not itself")
        else:
            found += _check(environment, folder, included, allowed, depth + 1)
    return found


def _line_of(tree: nodes.Template, name: str) -> int:
    lines = [node.lineno for node in tree.find_all(nodes.Name) if node.name == name]
    return min(lines, default=1)


def _clean(value: object) -> object:
    """Return a value that can be shown: no controls, one line, bounded."""
    if isinstance(value, str):
        return _BREAKS.sub(" ", _UNWANTED.sub("", value))[:_MAX_VALUE_LENGTH].strip()
    if isinstance(value, Mapping):
        return {str(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
