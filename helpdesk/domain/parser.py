"""From the bytes of a mail to the tree of its parts.

Python's parser reads line by line and asks each header what it is. Most mails are one
part behind well-formed headers: those are cut in two, with the same result.
"""

from __future__ import annotations

import re
from email import policy
from email.message import Message as Part
from email.parser import BytesParser

PARSER = BytesParser(policy=policy.compat32)

# Headers as RFC 5322 2.2 has them, and the empty line behind them. What is otherwise is
# for the parser, which knows what to make of it.
_FIELD = re.compile(r"[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n")
_HEADERS = re.compile(rf"(?:{_FIELD.pattern})+(?=\r?\n)")
_EMPTY_LINE = re.compile(r"\r?\n")


class OnePart(Part):
    """A mail of one part, with its text as it came at hand; surrogates stand for 8-bit bytes."""

    came: str = ""


def parse_mail(source: bytes) -> Part:
    """Return the parts of a mail, as `PARSER` would; never raises on bad mail."""
    text = source.decode("ascii", "surrogateescape")
    headers = _HEADERS.match(text)
    if headers is None:
        return PARSER.parsebytes(source)
    part = OnePart(policy=policy.compat32)
    for field in _FIELD.finditer(text, 0, headers.end()):
        part.set_raw(*policy.compat32.header_source_parse([field[0]]))
    if part.get_content_maintype() in ("multipart", "message"):
        return PARSER.parsebytes(source)
    part.came = text[_EMPTY_LINE.match(text, headers.end()).end() :]  # type: ignore[union-attr]
    part.set_payload(part.came)
    return part
