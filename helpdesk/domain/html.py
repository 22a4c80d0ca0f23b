"""From HTML to the text a person sees: tables keep label and value on one line.

What clients mark as quoted stays in its place, each line behind `> `, so that answers
between quotations keep their order. What is hidden from a reader is not read.
"""

from __future__ import annotations

import re
from html import unescape

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Quoted parts that mail clients mark as such.
_QUOTES = (
    "blockquote, .gmail_quote, .gmail_quote_container, .yahoo_quoted, .protonmail_quote, "
    ".moz-cite-prefix, .moz-forward-container, .zmail_extra, #divRplyFwdMsg, #OLK_SRC_BODY_SECTION"
)
#: Everything behind these in the same parent is history (Outlook on the web and phones).
_HISTORY = "#divRplyFwdMsg ~ *, #appendonsend ~ *, #mail-editor-reference-message-container"

# What is never shown, or is shown by something else than text.
_INVISIBLE = ("script", "style", "head", "title", "noscript", "template", "object", "svg", "iframe",
              "select", "textarea", "audio", "video", "canvas", "math")  # fmt: skip

# Characters: the layout engine builds a tree of Python objects, about 4 MB/s. A page
# with a form has some thousand.
_MAX_HTML = 300_000
_MAX_DEPTH = 150
_MAX_TAGS = 6_000

# A thread of people has a quotation in each answer, not hundreds.
_MAX_QUOTES = 50

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?:\.0+)?\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
# A style sheet's classes and ids that hide; one rule at a time, nothing nested.
_STYLE = re.compile(r"<style[^>]{0,200}>(.{0,20000}?)</style", re.IGNORECASE | re.DOTALL)
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,1000})\}")
_SELECTOR = re.compile(r"[.#][A-Za-z_][\w-]{0,60}")
_MAX_HIDING = 20

_EMPTY = re.compile(r"<o:p>\s{0,5}(?:&nbsp;|\xa0)\s{0,5}</o:p>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(/?)p(?=[\s>])", re.IGNORECASE)

# Stands for a quotation while the rest is laid out; no mail can hold it, see html_to_text.
_HOLE = "\ue0fe"
_HOLES = re.compile(f"{_HOLE}(\\d{{1,3}}){_HOLE}")


def html_to_text(html: str) -> str:
    """Return the readable text of a page, quotations behind `> `; never raises."""
    html = html[:_MAX_HTML].replace(_HOLE, "").replace("\x00", "")
    if html.count("<") > _MAX_TAGS or _depth(html) > _MAX_DEPTH:
        return _bare(html)
    if "MsoNormal" in html:  # Outlook's paragraphs are lines: its style sheet says so.
        html = _PARAGRAPH.sub(r"<\1div", _EMPTY.sub("<br>", html))
    hiding = _hiding_selectors(html)
    try:
        tree = LexborHTMLParser(html)
        tree.strip_tags(list(_INVISIBLE), recursive=True)
        _drop_hidden(tree, hiding)
        quotes = _cut_out(tree, _QUOTES) + _cut_out(tree, _HISTORY)
        text = _rendered(tree.html or "")
    except (ValueError, RuntimeError, UnicodeError, TypeError, AttributeError):
        return _bare(html)
    return _filled(text, quotes)


def _hiding_selectors(html: str) -> list[str]:
    """Return the simple selectors whose rule hides what they select."""
    found: list[str] = []
    if "<style" not in html and "<STYLE" not in html:
        return found
    for sheet in _STYLE.finditer(html):
        for selectors, rules in _RULE.findall(sheet[1]):
            if "@" in selectors or not _HIDDEN_STYLE.search(rules):
                continue  # What only a small screen hides is there to be read.
            found += [
                one.strip() for one in selectors.split(",") if _SELECTOR.fullmatch(one.strip())
            ]
    return found[:_MAX_HIDING]


def _drop_hidden(tree: LexborHTMLParser, hiding: list[str]) -> None:
    for node in tree.css(", ".join(["[style]", "[hidden]"])):
        attributes = node.attributes
        if "hidden" in attributes or _HIDDEN_STYLE.search(attributes.get("style") or ""):
            node.decompose()
    for selector in hiding:
        for node in tree.css(selector):
            node.decompose()


def _cut_out(tree: LexborHTMLParser, selector: str) -> list[tuple[int, str]]:
    """Put a hole in place of what a selector finds; return its number and its text."""
    found: list[tuple[int, str]] = []
    # Asked anew each time: a node inside one that was replaced must not be touched.
    while len(found) < _MAX_QUOTES and (node := tree.css_first(selector)) is not None:
        number = len(found) + (_MAX_QUOTES if selector == _HISTORY else 0)
        text = _rendered(node.html or "")
        found.append((number, text))
        _replace(node, f"\n{_HOLE}{number}{_HOLE}\n")
    return found


def _replace(node: LexborNode, text: str) -> None:
    node.insert_before(text)
    node.decompose()


def _filled(text: str, quotes: list[tuple[int, str]]) -> str:
    """Return text with each quotation in its hole, as lines behind `> `."""
    if not quotes:
        return text
    known = dict(quotes)

    def quoted(found: re.Match[str]) -> str:
        quotation = known.pop(int(found[1]), "").strip()
        return "\n" + _behind_marks(quotation) + "\n" if quotation else ""

    text = re.sub(r"\n[ \t]*(?=\n)", "\n", _HOLES.sub(quoted, text))
    lost = [_behind_marks(one.strip()) for one in known.values() if one.strip()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join([text, *lost])).strip("\n")


def _behind_marks(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _rendered(html: str) -> str:
    if not html:
        return ""
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


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_INLINE = frozenset("b i u a em strong span font td th /b /i /u /a /em /strong /span /font".split())
_VOID = frozenset("br hr img input meta link col area base embed source track wbr".split())


def _depth(html: str) -> int:
    deepest = depth = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _VOID:
            continue
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest


def _bare(html: str) -> str:
    """Return the text without any layout, for pages no layout engine should meet."""
    pieces = html.split("<")
    out = [pieces[0]]
    hidden = ""
    for piece in pieces[1:]:
        tag, mark, text = piece.partition(">")
        name = tag[:10].lower().split(maxsplit=1)[0] if tag[:1].strip() else ""
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in ("script", "style"):
            hidden = name
        elif not mark:
            out.append(piece)
        else:
            out.append(text if name in _INLINE else f"\n{text}")
    return re.sub(r"\n\s*\n", "\n", unescape("".join(out)))
