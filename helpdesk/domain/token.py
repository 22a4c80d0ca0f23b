"""Tokens (確認番号) that prove the receipt of a letter: 128 bits, spelled so that they survive.

A token stands in the subject and the text of one letter. Only a keyed digest of it is
stored, so that the database alone lets nobody answer.
"""

from __future__ import annotations

import re
import unicodedata

from helpdesk.domain.keyed import keyed_digest

#: Random bytes in a token (RFC 4086: what cannot be guessed).
TOKEN_BYTES = 16

# Letters that nobody takes for digits (Crockford's base 32); 26 of them hold 128 bits.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26

# Mail programs break long lines and put > in front of what they quote.
_JOINT = r"[-‐−–][\s>]{0,8}"
_TOKEN = re.compile(
    rf"(?<![0-9a-z])([0-9a-z]{{5}}(?:{_JOINT}[0-9a-z]{{5}}){{3}}{_JOINT}[0-9a-z]{{6}})(?![0-9a-z])"
)
# What is or becomes a hyphen of _JOINT when widths are folded.
_JOINTS = re.compile(r"[-‐−–‑－﹣⁻₋︲]")
# More than these in one mail are a try to guess; each costs a look-up.
_MOST = 5
_LONGEST_TEXT = 100_000


def spell_token(raw: bytes) -> str:
    """Return a token of TOKEN_BYTES random bytes: 4mq7x-…; letters are lower case."""
    number = int.from_bytes(raw)
    digits = "".join(_DIGITS[(number >> 5 * at) & 31] for at in range(_LENGTH))
    return "-".join((digits[:5], digits[5:10], digits[10:15], digits[15:20], digits[20:]))


def find_tokens(text: str) -> tuple[str, ...]:
    """Return what is spelled like a token in a text, at most five, without its hyphens."""
    if len(_JOINTS.findall(text)) < _LENGTH // 5 - 1:  # Hardly any mail has so many.
        return ()
    folded = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).lower()
    found = (re.sub(r"[^0-9a-z]", "", match[1]) for match in _TOKEN.finditer(folded))
    return tuple(dict.fromkeys(found))[:_MOST]


def token_digest(key: bytes, token: str) -> str:
    """Return the keyed digest of a token as it is stored; hyphens do not count."""
    bare = re.sub(r"[^0-9a-z]", "", token.lower())
    return keyed_digest(key, f"token\0{bare}".encode()).hex()


def without_token(text: str) -> str:
    """Return a text as staff may see it: what proves a letter's receipt is blotted out.

    The text keeps its length, so that places in it still hold.
    """
    return _TOKEN.sub(lambda found: "＊" * len(found.group()), text)
