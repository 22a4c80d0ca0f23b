"""Whom a letter goes to: the shape of a mail address, and the line that names a person."""

from __future__ import annotations

import re
import unicodedata

# A name longer than this is no name; the letter's first line stays a line.
_LONGEST_NAME = 40

_LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, less the angle brackets.

# Atoms of RFC 5322 3.2.3. Dots may stand anywhere in the local part: docomo gave out
# addresses such as `a..b.@docomo.ne.jp`, and people still use them.
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*")

# What could break a line, hide text or turn its direction: control characters, line
# and paragraph separators, bidirectional and zero-width marks, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0001-\U000e007f]+"
)
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)

_UNKNOWN = "ご担当者 様"
_TITLES = re.compile(r"[\s　]*(?:様|殿|先生|御中)$")


def is_mail_address(text: str) -> bool:
    """Say whether a text is one plain ASCII address (RFC 5321 4.1.2, unquoted) and no more."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


# Looser than an address: what stands before one may cling to it.
_SPOKEN = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}")


def find_addresses(text: str) -> list[str]:
    """Return the mail addresses in a text, in small letters, each once, as they may be meant.

    Full-width letters and blanks around the sign hide none.
    """
    folded = unicodedata.normalize("NFKC", _UNSAFE.sub(lambda m: "\n" * ("\n" in m[0]), text))
    found = _SPOKEN.findall(re.sub(r"[ \t]*@[ \t]*", "@", folded))
    return list(dict.fromkeys(one.lower().strip(".-_+") for one in found))


def one_line(text: str, longest: int) -> str:
    """Return text as one harmless line of at most `longest` characters.

    Breaks become a space, invisible and control characters go, what is cut ends in 「…」.
    """
    spaced = re.sub("[\r\n\t\v\f\x85\u2028\u2029]+", " ", text)
    bare = _UNSAFE.sub("", spaced).strip()
    return bare if len(bare) <= longest else bare[: longest - 1] + "…"


def typed_line(text: str) -> str:
    """Return a line of a letter that a person wrote: as typed, without what cannot be seen."""
    spaced = re.sub("[\r\n\t\v\f\x85\u2028\u2029]", " ", text)
    return _UNSAFE.sub("", spaced).rstrip()


def carries_link(text: str) -> bool:
    """Say whether a text holds a web address; no name of a person or hospital does.

    A letter goes to whatever From said, so a stranger could have us deliver a link.
    """
    return _LINK.search(unicodedata.normalize("NFKC", text)) is not None


def addressee(
    facility: str | None, physician: str | None, sender_name: str | None, by_physician: bool
) -> str:
    """Return the first line of a letter (宛名), from what the sender wrote, never the registry.

    「○○病院　○○ ○○ 先生」 where the responsible physician (施設責任者) wrote
    (`by_physician`), 「○○ 様」 for a clerk known by the name in From, else 「ご担当者 様」.
    """
    if by_physician and (name := _name(physician)):
        hospital = _name(facility)
        return f"{hospital}　{name} 先生" if hospital else f"{name} 先生"
    if name := _name(sender_name):
        return f"{name} 様"
    return _UNKNOWN


def _name(text: str | None) -> str:
    """Return a usable name without its title, or ''."""
    line = _TITLES.sub("", one_line(text or "", 2 * _LONGEST_NAME))
    # Many clients put the address itself where the name belongs.
    if len(line) > _LONGEST_NAME or "@" in line or "＠" in line or carries_link(line):
        return ""
    return line
