"""Inline OpenPGP: signed text is read without its armour, encrypted text is known as such.

Source: RFC 4880 section 7 (cleartext signatures). Nothing is verified.
"""

from __future__ import annotations

import re

ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"


def without_armour(text: str) -> str:
    """Return a text with the armour of a cleartext signature taken off."""
    if _SIGNED not in text:
        return text
    before, _, rest = text.partition(_SIGNED)
    # Headers such as `Hash: SHA256` end at the first empty line.
    _, _, rest = rest.partition("\n\n")
    signed, mark, tail = rest.partition(_SIGNATURE)
    _, _, after = tail.partition(_END)
    lines = (line.removeprefix("- ") for line in signed.split("\n"))
    return f"{before}{chr(10).join(lines)}{after if mark else ''}"
