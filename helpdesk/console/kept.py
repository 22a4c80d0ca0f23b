"""What somebody typed into a form, kept until it can be sent: read, and put back into a page.

A form is found in the page anew by where it leads and by the action it is about. What has
no place there any more is returned, to be shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.datastructures import FormData

Typed = dict[str, list[str]]

#: Never kept and never put back: secrets, and what a page writes for itself.
_SECRETS = frozenset({"password", "old", "new", "code", "secret"})
_NEVER = _SECRETS | {"csrf", "kept", "after", "back"}

# Put back by the page itself; shown to nobody.
_OF_THE_PAGE = frozenset(
    {"action", "topic", "to", "facts", "agreed", "facility", "channel", "kind"}
)

# One field of a form and all of them; a letter has 20,000 characters at most.
_LONGEST, _MOST = 50_000, 200


def typed_in(form: FormData) -> Typed:
    """Return the fields of a form that are text, without what must not be kept."""
    found: Typed = {}
    for name, value in list(form.multi_items())[:_MOST]:
        if name not in _NEVER and isinstance(value, str):
            found.setdefault(name[:100], []).append(value[:_LONGEST].replace("\r\n", "\n"))
    return found


def holds_secret(form: FormData) -> bool:
    """Say whether a form holds what no page may show again, not even hidden."""
    return any(form.get(name) for name in _SECRETS)


def is_worth_keeping(typed: Typed) -> bool:
    """Say whether a person wrote or chose anything at all."""
    return any(
        value.strip()
        for name, values in typed.items()
        if name not in _OF_THE_PAGE and not name.startswith("mark-")
        for value in values
    )


def put_back(
    html: str, leads_to: str, typed: Typed, fresh_words: str
) -> tuple[str, list[tuple[str, str]]]:
    """Return a page with what was typed in its form, and what found no place in it.

    `leads_to` is the form's address. A letter that reads otherwise now than it was written
    stands below the box, under `fresh_words`.
    """
    tree = LexborHTMLParser(html)
    form = _form(tree, leads_to, typed)
    homeless = []
    for name, values in typed.items():
        fields = form.css(f'[name="{name}"]') if form is not None and _is_plain(name) else []
        open_fields = [one for one in fields if one.attributes.get("type") != "hidden"]
        for one in open_fields:
            _fill(one, values, fresh_words)
        if not fields and name not in _OF_THE_PAGE and not name.startswith("mark-"):
            homeless += [(name, value) for value in values if value.strip()]
    if form is not None:
        _uncheck(form, typed)
    return tree.html or html, homeless


def _is_plain(name: str) -> bool:
    return all(char.isalnum() or char in "-_." for char in name)


def _form(tree: LexborHTMLParser, leads_to: str, typed: Typed) -> LexborNode | None:
    found = [
        one
        for one in tree.css("form")
        if leads_to in (one.attributes.get("action"), *_button_addresses(one))
    ]
    wanted = typed.get("action", [""])[0]
    for one in found:
        of = one.css_first('input[name="action"][type="hidden"]')
        if of is None or not wanted or of.attributes.get("value") == wanted:
            return one
    return None


def _button_addresses(form: LexborNode) -> list[str | None]:
    return [one.attributes.get("formaction") for one in form.css("button[formaction]")]


def _fill(field: LexborNode, values: Sequence[str], fresh_words: str) -> None:
    if field.tag == "textarea":
        _write(field, values[0], fresh_words)
    elif field.tag == "select":
        for one in field.css("option"):
            here = one.attributes.get("value")
            _mark(one, "selected", on=(one.text() if here is None else here) in values)
    elif field.attributes.get("type") in ("checkbox", "radio"):
        _mark(field, "checked", on=field.attributes.get("value") in values)
    elif field.tag == "input":
        field.attrs["value"] = values[0]
    _open_around(field)


def _write(box: LexborNode, text: str, fresh_words: str) -> None:
    before = box.text()
    for child in list(box.iter(include_text=True)):
        child.remove()
    box.insert_child("\n" + text)  # The first line break in a box is not part of its text.
    name = box.attributes.get("name") or ""
    if name.startswith("letter-") and before.split() != text.split():
        box.insert_after(_fresh(before, fresh_words))


_FRESH = '<details class="fresh"><summary></summary><div class="letter" lang="ja"></div></details>'


def _fresh(text: str, words: str) -> LexborNode:
    made = LexborHTMLParser(_FRESH)
    whole, summary, body = (made.css_first(one) for one in ("details", "summary", "div"))
    assert whole is not None  # noqa: S101 - it stands in the text above
    for node, content in ((summary, words), (body, text)):
        if node is not None:
            node.insert_child(content)
    return whole


def _uncheck(form: LexborNode, typed: Typed) -> None:
    """Take away the ticks that the person took away: an empty box is not sent."""
    for one in form.css('input[type="checkbox"]'):
        if one.attributes.get("name") not in typed:
            _mark(one, "checked", on=False)


def _mark(node: LexborNode, name: str, *, on: bool) -> None:
    if on:
        node.attrs[name] = ""
    elif name in node.attributes:
        del node.attrs[name]


def _open_around(node: LexborNode) -> None:
    above = node.parent
    while above is not None and above.tag != "form":
        above = above.parent
    while above is not None:
        if above.tag == "details":
            above.attrs["open"] = ""
        above = above.parent


def without_untouched(typed: Typed, mark: Mapping[str, str]) -> Typed:
    """Leave out the letters that nobody changed; `mark` holds the mark of each text."""
    return {
        name: values
        for name, values in typed.items()
        if not name.startswith("letter-")
        or typed.get(f"mark-{name.removeprefix('letter-')}") != [mark[name]]
    }
