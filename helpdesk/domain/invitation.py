"""Calendar invitations (RFC 5545): what they say, in words."""

from __future__ import annotations

import re

# Characters of a calendar that are looked at.
_MAX = 50_000

_LINE = re.compile(r"^(SUMMARY|DESCRIPTION|LOCATION)(?:;[^:\n]{0,300})?:(.*)$", re.MULTILINE)
_METHOD = re.compile(r"^METHOD(?:;[^:\n]{0,300})?:([A-Za-z-]{1,20})", re.MULTILINE)
_ESCAPED = re.compile(r"\\([nN,;\\])")


def invitation_method(calendar: str) -> str:
    """Return the method in lower case (`request`, `reply`, `cancel`); '' without one."""
    found = _METHOD.search(calendar[:_MAX])
    return found[1].lower() if found else ""


def invitation_text(calendar: str) -> str:
    """Return summary, description and place of a calendar part, a line each."""
    unfolded = calendar[:_MAX].replace("\n ", "").replace("\n\t", "")
    return "\n".join(_plain(found[2]) for found in _LINE.finditer(unfolded))


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
