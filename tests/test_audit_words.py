"""Every event that is written has its words: the story of a case is read by people."""

from __future__ import annotations

import re
from pathlib import Path

import helpdesk
from helpdesk.domain.audit import WORDS

_WRITTEN = re.compile(
    r"Event\(\s*\"(\w+)\"|\btell\(\s*tx,\s*\w+(?:\([^)]*\))?,\s*\"(\w+)\"|note_told\(tx, \w+, \"(\w+)\""
)


def test_every_event_has_words() -> None:
    found: set[str] = set()
    for file in Path(helpdesk.__file__).parent.rglob("*.py"):
        for match in _WRITTEN.finditer(file.read_text(encoding="utf-8")):
            found |= {name for name in match.groups() if name}
    assert {"approved", "told", "proof_taken", "mail_taken"} <= found
    assert found <= set(WORDS)
