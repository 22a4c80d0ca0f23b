"""Pages from templates: autoescape everywhere, and nothing but what a page needs."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import Namespace
from starlette.responses import HTMLResponse, Response

from helpdesk.console.ask import Ask, Page
from helpdesk.desk.troubles import troubles

STATIC = Path(__file__).parent / "static"


# Marks that turn the direction of text: a name could show another address behind it
# (Unicode TR 36, section 2.2). Each is shown as a sign of its own.
_TURNS = dict.fromkeys(
    (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C),
    "\N{REPLACEMENT CHARACTER}",
)


def _without_turns(value: object) -> object:
    """Return what a page shows without marks that would show it in another order."""
    return value.translate(_TURNS) if isinstance(value, str) else value


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates; they do not change while the program runs."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_without_turns,
    )
    made.globals.clear()
    made.globals["dict"] = dict
    made.globals["range"] = range
    made.globals["namespace"] = Namespace
    return made


@lru_cache(maxsize=16)
def fingerprint(name: str) -> str:
    """Return a mark that changes with a static file, so that browsers may keep it."""
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


_MARKUP = re.compile(r"\{%.*?%\}|\{\{\s*(.*?)\s*\}\}", re.DOTALL)


def _plainly(template: str) -> str:
    """Return a letter's subject as a list shows it: what is filled in is a gap."""
    return " ".join(_MARKUP.sub(lambda found: "…" if found[1] else "", template).split())


def common(ask: Ask) -> dict[str, Any]:
    """Return what every template may use."""
    words = ask.words
    return {
        "_": words.gettext,
        "ask": ask,
        "lang": words.language,
        "label": words.label,
        "labels": words.labels,
        "day": words.day,
        "moment": words.moment,
        "ago": lambda value: words.ago(value, ask.now),
        "reason": words.reason,
        "colon": "：" if words.language == "ja" else ": ",
        "outcome": words.outcome,
        "note": words.note,
        "plainly": _plainly,
        "mistakes_in_words": words.mistakes,
        "url": ask.url,
        "static": lambda name: ask.url(f"/static/{name}", v=fingerprint(name)),
        "may": ask.may,
        "said": words.said(ask.query.get("said", "")),
        "society": ask.desk.rules.desk.society,
        "desk_rules": ask.desk.rules.desk,
        "now": ask.now,
        "can_play": ask.parts.play is not None,
        "problem": "",
        "outages": lambda: troubles(ask.parts.health, ask.database, ask.now),
    }


def html(ask: Ask, answer: Page) -> str:
    """Return a page's HTML."""
    template = environment().get_template(answer.template)
    return template.render({**common(ask), **answer.values})


def piece(ask: Ask, template: str, values: dict[str, Any]) -> str:
    """Return a piece of a page."""
    return html(ask, Page(template, values))


def page(ask: Ask, answer: Page) -> Response:
    """Return a page as a response."""
    return HTMLResponse(html(ask, answer), status_code=answer.status)
