"""From HTML to the text a person sees: tables keep label and value on one line."""

from __future__ import annotations

import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from selectolax.lexbor import LexborHTMLParser

#: Quoted parts that mail clients mark as such.
_QUOTES = ("blockquote", ".gmail_quote", "#divRplyFwdMsg ~ *", "#divRplyFwdMsg", ".moz-cite-prefix")

# What is never shown, or is shown by something else than text.
_INVISIBLE = ("script", "style", "head", "title", "noscript", "template", "object", "svg", "iframe")

# inscriptis builds a tree of Python objects; far more than any letter is not worth it.
_MAX_HTML = 400_000
_MAX_DEPTH = 150

# A thread of people has a quotation in each answer, not hundreds.
_MAX_QUOTES = 50

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)",
    re.IGNORECASE,
)


def html_to_text(html: str) -> tuple[str, str]:
    """Return what the person wrote and what the client marked as quoted; never raises."""
    try:
        tree = LexborHTMLParser(html[:_MAX_HTML])
    except (ValueError, RuntimeError, UnicodeError):
        return _bare(html), ""
    tree.strip_tags(list(_INVISIBLE), recursive=True)
    for node in tree.css("[style], [hidden]"):
        attributes = node.attributes
        if "hidden" in attributes or _HIDDEN_STYLE.search(attributes.get("style") or ""):
            node.decompose()
    quoted = [text for selector in _QUOTES for text in _cut_out(tree, selector)]
    return _rendered(tree.html or ""), "\n".join(filter(None, quoted))


def _cut_out(tree: LexborHTMLParser, selector: str) -> list[str]:
    """Remove what a selector finds and return its text, outermost first."""
    found: list[str] = []
    # Asked anew each time: a node inside one that was removed must not be touched.
    while len(found) < _MAX_QUOTES and (node := tree.css_first(selector)) is not None:
        found.append(_rendered(node.html or ""))
        node.decompose()
    return found


def _rendered(html: str) -> str:
    if not html:
        return ""
    if _depth(html) > _MAX_DEPTH:
        return _bare(html)
    try:
        text = get_text(html, _CONFIG)
    except (
        ValueError,
        RecursionError,
        AssertionError,
        IndexError,
        AttributeError,
        KeyError,
        TypeError,
    ):
        return _bare(html)
    if not text.strip():
        return _bare(html)
    lines = (line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


_TAG = re.compile(
    r"<(/?)(div|td|tr|table|tbody|span|p|b|i|font|ul|li|ol|blockquote|center)\b", re.IGNORECASE
)


def _depth(html: str) -> int:
    deepest = depth = 0
    for closing, _ in _TAG.findall(html):
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest


def _bare(html: str) -> str:
    """Return the text without any layout, for pages no layout engine should meet."""
    try:
        root = LexborHTMLParser(html[:_MAX_HTML]).root
        return root.text(separator="\n") if root is not None else ""
    except (ValueError, RuntimeError, RecursionError, UnicodeError):
        return re.sub(r"<[^>]{0,2000}>", "\n", html)
